"""The bundled icons, drawn in the colours in force at the moment of painting."""

from functools import cache, lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from mailgui import resources
from mailgui.ui.theme import color, tokens


@cache
def _source(name: str) -> str:
    return resources.path("icons", f"{name}.svg").read_text("utf-8")


@lru_cache(maxsize=512)
def _drawn(name: str, value: str, edge: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(edge * ratio), round(edge * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(_source(name).replace("currentColor", value).encode())
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def paint_icon(
    painter: QPainter, name: str, rect: QRect, value: str, *, opacity: float = 1.0
) -> None:
    """Draw the icon ``name`` in colour ``value`` as large as fits, in the middle of ``rect``."""
    edge = min(rect.width(), rect.height())
    ratio = painter.device().devicePixelRatio()
    corner = QPoint(
        rect.left() + (rect.width() - edge) // 2, rect.top() + (rect.height() - edge) // 2
    )
    before = painter.opacity()
    painter.setOpacity(before * opacity)
    painter.drawPixmap(corner, _drawn(name, value, edge, ratio))
    painter.setOpacity(before)


_clones: list[QIconEngine] = []


class _ThemedEngine(QIconEngine):
    """Draws an icon afresh from the tokens, so that it follows a change of scheme by itself.

    ``token`` is a field's name in Tokens; ``checked`` the one for checked buttons.
    """

    def __init__(self, name: str, token: str, checked: str) -> None:
        super().__init__()
        self._name = name
        self._token = token
        self._checked = checked

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_icon(painter, self._name, rect, self._value(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        edge = min(size.width(), size.height())
        return _drawn(self._name, self._value(mode, state), edge, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        edge = min(size.width(), size.height())
        return _drawn(self._name, self._value(mode, state), edge, scale)

    def clone(self) -> QIconEngine:
        # WORKAROUND: PySide leaves a clone to Python, which would free it under Qt's hands
        # (Qt clones an engine only when someone adds a pixmap to one of our icons).
        made = _ThemedEngine(self._name, self._token, self._checked)
        _clones.append(made)
        return made

    def _value(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        table = tokens()
        if mode is QIcon.Mode.Disabled:
            mixed = color(table.secondary)
            return mixed.name()
        name = self._checked if state is QIcon.State.On else self._token
        return str(getattr(table, name))


def icon(name: str, token: str = "text", *, checked: str = "accent") -> QIcon:
    """Return the icon ``name`` in the colour of the field ``token`` of Tokens."""
    return QIcon(_ThemedEngine(name, token, checked))

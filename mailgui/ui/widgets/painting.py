"""Shared painting: grounds, rows of lists, focus rings, pills, text elided in the middle."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QTreeView,
)

from mailgui.ui.metrics import CARD_RADIUS, RADIUS, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone

Index = QModelIndex | QPersistentModelIndex
EDGE = 4
_RING = 2


def paint_ground(
    painter: QPainter,
    rect: QRect,
    ground: str,
    *,
    border: str = "",
    radius: int = CARD_RADIUS,
    edge: str = "",
) -> None:
    """Fill a rounded rectangle; ``border`` draws a hairline, ``edge`` a coloured left side."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5) if border else QRectF(rect)
    path = QPainterPath()
    path.addRoundedRect(inner, radius, radius)
    painter.fillPath(path, QColor(ground))
    if border:
        painter.setPen(QPen(QColor(border), 1))
        painter.drawPath(path)
    if edge:
        side = QPainterPath()
        side.addRoundedRect(QRectF(rect), radius, radius)
        painter.setClipRect(QRect(rect.left(), rect.top(), EDGE, rect.height()))
        painter.fillPath(side, QColor(edge))
    painter.restore()


def paint_row(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Draw the ground of a list's row, as it is chosen or pointed at, and the line below it."""
    table, rect = tokens(), option.rect
    state: QStyle.StateFlag = option.state
    if state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, QColor(table.selection))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, QColor(table.sunken))
    painter.setPen(QColor(table.border))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def paint_row_focus(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Draw the ring in a list's row where the keyboard is on it."""
    state: QStyle.StateFlag = option.state
    if state & QStyle.StateFlag.State_HasFocus and option.widget.hasFocus():
        paint_focus(painter, option.rect.adjusted(1, 1, -1, -2))


def paint_cell_focus(painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
    """Draw this cell's part of the ring around the current row, where the keyboard is on it.

    All cells of the row together make the ring; a cell of a table that scrolls sideways cannot
    know where the others are.
    """
    view = option.widget
    if not isinstance(view, QAbstractItemView) or not view.hasFocus():
        return
    current = view.currentIndex()
    if current.row() != index.row() or current.parent() != index.parent():
        return
    rect, ink = option.rect, QColor(tokens().accent)
    painter.fillRect(rect.left(), rect.top(), rect.width(), _RING, ink)
    painter.fillRect(rect.left(), rect.bottom() - _RING + 1, rect.width(), _RING, ink)
    columns = range(index.model().columnCount(index.parent()))
    shown = [c for c in columns if not _hidden(view, c)]
    if index.column() == shown[0]:
        painter.fillRect(rect.left(), rect.top(), _RING, rect.height(), ink)
    if index.column() == shown[-1]:
        painter.fillRect(rect.right() - _RING + 1, rect.top(), _RING, rect.height(), ink)


def _hidden(view: QAbstractItemView, column: int) -> bool:
    if isinstance(view, QTableView | QTreeView):
        return view.isColumnHidden(column)
    return False


def paint_focus(painter: QPainter, rect: QRect, *, radius: int = RADIUS, value: str = "") -> None:
    """Draw the ring that shows where the keyboard is, inside ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(value or tokens().accent), 2))
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), radius, radius)
    painter.restore()


def pill_font() -> QFont:
    """Return the font of pills: small and strong."""
    return metrics().font(Type.SMALL, bold=True)


def pill_size(text: str) -> QSize:
    """Return the room that a pill with ``text`` needs."""
    measure = QFontMetrics(pill_font())
    return QSize(measure.horizontalAdvance(text) + 2 * (SMALL + 1), measure.height() + 6)


def paint_pill(painter: QPainter, rect: QRect, text: str, tone: Tone) -> None:
    """Draw a pill that fills ``rect``."""
    table = tokens()
    border = table.border if tone is Tone.NEUTRAL else ""
    paint_ground(painter, rect, table.ground(tone), radius=rect.height() // 2, border=border)
    painter.save()
    painter.setFont(pill_font())
    painter.setPen(QColor(table.foreground(tone)))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def elide(text: str, measure: QFontMetrics, width: int) -> str:
    """Return ``text`` shortened to ``width``: several words at their end, a single one, such as an
    address, in its middle.
    """
    if " " not in text.strip():
        return elide_middle(text, measure, width)
    room = _enough(measure, width)
    if len(text) <= room and measure.horizontalAdvance(text) <= width:
        return text
    return measure.elidedText(text[:room], Qt.TextElideMode.ElideRight, width)


def elide_middle(text: str, measure: QFontMetrics, width: int) -> str:
    """Return ``text`` shortened in the middle so that it fits in ``width``."""
    room = _enough(measure, width)
    if len(text) > 2 * room:
        text = f"{text[:room]}{text[-room:]}"
    if measure.horizontalAdvance(text) <= width:
        return text  # Qt shortens what is a fraction of a pixel too wide
    return measure.elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def _enough(measure: QFontMetrics, width: int) -> int:
    """Return how many characters surely fill ``width``: laying out a very long text only to drop
    most of it would be slow.
    """
    return max(8, width // max(1, measure.averageCharWidth())) * 3

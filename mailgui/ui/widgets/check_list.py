"""A list of checks that fill in as answers arrive: title, one line of words, verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mailgui.findings import Verdict
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone, verdict_tone, verdict_word
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.painting import paint_pill, paint_row, paint_row_focus, pill_size

Index = QModelIndex | QPersistentModelIndex
_ROW_ROLE = Qt.ItemDataRole.UserRole
_NO_INDEX = QModelIndex()


@dataclass(slots=True)
class _Check:
    key: str
    title: str
    summary: str = ""
    verdict: Verdict | None = None
    waiting: bool = True

    def badge(self) -> tuple[str, Tone] | None:
        if self.verdict is not None:
            return verdict_word(self.verdict), verdict_tone(self.verdict)
        return ("asking…", Tone.NEUTRAL) if self.waiting else None


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.checks: list[_Check] = []

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.checks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        check = self.checks[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return check.title
        if role == _ROW_ROLE:
            return check
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(check.summary)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            badge = check.badge()
            return ", ".join(filter(None, (check.title, badge[0] if badge else "", check.summary)))
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(200), 2 * sizes.line() + 2 * MEDIUM + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        check: _Check = index.data(_ROW_ROLE)
        table, sizes = tokens(), metrics()
        rect = QRect(option.rect)
        paint_row(painter, option)
        inside = rect.adjusted(LARGE, MEDIUM - 1, -LARGE, -MEDIUM)
        if badge := check.badge():
            size = pill_size(badge[0])
            top = rect.top() + (rect.height() - size.height()) // 2
            pill = QRect(inside.right() + 1 - size.width(), top, size.width(), size.height())
            paint_pill(painter, pill, *badge)
            inside.setRight(pill.left() - SMALL)
        self._write(painter, inside, visible(check.title), Type.STRONG, table.text)
        inside.setTop(inside.top() + sizes.line() + 2)
        self._write(painter, inside, visible(check.summary), Type.BODY, table.secondary)
        paint_row_focus(painter, option)

    @staticmethod
    def _write(painter: QPainter, rect: QRect, text: str, kind: Type, ink: str) -> None:
        painter.setFont(metrics().font(kind))
        painter.setPen(QColor(ink))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        line = QRect(rect.left(), rect.top(), rect.width(), metrics().line())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown)


class CheckList(QListView):
    """Checks known by a key.

    Signals:
        chosen(str): another check is the current one; carries its key.
    """

    chosen = Signal(str)

    def __init__(
        self,
        *,
        name: str = "checks",
        accessible: str = "Checks",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self._model = _Model(self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setProperty("kind", "checks")
        self.selectionModel().currentChanged.connect(self._current_changed)

    def set_checks(self, checks: Iterable[tuple[str, str]], *, waiting: bool = True) -> None:
        """List ``(key, title)`` pairs, all still being asked unless ``waiting`` is False.

        The current one stays current when its key is still there.
        """
        before = self.key
        self._model.beginResetModel()
        self._model.checks = [_Check(key, title, waiting=waiting) for key, title in checks]
        self._model.endResetModel()
        if before:
            self.set_key(before)

    def set_result(self, key: str, verdict: Verdict | None, summary: str) -> None:
        """Fill in a check; without a verdict only its words."""
        row = self._row(key)
        check = self._model.checks[row]
        check.verdict, check.summary = verdict, summary
        check.waiting = check.waiting and verdict is None
        index = self._model.index(row)
        self._model.dataChanged.emit(index, index)

    def stop_waiting(self) -> None:
        """Say of no check any more that it is being asked."""
        for check in self._model.checks:
            check.waiting = False
        self.viewport().update()

    def set_key(self, key: str) -> None:
        """Make a check the current one; unknown keys are ignored."""
        keys = [check.key for check in self._model.checks]
        if key in keys:
            self.setCurrentIndex(self._model.index(keys.index(key)))

    @property
    def key(self) -> str:
        """The key of the current check, or an empty string."""
        row = self.currentIndex().row()
        return self._model.checks[row].key if 0 <= row < len(self._model.checks) else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(check.key for check in self._model.checks)

    def verdict(self, key: str) -> Verdict | None:
        """Return a check's verdict."""
        return self._model.checks[self._row(key)].verdict

    def summary(self, key: str) -> str:
        """Return a check's words."""
        return self._model.checks[self._row(key)].summary

    def _row(self, key: str) -> int:
        return [check.key for check in self._model.checks].index(key)

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        if self.key:
            self.chosen.emit(self.key)

"""The terms of a record as a tree, such as SPF's: term, result, look-ups, time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from mailgui.transcript import visible
from mailgui.ui.icons import icon, paint_icon
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.painting import elide_middle, paint_pill, pill_size

Index = QModelIndex | QPersistentModelIndex
_TONE_ROLE = Qt.ItemDataRole.UserRole
_TERM, _RESULT, _COST, _TIME = range(4)
_LEAST_TERM = 150  # pixels at the usual size of type
_HEADS = ("Term", "Result", "Look-ups", "Time")


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term and what lies below it. All words are ready to be shown.

    Attributes:
        term: as it stands in the record.
        result: a word such as "match", in ``tone``; may be empty.
        cost: such as "3 look-ups"; ``time`` such as "41 ms".
        note: more words, for the tool tip.
    """

    term: str
    result: str = ""
    tone: Tone = Tone.INFO
    cost: str = ""
    time: str = ""
    note: str = ""
    children: Sequence["TermNode"] = ()


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        words = str(index.data() or "")
        if index.column() == _RESULT:
            return QSize(pill_size(words).width() + 2 * SMALL, metrics().row)
        width = metrics().measure(Type.MONO).horizontalAdvance(words)
        return QSize(width + 2 * SMALL, metrics().row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, sizes = tokens(), metrics()
        rect = QRect(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(table.selection))
        words = str(index.data() or "")
        if not words:
            return
        if index.column() == _RESULT:
            size = pill_size(words).boundedTo(QSize(rect.width(), rect.height() - 2))
            top = rect.top() + (rect.height() - size.height()) // 2
            tone = Tone(index.data(_TONE_ROLE) or Tone.INFO)
            paint_pill(painter, QRect(rect.left(), top, size.width(), size.height()), words, tone)
            return
        painter.setFont(sizes.font(Type.MONO))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        if index.column() == _TERM:
            painter.setPen(QColor(table.text))
            shown = elide_middle(words, sizes.measure(Type.MONO), rect.width() - SMALL)
            painter.drawText(rect, align | Qt.AlignmentFlag.AlignLeft, shown)
        else:
            painter.setPen(QColor(table.secondary))
            painter.drawText(
                rect.adjusted(0, 0, -SMALL, 0), align | Qt.AlignmentFlag.AlignRight, words
            )


class TermTree(QTreeView):
    """Shows TermNodes, all unfolded at first."""

    def __init__(
        self,
        *,
        name: str = "terms",
        accessible: str = "Terms of the record",
        whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``whole``: it is as high as its unfolded rows, and leaves scrolling to what holds it."""
        super().__init__(parent)
        identify(self, name, accessible)
        self._model = QStandardItemModel(0, len(_HEADS), self)
        self._model.setHorizontalHeaderLabels(list(_HEADS))
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setProperty("kind", "wire")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(10)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self._rest = 0
        self._whole = whole
        self.expanded.connect(self._keep_whole)
        self.collapsed.connect(self._keep_whole)
        self._measure()

    def set_terms(self, nodes: Iterable[TermNode]) -> None:
        """Show these terms in place of what was there."""
        self._model.removeRows(0, self._model.rowCount())
        for node in nodes:
            self._model.appendRow(self._row(node))
        self.expandAll()
        self._measure()

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:  # noqa: N802
        if index.model().hasChildren(index):
            edge = metrics().scaled(12)
            middle = rect.top() + (rect.height() - edge) // 2
            where = QRect(rect.right() - edge - 1, middle, edge, edge)
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            paint_icon(painter, name, where, tokens().secondary)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_term()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_model"):
            self._measure()

    def expandAll(self) -> None:  # noqa: N802 - Qt's name
        super().expandAll()
        self._keep_whole()  # Qt tells nobody of it

    def collapseAll(self) -> None:  # noqa: N802 - Qt's name
        super().collapseAll()
        self._keep_whole()

    @Slot()
    def copy_term(self) -> None:
        """Copy the current term."""
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(str(index.siblingAtColumn(_TERM).data()))

    def content_height(self) -> int:
        """Return the height at which all unfolded rows show without scrolling."""
        rows, index = 0, self._model.index(0, 0)
        while index.isValid():
            rows += 1
            index = self.indexBelow(index)
        bar = self.horizontalScrollBar().sizeHint().height() if self._scrolls() else 0
        return rows * metrics().row + SMALL + bar

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()  # before the scroll bars are set by it
        super().resizeEvent(event)

    def _scrolls(self) -> bool:
        least = metrics().scaled(_LEAST_TERM)
        return self._rest > 0 and self.viewport().width() - self._rest < least

    def _fit(self) -> None:
        """Give the terms what the other columns leave; where that is little, the tree scrolls."""
        left = self.viewport().width() - self._rest
        self.header().resizeSection(_TERM, max(left, metrics().scaled(_LEAST_TERM)))
        self._keep_whole()

    @Slot()
    def _keep_whole(self) -> None:
        if self._whole:
            self.setFixedHeight(self.content_height())

    def _measure(self) -> None:
        sizes = metrics()
        mono = sizes.measure(Type.MONO)
        self.setIndentation(sizes.scaled(22))
        results, costs, times = [0], [0], [0]
        for row in self._all_rows():
            result = str(row[_RESULT].text())
            results.append(pill_size(result).width() if result else 0)
            costs.append(mono.horizontalAdvance(row[_COST].text()))
            times.append(mono.horizontalAdvance(row[_TIME].text()))
        for column, widths in ((_RESULT, results), (_COST, costs), (_TIME, times)):
            self.header().resizeSection(column, max(widths) + LARGE + SMALL if any(widths) else 0)
        self._rest = sum(self.header().sectionSize(n) for n in (_RESULT, _COST, _TIME))
        self._fit()

    def _all_rows(self) -> Iterable[list[QStandardItem]]:
        waiting = [self._model.invisibleRootItem()]
        while waiting:
            parent = waiting.pop()
            for row in range(parent.rowCount()):
                yield [parent.child(row, column) for column in range(len(_HEADS))]
                waiting.append(parent.child(row, _TERM))

    def _row(self, node: TermNode) -> list[QStandardItem]:
        items = [QStandardItem(visible(t)) for t in (node.term, node.result, node.cost, node.time)]
        items[_RESULT].setData(node.tone.value, _TONE_ROLE)
        spoken = ", ".join(filter(None, (node.term, node.result, node.cost, node.time, node.note)))
        items[_TERM].setAccessibleText(visible(spoken))
        for item in items:
            item.setToolTip(tip("\n".join(filter(None, (node.term, node.note)))))
        for child in node.children:
            items[_TERM].appendRow(self._row(child))
        return items

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(icon("copy"), "Copy term", self.copy_term)
        menu.addAction(icon("expand"), "Unfold all", self.expandAll)
        menu.addAction(icon("collapse"), "Fold all", self.collapseAll)
        menu.exec(self.viewport().mapToGlobal(where))
        menu.deleteLater()

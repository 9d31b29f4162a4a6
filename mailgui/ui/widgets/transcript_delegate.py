"""Paints the rows of a transcript: colour and sign say the same, a lock says "inside TLS"."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mailgui.transcript import Direction, Event, Layer
from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.painting import paint_cell_focus
from mailgui.ui.widgets.transcript_model import EVENT_ROLE, Column

Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_SIGNS = {Direction.SENT: "sent", Direction.RECEIVED: "received", Direction.INFO: "remark"}


def wrong(event: Event) -> bool:
    """Return whether an event is an error or was not what was due."""
    return event.direction is Direction.ERROR or event.expected is False


def ink(event: Event) -> str:
    """Return the colour of an event's words."""
    table = tokens()
    if wrong(event):
        return table.broken
    if event.direction is Direction.SENT:
        return table.sent
    return table.received if event.direction is Direction.RECEIVED else table.info


class TranscriptDelegate(QStyledItemDelegate):
    """One delegate for all columns."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        event = index.data(EVENT_ROLE)
        if not isinstance(event, Event):
            return
        rect = QRect(option.rect)
        self._paint_ground(painter, rect, option, event)
        paint_cell_focus(painter, option, index)
        if index.column() == Column.SIGN:
            self._paint_signs(painter, rect, event)
            return
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if index.column() == Column.TEXT:
            remark = event.direction is Direction.INFO
            painter.setFont(metrics().font(Type.MONO, italic=remark))
            painter.setPen(QColor(ink(event)))
            inside = rect.adjusted(TIGHT, 0, -SMALL, 0)
            shown = painter.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideRight, inside.width()
            )
            painter.drawText(inside, _LEFT | Qt.TextFlag.TextSingleLine, shown)
        else:
            painter.setFont(metrics().font(Type.MONO))
            painter.setPen(QColor(tokens().secondary))
            painter.drawText(rect.adjusted(0, 0, -SMALL, 0), _RIGHT, words)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        width = metrics().measure(Type.MONO).horizontalAdvance(words) + 2 * SMALL
        return QSize(width, metrics().row)

    @staticmethod
    def _paint_ground(
        painter: QPainter, rect: QRect, option: QStyleOptionViewItem, event: Event
    ) -> None:
        table = tokens()
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            # The broken colour keeps its contrast on its own ground only.
            ground = table.broken_ground if wrong(event) else table.selection
            painter.fillRect(rect, QColor(ground))
            if wrong(event):
                for top in (rect.top(), rect.bottom()):
                    line = QRect(rect.left(), top, rect.width(), 1)
                    painter.fillRect(line, QColor(table.broken))
        elif wrong(event):
            painter.fillRect(rect, QColor(table.broken_ground))

    @staticmethod
    def _paint_signs(painter: QPainter, rect: QRect, event: Event) -> None:
        table, sizes = tokens(), metrics()
        edge, small = sizes.scaled(12), sizes.scaled(12)
        sign = QRect(rect.left() + TIGHT, rect.top(), edge, rect.height())
        value = ink(event)
        handshake = event.layer is Layer.TLS and event.direction is Direction.INFO
        if event.direction is Direction.ERROR:
            paint_icon(painter, "cross", sign.adjusted(-1, 0, 1, 0), value)
        elif handshake:
            paint_icon(painter, "lock", sign.adjusted(-1, 0, 1, 0), value)
        else:
            paint_icon(painter, _SIGNS[event.direction], sign, value)
        second = QRect(sign.right() + 1 + TIGHT + 2, rect.top(), small, rect.height())
        if event.expected is False and event.direction is not Direction.ERROR:
            paint_icon(painter, "warning", second, value)
        elif event.tls and not handshake:
            paint_icon(painter, "lock", second, table.secondary, opacity=0.75)


def sign_width() -> int:
    """Return the width of the column of signs."""
    sizes = metrics()
    return TIGHT + sizes.scaled(12) + TIGHT + 2 + sizes.scaled(12) + SMALL

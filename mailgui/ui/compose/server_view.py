"""The tab Server: what the server can do, before TLS and inside it, and what is made of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.smtp.uses import Use
from mailgui.transcript import EhloAnswer, visible
from mailgui.ui.compose.capabilities import Change, Row, rows
from mailgui.ui.compose.sign_ins_view import SignInsView
from mailgui.ui.compose.wrapped_table import BELOW_ROLE, WrappedModel, WrappedTable
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.segmented import Segmented

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_COLUMNS = ("Capability", "Before TLS", "Inside TLS", "What it means, and what MailGUI does")
_MEANING = 3
_ROLE = Qt.ItemDataRole
_NOT_YET = "What the server can do appears here, before TLS and inside it, with what it means."


class CapabilityModel(WrappedModel):
    """Capabilities as rows: what is said before TLS, inside it, what it means, what is used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers: tuple[EhloAnswer, ...] = ()
        self.rows: list[Row] = []

    @property
    def answers(self) -> tuple[EhloAnswer, ...]:
        """What is shown."""
        return self._answers

    def set_answers(
        self, answers: Sequence[EhloAnswer], uses: Mapping[str, Use] | None = None
    ) -> None:
        """Show these answers, and what MailGUI does where that is known."""
        self.beginResetModel()
        self._answers = tuple(answers)
        self.rows = rows(answers, uses)
        self.endResetModel()

    def shares(self) -> list[float]:
        strong = metrics().measure(Type.MONO, bold=True)
        widest = max((strong.horizontalAdvance(row.keyword[:20]) for row in self.rows), default=0)
        plain = any(not answer.tls for answer in self._answers)
        secure = any(answer.tls for answer in self._answers)
        if self.narrow:
            return [first_of(widest), 0, 0, 1]
        both = 0.21 if plain and secure else 0.3
        return [first_of(widest), both if plain else 0, both if secure else 0, 0.5]

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return _COLUMNS[section]
        if role == _ROLE.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        words = visible((row.keyword, row.before, row.inside, row.meaning)[column])
        if self.narrow and column == _MEANING:
            words = visible(f"{_said(row)}\n{row.meaning}", keep_newlines=True)
        if role == _ROLE.DisplayRole:
            return words[:400]
        if role == BELOW_ROLE:
            return visible(row.use)[:400] if column == _MEANING else None
        if role in (_ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            whole = "\n".join(filter(None, (words, row.use))) if column == _MEANING else words
            return tip(visible(whole, keep_newlines=True)) if role == _ROLE.ToolTipRole else whole
        if role == _ROLE.FontRole:
            return metrics().font(Type.MONO if column < _MEANING else Type.BODY, bold=column == 0)
        if role == _ROLE.ForegroundRole:
            return QColor(self._colour(row, column))
        return None

    @staticmethod
    def _colour(row: Row, column: int) -> str:
        table = tokens()
        if column == _MEANING:
            return table.secondary
        if column == _MEANING - 1 and row.change is not Change.NONE:
            return table.secondary if row.change is Change.REMOVED else table.received
        return table.text


def first_of(widest: int) -> float:
    """Return the width of a first column whose widest word is given."""
    return widest + LARGE + SMALL + 4


def _said(row: Row) -> str:
    """Return in one line what two columns say where there is room for them."""
    parts = (("before TLS", row.before), ("inside TLS", row.inside))
    return " · ".join(f"{where}: {words}" for where, words in parts if words)


class ServerView(QStackedWidget):
    """Shows the answers to EHLO, or says that there were none; and what signs in.

    Attributes:
        table, model: the capabilities; ``sign_ins``: every way to sign in, tried.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "server")
        self._empty = EmptyState("info", "No answer to EHLO yet", _NOT_YET, name="server-empty")
        page = QWidget()
        layout = QVBoxLayout(page)
        pad(layout, 0)
        head = QHBoxLayout()
        pad(head, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        self._greeting = ElidedLabel("", kind=Type.MONO)
        self.parts = Segmented(
            [("offers", "Offers"), ("sign-ins", "Sign-ins")],
            name="server-part",
            accessible="The server's",
        )
        head.addWidget(self._greeting, 1)
        head.addWidget(self.parts)
        layout.addLayout(head)
        self.model = CapabilityModel(self)
        self.table = WrappedTable(name="capabilities", accessible="What the server offers")
        self.table.setModel(self.model)
        self.sign_ins = SignInsView()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.sign_ins)
        layout.addWidget(self._stack, 1)
        self.addWidget(self._empty)
        self.addWidget(page)
        self.parts.changed.connect(self.show_part)

    def clear(self) -> None:
        """Wait for an answer."""
        self.show_answers(())

    def show_answers(self, answers: Sequence[EhloAnswer]) -> None:
        """Show what the server said; with more than two answers the first and the last."""
        shown = (answers[0], answers[-1]) if len(answers) > 1 else tuple(answers)
        self.model.set_answers(shown)
        if shown:
            self._greeting.set_text(visible(shown[-1].greeting))
            self.table.fit()
        self.setCurrentIndex(1 if shown else 0)

    def show_uses(self, answers: Sequence[EhloAnswer], uses: Mapping[str, Use]) -> None:
        """Show beside these answers what MailGUI does, unless others are shown by now."""
        if tuple(answers) == self.model.answers:
            self.model.set_answers(answers, uses)
            self.table.fit()

    @Slot(str)
    def show_part(self, key: str) -> None:
        """Bring the offers or the sign-ins to the front."""
        self.parts.set_key(key)
        self._stack.setCurrentWidget(self.sign_ins if key == "sign-ins" else self.table)
        if self.currentIndex() == 0:
            self.setCurrentIndex(1)

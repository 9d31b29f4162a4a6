"""Every way to sign in, and what the server made of it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.smtp.auth_probe import Attempt, AuthProbe, MechanismResult
from mailgui.smtp.faults import show
from mailgui.transcript import visible
from mailgui.ui.compose.wrapped_table import BELOW_ROLE, WrappedModel, WrappedTable
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_ROLE = Qt.ItemDataRole
_COLUMNS = ("Mechanism", "Offered", "Result", "Why")
_RESULT, _WHY = 2, 3
_WORDS = {
    Attempt.ACCEPTED: ("✓ accepted", Tone.PASS),
    Attempt.REFUSED: ("✕ refused", Tone.BROKEN),
    Attempt.FAILED: ("✕ failed", Tone.BROKEN),
    Attempt.NOT_TRIED: ("– not tried", Tone.NEUTRAL),
}


class SignInsModel(WrappedModel):
    """The mechanisms as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: list[MechanismResult] = []
        self.reason = ""  # of the automatic choice

    def set_results(self, results: Sequence[MechanismResult], reason: str = "") -> None:
        """Show these in place of what was there; ``reason`` is that of the automatic choice."""
        self.beginResetModel()
        self.results, self.reason = list(results), reason
        self.endResetModel()

    def add(self, results: Sequence[MechanismResult]) -> None:
        """Show more of them."""
        if results:
            first = len(self.results)
            self.beginInsertRows(QModelIndex(), first, first + len(results) - 1)
            self.results += results
            self.endInsertRows()

    def shares(self) -> list[float]:
        strong, body = metrics().measure(Type.MONO, bold=True), metrics().measure()
        air = 2 * SMALL + 4
        names = [strong.horizontalAdvance(each.name[:22]) for each in self.results]
        offered = body.horizontalAdvance("Offered") + air
        words = [body.horizontalAdvance(word) for word, _tone in _WORDS.values()]
        result = max(words) + air + SMALL  # the signs may come from another font
        first = max(names, default=0) + LARGE + air
        if self.narrow:  # what came of it stands above the reason
            return [first, 0, 0, 1]
        return [first, offered, result, 1]

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.results)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole:
            return _COLUMNS[section]
        if orientation is Qt.Orientation.Horizontal and role == _ROLE.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        result, column = self.results[index.row()], index.column()
        words, tone = _WORDS[result.attempt]
        texts = (result.name, "yes" if result.offered else "no", words, self._why(result))
        text = visible(texts[column])
        if role == BELOW_ROLE:
            return text[:400] if self.narrow and column == _WHY else None
        if role == _ROLE.DisplayRole and self.narrow and column == _WHY:
            return words
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return text[:400]
        if role == _ROLE.ToolTipRole:
            return tip(text)
        if role == _ROLE.FontRole:
            return metrics().font(Type.MONO if column == 0 else Type.BODY, bold=column == 0)
        if role == _ROLE.ForegroundRole:
            quiet = tokens().secondary if column != 0 else tokens().text
            told = column == (_WHY if self.narrow else _RESULT)
            return QColor(tokens().foreground(tone) if told else quiet)
        return None

    def _why(self, result: MechanismResult) -> str:
        reason = result.reason
        if result.reply is not None and result.attempt is Attempt.ACCEPTED:
            reason = show(result.reply)
        if reason and not reason.endswith("."):
            reason += "."
        if not result.automatic:
            return reason
        because = self.reason.rpartition(": ")[2] if self.reason else ""
        chosen = f"The automatic choice: {because}" if because else "The automatic choice."
        return f"{reason} {chosen}".strip()


class SignInsView(QStackedWidget):
    """Asks for the probe, and shows what came of it.

    Signals:
        start_asked, stop_asked: the probe is to begin, or to end.
    """

    start_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "sign-ins")
        self._empty = EmptyState(
            "key",
            "Which ways to sign in work?",
            "Tries each mechanism that the server offers, once, with the profile's secret, and"
            " tells which of them it accepts. Many refusals in a row can make a server lock the"
            " account.",
            name="sign-ins-empty",
            action="Try every sign-in",
        )
        self.notice = InlineNotice(name="sign-ins-notice")
        self.again = QuietButton("Try every sign-in", name="sign-ins-start", small=True)
        self.stop = QuietButton("Cancel", name="sign-ins-stop", small=True)
        self.model = SignInsModel(self)
        self.table = WrappedTable(name="sign-ins-table", accessible="Ways to sign in")
        self.table.setModel(self.model)
        self.table.setMinimumHeight(metrics().row)
        page = QWidget()
        layout = QVBoxLayout(page)
        pad(layout, 0)
        layout.addWidget(Inset(self.notice, LARGE, 0, LARGE, SMALL))
        layout.addWidget(self.table, 1)
        foot = QHBoxLayout()
        pad(foot, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        foot.addWidget(self.again)
        foot.addWidget(self.stop)
        foot.addStretch(1)
        layout.addLayout(foot)
        self.addWidget(self._empty)
        self.addWidget(page)
        self._empty.action_triggered.connect(self.start_asked)
        self.again.clicked.connect(self.start_asked)
        self.stop.clicked.connect(self.stop_asked)

    def begin(self) -> None:
        """Wait for results."""
        self.model.set_results(())
        self.notice.say("Trying every way to sign in…", Tone.INFO)
        self._set_running(running=True)
        self.setCurrentIndex(1)

    def add(self, results: Sequence[MechanismResult]) -> None:
        """Show results as they come."""
        self.model.add(results)
        self.table.fit()

    def show_probe(self, probe: AuthProbe) -> None:
        """Show what the probe came to."""
        self.model.set_results(probe.results, probe.reason)
        self.table.fit()
        words = [probe.transcript.summary]
        words += [probe.reason] if probe.choice is None and probe.reason else []
        good = bool(probe.accepted)
        self.say(" ".join(words), Tone.PASS if good else Tone.BROKEN)

    def say(self, sentence: str, tone: Tone) -> None:
        """Say how it ended."""
        self.notice.say(visible(sentence), tone)
        self._set_running(running=False)
        self.setCurrentIndex(1)

    def _set_running(self, *, running: bool) -> None:
        self.again.setEnabled(not running)
        self.stop.setVisible(running)

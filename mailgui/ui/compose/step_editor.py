"""The tab Steps: the dialogue as a list that an expert may rearrange, and what goes with it."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.step_words import line_of, parse, purpose, title
from mailgui.smtp.steps import Authenticate, Greeting, StartTls, Step, XClient
from mailgui.smtp.wanted import Breaks
from mailgui.transcript import Stage
from mailgui.ui.compose.step_list import StepList
from mailgui.ui.compose.step_model import StepModel
from mailgui.ui.compose.step_options import ExtensionsForm, RulesForm
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import MenuButton, QuietButton
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.fold import Fold
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.scroll_column import ScrollColumn

_USUAL = "These are the usual steps for this profile. Change them, and Send goes by yours."
_OWN = "Send goes by these steps of your own."
_OFFERED = "connect banner ehlo helo lhlo starttls tls auth send mail rcpt data message quit drop"


class StepsProblem(ValueError):
    """What was entered in the tab cannot be used; the sentences stand at the fields."""


class StepEditor(QWidget):
    """Shows the steps for a profile, and returns the plan that the person made of them.

    Attributes:
        model, list: the steps.
        rules, extensions: what goes with them.

    Signals:
        changed: the plan is another one.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "step-editor")
        self._settings = SmtpSettings(host="")
        self._own = self._signs_in = False
        self.model = StepModel(self)
        self.list = StepList(self.model)
        self.rules, self.extensions = RulesForm(), ExtensionsForm()
        self.notice = InlineNotice(name="steps-notice")
        self.state = Label(_USUAL, tone="secondary", wrap=True, name="steps-state")
        self.reset_button = QuietButton("Back to the usual steps", name="steps-reset", small=True)
        self.up = QuietButton("Up", name="step-up", small=True)
        self.down = QuietButton("Down", name="step-down", small=True)
        self.remove = QuietButton("Remove", name="step-remove", small=True)
        self.insert = MenuButton("Insert", name="step-insert", small=True)
        self.entry = QLineEdit()
        self.add_line = QuietButton("Add the line", name="step-add-line", small=True)
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def altered(self) -> bool:
        """Whether anything differs from a usual send."""
        return self._own or self._options({}) != Plan()

    def plan(self, stop: Stage | None) -> Plan | None:
        """Return the plan to send by; None for the usual one without a stop point.

        Raises StepsProblem, having said at the fields what is wrong.
        """
        problems: dict[str, str] = {}
        plan = self._options(problems)
        self._show_problems(problems)
        if problems:
            raise StepsProblem(next(iter(problems.values())))
        if self._own:
            steps = tuple(_with_rules(step, plan.breaks) for step in self.model.steps)
            plan = replace(plan, steps=steps)
        plan = replace(plan, stop_after=stop)
        return plan if plan != Plan() else None

    def set_settings(self, settings: SmtpSettings, *, sandbox: bool = False) -> None:
        """Show the usual steps of another account, unless there are some of the person's own.

        The sandbox's account signs in, though its user's name is filled in only later.
        """
        self._settings = settings
        self._signs_in = sandbox or bool(settings.username)
        self._refresh()

    @Slot()
    def reset(self) -> None:
        """Forget everything but the usual."""
        self._own = False
        self.rules.clear()
        self.extensions.clear()
        self._refresh()
        self.changed.emit()

    def _lay_out(self) -> None:
        column = ScrollColumn(
            name="steps-column", accessible="Steps", margins=(0, 0, 0, LARGE), spacing=MEDIUM
        )
        head = QWidget()
        inside = QVBoxLayout(head)
        pad(inside, LARGE, MEDIUM, LARGE, 0, spacing=SMALL)
        tools = QWidget()
        flow = FlowLayout(tools, gap=SMALL)
        for button in (self.up, self.down, self.remove, self.insert, self.reset_button):
            flow.addWidget(button)
        for widget in (self.state, tools):
            inside.addWidget(widget)
        column.add(head)
        column.add(self.list)
        identify(self.entry, "step-line", "A line of your own, to insert before the chosen step")
        self.entry.setPlaceholderText(r"a line of your own, such as RCPT TO:<a@b>\n")
        self.entry.setProperty("type", "mono")
        line = QWidget()
        across = QHBoxLayout(line)
        pad(across, 0, spacing=SMALL)
        across.addWidget(self.entry, 1)
        across.addWidget(self.add_line)
        column.add(Inset(line, LARGE, 0, LARGE, 0))
        column.add(Inset(self.notice, LARGE, 0, LARGE, 0))
        for words, form, name in (
            ("Rules to break on purpose", self.rules, "rules-fold"),
            ("Extensions and posing", self.extensions, "extensions-fold"),
        ):
            column.add(Inset(Fold(words, form, name=name), LARGE, SMALL, LARGE, 0))
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(column)

    def _connect(self) -> None:
        menu = QMenu(self.insert)
        for word in _OFFERED.split():
            step = parse(word, Plan())[0]
            menu.addAction(f"{title(step)}: {purpose(step)}", partial(self._insert, word))
        self.insert.setMenu(menu)
        self.insert.setAccessibleName("Insert a step before the chosen one")
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)
        self.list.remove_asked.connect(self._remove)
        self.list.move_asked.connect(self._move)
        self.add_line.clicked.connect(self._add_line)
        self.entry.returnPressed.connect(self._add_line)
        self.reset_button.clicked.connect(self.reset)
        self.model.edited.connect(self._edited)
        self.list.selectionModel().currentChanged.connect(lambda *_: self._enable())
        for form in (self.rules, self.extensions):
            form.changed.connect(self._options_changed)

    def _options(self, problems: dict[str, str]) -> Plan:
        plan, breaks = self.extensions.plan(problems), self.rules.breaks(problems)
        anyway = breaks.extensions_not_offered
        poses = tuple(replace(pose, although_not_offered=anyway) for pose in plan.xclient)
        return replace(plan, breaks=breaks, xclient=poses)

    def _show_problems(self, problems: dict[str, str]) -> None:
        for form in (self.rules, self.extensions):
            form.show_problems({k: v for k, v in problems.items() if k in form.fields})
            fold = form.parentWidget()
            if isinstance(fold, Fold) and any(k in form.fields for k in problems):
                fold.set_open(True)

    @Slot()
    def _edited(self) -> None:
        self._own = True
        self._say()
        self.changed.emit()

    @Slot()
    def _options_changed(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        """Show the usual steps, as far as there are none of the person's own."""
        if not self._own:
            s = self._settings
            plan = self._options({})
            if s.lmtp:
                plan = replace(plan, greeting=Greeting.LHLO)
            row = self.list.row
            sign_in = self._signs_in or (s.auth or "") in ("EXTERNAL", "ANONYMOUS")
            self.model.show_steps(plan.walk(s.tls_mode, sign_in=sign_in, deliver=True))
            self.list.choose(min(max(row, 0), self.model.rowCount() - 1))
        self._say()

    def _say(self) -> None:
        words = _OWN if self._own else _USUAL
        if count := self.model.objections:
            stand = "One stands" if count == 1 else f"{count} stand"
            words += f" {stand} where servers do not expect it, which a test may want."
        self.state.setText(words)
        self.state.set_tone("attention" if count else "secondary")
        self.reset_button.setEnabled(self.altered)
        self._enable()

    def _enable(self) -> None:
        row, last = self.list.row, self.model.rowCount() - 1
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < last)
        self.remove.setEnabled(row >= 0)

    @Slot(int)
    def _move(self, by: int) -> None:
        row = self.list.row
        if self.model.move(row, by):
            self.list.choose(row + by)

    @Slot()
    def _remove(self) -> None:
        row = self.list.row
        if row >= 0:
            self.model.take(row)
            self.list.choose(min(row, self.model.rowCount() - 1))

    def _insert(self, word: str) -> None:
        self._put(parse(word, self._options({})))

    @Slot()
    def _add_line(self) -> None:
        text = self.entry.text()
        if not text:
            return
        try:
            step = line_of(text)
        except ValueError as problem:
            self.notice.say(str(problem), Tone.BROKEN)
            return
        self.entry.clear()
        self.notice.clear()
        self._put((step,))

    def _put(self, steps: tuple[Step, ...]) -> None:
        row = max(self.list.row, 0)
        self.model.insert(row, steps)
        self.list.choose(row + len(steps))


def _with_rules(step: Step, breaks: Breaks) -> Step:
    """Return a step as the rules that are broken now want it."""
    match step:
        case StartTls():
            return replace(step, although_not_offered=breaks.starttls_not_offered)
        case Authenticate():
            return replace(step, although_not_offered=breaks.auth_not_offered)
        case XClient():
            return replace(step, although_not_offered=breaks.extensions_not_offered)
    return step

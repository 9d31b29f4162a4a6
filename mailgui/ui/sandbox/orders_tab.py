"""What the servers are told to say to everyone: replies at the stages of SMTP, and a rate."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.sandbox.conduct import Orders
from mailgui.sandbox.rate_limit import CODES, MINUTE, RateLimit, parse_rate
from mailgui.sandbox.stage_replies import Stage, StageReply, make_reply
from mailgui.ui.domain.grid import title
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.profiles.form import Form
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.beside import Beside
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.field_rows import FormField
from mailgui.ui.widgets.growing import grow
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.wrong_input import WrongInput

_STAGES = {
    Stage.BANNER: ("Greeting", "220"),
    Stage.EHLO: ("EHLO", "250"),
    Stage.STARTTLS: ("STARTTLS", "220"),
    Stage.AUTH: ("AUTH", "235"),
    Stage.MAIL: ("MAIL FROM", "250"),
    Stage.RCPT: ("RCPT TO", "250"),
    Stage.DATA: ("DATA", "354"),
    Stage.MESSAGE: ("After the dot", "250"),
    Stage.QUIT: ("QUIT", "221"),
}
_SPANS = (("1", "a second"), (str(MINUTE), "a minute"), ("3600", "an hour"))
_BEYOND = ((CODES[0], "451: try again later"), (CODES[1], "421, and it closes"))


class OrdersTab(QWidget):
    """Two cards of fields; nothing is in force before it is ordered.

    Signals:
        ordered(object): Orders to be put into force.

    Attributes:
        codes, texts: the fields of the replies, by stage.
        form: the fields themselves, with those of the rate.
    """

    ordered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        identify(self, "sandbox-orders")
        self.form = Form("orders")
        self.codes = {stage: self._field(f"{stage}-code", usual) for stage, usual in _usual()}
        self.texts = {stage: self._field(f"{stage}-text", "as usual") for stage in _STAGES}
        for stage, (words, _) in _STAGES.items():
            self.codes[stage].field.setAccessibleName(f"{words}: code")
            self.texts[stage].field.setAccessibleName(f"{words}: text")
        self.most = self.form.line("rate", "Messages, at most", placeholder="no limit")
        self.span = self.form.choice("span", "In", _SPANS)
        self.beyond = self.form.choice("beyond", "Beyond that, SMTP says", _BEYOND)
        self.form.set_chosen("span", str(MINUTE))
        self.apply = QuietButton("Use these", name="orders-apply")
        self.reset = QuietButton("As usual", name="orders-reset")
        self.notice = InlineNotice(name="orders-notice")
        self._lay_out()
        self.apply.clicked.connect(self.order)
        self.reset.clicked.connect(self._as_usual)
        for field in self.form.fields.values():
            if isinstance(field.field, QLineEdit):
                field.field.returnPressed.connect(self.order)
        self.show_orders(Orders())

    def show_orders(self, orders: Orders) -> None:
        """Say what is in force; the fields stay as they are."""
        words = f"{orders.sentence} It holds until it is changed, or MailGUI ends."
        self.notice.say(words if orders else "", Tone.ATTENTION)
        self.reset.setEnabled(bool(orders))

    def fill(self, orders: Orders) -> None:
        """Put orders into the fields."""
        for stage in _STAGES:
            reply = orders.replies.get(stage)
            self.form.set_text(f"{stage}-code", reply.code if reply else "")
            self.form.set_text(f"{stage}-text", reply.text if reply else "")
        rate = orders.rate
        self.form.set_text("rate", str(rate.messages) if rate else "")
        self.form.set_chosen("span", str(rate.seconds if rate else MINUTE))
        self.form.set_chosen("beyond", rate.code if rate else CODES[0])
        self.form.show_problems({})

    @Slot()
    def order(self) -> None:
        """Put what is in the fields into force, unless something in them is wrong."""
        problems: dict[str, str] = {}
        replies: dict[Stage, StageReply] = {}
        for stage in _STAGES:
            code, text = self.form.text(f"{stage}-code"), self.form.text(f"{stage}-text")
            try:
                if text and not code:
                    problems[f"{stage}-text"] = "Give a code as well, such as 451."
                elif code:
                    replies[stage] = make_reply(code, text)
            except WrongInput as problem:
                problems[f"{stage}-text"] = str(problem)  # where there is room for a sentence
        rate = self._rate(problems)
        self.form.show_problems(problems)
        if not problems:
            self.ordered.emit(Orders(replies, rate))

    def _rate(self, problems: dict[str, str]) -> RateLimit | None:
        count = self.form.text("rate")
        if not count:
            return None
        try:
            return parse_rate(f"{count}/{self.form.chosen('span')}", self.form.chosen("beyond"))
        except WrongInput:
            problems["rate"] = "A number of messages, such as 10."
            return None

    @Slot()
    def _as_usual(self) -> None:
        self.fill(Orders())
        self.ordered.emit(Orders())

    def _field(self, key: str, placeholder: str) -> FormField:
        return self.form.line(key, "", mono=True, placeholder=placeholder)

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        pad(head, 0)
        words = (
            "What the servers say to everyone, whoever writes to whom. Where a field is empty they "
            "answer as usual, and the addresses under Faults provoke theirs."
        )
        head.addWidget(Label(words, tone="secondary", wrap=True))
        column = ScrollColumn(name="orders-list", accessible="Orders", spacing=SMALL)
        column.add(Beside(head, self.reset, self.apply))
        column.add(title("Rate"))
        note = (
            "SMTP and each API are counted by themselves, by MAIL and by call. Beyond the limit an "
            "API answers 429 with its own rate-limit headers and Retry-After."
        )
        column.add(Label(note, tone="secondary", wrap=True))
        column.add(self._limits())
        column.add(title("SMTP's replies"))
        note = (
            r"421 closes the connection; \n in a text begins another line. A code that begins as "
            "the usual one does lets the dialogue go on."
        )
        column.add(Label(note, tone="secondary", wrap=True))
        column.add(self._replies())
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(Inset(self.notice, LARGE, MEDIUM, LARGE, 0))
        layout.addWidget(column, 1)

    def _replies(self) -> Panel:
        panel = Panel(card=True)
        grid = QGridLayout(panel)
        pad(grid, LARGE, MEDIUM, LARGE, MEDIUM)
        grid.setHorizontalSpacing(MEDIUM)
        grid.setVerticalSpacing(SMALL)
        grid.setColumnStretch(2, 1)
        for row, (stage, (words, _)) in enumerate(_STAGES.items()):
            label, code = Label(words, tone="secondary"), self.codes[stage]
            label.setBuddy(code.field)
            grow(label, partial(_hold_label, label))
            grow(code, partial(_hold, code, 90))
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(code, row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.texts[stage], row, 2, Qt.AlignmentFlag.AlignTop)
        return panel

    def _limits(self) -> Panel:
        panel = Panel(card=True)
        layout = QVBoxLayout(panel)
        pad(layout, LARGE, MEDIUM, LARGE, MEDIUM)
        self.form.row((self.most, 1), (self.span, 1), (self.beyond, 1))
        layout.addWidget(self.form)
        return panel


def _usual() -> list[tuple[Stage, str]]:
    return [(stage, usual) for stage, (_, usual) in _STAGES.items()]


def _hold_label(label: Label) -> None:
    label.setFixedWidth(metrics().scaled(120))
    label.setFixedHeight(metrics().control)  # in line with its fields, whatever stands below them


def _hold(widget: QWidget, width: int) -> None:
    widget.setFixedWidth(metrics().scaled(width))

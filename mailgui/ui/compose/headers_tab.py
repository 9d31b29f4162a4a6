"""The tab Headers: a person's own as rows to edit, and below them those that MailGUI writes."""

from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.message.draft import Draft, DraftProblem
from mailgui.message.headers import check_own_header
from mailgui.message.outgoing import Envelope
from mailgui.transcript import octets_to_text, visible
from mailgui.ui.metrics import LARGE, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, forget, identify, pad, set_flag
from mailgui.ui.widgets.buttons import IconButton, LinkButton
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.scroll_column import ScrollColumn

_MESSAGE_ID, _DATE = "message-id", "date"
_SHOWN_RECIPIENTS = 50


class HeaderRow(QWidget):
    """One header of a person's own.

    Signals:
        changed: name or value are others.
        remove_asked: it shall go.
    """

    changed = Signal()
    remove_asked = Signal()

    def __init__(self, name: str, value: str, *, number: int) -> None:
        super().__init__()
        identify(self, f"header-{number}")
        self.name, self.value = QLineEdit(), QLineEdit()
        for field, text, key, words in (
            (self.name, name, "name", "Header name"),
            (self.value, value, "value", "Header value"),
        ):
            field.setProperty("type", "mono")
            field.setText(text)
            field.setCursorPosition(0)
            identify(field, f"header-{number}-{key}", f"{words} {number + 1}")
            field.textChanged.connect(self._changed)
        self.name.setPlaceholderText("X-Name")
        self.value.setPlaceholderText("value")
        remove = IconButton("close", "Remove this header", name=f"header-{number}-remove", edge=12)
        remove.clicked.connect(self.remove_asked)
        self._problem = Label(kind=Type.SMALL, tone="broken", wrap=True)
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=TIGHT)
        line = QHBoxLayout()
        pad(line, 0, spacing=SMALL)
        line.addWidget(self.name, 2)
        line.addWidget(self.value, 5)
        line.addWidget(remove)
        layout.addLayout(line)
        layout.addWidget(self._problem)
        self._check()

    @property
    def pair(self) -> tuple[str, str]:
        """Name and value as written."""
        return self.name.text().strip().removesuffix(":"), self.value.text()

    @property
    def problem(self) -> str:
        """What is wrong with it, or an empty string."""
        name, value = self.pair
        if not name and not value:
            return ""
        try:
            if name.lower() == _DATE:
                _read_date(value)
            elif name.lower() != _MESSAGE_ID:
                check_own_header(name, value)
        except DraftProblem as problem:
            return problem.sentence
        return ""

    @Slot()
    def _changed(self) -> None:
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        problem = self.problem
        wrong = self.value if "line break" in problem or "date" in problem else self.name
        for field in (self.name, self.value):
            set_flag(field, "problem", "true" if problem and field is wrong else "false")
            field.setAccessibleDescription(problem)
        self._problem.setText(f"✕ {problem}" if problem else "")
        self._problem.setVisible(bool(problem))


class HeadersTab(ScrollColumn):
    """Own headers and generated ones.

    Signals:
        changed: an own header is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(name="headers", accessible="Headers", spacing=SMALL)
        self.rows: list[HeaderRow] = []
        self._made = 0
        self.add(Label("Your own", kind=Type.STRONG))
        self._rows = QVBoxLayout()
        pad(self._rows, 0, spacing=SMALL)
        self.column.addLayout(self._rows)
        self._none = Label(
            "None yet. Message-ID and Date may be set here too.", tone="secondary", wrap=True
        )
        self.add(self._none)
        self.add_button = LinkButton("Add a header", name="header-add", flush=True)
        self.add_button.clicked.connect(self._add_empty)
        self.column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addSpacing(LARGE)
        self.add(Label("As they are sent", kind=Type.STRONG))
        self._generated = RecordBox("", name="headers-generated", what="the headers")
        self.add(self._generated)
        self._envelope_title = Label("Envelope (SMTP)", kind=Type.STRONG)
        self._envelope = RecordBox("", name="envelope", what="the envelope")
        self.column.addSpacing(SMALL)
        self.add(self._envelope_title)
        self.add(self._envelope)
        self.show_generated(b"", None)

    def fill(self, draft: Draft) -> Draft:
        """Return ``draft`` with the headers written here; what cannot be used stays as written."""
        own: list[tuple[str, str]] = []
        message_id: str | None = None
        date: datetime | None = None
        for row in self.rows:
            name, value = row.pair
            if name.lower() == _MESSAGE_ID and value.strip():
                message_id = value.strip()
            elif name.lower() == _DATE and not row.problem:
                date = _read_date(value)
            elif name or value:
                own.append((name, value))
        return replace(draft, headers=tuple(own), message_id=message_id, date=date)

    def show_draft(self, draft: Draft) -> None:
        """Show a draft's headers."""
        for row in self.rows:
            forget(row)
        self.rows = []
        if draft.message_id:
            self._add("Message-ID", draft.message_id)
        if draft.date:
            self._add("Date", format_datetime(draft.date))
        for name, value in draft.headers:
            self._add(name, value)
        self._none.setVisible(not self.rows)

    def focus_problem(self) -> None:
        """Go to the first row that cannot be used."""
        row = next((row for row in self.rows if row.problem), None)
        (row.name if row else self.add_button).setFocus()

    def show_generated(self, head: bytes, envelope: Envelope | None) -> None:
        """Show the headers as they are sent, and the envelope."""
        lines = [octets_to_text(line) for line in head.split(b"\r\n") if line]
        self._generated.set_text("\n".join(lines) or "They appear once the fields above are valid.")
        self._envelope.set_text(_envelope_words(envelope) if envelope else "")
        for widget in (self._envelope, self._envelope_title):
            widget.setVisible(envelope is not None)

    @Slot()
    def _add_empty(self) -> None:
        self._add("", "").name.setFocus()

    def _add(self, name: str, value: str) -> HeaderRow:
        row = HeaderRow(name, value, number=self._made)
        self._made += 1
        row.changed.connect(self.changed)
        row.remove_asked.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._rows.addWidget(row)
        self._none.hide()
        row.name.setMinimumWidth(metrics().scaled(90))
        return row

    def _remove(self, row: HeaderRow) -> None:
        self.rows.remove(row)
        self._rows.removeWidget(row)
        forget(row)
        self._none.setVisible(not self.rows)
        self.add_button.setFocus()
        self.changed.emit()


def _read_date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text.strip())
    except ValueError:
        raise DraftProblem(
            "headers",
            f"“{visible(text)}” is not a date as e-mail writes it, such as "
            "“Tue, 24 Nov 2026 09:30:00 +0100”.",
        ) from None


def _envelope_words(envelope: Envelope) -> str:
    lines = [f"MAIL FROM:<{visible(envelope.sender)}>"]
    lines += [f"RCPT TO:<{visible(a)}>" for a in envelope.recipients[:_SHOWN_RECIPIENTS]]
    more = len(envelope.recipients) - _SHOWN_RECIPIENTS
    return "\n".join([*lines, *([f"… and {more:,} more"] if more > 0 else [])])

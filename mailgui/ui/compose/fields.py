"""The head of the message: From, To, Cc, Bcc, Reply-To and Subject."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QVBoxLayout, QWidget

from mailgui.message.addresses import format_address, parse_address
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.transcript import Outcome, RecipientResult, visible
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import outcome_tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.chips import AddressField
from mailgui.ui.widgets.field_rows import FieldRow

_NARROW = 470
_OPTIONAL = (("cc", "Cc"), ("bcc", "Bcc"), ("reply_to", "Reply-To"))


class HeadRow(QFrame):
    """A row of the head, and below it what is wrong with the field."""

    def __init__(self, label: str, field: QWidget, *trailing: QWidget, key: str) -> None:
        super().__init__()
        identify(self, f"row-{key}")
        self.setProperty("kind", "row")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        self.field = field
        self.row = FieldRow(label, field, *trailing, name=f"row-{key}-fields")
        self.row.setProperty("kind", "plain")  # the line is below the problem
        self.notice = Label(kind=Type.SMALL, tone="broken", wrap=True, selectable=True)
        identify(self.notice, f"row-{key}-problem")
        self.notice.hide()
        layout.addWidget(self.row)
        layout.addWidget(self.notice)

    @property
    def problem(self) -> str:
        """What is said to be wrong, or an empty string."""
        return self.notice.text()[2:] if not self.notice.isHidden() else ""

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with the field; an empty sentence says that nothing is."""
        indent = self.row.label.minimumWidth() + LARGE + SMALL
        self.notice.setContentsMargins(indent, 0, LARGE, SMALL)
        self.notice.setText(f"✕ {visible(sentence)}" if sentence else "")
        self.notice.setVisible(bool(sentence))
        target = self.field.entry if isinstance(self.field, AddressField) else self.field
        target.setAccessibleDescription(sentence)


class HeadFields(QWidget):
    """Everything about the message that is one line.

    Signals:
        changed: a field has another value.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "head-fields")
        self._adopted = ""  # the profile's own sender, as it stands in From
        self._layout = QVBoxLayout(self)
        pad(self._layout, 0)
        self.origin = AddressField(name="from", accessible="From", single=True)
        self.boxes: dict[str, AddressField] = {
            "to": AddressField(name="to", accessible="To"),
            **{
                key: AddressField(name=key.replace("_", "-"), accessible=words)
                for key, words in _OPTIONAL
            },
        }
        self.subject = QLineEdit()
        self.subject.setProperty("kind", "bare")
        identify(self.subject, "subject", "Subject")
        self._links = {
            key: LinkButton(words, name=f"show-{key.replace('_', '-')}") for key, words in _OPTIONAL
        }
        self._more = LinkButton("Cc…", name="show-more")
        self._more.setAccessibleName("Add Cc, Bcc or Reply-To")
        self._more.setMenu(QMenu(self._more))
        self._more.menu().aboutToShow.connect(self._fill_more)
        self._hidden = {key for key, _words in _OPTIONAL}
        self.rows: dict[str, HeadRow] = {}
        self._add_rows()
        fields: list[AddressField] = [self.origin, *self.boxes.values()]
        for key, link in self._links.items():
            link.setAccessibleName(f"Add {link.text()}")
            link.clicked.connect(lambda _on=False, key=key: self.reveal(key))
            self.rows[key].hide()
        for field in fields:
            field.changed.connect(self._changed)
        self.subject.textChanged.connect(self._changed)

    def reveal(self, key: str) -> None:
        """Show an optional row, and go there."""
        self._show_row(key)
        self.boxes[key].entry.setFocus()

    def fill(self, draft: Draft) -> Draft:
        """Return ``draft`` with what stands in the fields. Malformed addresses stay as written."""
        boxes = {key: tuple(map(_mailbox, box.addresses())) for key, box in self.boxes.items()}
        senders = tuple(map(_mailbox, self.origin.addresses()))
        return replace(
            draft,
            sender=senders[-1] if senders else None,
            subject=self.subject.text(),
            to=boxes["to"],
            cc=boxes["cc"],
            bcc=boxes["bcc"],
            reply_to=boxes["reply_to"],
        )

    def show_draft(self, draft: Draft) -> None:
        """Show a draft's fields; optional rows appear where they hold something."""
        self.origin.set_addresses([_written(draft.sender)] if draft.sender else [])
        for key, box in self.boxes.items():
            addresses: Iterable[Address] = getattr(draft, key)
            box.set_addresses(_written(address) for address in addresses)
            if key != "to":
                self._show_row(key, shown=bool(box.addresses()))
        self.subject.setText(draft.subject)
        self.subject.setCursorPosition(0)
        self.clear_problems()

    def set_problem(self, field: str, sentence: str) -> bool:
        """Mark a field, by a DraftProblem's name, and go there; False for a field elsewhere."""
        row = self.rows.get(field)
        if row is None:
            return False
        if field in self._links:
            self._show_row(field)
        row.set_problem(sentence)
        row.field.setFocus()
        return True

    def clear_problems(self) -> None:
        """Say that nothing is wrong, as far as one can see."""
        self._check()

    def mark(self, results: Iterable[RecipientResult]) -> None:
        """Show on the chips what became of each recipient."""
        self.clear_marks()
        for result in results:
            if result.outcome is Outcome.COMPLETED:
                continue
            reply = f": {result.reply.code} {result.reply.text}" if result.reply else ""
            words = f"{result.outcome.value}{visible(reply)}"
            for key in ("to", "cc", "bcc"):
                self.boxes[key].mark(result.address, outcome_tone(result.outcome), words)

    def adopt_sender(self, sender: str) -> None:
        """Be from ``sender``, the profile's own, unless the person wrote another one."""
        written = ", ".join(self.origin.addresses())
        if sender and written in ("", self._adopted):
            self.origin.set_addresses([sender])
        if sender:
            self._adopted = sender

    def clear_marks(self) -> None:
        """Take the marks of the last sending away."""
        for box in self.boxes.values():
            box.clear_marks()

    def _add_rows(self) -> None:
        self.rows["from"] = HeadRow("From", self.origin, key="from")
        trailing = (*self._links.values(), self._more)
        self.rows["to"] = HeadRow("To", self.boxes["to"], *trailing, key="to")
        for key, words in _OPTIONAL:
            self.rows[key] = HeadRow(words, self.boxes[key], key=key.replace("_", "-"))
        self.rows["subject"] = HeadRow("Subject", self.subject, key="subject")
        for row in self.rows.values():
            self._layout.addWidget(row)
            # All labels as wide as the widest one that there can be.
            row.row.label.setMinimumWidth(
                max(metrics().scaled(58), metrics().measure().horizontalAdvance("Reply-To"))
            )

    def _show_row(self, key: str, *, shown: bool = True) -> None:
        self.rows[key].setVisible(shown)
        if shown:
            self._hidden.discard(key)
        else:
            self._hidden.add(key)
        self._fit_links()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_links()

    def _fit_links(self) -> None:
        """Offer the hidden rows as words, or as one menu where the addresses need the room."""
        narrow = self.width() < metrics().scaled(_NARROW) and len(self._hidden) > 1
        for key, link in self._links.items():
            link.setVisible(key in self._hidden and not narrow)
        self._more.setVisible(narrow)

    @Slot()
    def _fill_more(self) -> None:
        self._more.menu().clear()
        for key, words in _OPTIONAL:
            if key in self._hidden:
                self._more.menu().addAction(words, partial(self.reveal, key))

    @Slot()
    def _changed(self) -> None:
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        """Say what is wrong with the addresses that are finished."""
        for key, row in self.rows.items():
            box = self.origin if key == "from" else self.boxes.get(key)
            wrong = next((chip.problem for chip in box.chips if chip.problem), "") if box else ""
            row.set_problem(wrong)


def _mailbox(text: str) -> Address:
    """Return what is written as a mailbox; compose says later what is wrong with it."""
    try:
        return parse_address(text)
    except DraftProblem:
        return Address(text)


def _written(address: Address) -> str:
    return format_address(address)

"""The addresses that make the sandbox misbehave, as a table to copy from."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.sandbox.faults import DNS_FAULTS, RECIPIENT_FAULTS, SENDER_FAULTS, ApiFault, Fault
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Column

_COLUMNS = (
    Column("As", words="Where to put the address"),
    Column("Address", mono=True, most=300),
    Column("What happens", stretch=True),
    Column("SMTP answers", mono=True, most=300, words="Nothing where the message passes"),
    Column("An API answers", most=190, words="The vendor's own form of it"),
)


_API_WORDS = {
    ApiFault.RECIPIENT: "recipient refused",
    ApiFault.SENDER: "sender not verified",
    ApiFault.CONTENT: "content refused",
    ApiFault.RATE_LIMIT: "429 too many requests",
    ApiFault.QUOTA: "quota used up",
    ApiFault.SERVER: "500 server error",
    ApiFault.HTML: "502 as an HTML page",
    ApiFault.NOT_JSON: "success, but no JSON",
    ApiFault.CUT_SHORT: "half an answer",
    ApiFault.SILENT: "success, nothing sent",
}


class FaultsTab(QWidget):
    """Signals:
    write_asked(str): a recipient to write to; carries the address.
    """

    write_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        identify(self, "sandbox-faults")
        self.table = DataTable(_COLUMNS, name="fault-table", accessible="Faults on order")
        words = (
            "Use one of these addresses, and the sandbox answers as a troubled server does. The "
            "domain does not matter, and what stands behind a + is ignored."
        )
        self.copy = QuietButton("Copy address", name="fault-copy", icon_name="copy")
        self.write = QuietButton("Write to it", name="fault-write", icon_name="compose")
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, LARGE, spacing=MEDIUM)
        head = QHBoxLayout()
        pad(head, 0, spacing=SMALL)
        head.addWidget(Label(words, tone="secondary", wrap=True), 1)
        head.addWidget(self.copy)
        head.addWidget(self.write)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        rows = [
            *(_row("Recipient", f"{name}@good.example", f) for name, f in RECIPIENT_FAULTS.items()),
            *(_row("Sender", f"{name}@good.example", f) for name, f in SENDER_FAULTS.items()),
            *(("Name", f"{n}.good.example", words, "", "") for n, words in DNS_FAULTS.items()),
        ]
        self.table.set_rows(rows, [(row[0], row[1]) for row in rows])
        self.table.choose((rows[0][0], rows[0][1]))
        self.copy.clicked.connect(self._copy)
        self.write.clicked.connect(self._write)
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(self._write)

    @Slot(object)
    def _chosen(self, key: object) -> None:
        self.write.setEnabled(isinstance(key, tuple) and key[0] == "Recipient")

    @Slot()
    def _copy(self) -> None:
        if self.table.key is not None:
            QGuiApplication.clipboard().setText(self.table.key[1])

    @Slot()
    def _write(self) -> None:
        key = self.table.key
        if key is not None and key[0] == "Recipient":
            self.write_asked.emit(key[1])


def _row(where: str, address: str, fault: Fault) -> tuple[str, str, str, str, str]:
    reply = (fault.reply or "").partition("\n")[0]
    if fault.drop and not reply:
        reply = "(closes the connection)"
    if fault.slow:
        reply = "(late)"
    api = _API_WORDS[fault.api] if fault.api else ("(late)" if fault.slow else "")
    return where, address, fault.explanation, reply, api

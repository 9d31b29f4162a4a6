"""The strip above the page: whether the servers run, where, and Start or Stop."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.buttons import PrimaryButton, QuietButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.verdict_badge import Pill


class SandboxBar(QFrame):
    """State and addresses of the servers.

    Signals:
        start_asked, stop_asked: the buttons.
    """

    start_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "sandbox-bar")
        self.setProperty("kind", "bar")
        self.state = Pill("not started", Tone.NEUTRAL)
        self.state.setObjectName("sandbox-state")
        self.addresses = ElidedLabel("", kind=Type.MONO, token="secondary")
        self.addresses.setObjectName("sandbox-addresses")
        words = "An SMTP server, e-mail APIs and a name server, on this machine only"
        self._words = ElidedLabel(words, token="secondary")
        self.start = PrimaryButton("Start", "Ctrl ↵", name="sandbox-start")
        self.stop = QuietButton("Stop", name="sandbox-stop")
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=MEDIUM)
        layout.addWidget(self.state, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.addresses, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._words, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addSpacing(SMALL)
        layout.addWidget(self.stop)
        layout.addWidget(self.start)
        self.start.clicked.connect(self.start_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.set_running("")

    @Slot()
    def set_busy(self, words: str) -> None:
        """Say that the servers are about to start or to stop."""
        self.state.set_pill(words, Tone.INFO)
        self.start.setEnabled(False)
        self.stop.setEnabled(False)

    def set_running(self, addresses: str) -> None:
        """Say where the servers are; "" says that they do not run."""
        running = bool(addresses)
        self.state.set_pill(
            "running" if running else "not started", Tone.PASS if running else Tone.NEUTRAL
        )
        self.addresses.set_text(addresses)
        self.addresses.setVisible(running)
        self._words.setVisible(not running)
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        self.start.setEnabled(True)
        self.stop.setEnabled(True)

"""Whom to ask: the system's resolver, the sandbox, the domain's own servers, or another one."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from mailgui.net.dns_address import parse_server
from mailgui.ui.domain.asking import OWN, SANDBOX, SYSTEM
from mailgui.ui.metrics import SMALL
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify, pad, set_flag, tip
from mailgui.ui.widgets.choice_button import ChoiceButton

_OTHER = "other"
_MOST = 8  # servers remembered
_LONGEST = 36  # characters of one that show
_LEAST = 100  # pixels of a field at the usual size


class WideField(QLineEdit):
    """A field in the fixed font that asks for ``width`` pixels of the usual size of type."""

    def __init__(self, width: int, *, name: str, accessible: str, placeholder: str = "") -> None:
        super().__init__()
        identify(self, name, accessible)
        self.setProperty("type", "mono")
        self.setPlaceholderText(placeholder)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._width = width

    def sizeHint(self) -> QSize:
        return QSize(metrics().scaled(self._width), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        least = min(self._width, _LEAST)  # where its line is short it gives way
        return QSize(metrics().scaled(least), super().sizeHint().height())


class AskChoice(QWidget):
    """The choice and, for another server, its field. ``own`` offers each domain's own servers too.

    Signals:
        accepted: a server was typed and Enter pressed.
    """

    accepted = Signal()

    def __init__(
        self, *, name: str = "ask", own: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._own = own
        identify(self, name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._servers: list[str] = []
        self.choice = ChoiceButton("Ask", name=f"{name}-whom")
        self.choice.setToolTip(tip("Which name server the questions go to"))
        self.field = WideField(
            200,
            name=f"{name}-server",
            accessible="Name server",
            placeholder="9.9.9.9, tls://…, https://…",
        )
        layout = QHBoxLayout(self)
        pad(layout, 0, spacing=SMALL + 2)
        layout.addWidget(self.choice)
        layout.addWidget(self.field)
        self.field.hide()
        self.choice.changed.connect(self._chosen)
        self.field.returnPressed.connect(self.accepted)
        self.field.textEdited.connect(lambda _text: set_flag(self.field, "problem", "false"))
        self._offer()

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that the person typed, the last one first."""
        return tuple(self._servers)

    @property
    def key(self) -> str:
        """What is chosen: SYSTEM, SANDBOX, OWN, or a server."""
        return self.field.text().strip() if self.choice.key == _OTHER else self.choice.key

    def restore(self, servers: Sequence[str], key: str) -> None:
        """Offer remembered servers and choose."""
        self._servers = [server for server in servers if _is_server(server)][:_MOST]
        self._offer()
        self.choice.set_key(key)
        self._show_field()

    def check(self) -> str:
        """Return what is wrong with the server, one sentence, or ""; remember a good one."""
        if self.choice.key != _OTHER:
            return ""
        try:
            parse_server(self.key)
        except ValueError as problem:
            set_flag(self.field, "problem", "true")
            self.field.setFocus()
            return str(problem) if self.key else "Enter the name server to ask."
        server = self.key
        self._servers = [server, *(s for s in self._servers if s != server)][:_MOST]
        self._offer()
        self.choice.set_key(server)
        self._show_field()
        return ""

    def _offer(self) -> None:
        options = [(SYSTEM, "System resolver"), (SANDBOX, "Sandbox")]
        if self._own:
            options.append((OWN, "The domain's own servers"))
        options += [(server, _short(server)) for server in self._servers]
        self.choice.set_options([*options, (_OTHER, "Other server…")])

    @Slot(str)
    def _chosen(self, key: str) -> None:
        self._show_field()
        if key == _OTHER:
            self.field.setFocus()
            self.field.selectAll()

    def _show_field(self) -> None:
        self.field.setVisible(self.choice.key == _OTHER)
        self.updateGeometry()


def _is_server(text: str) -> bool:
    try:
        parse_server(text)
    except ValueError:
        return False
    return True


def _short(server: str) -> str:
    if len(server) <= _LONGEST:
        return server
    half = _LONGEST // 2
    return f"{server[:half]}…{server[-half:]}"

"""How to connect another program to the sandbox: addresses, user name, password, key."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mailgui.sandbox.sandbox import Sandbox
from mailgui.ui.domain.grid import title
from mailgui.ui.metrics import HUGE, LARGE, MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.growing import grow
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn

_HIDDEN = "••••••••••••"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value to enter elsewhere; a secret is shown only when it is asked for."""

    label: str
    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What belongs together."""

    title: str
    note: str
    values: tuple[Setting, ...]


def connection_settings(sandbox: Sandbox) -> tuple[Settings, ...]:
    """Return the settings of the running sandbox."""
    smtp, dns = sandbox.smtp, sandbox.dns
    return (
        Settings(
            "SMTP",
            "STARTTLS is offered; nobody has to sign in.",
            (
                Setting("Host", smtp.host),
                Setting("Port", str(smtp.port)),
                Setting("User name", sandbox.username),
                Setting("Password", sandbox.password, secret=True),
                Setting("Authority's certificate", str(sandbox.ca_pem_path)),
            ),
        ),
        Settings(
            "E-mail APIs",
            "Every provider is at its own path: replace PROVIDER by resend, postmark, sendgrid…",
            (
                Setting("Base URL", sandbox.base_url("PROVIDER")),
                Setting("API key", sandbox.api_key, secret=True),
                Setting("Webhooks", sandbox.webhook_url("PROVIDER")),
            ),
        ),
        Settings(
            "DNS",
            "Answers for good.example and broken.example, by UDP and TCP.",
            (Setting("Name server", str(dns)),),
        ),
    )


class SettingRow(QWidget):
    """A value with Copy, and with Show where it is a secret."""

    def __init__(self, setting: Setting, *, name: str) -> None:
        super().__init__()
        identify(self, name, setting.label)
        self._setting = setting
        self.value = ElidedLabel("", kind=Type.MONO)
        self.value.setObjectName(f"{name}-value")
        self.show_button = LinkButton("Show", name=f"{name}-show")
        self.show_button.setVisible(setting.secret)
        copy = CopyButton(lambda: setting.value, name=f"{name}-copy", what=setting.label)
        layout = QHBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        layout.addWidget(self.value, 1)
        layout.addWidget(self.show_button)
        layout.addWidget(copy)
        self.show_button.clicked.connect(self._toggle)
        self._shown = not setting.secret
        self._show()

    @Slot()
    def _toggle(self) -> None:
        self._shown = not self._shown
        self._show()

    def _show(self) -> None:
        words = "Hide" if self._shown else "Show"
        self.show_button.setText(words)
        self.show_button.setAccessibleName(f"{words} the {self._setting.label.lower()}")
        self.value.set_text(self._setting.value if self._shown else _HIDDEN)


class ConnectionTab(QWidget):
    """The settings while the servers run.

    Signals:
        start_asked: the button of the empty state.
    """

    start_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "sandbox-connection")
        self.rows: dict[str, SettingRow] = {}
        self._column = ScrollColumn(name="connection-list", accessible="Connection settings")
        self._inside: QWidget | None = None
        self._empty = EmptyState(
            "sandbox",
            "The servers do not run",
            "Once they run, here stands how to connect another program: addresses, user name, "
            "password and key. They are new at each start.",
            name="connection-empty",
            action="Start the sandbox",
        )
        self._empty.action_triggered.connect(self.start_asked)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self._column)
        layout.addWidget(self._empty)
        self.set_settings(())

    def set_settings(self, groups: Sequence[Settings]) -> None:
        """Show these settings; none says that nothing runs."""
        forget(self._inside)
        self.rows = {}
        self._inside = QWidget()
        layout = QVBoxLayout(self._inside)
        pad(layout, 0, spacing=SMALL)
        for group in groups:
            layout.addWidget(title(group.title))
            layout.addWidget(Label(group.note, tone="secondary", wrap=True))
            layout.addWidget(self._card(group))
        layout.addStretch(1)
        self._column.add(self._inside)
        self._column.setVisible(bool(groups))
        self._empty.setVisible(not groups)

    def _card(self, group: Settings) -> Panel:
        panel = Panel(card=True)
        grid = QGridLayout(panel)
        pad(grid, LARGE, MEDIUM, LARGE, MEDIUM)
        grid.setHorizontalSpacing(HUGE)
        grid.setVerticalSpacing(SMALL)
        grid.setColumnStretch(1, 1)
        for number, setting in enumerate(group.values):
            key = f"{group.title}-{setting.label}".lower().replace(" ", "-").replace("'", "")
            row = SettingRow(setting, name=f"connection-{key}")
            self.rows[f"{group.title} {setting.label}"] = row
            label = Label(setting.label, tone="secondary")
            grow(label, partial(_widen, label))
            grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(row, number, 1)
        return panel


def _widen(label: Label) -> None:
    label.setMinimumWidth(metrics().scaled(140))

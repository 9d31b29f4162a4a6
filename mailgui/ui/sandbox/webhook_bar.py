"""Whose webhooks, where they are taken, by which key they are checked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from mailgui.api.definition import Provider
from mailgui.sandbox.webhook_simulation import possible
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.widgets.basics import Label, identify, pad, tip
from mailgui.ui.widgets.buttons import MenuButton, QuietButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.flow_layout import FlowLayout


class WebhookBar(QFrame):
    """The controls of the tab.

    Signals:
        provider_changed: another provider was chosen.
        key_entered(str): a key was entered; "" to forget the kept one.
        url_entered(str): the address that the provider calls.
        simulate_asked(str): an event to simulate.
        paste_asked, clear_asked: the buttons.
    """

    provider_changed = Signal()
    key_entered = Signal(str)
    url_entered = Signal(str)
    simulate_asked = Signal(str)
    paste_asked = Signal()
    clear_asked = Signal()

    def __init__(self, known: Sequence[Provider], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "webhook-bar")
        self.setProperty("kind", "row")
        self._providers = {provider.id: provider for provider in known if provider.webhooks}
        options = [(each.id, each.name) for each in self._providers.values()]
        self.provider = ChoiceButton("Provider", options, name="webhook-provider", small=True)
        self.address = ElidedLabel("", kind=Type.MONO, name="webhook-address")
        self._copy = CopyButton(
            lambda: self.address.text, name="webhook-address-copy", what="the address"
        )
        self.simulate = MenuButton("Simulate", name="webhook-simulate", small=True)
        self.simulate.setMenu(QMenu(self.simulate))
        self.paste = QuietButton("Paste a request…", name="webhook-paste-open", small=True)
        self.clear = QuietButton("Clear", name="webhook-clear", small=True)
        self.key_label = Label("", tone="secondary")
        self.key = SecretField("Signing key", name="webhook-key")
        self.keep = QuietButton("Keep", name="webhook-key-keep", small=True)
        self.url_label = Label("Called as", tone="secondary")
        self.url = QLineEdit()
        self.url.setPlaceholderText("https://… as entered at the provider")
        identify(self.url, "webhook-url", "The address that the provider calls")
        self.note = ElidedLabel(
            "",
            kind=Type.SMALL,
            token="secondary",
            mode=Qt.TextElideMode.ElideRight,
            name="webhook-note",
        )
        self._lay_out()
        self._connect()
        self.set_address("")

    @property
    def chosen(self) -> Provider | None:
        """The provider."""
        return self._providers.get(self.provider.key)

    def choose(self, provider_id: str) -> None:
        """Choose a provider, without telling anyone."""
        self.provider.set_key(provider_id)
        self.show_provider()

    def set_address(self, address: str) -> None:
        """Say where the chosen provider's webhooks are taken; "" while nothing runs."""
        self.address.set_text(address or "starts with the sandbox")
        self._copy.setEnabled(bool(address))

    @Slot()
    def show_provider(self) -> None:
        """Show what the chosen provider asks for."""
        provider = self.chosen
        if provider is None or provider.webhooks is None:
            return
        signature = provider.webhooks.signature
        self.key_label.setText(signature.key_label)
        words = signature.key_help or f"What {provider.name} shows beside the webhook."
        self.key_label.setToolTip(tip(words))
        self.key.entry.setPlaceholderText(words)
        self.key.entry.setAccessibleName(signature.key_label)
        called = "{url}" in signature.content
        self.url_label.setVisible(called)
        self.url.setVisible(called)
        told = [f"{signature.title}." if signature.title else "", signature.note]
        if provider.webhooks.unverified:
            told.append("What these webhooks look like is not documented for certain.")
        text = " ".join(filter(None, told))
        self.note.set_text(text)

    def _lay_out(self) -> None:
        choices = QWidget()
        choices.setProperty("kind", "plain")
        flow = FlowLayout(choices, gap=SMALL)
        for button in (self.provider, self.simulate, self.paste, self.clear):
            flow.addWidget(button)
        keys = QHBoxLayout()
        pad(keys, 0, spacing=SMALL)
        keys.addWidget(self.key_label)
        keys.addWidget(self.key, 2)
        keys.addWidget(self.keep)
        keys.addWidget(self.url_label)
        keys.addWidget(self.url, 2)
        place = QHBoxLayout()
        pad(place, 0, spacing=SMALL)
        place.addWidget(Label("Taken at", tone="secondary"))
        place.addWidget(self.address)
        place.addWidget(self._copy)
        place.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        layout.addWidget(choices)
        layout.addLayout(keys)
        layout.addLayout(place)

    def _connect(self) -> None:
        self.provider.changed.connect(lambda _key: self._changed())
        self.keep.clicked.connect(self._keep)
        self.key.entry.returnPressed.connect(self._keep)
        self.key.changed.connect(self._settle)
        self.key.replace.clicked.connect(self._settle)
        self.url.editingFinished.connect(lambda: self.url_entered.emit(self.url.text().strip()))
        self.paste.clicked.connect(self.paste_asked)
        self.clear.clicked.connect(self.clear_asked)
        self.simulate.menu().aboutToShow.connect(self._fill_menu)
        self._settle()

    @Slot()
    def _changed(self) -> None:
        self.show_provider()
        self.provider_changed.emit()

    @Slot()
    def _settle(self) -> None:
        self.keep.setEnabled(self.key.value is not None)
        calm = self.key.entry.isHidden() and self.key.value is None
        self.keep.setVisible(not calm)  # what is stored has its own words
        self.keep.setText("Forget" if self.key.value == "" else "Keep")

    @Slot()
    def _keep(self) -> None:
        value = self.key.value
        if value is not None:
            self.key_entered.emit(value)

    def set_stored(self, stored: bool) -> None:
        """Say whether a key is kept."""
        self.key.set_stored(stored)
        self._settle()

    @Slot()
    def _fill_menu(self) -> None:
        menu, provider = self.simulate.menu(), self.chosen
        menu.clear()
        for event in possible(provider) if provider else ():
            action = QAction(event.capitalize(), menu)
            action.triggered.connect(
                lambda _checked=False, event=event: self.simulate_asked.emit(event)
            )
            menu.addAction(action)

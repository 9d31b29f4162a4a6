"""A new DKIM key pair with its record; and a key file held against a published record."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.domain.dkim_key_maker import KeyKind, KeyMatch, KeyPair
from mailgui.jobs.dkim_keys import make_dkim_key, save_private_key
from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.dialogs import open_files, save_file
from mailgui.ui.domain.asking import match_key
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.profiles.form import Form
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.record_box import RecordBox

_KINDS = (
    (KeyKind.RSA_2048.value, "RSA 2048: every receiver reads it"),
    (KeyKind.RSA_3072.value, "RSA 3072"),
    (KeyKind.RSA_4096.value, "RSA 4096: the largest that receivers must read"),
    (KeyKind.ED25519.value, "Ed25519: short, beside an RSA key"),
)


class KeyMaker(Panel):
    """The private key is shown to nobody: it is kept until it is saved, or another one is made.

    Attributes:
        pair: the key pair that was made, or None.
        match: what came of holding a file against the record, or None.
    """

    def __init__(
        self,
        bridge: Submitter,
        services: Services,
        state: dict[str, Any],
        *,
        ask: Callable[[], str],
    ) -> None:
        """``ask`` returns whom to ask for what is published."""
        super().__init__(card=True)
        identify(self, "key-maker", "DKIM key")
        self._ask = ask
        self._bridge, self._services = bridge, services
        self._domain = ""
        self._job: Job | None = None
        self.pair: KeyPair | None = None
        self.match: KeyMatch | None = None
        self.form = form = Form("key-form")
        selector = form.line("selector", "Selector", mono=True, hint="A new one for a new key.")
        kind = form.choice("kind", "Kind of key", _KINDS)
        form.row((selector, 1))
        form.row((kind, 1))
        form.set_text("selector", str(state.get("selector", "s1")))
        self.make = QuietButton("Make a key pair", name="key-make", icon_name="key")
        self.compare = QuietButton("Check a key file…", name="key-compare")
        self.save = QuietButton("Save the private key…", name="key-save", icon_name="save")
        self.notice = InlineNotice(name="key-notice", dismissible=True)
        self.where = Label(tone="secondary", wrap=True, selectable=True, name="key-where")
        self.record = RecordBox(name="key-record", what="the key's record")
        self.zone = RecordBox(name="key-zone", what="the line for a zone file")
        self._result = QWidget()
        self._lay_out()
        self.make.clicked.connect(self.make_pair)
        self.compare.clicked.connect(self._choose)
        self.save.clicked.connect(self._save)
        self._show()

    @property
    def busy(self) -> bool:
        """Whether a key is being made or compared."""
        return self._job is not None and self._job.running

    def set_domain(self, domain: str) -> None:
        """Make keys for another domain; a pair for the last one is dropped."""
        if domain != self._domain:
            self._domain = domain
            self.pair = None
            self._show()

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start; never a key."""
        return {"selector": self.form.text("selector")}

    @Slot()
    def make_pair(self) -> None:
        """Make a new pair."""
        if self.busy:
            return
        self.notice.clear()
        self._run(make_dkim_key, self._domain, *self._wish(), on_done=self._made)

    def compare_file(self, path: object) -> None:
        """Hold a private key's file against what the selector publishes."""
        if self.busy:
            return
        self.notice.clear()
        selector = self.form.text("selector")
        self._run(
            match_key,
            self._services,
            path,
            self._domain,
            selector,
            self._ask(),
            on_done=self._matched,
        )

    def _wish(self) -> tuple[str, KeyKind]:
        return self.form.text("selector"), KeyKind(self.form.chosen("kind"))

    def _run(self, function: Any, *args: Any, on_done: Any) -> None:
        for button in (self.make, self.compare):
            button.setEnabled(False)
        self._job = self._bridge.submit(
            function, *args, on_done=on_done, on_failed=self._failed, owner=self
        )

    def _lay_out(self) -> None:
        result = QVBoxLayout(self._result)
        pad(result, 0, spacing=MEDIUM)
        for widget in (
            self.where,
            self.record,
            Label("For a zone file", tone="secondary"),
            self.zone,
        ):
            result.addWidget(widget)
        result.addWidget(self.save)
        buttons = QHBoxLayout()
        buttons.setSpacing(SMALL)
        buttons.addWidget(self.make)
        buttons.addWidget(self.compare)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, LARGE, spacing=MEDIUM)
        layout.addWidget(Label("DKIM key", kind=Type.STRONG))
        layout.addWidget(self.form)
        layout.addLayout(buttons)
        layout.addWidget(self.notice)
        layout.addWidget(self._result)

    def _show(self) -> None:
        pair = self.pair
        self._result.setVisible(pair is not None)
        for button in (self.make, self.compare):
            button.setEnabled(bool(self._domain))
        if pair is not None:
            self.where.setText(f"Publish as a TXT record at {pair.name}")
            self.record.set_text(pair.text)
            self.zone.set_text(pair.zone_line)

    def _made(self, pair: KeyPair) -> None:
        self.pair = pair
        self._show()

    def _matched(self, match: KeyMatch) -> None:
        self.match = match
        self._show()
        self.notice.say(visible(match.sentence), Tone.PASS if match.matches else Tone.BROKEN)

    def _failed(self, error: BaseException) -> None:
        self._show()
        self.notice.say(sentence_of(error), Tone.BROKEN)

    @Slot()
    def _choose(self) -> None:
        for path in open_files(self)[:1]:
            self.compare_file(path)

    @Slot()
    def _save(self) -> None:
        pair = self.pair
        if pair is None:
            return
        suggested = f"{pair.name.partition('._domainkey')[0]}.{self._domain}.private.pem"
        chosen = save_file(self, "Save the private key", suggested, ["PEM (*.pem)"])
        if chosen is not None:
            self._bridge.submit(
                save_private_key,
                chosen[0],
                pair.private_pem,
                on_done=lambda path: self.notice.say(
                    f"Saved as {visible(str(path))}; only your user may read it.", Tone.PASS
                ),
                on_failed=lambda error: self.notice.say(sentence_of(error), Tone.BROKEN),
                owner=self,
            )

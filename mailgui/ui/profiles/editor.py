"""The editor of one profile: its name and author, and the form of its road."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.api.settings import ApiSettings
from mailgui.message.addresses import parse_address
from mailgui.message.draft import DraftProblem
from mailgui.net.proxy_address import PROXY_PASSWORD
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.store.profile_format import ProfileProblem, clean_name
from mailgui.ui.metrics import HUGE, LARGE, MEDIUM, Type
from mailgui.ui.profiles.api_form import ApiForm
from mailgui.ui.profiles.form import Form, form_width
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.profiles.smtp_form import SmtpForm
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.scroll_column import ScrollColumn

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

_SANDBOX = (
    "This profile leads to MailGUI's own sandbox on this machine. Its address and its secret are "
    "filled in when the sandbox runs; nothing that you send there leaves this machine."
)


class _Head(Form):
    def __init__(self) -> None:
        super().__init__("profile")
        name = self.line("name", "Name")
        sender = self.line(
            "sender",
            "Usual author (From)",
            placeholder="you@example.com",
            hint="Stands in From when you write a message with this profile.",
        )
        self.row((name, 1), (sender, 1))


class Editor(QWidget):
    """Shows a profile and gives back what the person made of it.

    Signals:
        changed: the person changed something.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "profile-editor")
        self.head, self.smtp, self.api = _Head(), SmtpForm(), ApiForm()
        self._profile: Profile | None = None
        self._about = InlineNotice(name="sandbox-notice")
        self._title = Label(kind=Type.TITLE, name="profile-title")
        self._keeping = Label(kind=Type.SMALL, tone="secondary", wrap=True, name="keeping")
        self.column = ScrollColumn(
            name="editor-column", accessible="Profile", margins=(HUGE, LARGE, HUGE, HUGE)
        )
        self._body = QWidget()
        self._body.setMaximumWidth(form_width())
        body = QVBoxLayout(self._body)
        pad(body, 0, spacing=MEDIUM)
        for widget in (
            self._title,
            self._about,
            self.head,
            self.smtp,
            self.api,
            self._keeping,
        ):
            body.addWidget(widget)
        holder = QWidget()
        across = QHBoxLayout(holder)
        pad(across, 0)
        across.addWidget(self._body, 1000)
        across.addStretch(1)
        self.column.add(holder)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.column)
        for form in (self.head, self.smtp, self.api):
            form.changed.connect(self.changed)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._body.setMaximumWidth(form_width())

    def set_surroundings(self, providers: "Mapping[str, Provider]", sentence: str) -> None:
        """Take the providers there are, and where secrets are kept."""
        self.api.set_providers(providers)
        self._keeping.setText(sentence)

    def show_profile(self, profile: Profile, *, title: str = "") -> None:
        """Show a profile."""
        self._profile = profile
        self._title.setText(title or profile.name)
        self._about.say(_SANDBOX if profile.sandbox else "", Tone.INFO)
        self.head.set_text("name", profile.name)
        self.head.set_text("sender", profile.sender)
        self.head.show_problems({})
        settings = profile.settings
        by_api = isinstance(settings, ApiSettings)
        self.smtp.setVisible(not by_api)
        self.api.setVisible(by_api)
        self._keeping.setVisible(not profile.sandbox)
        if isinstance(settings, SmtpSettings):
            self.smtp.show_settings(settings, sandbox=profile.sandbox)
        else:
            self.api.show_settings(settings, sandbox=profile.sandbox)
        self.set_stored(())
        self.column.verticalScrollBar().setValue(0)

    @property
    def secret_fields(self) -> dict[str, SecretField]:
        """The fields of the secrets that the profile in the form may have, by name."""
        if self._profile is None or self._profile.sandbox:
            return {}
        if self._profile.road == "smtp":
            return {
                "password": self.smtp.password,
                PROXY_PASSWORD: self.smtp.advanced.proxy_password,
            }
        return {**self.api.secrets, PROXY_PASSWORD: self.api.advanced.proxy_password}

    def set_stored(self, names: tuple[str, ...]) -> None:
        """Say which secrets are kept."""
        for name, field in self.secret_fields.items():
            field.set_stored(name in names)

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were entered, or "" for those to forget, by name."""
        values = {name: field.value for name, field in self.secret_fields.items()}
        return {name: value for name, value in values.items() if value is not None}

    def profile(self) -> Profile | None:
        """Return the profile in the form, or None after saying at the fields what is wrong."""
        shown = self._profile
        if shown is None:
            return None
        problems: dict[str, str] = {}
        form: SmtpForm | ApiForm = self.smtp if shown.road == "smtp" else self.api
        settings = form.settings(problems)
        name, sender = self._name(problems), self._sender(problems)
        form.show_problems({k: v for k, v in problems.items() if k in form.fields})
        self.head.show_problems({k: v for k, v in problems.items() if k in self.head.fields})
        return None if problems else Profile(name, settings, shown.sandbox, sender)

    def show_name_problem(self, sentence: str) -> None:
        """Say what is wrong with the name."""
        self.head.show_problems({"name": sentence})

    def focus_first(self) -> None:
        """Put the keyboard into the name."""
        self.head.fields["name"].field.setFocus()

    def _name(self, problems: dict[str, str]) -> str:
        try:
            return clean_name(self.head.text("name"))
        except ProfileProblem as problem:
            problems["name"] = problem.sentence
            return ""

    def _sender(self, problems: dict[str, str]) -> str:
        text = self.head.text("sender")
        if text:
            try:
                parse_address(text, "from")
            except DraftProblem as problem:
                problems["sender"] = problem.sentence
        return text

"""The form of an account at an e-mail API: what it asks for comes from the provider's file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.api.settings import ApiSettings
from mailgui.ui.metrics import MEDIUM, Type
from mailgui.ui.profiles.api_advanced import ApiAdvanced
from mailgui.ui.profiles.form import Form, trim
from mailgui.ui.profiles.keeping import secret_names
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import forget, pad
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.field_rows import FormField
from mailgui.ui.widgets.fold import Fold

if TYPE_CHECKING:
    from mailgui.api.definition import AccountOption, Provider

_LINES = 9


class ApiForm(Form):
    """Provider, its options, its secrets.

    Attributes:
        secrets: the fields of the secrets, by name.
        advanced: the form of what is rarely needed, inside ``fold``.
    """

    def __init__(self) -> None:
        super().__init__("api")
        self._providers: Mapping[str, Provider] = {}
        self._base = ApiSettings(provider="")
        self._locked = False
        self.secrets: dict[str, SecretField] = {}
        self._options: list[str] = []
        self._values: dict[str, str] = {}
        self.column.addWidget(self.choice("provider", "Provider", ()))
        self._inner = QWidget()
        self.column.addWidget(self._inner)
        url = self.line("url", "Base URL", mono=True, placeholder="the provider's own")
        timeout = self.line("timeout", "Wait for each step, in seconds", mono=True)
        self.row((url, 2), (timeout, 1))
        self.advanced = ApiAdvanced()
        self.advanced.changed.connect(self.changed)
        self.fold = Fold("Advanced", self.advanced, name="api-advanced-fold")
        self.column.addWidget(self.fold)
        self.fields.update(self.advanced.fields)

    def set_providers(self, providers: "Mapping[str, Provider]") -> None:
        """Offer these providers, by name."""
        self._providers = providers
        self._offer("")

    def show_settings(self, settings: ApiSettings, *, sandbox: bool) -> None:
        """Show an account; the sandbox's address and key are not a person's to change."""
        self._base, self._locked = settings, sandbox
        self._values = dict(settings.options)
        self._offer(settings.provider)
        self.set_text("url", settings.base_url or "")
        self.set_text("timeout", trim(settings.timeout))
        self.fields["url"].setVisible(not sandbox)
        self._ask_for_account()
        self.advanced.show_settings(settings, sandbox=sandbox)
        self.fold.set_open(self.advanced.in_use)
        self.show_problems({})

    def show_problems(self, problems: dict[str, str]) -> None:
        if any(key in self.advanced.fields for key in problems):
            self.fold.set_open(True)
        super().show_problems(problems)

    def settings(self, problems: dict[str, str]) -> ApiSettings:
        """Return the account in the form; ``problems`` is told what is wrong, by field."""
        timeout = self.seconds("timeout", problems)
        url = self.text("url")
        if url and not _is_url(url):
            problems["url"] = "A URL begins with https://, or http:// for this machine."
        self._read_options()
        provider = self._providers.get(self.chosen("provider"))
        for option in provider.options if provider else ():
            if option.required and not self._locked and not self._values.get(option.name):
                problems[f"option-{option.name}"] = f"{provider_name(provider)} needs this."
        if provider is not None and not self._locked:
            self._check_shape(provider, problems)
        known = {option.name for option in provider.options} if provider else set()
        options = {k: v for k, v in self._values.items() if v and (k in known or not provider)}
        return replace(
            self.advanced.settings(self._base, problems),
            provider=self.chosen("provider"),
            base_url=(url or None) if not self._locked else self._base.base_url,
            options=options,
            timeout=timeout,
        )

    def _check_shape(self, provider: "Provider", problems: dict[str, str]) -> None:
        """Say what of a provider that the account describes cannot be used."""
        from mailgui.api.generic import ShapeProblem, shaped

        if provider.adaptable and not self.text("url"):
            problems["url"] = "Give the whole address that messages are posted to."
        try:
            shaped(provider, self._values)
        except ShapeProblem as problem:
            problems.setdefault(f"option-{problem.option}", problem.sentence)

    def _offer(self, extra: str) -> None:
        options = sorted(
            ((each.id, each.name) for each in self._providers.values()),
            key=lambda pair: pair[1].casefold(),
        )
        if extra and extra not in self._providers:
            options.append((extra, f"{extra} (no such provider file)"))
        field = self.fields["provider"].field
        if isinstance(field, ChoiceButton):
            field.set_options(options)
        if extra:
            self.set_chosen("provider", extra)

    def edited(self, key: str) -> None:
        if key == "provider":
            self._read_options()
            self._ask_for_account()
        super().edited(key)

    def _read_options(self) -> None:
        for name in self._options:
            key = f"option-{name}"
            field = self.fields[key].field
            if isinstance(field, CodeView):
                self._values[name] = field.whole_text().strip()
            elif isinstance(field, ChoiceButton):
                self._values[name] = self.chosen(key)
            else:
                self._values[name] = self.text(key)

    def _ask_for_account(self) -> None:
        """Show the fields that the chosen provider asks for."""
        for name in self._options:
            del self.fields[f"option-{name}"]
        for name in self.secrets:
            del self.fields[f"secret-{name}"]
        self._options, self.secrets = [], {}
        inner = QWidget()
        layout = QVBoxLayout(inner)
        pad(layout, 0, spacing=MEDIUM)
        provider = self._providers.get(self.chosen("provider"))
        about = (*provider.notes, provider.homepage) if provider else ()
        self.fields["provider"].set_hint(" ".join(filter(None, about)))
        for option in provider.options if provider else ():
            layout.addWidget(self._option(option))
        settings = ApiSettings(provider=self.chosen("provider"))
        names = {} if self._locked else secret_names(settings, self._providers)
        for name, label in names.items():
            layout.addWidget(self._secret(name, label, _beginning(provider, name)))
        self.column.replaceWidget(self._inner, inner)
        forget(self._inner)
        self._inner = inner
        inner.setVisible(bool(self._options or self.secrets))

    def _option(self, option: "AccountOption") -> FormField:
        label = option.label or option.name
        value = self._values.get(option.name) or option.default
        key = f"option-{option.name}"
        self._options.append(option.name)
        if option.multiline:
            return self._text(key, label, value, option.help)
        if option.choices:
            field = self.choice(key, label, [(c, c) for c in option.choices], hint=option.help)
            self.set_chosen(key, value)
        else:
            field = self.line(key, label, hint=option.help, mono=True)
            self.set_text(key, value)
        return field

    def _text(self, key: str, label: str, value: str, hint: str) -> FormField:
        """Return a field of several lines, which hold JSON."""
        view = CodeView(name=f"api-{key}", accessible=label, language="json", editable=True)
        view.setProperty("kind", "")
        view.set_text(value)
        line = metrics().measure(Type.MONO).lineSpacing()
        view.setFixedHeight(_LINES * line + 2 * MEDIUM)
        view.textChanged.connect(lambda: self.edited(key))
        return self.register(key, FormField(label, view, name=f"field-{key}", hint=hint))

    def _secret(self, name: str, label: str, hint: str) -> FormField:
        entry = SecretField(label, name=f"secret-{name}")
        entry.changed.connect(lambda: self.edited(f"secret-{name}"))
        self.secrets[name] = entry
        return self.register(
            f"secret-{name}", FormField(label, entry, name=f"field-secret-{name}", hint=hint)
        )


def provider_name(provider: "Provider | None") -> str:
    """Return what to call a provider."""
    return provider.name if provider else "The provider"


def _beginning(provider: "Provider | None", name: str) -> str:
    """Return what a secret is known to begin with, so that another one's is noticed."""
    secrets = provider.auth.secrets if provider else ()
    known = next((secret.prefixes for secret in secrets if secret.name == name), ())
    words = " or ".join(f"“{prefix}”" for prefix in known)
    return f"Begins with {words}." if words else ""


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)

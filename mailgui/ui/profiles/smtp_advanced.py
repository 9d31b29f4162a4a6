"""The rarely needed settings of an SMTP account: TLS in detail, and the way to the server."""

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from mailgui.net.proxy_address import names_proxy_user, without_password
from mailgui.smtp.settings import SmtpSettings
from mailgui.ui.dialogs import open_files
from mailgui.ui.metrics import SMALL
from mailgui.ui.profiles.form import Form, trim
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.field_rows import FormField

_VERSIONS = (("TLSv1", "1.0"), ("TLSv1.1", "1.1"), ("TLSv1.2", "1.2"), ("TLSv1.3", "1.3"))
_BINDINGS = (
    ("", "As the TLS version allows"),
    ("tls-unique", "tls-unique"),
    ("tls-server-end-point", "tls-server-end-point"),
)
_PROTOCOLS = (("", "SMTP"), ("lmtp", "LMTP"))
_OLD = ("TLSv1", "TLSv1.1")
# Fields whose values are text, by the setting's name.
_TEXTS = {
    "sni": "tls_server_name",
    "ciphers": "tls_ciphers",
    "cert": "tls_client_cert",
    "key": "tls_client_key",
    "source": "source",
    "proxy": "proxy",
    "socket": "unix_socket",
}
_MOST_RETRIES = 100
_PLACES = ("source", "proxy", "socket", "protocol")


class SmtpAdvanced(Form):
    """What most people never change.

    Attributes:
        proxy_password: the field of the proxy's password.
    """

    def __init__(self) -> None:
        super().__init__("smtp-advanced")
        self.resume = self.tick("resume", "Take up TLS sessions again on further connections")
        self.proxy_password = SecretField("Proxy's password", name="secret-proxy-password")
        self.proxy_password.changed.connect(lambda: self._edited("proxy-password"))
        self._lay_out()

    def show_settings(self, settings: SmtpSettings, *, sandbox: bool) -> None:
        """Show an account's; where the sandbox is, is not a person's to change."""
        for key, name in _TEXTS.items():
            self.set_text(key, getattr(settings, name) or "")
        self.set_chosen("minimum", settings.tls_minimum or "")
        self.set_chosen("maximum", settings.tls_maximum or "")
        self.set_chosen("binding", settings.channel_binding or "")
        self.set_chosen("protocol", "lmtp" if settings.lmtp else "")
        self.resume.setChecked(settings.tls_resume)
        self.set_text("retries", str(settings.retries))
        self.set_text("retry-delay", trim(settings.retry_delay))
        self.set_text("retry-cap", trim(settings.retry_cap))
        for key in _PLACES:
            self.fields[key].setVisible(not sandbox)
        self.fields["proxy-password"].setVisible(not sandbox)
        self._explain()

    def settings(self, base: SmtpSettings, problems: dict[str, str]) -> SmtpSettings:
        """Return ``base`` with what is in the form; ``problems`` is told what is wrong."""
        proxy = self.text("proxy")
        if proxy:
            try:
                _, password = without_password(proxy)
            except ValueError as problem:
                problems["proxy"] = str(problem)
            else:
                if password:
                    problems["proxy"] = "Leave the password out of here; it has a field of its own."
        minimum, maximum = self.chosen("minimum"), self.chosen("maximum")
        names = [name for name, _ in _VERSIONS]
        if minimum and maximum and names.index(minimum) > names.index(maximum):
            problems["maximum"] = "Older than the oldest one."
        if self.text("key") and not self.text("cert"):
            problems["cert"] = "The key belongs to a certificate; choose that too."
        texts: dict[str, Any] = {name: self.text(key) or None for key, name in _TEXTS.items()}
        return replace(
            base,
            **texts,
            tls_minimum=minimum or None,
            tls_maximum=maximum or None,
            tls_resume=self.resume.isChecked(),
            channel_binding=self.chosen("binding") or None,
            lmtp=self.chosen("protocol") == "lmtp",
            retries=self._retries(problems),
            retry_delay=self.seconds("retry-delay", problems),
            retry_cap=self.seconds("retry-cap", problems),
        )

    def _retries(self, problems: dict[str, str]) -> int:
        text = self.text("retries") or "0"
        if not (text.isascii() and text.isdigit() and int(text[:4]) <= _MOST_RETRIES):
            problems["retries"] = f"From 0 to {_MOST_RETRIES}."
            return 0
        return int(text)

    @property
    def in_use(self) -> bool:
        """Whether anything here differs from what it usually is."""
        usual = SmtpSettings(host="")
        return self.settings(usual, {}) != usual

    def _lay_out(self) -> None:
        self.column.addWidget(
            self.line(
                "sni", "Name to ask for and expect (SNI)", mono=True, placeholder="the server's"
            )
        )
        oldest = [("", "1.2, the usual")] + [pair for pair in _VERSIONS if pair[0] != "TLSv1.2"]
        oldest.insert(3, ("TLSv1.2", "1.2"))
        newest = (("", "The newest"), *_VERSIONS)
        self.column.addWidget(self.choice("minimum", "Oldest TLS version", oldest))
        self.column.addWidget(self.choice("maximum", "Newest TLS version", newest))
        self.column.addWidget(
            self.line(
                "ciphers",
                "Ciphers, for TLS up to 1.2",
                mono=True,
                placeholder="an OpenSSL cipher list",
            )
        )
        for key, label in (("cert", "Certificate to show the server"), ("key", "Its key")):
            field = self.line(key, label, mono=True, placeholder="a PEM file")
            self.column.addWidget(field)
            self._beside(field, self._chooser(key, label))
        self.column.addWidget(self.resume)
        self.column.addWidget(
            self.choice("binding", "Channel binding of SCRAM's -PLUS forms", _BINDINGS)
        )
        self.column.addWidget(self.choice("protocol", "Protocol", _PROTOCOLS))
        self.column.addWidget(
            self.line("socket", "UNIX socket, in place of server and port", mono=True)
        )
        self.column.addWidget(self.line("source", "Local address to connect from", mono=True))
        self.column.addWidget(
            self.line(
                "proxy",
                "Proxy",
                mono=True,
                placeholder="socks5://user@host:1080",
                hint="It looks the server's name up.",
            )
        )
        password = FormField("Proxy's password", self.proxy_password, name="field-proxy-password")
        self.fields["proxy-password"] = password
        self.column.addWidget(password)
        retries = self.line(
            "retries",
            "Tries again",
            mono=True,
            hint="What was refused for now, or could not be reached; 0 for never.",
        )
        self.column.addWidget(retries)
        self.column.addWidget(self.line("retry-delay", "First wait at most, in seconds", mono=True))
        self.column.addWidget(self.line("retry-cap", "Longest wait, in seconds", mono=True))

    def _chooser(self, key: str, label: str) -> QuietButton:
        button = QuietButton("Choose…", name=f"smtp-{key}-choose")
        button.setAccessibleName(f"Choose: {label}")
        button.clicked.connect(lambda: self._choose(key))
        return button

    @staticmethod
    def _beside(field: FormField, button: QWidget) -> None:
        outer = field.layout()
        line = QWidget()
        inside = QHBoxLayout(line)
        pad(inside, 0, spacing=SMALL)
        identify(line, f"{field.objectName()}-line")
        if outer is not None:
            outer.replaceWidget(field.field, line)
        inside.addWidget(field.field, 1)
        inside.addWidget(button)

    def _choose(self, key: str) -> None:
        chosen = open_files(self)
        if chosen:
            self.set_text(key, str(chosen[0]))
            self._edited(key)

    def _edited(self, key: str) -> None:
        super()._edited(key)
        self._explain()

    def _explain(self) -> None:
        old = self.chosen("minimum") in _OLD
        self.fields["minimum"].set_hint(
            "Broken since long; only to test an old server." if old else ""
        )
        user = names_proxy_user(self.text("proxy"))
        self.fields["proxy-password"].setEnabled(user)
        hint = "" if user else "Name a user in the proxy's address first."
        self.fields["proxy-password"].set_hint(hint)

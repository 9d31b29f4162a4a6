"""The rarely needed settings of an SMTP account: TLS in detail, and the way to the server."""

from dataclasses import replace
from typing import Any

from mailgui.smtp.settings import SmtpSettings
from mailgui.ui.profiles.form import Form, trim
from mailgui.ui.profiles.proxy_fields import ProxyFields

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
_PLACES = ("source", "socket", "protocol")


class SmtpAdvanced(Form):
    """What most people never change.

    Attributes:
        proxy_password: the field of the proxy's password.
    """

    def __init__(self) -> None:
        super().__init__("smtp-advanced")
        self.resume = self.tick("resume", "Take up TLS sessions again on further connections")
        self._lay_out()
        self.proxy_password = self._proxy.password

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
        self._proxy.set_shown(not sandbox)
        self._explain()

    def settings(self, base: SmtpSettings, problems: dict[str, str]) -> SmtpSettings:
        """Return ``base`` with what is in the form; ``problems`` is told what is wrong."""
        self._proxy.check(problems)
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
            retries=self.whole("retries", _MOST_RETRIES, problems),
            retry_delay=self.seconds("retry-delay", problems),
            retry_cap=self.seconds("retry-cap", problems),
        )

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
            self.column.addWidget(self.file_line(key, label))
        self.column.addWidget(self.resume)
        self.column.addWidget(
            self.choice("binding", "Channel binding of SCRAM's -PLUS forms", _BINDINGS)
        )
        self.column.addWidget(self.choice("protocol", "Protocol", _PROTOCOLS))
        self.column.addWidget(
            self.line("socket", "UNIX socket, in place of server and port", mono=True)
        )
        self.column.addWidget(self.line("source", "Local address to connect from", mono=True))
        self._proxy = ProxyFields(
            self,
            "proxy",
            placeholder="socks5://user@host:1080",
            hint="It looks the server's name up.",
        )
        self.column.addWidget(self._proxy.address)
        self.column.addWidget(self._proxy.secret)
        retries = self.line(
            "retries",
            "Tries again",
            mono=True,
            hint="What was refused for now, or could not be reached; 0 for never.",
        )
        self.column.addWidget(retries)
        self.column.addWidget(self.line("retry-delay", "First wait at most, in seconds", mono=True))
        self.column.addWidget(self.line("retry-cap", "Longest wait, in seconds", mono=True))

    def edited(self, key: str) -> None:
        super().edited(key)
        self._explain()

    def _explain(self) -> None:
        old = self.chosen("minimum") in _OLD
        self.fields["minimum"].set_hint(
            "Broken since long; only to test an old server." if old else ""
        )
        self._proxy.explain()

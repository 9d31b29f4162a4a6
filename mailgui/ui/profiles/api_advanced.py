"""The rarely needed settings of an API account: trying again, HTTP and TLS in detail, proxies."""

from dataclasses import replace

from mailgui.api.settings import ApiSettings
from mailgui.ui.profiles.form import Form, Warned
from mailgui.ui.profiles.proxy_fields import ProxyFields

_MOST_RETRIES = 20
_UNVERIFIED = (
    "Whoever sits between you and the API can pose as it and read everything. MailGUI then sends "
    "no key, unless you allow that below."
)
_INSECURE = (
    "Anybody on the way can read the key, and use it. Allow this on a network that is yours alone, "
    "to test."
)
_TEXTS = {
    "ca": "tls_ca",
    "client-cert": "client_cert",
    "client-key": "client_key",
    "api-proxy": "proxy",
}


class ApiAdvanced(Form):
    """What most people never change.

    Attributes:
        proxy_password: the field of the proxy's password.
    """

    def __init__(self) -> None:
        super().__init__("api-advanced")
        self.http2 = self.tick("http2", "Offer HTTP/2 beside 1.1")
        self.environment = self.tick(
            "environment", "Take the proxy from HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        )
        self.verify = self.tick("verify", "Verify the server's certificate")
        self.insecure = self.tick("insecure", "Allow the key over unprotected connections")
        self._verify = Warned(self.verify, _UNVERIFIED, when=False, name="api-verify")
        self._insecure = Warned(self.insecure, _INSECURE, when=True, name="api-insecure")
        self._lay_out()
        self.proxy_password = self._proxy.password

    def show_settings(self, settings: ApiSettings, *, sandbox: bool) -> None:
        """Show an account's; how the sandbox is reached is not a person's to change."""
        self.set_text("retries", str(settings.retries))
        self.http2.setChecked(settings.http2)
        self.environment.setChecked(settings.proxy_from_environment)
        self.verify.setChecked(settings.tls_verify)
        self.insecure.setChecked(settings.allow_insecure_auth)
        for key, name in _TEXTS.items():
            self.set_text(key, getattr(settings, name) or "")
            self.fields[key].setVisible(not sandbox)
        self._proxy.set_shown(not sandbox)
        for widget in (self.http2, self.environment, self._verify, self._insecure):
            widget.setVisible(not sandbox)
        self._proxy.explain()

    def settings(self, base: ApiSettings, problems: dict[str, str]) -> ApiSettings:
        """Return ``base`` with what is in the form; ``problems`` is told what is wrong."""
        if self.text("client-key") and not self.text("client-cert"):
            problems["client-cert"] = "The key belongs to a certificate; choose that too."
        self._proxy.check(problems)
        texts = {name: self.text(key) or None for key, name in _TEXTS.items()}
        return replace(
            base,
            retries=self.whole("retries", _MOST_RETRIES, problems),
            http2=self.http2.isChecked(),
            proxy_from_environment=self.environment.isChecked(),
            tls_verify=self.verify.isChecked(),
            allow_insecure_auth=self.insecure.isChecked(),
            tls_ca=texts["tls_ca"],
            client_cert=texts["client_cert"],
            client_key=texts["client_key"],
            proxy=texts["proxy"],
        )

    @property
    def in_use(self) -> bool:
        """Whether anything here differs from what it usually is."""
        usual = ApiSettings(provider="")
        return self.settings(usual, {}) != usual

    def _lay_out(self) -> None:
        retries = self.line(
            "retries",
            "Tries again at most",
            mono=True,
            hint="Only where no message can go out twice: before anything was sent, when the API"
            " asks for fewer requests or is out of service for a while; after a time-out under an"
            " idempotency key alone.",
        )
        self.column.addWidget(retries)
        self.column.addWidget(self.http2)
        self.column.addWidget(self._verify)
        self.column.addWidget(self.file_line("ca", "Certificates to trust besides the system's"))
        self.column.addWidget(self.file_line("client-cert", "Certificate to show the server"))
        self.column.addWidget(self.file_line("client-key", "Its key"))
        self._proxy = ProxyFields(
            self,
            "api-proxy",
            placeholder="http://user@host:8080, https:// or socks5://",
            hint="It looks the API's name up.",
        )
        self.column.addWidget(self._proxy.address)
        self.column.addWidget(self._proxy.secret)
        self.column.addWidget(self.environment)
        self.column.addWidget(self._insecure)

    def edited(self, key: str) -> None:
        super().edited(key)
        self._proxy.explain()

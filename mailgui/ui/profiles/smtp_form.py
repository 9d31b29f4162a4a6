"""The form of an SMTP account."""

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit

from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.ui.profiles.form import Form, Warned, trim
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.profiles.smtp_advanced import SmtpAdvanced
from mailgui.ui.profiles.words import TLS_MODES, tls_hint
from mailgui.ui.widgets.field_rows import FormField
from mailgui.ui.widgets.fold import Fold

_UNVERIFIED = (
    "Whoever sits between you and the server can pose as it and read everything. MailGUI then "
    "sends no password, unless you allow that below."
)
_INSECURE = (
    "Anybody on the way can read the password, and use it. Allow this on a network that is yours "
    "alone, to test."
)


class SmtpForm(Form):
    """Host, encryption, sign-in; the rest is folded away.

    Attributes:
        password: the field of the password.
        advanced: the form of what is rarely needed, inside ``fold``.
    """

    def __init__(self) -> None:
        super().__init__("smtp")
        self._base = SmtpSettings(host="")
        self._locked = False
        self.verify = self.tick("verify", "Verify the server's certificate")
        self.insecure = self.tick("insecure", "Allow the password over unprotected connections")
        self._verify = Warned(self.verify, _UNVERIFIED, when=False, name="verify")
        self._insecure = Warned(self.insecure, _INSECURE, when=True, name="insecure")
        self.password = SecretField("Password", name="secret-password")
        self.password.changed.connect(lambda: self.edited("password"))
        self.advanced = SmtpAdvanced()
        self.advanced.changed.connect(self.changed)
        self.fold = Fold("Advanced", self.advanced, name="smtp-advanced-fold")
        self._lay_out()
        self.fields.update(self.advanced.fields)

    def show_settings(self, settings: SmtpSettings, *, sandbox: bool) -> None:
        """Show an account; the sandbox's address and secret are not a person's to change."""
        self._base, self._locked = settings, sandbox
        self.set_text("host", "filled in when the sandbox runs" if sandbox else settings.host)
        self.set_text("port", "" if sandbox else str(settings.port))
        self.set_chosen("tls", settings.tls.value if settings.tls else "")
        self.verify.setChecked(settings.tls_verify)
        self.set_text("ca", settings.tls_ca or "")
        self.set_text("username", settings.username)
        self.set_chosen("auth", settings.auth or "")
        self.set_text("helo", settings.helo or "")
        self.set_text("timeout", trim(settings.timeout))
        self.insecure.setChecked(settings.allow_insecure_auth)
        for key in ("host", "port", "tls", "ca", "username", "password"):
            self.fields[key].setEnabled(not sandbox)
        for widget in (self._verify, self._insecure):
            widget.setEnabled(not sandbox)
        for key in ("username", "password"):
            self.fields[key].setVisible(not sandbox)
        self.advanced.show_settings(settings, sandbox=sandbox)
        self.fold.set_open(self.advanced.in_use)
        self.show_problems({})
        self._explain()

    def show_problems(self, problems: dict[str, str]) -> None:
        if any(key in self.advanced.fields for key in problems):
            self.fold.set_open(True)
        super().show_problems(problems)

    def settings(self, problems: dict[str, str]) -> SmtpSettings:
        """Return the account in the form; ``problems`` is told what is wrong, by field."""
        timeout = self.seconds("timeout", problems)
        base = replace(
            self._base,
            auth=self.chosen("auth") or None,
            helo=self.text("helo") or None,
            timeout=timeout,
        )
        base = self.advanced.settings(base, problems)
        if self._locked:
            return base
        host = self.text("host") or ("localhost" if base.unix_socket else "")
        if not host:
            problems["host"] = "Enter the server's name or address."
        elif any(sign in host for sign in " /@"):
            problems["host"] = "Enter a name or address alone, such as smtp.example.com."
        port = self._port()
        if not 0 < port < 65536:
            problems["port"] = "From 1 to 65535."
        mode = self.chosen("tls")
        return replace(
            base,
            host=host,
            port=port,
            tls=TlsMode(mode) if mode else None,
            tls_verify=self.verify.isChecked(),
            tls_ca=self.text("ca") or None,
            username=self.text("username"),
            allow_insecure_auth=self.insecure.isChecked(),
        )

    def moved(self) -> bool:
        """Return whether the form leads to another server than the account that was shown."""
        if self._locked or not self._base.host:
            return False
        return (self.text("host").lower(), self._port()) != (
            self._base.host.lower(),
            self._base.port,
        )

    def _lay_out(self) -> None:
        host = self.line("host", "Server", mono=True, placeholder="smtp.example.com")
        port = self.line("port", "Port", mono=True)
        self.row((host, 4), (port, 1))
        self.column.addWidget(self.choice("tls", "Encryption", TLS_MODES))
        self.column.addWidget(self._verify)
        self.column.addWidget(
            self.file_line(
                "ca",
                "Certificates to trust besides the system's",
                placeholder="a PEM file, such as your own authority's",
            )
        )
        user = self.line("username", "User name", hint="Empty: no sign-in.")
        password = FormField("Password", self.password, name="field-password")
        self.fields["password"] = password
        self.row((user, 1), (password, 1))
        self.column.addWidget(self._insecure)
        mechanisms = [("", "Automatic: the strongest offered")]
        mechanisms += [(name, name) for name in MECHANISMS]
        self.column.addWidget(self.choice("auth", "Way to sign in", mechanisms))
        helo = self.line("helo", "Name to greet with (EHLO)", mono=True, placeholder="automatic")
        timeout = self.line("timeout", "Wait for each reply, in seconds", mono=True)
        self.column.addWidget(helo)  # side by side their labels would not fit large type
        self.column.addWidget(timeout)
        self.column.addWidget(self.fold)

    def edited(self, key: str) -> None:
        super().edited(key)
        if key in ("host", "port", "tls"):
            self._explain()

    def _explain(self) -> None:
        self.fields["tls"].set_hint(tls_hint(self.chosen("tls"), self.text("host"), self._port()))
        moved = self.moved() and self.password.stored
        self.fields["password"].set_hint(
            "The password belongs to the old address; enter it again." if moved else ""
        )

    def _port(self) -> int:
        entry = self.fields["port"].field
        text = entry.text().strip() if isinstance(entry, QLineEdit) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

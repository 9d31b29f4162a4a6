"""A proxy in a form: its address, and the password of whoever the address names."""

from mailgui.net.proxy_address import names_proxy_user, without_password
from mailgui.ui.profiles.form import Form
from mailgui.ui.profiles.secret_field import SecretField
from mailgui.ui.widgets.field_rows import FormField


class ProxyFields:
    """The two fields of ``form``, under ``key`` and ``key``-password; the form lays them out.

    Attributes:
        address, secret: the fields.
        password: the entry of the password.
    """

    def __init__(self, form: Form, key: str, *, placeholder: str, hint: str) -> None:
        self._form, self._key = form, key
        self.address = form.line(key, "Proxy", mono=True, placeholder=placeholder, hint=hint)
        words = "Proxy's password"
        self.password = SecretField(words, name=f"secret-{key}-password")
        self.secret = FormField(words, self.password, name=f"field-{key}-password")
        form.register(f"{key}-password", self.secret)
        self.password.changed.connect(lambda: form.edited(f"{key}-password"))

    def check(self, problems: dict[str, str]) -> None:
        """Note what is wrong with the address."""
        address = self._form.text(self._key)
        if not address:
            return
        try:
            _, password = without_password(address)
        except ValueError as problem:
            problems[self._key] = str(problem)
        else:
            if password:
                problems[self._key] = "Leave the password out of here; it has a field of its own."

    def set_shown(self, shown: bool) -> None:
        """Show both fields or none."""
        self.address.setVisible(shown)
        self.secret.setVisible(shown)

    def explain(self) -> None:
        """Take a password only for a user that the address names."""
        user = names_proxy_user(self._form.text(self._key))
        self.secret.setEnabled(user)
        self.secret.set_hint("" if user else "Name a user in the proxy's address first.")

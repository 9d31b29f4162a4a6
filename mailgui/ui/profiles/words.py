"""What the page calls things."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailgui.smtp.settings import SmtpSettings, TlsMode, default_tls_mode
from mailgui.store.profile import Profile

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

TLS_MODES = (
    ("", "Automatic"),
    (TlsMode.STARTTLS.value, "STARTTLS: encrypted, or not at all"),
    (TlsMode.IMPLICIT.value, "TLS from the first octet"),
    (TlsMode.OPPORTUNISTIC.value, "STARTTLS where the server offers it"),
    (TlsMode.NONE.value, "No encryption"),
)
_SHORT = {
    TlsMode.STARTTLS: "STARTTLS",
    TlsMode.IMPLICIT: "TLS from the first octet",
    TlsMode.OPPORTUNISTIC: "TLS if offered",
    TlsMode.NONE: "no encryption",
}
_HINTS = {
    TlsMode.STARTTLS: "The connection starts in the clear and must become encrypted.",
    TlsMode.IMPLICIT: "The usual way on port 465.",
    TlsMode.OPPORTUNISTIC: "An attacker can switch the encryption off, so no password is sent.",
    TlsMode.NONE: "Everybody on the way can read along.",
}


def tls_hint(key: str, host: str, port: int) -> str:
    """Return what a mode of TLS means, for the server in the form."""
    if key:
        return _HINTS[TlsMode(key)]
    mode = _SHORT[default_tls_mode(host.strip() or "server.invalid", port)]
    return (
        f"Here that is {mode}. Port 465 means TLS from the first octet, this machine itself none, "
        "anything else STARTTLS."
    )


def where(profile: Profile, providers: "Mapping[str, Provider]") -> str:
    """Return a profile's road and place, in a line."""
    settings = profile.settings
    if isinstance(settings, SmtpSettings):
        place = "the sandbox" if profile.sandbox else f"{settings.host}:{settings.port}"
        return f"SMTP · {place}"
    known = providers.get(settings.provider)
    name = known.name if known else settings.provider
    return f"API · {name}{' in the sandbox' if profile.sandbox else ''}"

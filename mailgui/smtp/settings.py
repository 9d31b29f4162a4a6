"""The settings of one SMTP account, without its secret."""

from dataclasses import dataclass
from enum import StrEnum

from mailgui.net.hosts import is_loopback


class TlsMode(StrEnum):
    """When a connection is encrypted."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"  # STARTTLS where offered; never fit for credentials
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


def default_tls_mode(host: str, port: int) -> TlsMode:
    """Return the mode to use where none was chosen: implicit on 465, none to loopback."""
    if port == 465:
        return TlsMode.IMPLICIT
    return TlsMode.NONE if is_loopback(host) else TlsMode.STARTTLS


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One SMTP account. The password is not here: it is a reference into the secret store.

    Attributes:
        tls: None stands for ``default_tls_mode``.
        tls_verify: whether the certificate must be valid for the host.
        tls_ca: path of a PEM file trusted beside the system's store.
        username: empty for no authentication.
        auth: a mechanism's name, or None for the strongest that the server offers.
        helo: the name to greet with; None for this machine's own.
        timeout: seconds to wait for each reply.
        allow_insecure_auth: the person's express word that credentials may go over a connection
            that is neither verified TLS nor loopback.
    """

    host: str
    port: int = 587
    tls: TlsMode | None = None
    tls_verify: bool = True
    tls_ca: str | None = None
    username: str = ""
    auth: str | None = None
    helo: str | None = None
    timeout: float = 30.0
    allow_insecure_auth: bool = False

    @property
    def tls_mode(self) -> TlsMode:
        """The mode in force."""
        return self.tls or default_tls_mode(self.host, self.port)

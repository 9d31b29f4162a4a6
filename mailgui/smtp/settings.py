"""The settings of one SMTP account, without its secret."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from mailgui.net.hosts import is_loopback

TLS_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


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
        tls_server_name: the name to ask for (SNI) and to expect, in place of the host.
        tls_minimum, tls_maximum: ``TLSv1`` to ``TLSv1.3``; from 1.2 unless said otherwise.
        tls_ciphers: an OpenSSL cipher list, for TLS up to 1.2.
        tls_client_cert, tls_client_key: paths of PEM files, to prove who we are.
        tls_resume: whether a further connection may take up the TLS session of the one before.
        channel_binding: ``tls-unique`` or ``tls-server-end-point`` for the -PLUS forms of SCRAM;
            None for what the TLS version allows.
        source: the local address to connect from.
        family: ``ipv4`` or ``ipv6`` for the one kind of address to use; None for both.
        proxy: ``socks5://[user@]host[:port]``; its password is no more here than the account's.
        unix_socket: path of a UNIX socket to connect to in place of host and port.
        lmtp: whether the server speaks LMTP (RFC 2033).
        retries: how often to try again what was refused for now or could not be reached.
        retry_delay, retry_cap: seconds; the longest wait before the first such try, doubled for
            each further one up to the cap (see ``jobs.attempts.Backoff``).
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
    tls_server_name: str | None = None
    tls_minimum: str | None = None
    tls_maximum: str | None = None
    tls_ciphers: str | None = None
    tls_client_cert: str | None = None
    tls_client_key: str | None = None
    tls_resume: bool = True
    channel_binding: str | None = None
    source: str | None = None
    family: Literal["ipv4", "ipv6"] | None = None
    proxy: str | None = None
    unix_socket: str | None = None
    lmtp: bool = False
    retries: int = 0
    retry_delay: float = 5.0
    retry_cap: float = 300.0

    @property
    def tls_mode(self) -> TlsMode:
        """The mode in force."""
        if self.tls is None and self.unix_socket:
            return TlsMode.NONE
        return self.tls or default_tls_mode(self.host, self.port)

    @property
    def place(self) -> str:
        """Where the server is, as ``host:port`` or the path of its socket."""
        if self.unix_socket:
            return self.unix_socket
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

"""How to reach a server: an account's settings in ``net``'s terms."""

from contextlib import suppress
from urllib.parse import quote, urlsplit, urlunsplit

from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.tls import TlsSettings
from mailgui.net.tls_context import context_for
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import TlsSummary

PROXY_PASSWORD = "proxy_password"


def tls_settings(settings: SmtpSettings) -> TlsSettings:
    """Return what an account asks of TLS.

    TLS "if offered" protects from nobody who can change what travels, so a certificate that
    cannot be verified is no reason to fall back to no TLS at all (RFC 7435).
    """
    return TlsSettings(
        verify=settings.tls_verify and settings.tls_mode is not TlsMode.OPPORTUNISTIC,
        ca_file=settings.tls_ca,
        server_name=settings.tls_server_name,
        minimum=settings.tls_minimum,
        maximum=settings.tls_maximum,
        ciphers=settings.tls_ciphers,
        client_cert=settings.tls_client_cert,
        client_key=settings.tls_client_key,
    )


async def prepare_tls(settings: SmtpSettings) -> None:
    """Load the certificates that a handshake will trust, so that no conversation counts the time.

    What cannot be loaded is told by the handshake.
    """
    if settings.tls_mode is not TlsMode.NONE:
        with suppress(NetworkFault):
            await context_for(tls_settings(settings))


def connect_settings(settings: SmtpSettings, proxy_password: str | None = None) -> ConnectSettings:
    """Return how to connect for an account; ``proxy_password`` goes with the proxy's user."""
    proxy = settings.proxy
    if proxy and proxy_password and names_proxy_user(proxy):
        parts = urlsplit(proxy)
        user, _, place = parts.netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}:{quote(proxy_password, safe='')}@{place}"
        proxy = urlunsplit(parts._replace(netloc=netloc))
    return ConnectSettings(source=settings.source, proxy=proxy, unix_path=settings.unix_socket)


def without_password(proxy: str) -> tuple[str, str]:
    """Return a proxy's address without the password in it, and the password.

    Raises ValueError with a sentence that does not repeat the address.
    """
    from mailgui.net.proxy import parse_proxy

    password = parse_proxy(proxy).password
    parts = urlsplit(proxy)
    user, at, place = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}{at}{place}"
    return urlunsplit(parts._replace(netloc=netloc)), password


def names_proxy_user(proxy: str) -> bool:
    """Return whether a proxy's address says who to be there, so that a password is wanted."""
    try:
        return bool(urlsplit(proxy).username)
    except ValueError:
        return False


def binding_type(tls: TlsSummary | None) -> str:
    """Return the channel binding to use: ``tls-unique``, the one that every server knows (RFC
    5802, section 6), up to TLS 1.2.

    TLS 1.3 has none of that name; RFC 9266's ``tls-exporter`` needs key material that Python's
    ``ssl`` does not give, so that the certificate's own (RFC 5929) stands in.
    """
    old = tls is not None and tls.version is not None and tls.version != "TLSv1.3"
    # A resumed session's Finished messages prove nothing about who began it (RFC 7627).
    return "tls-unique" if old and tls is not None and not tls.resumed else "tls-server-end-point"

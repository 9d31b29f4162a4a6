"""How to reach a server: an account's settings in ``net``'s terms."""

from contextlib import suppress

from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.proxy_address import PROXY_PASSWORD, with_password
from mailgui.net.tls import TlsSettings
from mailgui.net.tls_context import context_for
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import TlsSummary

__all__ = ["PROXY_PASSWORD", "binding_type", "connect_settings", "prepare_tls", "tls_settings"]


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
    proxy = with_password(settings.proxy, proxy_password) if settings.proxy else None
    return ConnectSettings(
        source=settings.source,
        proxy=proxy,
        proxy_ca=settings.tls_ca,
        only=settings.family,
        unix_path=settings.unix_socket,
    )


def binding_type(tls: TlsSummary | None) -> str:
    """Return the channel binding to use: ``tls-unique``, the one that every server knows (RFC
    5802, section 6), up to TLS 1.2.

    TLS 1.3 has none of that name; RFC 9266's ``tls-exporter`` needs key material that Python's
    ``ssl`` does not give, so that the certificate's own (RFC 5929) stands in.
    """
    old = tls is not None and tls.version is not None and tls.version != "TLSv1.3"
    # A resumed session's Finished messages prove nothing about who began it (RFC 7627).
    return "tls-unique" if old and tls is not None and not tls.resumed else "tls-server-end-point"

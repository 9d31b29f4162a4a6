"""From a connection and an account to what signs in there: one rule for plan, probe and console."""

from mailgui.net.connect import ConnectSettings
from mailgui.net.credentials import may_carry_credentials
from mailgui.net.tls import channel_binding
from mailgui.smtp.authentication import Authenticator
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.reach import binding_type
from mailgui.smtp.sasl import Credentials
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.wire import Wire
from mailgui.transcript import TlsSummary


def credentials_for(
    wire: Wire, settings: SmtpSettings, tls: TlsSummary | None, secret: str | None
) -> Credentials:
    """Return who signs in, bound to this very connection where it is inside TLS."""
    kind = settings.channel_binding or binding_type(tls)
    binding = channel_binding(wire.stream, kind)
    return Credentials(settings.username, secret or "", settings.host, settings.port, binding, kind)


def secret_may_travel(
    settings: SmtpSettings, tls: TlsSummary | None, connect: ConnectSettings
) -> bool:
    """Return whether a secret may go over the connection; see ``net.credentials``."""
    return may_carry_credentials(
        settings.host,
        tls,
        # What goes through a UNIX socket does not leave this machine.
        allow_insecure=settings.allow_insecure_auth or connect.unix_path is not None,
        proxied=connect.proxy is not None,
    )


def authenticator_for(
    wire: Wire,
    settings: SmtpSettings,
    *,
    tls: TlsSummary | None,
    offers: Capabilities,
    secret: str | None,
    connect: ConnectSettings,
    although_not_offered: bool = False,
) -> Authenticator:
    """Return what signs in over ``wire`` with the account's user and ``secret``."""
    return Authenticator(
        wire,
        offers,
        credentials_for(wire, settings, tls, secret),
        has_secret=secret is not None,
        allowed=secret_may_travel(settings, tls, connect),
        although_not_offered=although_not_offered,
    )

"""The settings of one e-mail API account, without its key."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """One account at an e-mail API. Keys are not here: they are references into the secret store.

    Attributes:
        provider: the id of a provider file, such as ``resend``.
        base_url: overrides the provider's own; a loopback address may be plain HTTP.
        options: account fields that the provider asks for, such as ``domain`` or ``region``.
        timeout: seconds to wait for each step of the exchange.
        tls_verify, tls_ca: as for SMTP.
        allow_insecure_auth: the person's express word that the key may go over plain HTTP or
            unverified TLS to somewhere that is not loopback.
        http2: whether to offer HTTP/2 beside 1.1.
        proxy: ``http://``, ``https://`` or ``socks5://[user@]host[:port]``; never a password.
        proxy_from_environment: take HTTPS_PROXY, HTTP_PROXY and NO_PROXY where ``proxy`` is None.
        client_cert, client_key: PEM files to answer a server that asks for a certificate.
        retries: how often to try again where that cannot send a message twice.
    """

    provider: str
    base_url: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    tls_verify: bool = True
    tls_ca: str | None = None
    allow_insecure_auth: bool = False
    http2: bool = False
    proxy: str | None = None
    proxy_from_environment: bool = False
    client_cert: str | None = None
    client_key: str | None = None
    retries: int = 0

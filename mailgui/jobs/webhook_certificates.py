"""Certificates that webhooks are signed with: fetched once from where they may be, and kept."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mailgui.api.webhook_definition import Signature
from mailgui.api.webhook_request import BodyProblem, WebhookRequest
from mailgui.api.webhook_sns import CertificateProblem, certificate_url

if TYPE_CHECKING:
    from mailgui.net.http import HttpSettings

_MOST = 16
_BIGGEST = 64 * 1024  # octets; a certificate has about two thousand
_TIMEOUT = 10.0  # seconds a step

Fetch = Callable[[str], Awaitable[bytes | None]]


async def fetch_pem(url: str, settings: "HttpSettings | None" = None) -> bytes | None:
    """Return what is at an address, None when it cannot be had. No redirect is followed.

    Whether it may be fetched at all is the caller's to know.
    """
    from mailgui.net.errors import NetworkFault
    from mailgui.net.http import HttpClient, HttpSettings
    from mailgui.transcript import Kind, Recorder

    how = settings or HttpSettings(timeout=_TIMEOUT, max_body=_BIGGEST)
    recorder = Recorder(Kind.HTTP, "Signing certificate")
    try:
        async with HttpClient(how) as client:
            exchange = await client.request("GET", url, [], recorder=recorder)
    except NetworkFault:
        return None
    return exchange.response_body if exchange.status == 200 else None


class Certificates:
    """The certificates fetched so far, and the sandbox's own. Belongs to one event loop."""

    def __init__(self, fetch: Fetch = fetch_pem) -> None:
        self._fetch = fetch
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def add(self, url: str, pem: bytes) -> None:
        """Keep a certificate, in place of what would be fetched from ``url``."""
        self._known[url] = pem
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    async def of(self, request: WebhookRequest, signature: Signature) -> bytes | None:
        """Return the certificate that a request names, None where it names none that may be
        fetched, or that cannot be had.
        """
        if signature.scheme != "sns":
            return None
        try:
            url = certificate_url(request, signature)
        except (CertificateProblem, BodyProblem):
            return None
        return await self._at(url)

    async def authorities_of(self, signature: Signature) -> tuple[bytes, ...]:
        """Return what the provider file says is behind its signing certificates, as far as it can
        be had.
        """
        found = [await self._at(url) for url in signature.certificate_authorities]
        return tuple(pem for pem in found if pem is not None)

    async def _at(self, url: str) -> bytes | None:
        if url not in self._known:
            pem = await self._fetch(url)
            if pem is None:
                return None
            self.add(url, pem)
        self._known.move_to_end(url)
        return self._known[url]

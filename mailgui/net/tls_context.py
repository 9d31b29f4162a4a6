"""What a TLS connection is to be like, and the OpenSSL context that makes it so."""

import asyncio
import ssl
import sys
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from mailgui.net.errors import NetworkFault
from mailgui.transcript import CertificateSummary, Stage

_OLD_VERSIONS = ("TLSv1", "TLSv1.1")
_MINIMUM = "TLSv1.2"  # RFC 8996
_CONTEXTS_KEPT = 16

Chain = tuple[CertificateSummary, ...]


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to speak TLS.

    Attributes:
        verify: whether the certificate must be valid for the host; only switched off expressly.
        ca_file: path of a PEM file trusted beside the system's store.
        server_name: the name to ask for (SNI) and to expect, in place of the host.
        minimum, maximum: ``TLSv1``, ``TLSv1.1``, ``TLSv1.2`` or ``TLSv1.3``; by default from 1.2.
        ciphers: an OpenSSL cipher list, for TLS up to 1.2.
        client_cert, client_key: paths of PEM files; without a key the certificate's file holds it.
        alpn: the protocols to offer, the most wanted first.
    """

    verify: bool = True
    ca_file: str | None = None
    server_name: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    ciphers: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    alpn: tuple[str, ...] = ()


class SessionCache:
    """TLS sessions to resume. A session only fits the context that it was made with."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._sessions: OrderedDict[tuple[ssl.SSLContext, str], tuple[ssl.SSLSession, Chain]]
        self._sessions = OrderedDict()

    def get(self, context: ssl.SSLContext, peer: str) -> tuple[ssl.SSLSession | None, Chain]:
        """Return a session with ``peer`` ("host:port") and the chain that was shown then."""
        return self._sessions.get((context, peer), (None, ()))

    def put(
        self, context: ssl.SSLContext, peer: str, session: ssl.SSLSession, chain: Chain
    ) -> None:
        """Keep a session, in place of an older one; the least lately kept is dropped."""
        self._sessions[context, peer] = (session, chain)
        self._sessions.move_to_end((context, peer))
        if len(self._sessions) > self._size:
            self._sessions.popitem(last=False)


# By settings and by the time and size of each file they name.
_contexts: dict[tuple[TlsSettings, tuple[tuple[int, int], ...]], ssl.SSLContext] = {}


async def context_for(settings: TlsSettings) -> ssl.SSLContext:
    """Return the context for ``settings``, made once for each: reading the system's store costs.

    Raises NetworkFault of kind ``ca_unreadable``, ``tls_client_certificate``, ``tls_version`` or
    ``tls_handshake``.
    """
    files = (settings.ca_file, settings.client_cert, settings.client_key)
    stamps = tuple(_stamp(path) for path in files if path)
    key = (settings, stamps)
    context = _contexts.get(key)
    if context is None:
        context = await asyncio.to_thread(_build, settings)
        if len(_contexts) >= _CONTEXTS_KEPT:
            _contexts.pop(next(iter(_contexts)))
        context = _contexts.setdefault(key, context)
    return context


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _build(settings: TlsSettings) -> ssl.SSLContext:
    context = _verifying_context() if settings.verify else _blind_context()
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned intermediate may be the anchor
    context.hostname_checks_common_name = False  # RFC 9525, section 6.3
    if settings.ca_file and settings.verify:
        _trust(context, settings.ca_file)
    _limit(context, settings)
    if settings.client_cert:
        _present(context, settings.client_cert, settings.client_key)
    if settings.alpn:
        context.set_alpn_protocols(list(settings.alpn))
    return context


def _verifying_context() -> ssl.SSLContext:
    """Return a context that trusts what this system trusts.

    On Windows and macOS the system itself verifies, and takes the CAs loaded here as further
    anchors. Elsewhere truststore would load the system's whole store again for each connection
    (some 50 ms): the OpenSSL context inside it is set up by one use and serves alone from then on.
    """
    import truststore

    context = cast("ssl.SSLContext", truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if sys.platform in ("win32", "darwin"):
        return context
    inside = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    return inside.context


def _blind_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _trust(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise _fault("ca_unreadable", f"The CA file {path} holds no PEM certificate.") from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The CA file {path} cannot be read: {reason}."
        raise _fault("ca_unreadable", sentence) from None


def _present(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        # An encrypted key would make OpenSSL ask on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError:
        sentence = f"The client certificate {certificate} and its key do not fit or are encrypted."
        raise _fault("tls_client_certificate", sentence) from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The client certificate {certificate} or its key cannot be read: {reason}."
        raise _fault("tls_client_certificate", sentence) from None


def _limit(context: ssl.SSLContext, settings: TlsSettings) -> None:
    ciphers = settings.ciphers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are chosen expressly
        # Said expressly: a Python built to follow OpenSSL's own policy (Debian's) sets no minimum.
        context.minimum_version = _version(settings.minimum or _MINIMUM)
        if settings.minimum in _OLD_VERSIONS:
            ciphers = ciphers or "DEFAULT:@SECLEVEL=0"  # OpenSSL 3 forbids them above
        if settings.maximum:
            context.maximum_version = _version(settings.maximum)
    if ciphers:
        try:
            context.set_ciphers(ciphers)
        except ssl.SSLError:
            raise _fault("tls_handshake", f"No TLS cipher is called “{ciphers}”.") from None


def _version(name: str) -> ssl.TLSVersion:
    try:
        return ssl.TLSVersion[name.replace(".", "_")]
    except KeyError:
        raise _fault("tls_version", f"There is no TLS version “{name}”.") from None


def _fault(kind: str, sentence: str) -> NetworkFault:
    return NetworkFault(Stage.TLS, kind, sentence)

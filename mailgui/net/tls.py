"""TLS over any stream, on OpenSSL with memory buffers.

asyncio's own ``start_tls`` gives neither session resumption nor the chain of a refused handshake.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from mailgui.net.certificates import chain_summaries, end_point_hash
from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host
from mailgui.net.stream import Endpoint, Stream
from mailgui.net.tls_context import SessionCache, TlsSettings, context_for
from mailgui.net.tls_faults import fault_place, handshake_verdict, is_tls, plaintext_verdict
from mailgui.net.tls_hello import HelloReader
from mailgui.transcript import CertificateSummary, Layer, Recorder, Stage, TlsSummary

__all__ = ["PeerCheck", "SessionCache", "TlsSettings", "TlsStream", "channel_binding", "start_tls"]

_CHUNK = 65536
_FLUSH_AT = 4 * _CHUNK  # octets encrypted at most before they are handed on
_CLOSE_TIMEOUT = 1.0
_DER = 2  # _ssl.ENCODING_DER

# Told the chain of a finished handshake; returns why it is not the right peer's, or "".
PeerCheck = Callable[[tuple[CertificateSummary, ...]], str]


async def start_tls(
    stream: Stream,
    settings: TlsSettings,
    host: str,
    *,
    recorder: Recorder,
    timeout: float,
    session_cache: SessionCache | None = None,
    check: PeerCheck | None = None,
) -> Stream:
    """Return a TLS stream over ``stream``, which then belongs to it.

    ``check`` decides in place of the system's trust, as DANE does: ``settings`` are then without
    ``verify``. Records the phase ``tls`` and a remark, and sets ``recorder.tls``. Waits at most
    ``timeout`` seconds. Raises NetworkFault (stage tls; with the refused chain in its ``tls``),
    having closed ``stream``. Does not record the fault: the caller does.
    """
    try:
        context = await context_for(settings)
        try:
            name = ascii_host(settings.server_name or host)
        except ValueError as error:
            raise NetworkFault(Stage.TLS, "tls_handshake", str(error)) from None
        with recorder.phase("tls") as phase:
            secured = TlsStream(stream, context, name, Endpoint(host, stream.peer.port))
            try:
                async with asyncio.timeout(timeout):
                    await secured.handshake(settings.verify, session_cache, recorder)
                    if check is not None:
                        secured.authenticate(check)
            except TimeoutError:
                peer = secured.server.words
                sentence = f"{peer} did not finish the TLS handshake within {timeout:g} seconds."
                raise NetworkFault(Stage.TLS, "timed_out", sentence) from None
            if secured.tls.resumed:
                phase.note = "resumed"
    except NetworkFault:
        await stream.close()
        raise
    except BaseException:
        stream.abort()
        raise
    recorder.info(_remark(secured.tls), layer=Layer.TLS, stage=Stage.TLS)
    recorder.tls = True
    return secured


def channel_binding(stream: Stream, kind: str) -> bytes | None:
    """Return the data that binds a sign-in to this TLS connection (RFC 5929).

    ``kind`` is ``tls-unique`` (None on TLS 1.3, which does not define it) or
    ``tls-server-end-point``.
    """
    if not isinstance(stream, TlsStream):
        return None
    if kind == "tls-unique":
        return stream.ssl_object.get_channel_binding(kind) if _is_old(stream.ssl_object) else None
    if kind == "tls-server-end-point":
        certificate = stream.ssl_object.getpeercert(binary_form=True)
        return end_point_hash(certificate) if certificate else None
    return None


class TlsStream:
    """A Stream whose octets travel inside TLS. Made by ``start_tls``.

    Attributes:
        server: host and port as the person named them.
        ssl_object: OpenSSL's side of it, to be asked, not to be used.
        tls: what the handshake settled.
    """

    def __init__(
        self, stream: Stream, context: ssl.SSLContext, name: str, server: Endpoint
    ) -> None:
        self.server = server
        self.tls = TlsSummary(None, None, verified=False, server_name=name)
        self._stream = stream
        self._context = context
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._sessions: SessionCache | None = None
        self._chain: tuple[CertificateSummary, ...] = ()  # as it was when the session was new
        self._hello = HelloReader()
        self.ssl_object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    @property
    def peer(self) -> Endpoint:
        return self._stream.peer

    @property
    def local(self) -> Endpoint:
        return self._stream.local

    @property
    def waiting(self) -> int:
        return self.ssl_object.pending() + self._incoming.pending + self._stream.waiting

    @property
    def ended(self) -> bool:
        return self._stream.ended

    async def handshake(
        self, verify: bool, sessions: SessionCache | None, recorder: Recorder
    ) -> None:
        """Shake hands. Raises NetworkFault with all that is known of the refused handshake."""
        name = self.tls.server_name
        if sessions is not None:
            self._sessions = sessions
            session, self._chain = sessions.get(self._context, str(self.server))
            if session is not None:
                self.ssl_object.session = session
        first = True
        try:
            while True:
                try:
                    self.ssl_object.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await self._flush()
                    chunk = await self._stream.read()
                if first and chunk and not is_tls(chunk):
                    masked = recorder.masker.octets(chunk)
                    kind, sentence = plaintext_verdict(self.server.words, masked)
                    raise self._refusal(kind, sentence)
                first = False
                self._hello.feed(chunk)
                self._feed(chunk)
        except ssl.SSLError as error:
            with suppress(NetworkFault):
                await self._flush()  # the alert that tells the server why
            chain = _presented_chain(self.ssl_object)
            kind, sentence = handshake_verdict(error, self.server.words, name or "", chain)
            raise self._refusal(kind, sentence, chain) from None
        except NetworkFault as fault:
            sentence = f"{self.server.words} broke the connection off during the TLS handshake."
            raise fault if fault.tls else self._refusal(fault.kind, sentence) from None
        await self._flush()
        self.tls = self._summary(verify)

    def authenticate(self, check: PeerCheck) -> None:
        """Let ``check`` decide whether this is the right peer. Raises NetworkFault."""
        fault = check(self.tls.chain)
        if fault:
            refused = replace(self.tls, verified=False, fault=fault)
            raise NetworkFault(Stage.TLS, "certificate_dane", fault, tls=refused)
        self.tls = replace(self.tls, verified=True)

    async def read(self, limit: int = _CHUNK) -> bytes:
        while True:
            try:
                data = self.ssl_object.read(limit)
            except ssl.SSLWantReadError:
                if self._outgoing.pending:
                    await self._flush()
                self._feed(await self._stream.read())
                continue
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""  # a missing close_notify is common and no failure
            except ssl.SSLError as error:
                raise self._later_fault(error) from None
            if self._outgoing.pending:
                await self._flush()
            return data

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self.ssl_object.write(view) :]
            except ssl.SSLWantReadError:  # the server renegotiates
                await self._flush()
                self._feed(await self._stream.read())
            except ssl.SSLError as error:
                raise self._later_fault(error) from None
            if self._outgoing.pending > _FLUSH_AT:
                await self._flush()
        await self._flush()

    async def close(self) -> None:
        self._keep_session()
        with suppress(ssl.SSLError, ValueError):
            self.ssl_object.unwrap()  # says close_notify; the peer's own is not waited for
        with suppress(NetworkFault, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._flush()
        await self._stream.close()

    def abort(self) -> None:
        self._keep_session()
        self._stream.abort()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._stream.write(self._outgoing.read())

    def _feed(self, chunk: bytes) -> None:
        if chunk:
            self._incoming.write(chunk)
        else:
            self._incoming.write_eof()

    def _keep_session(self) -> None:
        session = self.ssl_object.session if self._sessions is not None else None
        # On TLS 1.3 there is nothing to resume until the server's tickets have come in.
        if session is not None and (session.has_ticket or _is_old(self.ssl_object)):
            assert self._sessions is not None  # noqa: S101  # for the type checker
            self._sessions.put(self._context, str(self.server), session, self.tls.chain)

    def _summary(self, verify: bool) -> TlsSummary:
        cipher = self.ssl_object.cipher()
        chain = _verified_chain(self.ssl_object) if verify else ()
        return TlsSummary(
            version=self.ssl_object.version(),
            cipher=cipher[0] if cipher else None,
            verified=verify,
            server_name=self.tls.server_name,
            alpn=self.ssl_object.selected_alpn_protocol(),
            resumed=bool(self.ssl_object.session_reused),
            chain=chain or _presented_chain(self.ssl_object) or self._chain,
            key_exchange=self._hello.key_exchange(cipher[0] if cipher else ""),
        )

    def _refusal(
        self, kind: str, sentence: str, chain: tuple[CertificateSummary, ...] = ()
    ) -> NetworkFault:
        summary = TlsSummary(
            version=self.ssl_object.version() if chain else None,
            cipher=None,
            verified=False,
            server_name=self.tls.server_name,
            fault=sentence,
            chain=chain,
            key_exchange=self._hello.key_exchange("TLS_") if chain else None,
            fault_at=fault_place(kind, self.tls.server_name or "", chain),
        )
        return NetworkFault(Stage.TLS, kind, sentence, tls=summary)

    def _later_fault(self, error: ssl.SSLError) -> NetworkFault:
        """Return what a later error means: TLS 1.3 refuses client certificates that late."""
        chain = self.tls.chain
        name = self.tls.server_name or ""
        kind, sentence = handshake_verdict(error, self.server.words, name, chain)
        return NetworkFault(Stage.TLS, kind, sentence, tls=self.tls)


def _is_old(ssl_object: ssl.SSLObject) -> bool:
    return ssl_object.version() != "TLSv1.3"


def _remark(summary: TlsSummary) -> str:
    verified = "certificate verified" if summary.verified else "certificate not verified"
    resumed = " · resumed" if summary.resumed else ""
    return f"{summary.version} · {summary.cipher} · {verified}{resumed}"


def _presented_chain(ssl_object: ssl.SSLObject) -> tuple[CertificateSummary, ...]:
    return _chain(ssl_object, "get_unverified_chain")


def _verified_chain(ssl_object: ssl.SSLObject) -> tuple[CertificateSummary, ...]:
    return _chain(ssl_object, "get_verified_chain")


def _chain(ssl_object: ssl.SSLObject, method: str) -> tuple[CertificateSummary, ...]:
    """Return a chain by ``method``, which is public from Python 3.13 and hidden before."""
    owner = ssl_object if hasattr(ssl_object, method) else ssl_object._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        certificates = getattr(owner, method)() or ()
    except ssl.SSLError:
        return ()
    return chain_summaries(
        c if isinstance(c, bytes) else c.public_bytes(_DER) for c in certificates
    )

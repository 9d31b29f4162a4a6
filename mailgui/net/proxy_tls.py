"""TLS to a proxy itself (``https://`` in its address), always with its certificate verified."""

from mailgui.net.errors import NetworkFault
from mailgui.net.proxy import Proxy
from mailgui.net.stream import Endpoint, Stream
from mailgui.net.tls import TlsStream
from mailgui.net.tls_context import TlsSettings, context_for
from mailgui.transcript import Layer, Recorder, Stage, TlsSummary


async def tls_to_proxy(
    stream: Stream, proxy: Proxy, recorder: Recorder, ca_file: str | None
) -> "Tunnel":
    """Return ``stream``, an open connection to ``proxy``, inside TLS. It has no phase of its own.

    ``ca_file`` are authorities beside the system's. Raises NetworkFault of kind ``proxy``.
    """
    try:
        context = await context_for(TlsSettings(ca_file=ca_file))
        secured = TlsStream(stream, context, proxy.endpoint.host, proxy.endpoint)
        await secured.handshake(True, None, recorder)
    except NetworkFault as fault:
        # The chain stays here: what is shown as the peer's is the target's.
        sentence = f"There is no safe connection to the proxy. {fault.sentence}"
        raise NetworkFault(Stage.CONNECT, "proxy", sentence) from None
    settled = f"{secured.tls.version} · {secured.tls.cipher} · certificate verified"
    recorder.info(f"TLS to the proxy: {settled}", layer=Layer.TLS, stage=Stage.CONNECT)
    return Tunnel(secured)


class Tunnel:
    """A Stream through a proxy's TLS, which protects it no further than to the proxy: of TLS with
    the target, which decides whether a password may go, it has none.
    """

    tls: TlsSummary | None = None

    def __init__(self, inner: Stream) -> None:
        self._inner = inner

    @property
    def peer(self) -> Endpoint:
        return self._inner.peer

    @property
    def local(self) -> Endpoint:
        return self._inner.local

    @property
    def waiting(self) -> int:
        return self._inner.waiting

    @property
    def ended(self) -> bool:
        return self._inner.ended

    async def read(self, limit: int = 65536) -> bytes:
        return await self._inner.read(limit)

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        await self._inner.write(data)

    async def close(self) -> None:
        await self._inner.close()

    def abort(self) -> None:
        self._inner.abort()

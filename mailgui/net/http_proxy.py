"""Through an HTTP proxy, by CONNECT (RFC 9110, section 9.3.6), which also looks the name up."""

import base64

from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host
from mailgui.net.proxy import Proxy
from mailgui.net.stream import Endpoint, Stream
from mailgui.transcript import Layer, Recorder, Stage, octets_to_text

_LONGEST_HEAD = 16_384  # octets of a proxy's answer


async def http_connect(stream: Stream, proxy: Proxy, target: Endpoint, recorder: Recorder) -> None:
    """Ask the proxy at the end of ``stream`` to connect it on to ``target``.

    Raises NetworkFault of kind ``proxy``.
    """
    place = str(Endpoint(ascii_host(target.host), target.port))
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.username:
        credentials = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        recorder.masker.add(proxy.password)
        recorder.masker.add(credentials)
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    await stream.write("\r\n".join([*lines, "", ""]).encode())
    for line in lines:
        recorder.sent(f"{line}\r\n".encode(), layer=Layer.HTTP, stage=Stage.CONNECT)
    where = f"The proxy {proxy.endpoint.words}"
    head = await _read_head(stream, where)
    for octets in head.splitlines(keepends=True):
        if octets.strip():
            recorder.received(octets, layer=Layer.HTTP, stage=Stage.CONNECT)
    version, _, rest = head.partition(b"\r\n")[0].partition(b" ")
    status, _, _ = rest.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not status.isdigit():
        raise _fault(f"{where} does not speak HTTP.")
    if status == b"407":
        raise _fault(f"{where} refused the user name or password.")
    if not status.startswith(b"2"):
        said = octets_to_text(recorder.masker.octets(rest.strip()))[:100]
        raise _fault(f"{where} did not connect to {target.words}: {said}.")
    recorder.info(f"Proxy connected to {target.words}", layer=Layer.TCP, stage=Stage.CONNECT)


async def _read_head(stream: Stream, where: str) -> bytes:
    """Return the answer's head, having read not an octet more: what follows is the target's."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octet = await stream.read(1)
        if not octet:
            raise _fault(f"{where} closed the connection.")
        head += octet
        if len(head) > _LONGEST_HEAD:
            raise _fault(f"{where} sends an answer without end.")
    return head


def _fault(sentence: str) -> NetworkFault:
    return NetworkFault(Stage.CONNECT, "proxy", sentence)

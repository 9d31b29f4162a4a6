"""From host and port to a connection: happy eyeballs, source address, proxy, UNIX socket."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailgui.net.addresses import Family, Resolver, addresses_of
from mailgui.net.errors import NetworkFault, connect_fault
from mailgui.net.proxy import Proxy, parse_proxy, socks5_connect
from mailgui.net.stream import Endpoint, Stream, open_socket_stream
from mailgui.transcript import Layer, Recorder, Stage

ATTEMPT_DELAY = 0.25  # seconds until the next address is tried beside (RFC 8305, section 5)
_TELLING = ("refused", "blocked", "timed_out", "reset", "source_address", "unreachable")


@dataclass(frozen=True, slots=True)
class ConnectSettings:
    """How to get there.

    Attributes:
        source: the local address to connect from.
        proxy: ``socks5://[user:password@]host:port`` or ``http[s]://…``; it looks the name up.
        proxy_ca: a file of authorities for the certificate of an ``https://`` proxy, beside the
            system's.
        only: the one address family to use.
        unix_path: a UNIX socket to connect to in place of host and port.
    """

    source: str | None = None
    proxy: str | None = field(default=None, repr=False)
    proxy_ca: str | None = None
    only: Family | None = None
    unix_path: str | None = None


async def open_stream(
    endpoint: Endpoint,
    *,
    recorder: Recorder,
    timeout: float,
    settings: ConnectSettings = ConnectSettings(),
    resolver: Resolver | None = None,
) -> Stream:
    """Return an open connection to ``endpoint``, on whichever of its addresses answers first.

    Records the phases ``dns`` and ``connect``, each of at most ``timeout`` seconds. Names are
    looked up as the system does, unless ``resolver`` is given. Raises NetworkFault (stage dns or
    connect).
    """
    if settings.unix_path is not None:
        return await _open_unix(settings.unix_path, recorder, timeout)
    if settings.proxy is not None:
        return await _open_proxied(endpoint, recorder, timeout, settings)
    addresses = await addresses_of(
        endpoint.host, recorder=recorder, timeout=timeout, only=settings.only, resolver=resolver
    )
    with recorder.phase("connect"):
        return await _open_any(endpoint, addresses, recorder, timeout, settings.source)


async def _open_proxied(
    endpoint: Endpoint, recorder: Recorder, timeout: float, settings: ConnectSettings
) -> Stream:
    try:
        proxy = parse_proxy(settings.proxy or "")
    except ValueError as error:
        raise NetworkFault(Stage.CONNECT, "proxy", str(error)) from None
    addresses = await addresses_of(
        proxy.endpoint.host, recorder=recorder, timeout=timeout, only=settings.only
    )
    with recorder.phase("connect") as phase:
        phase.note = "through a proxy"
        stream = await _open_any(proxy.endpoint, addresses, recorder, timeout, settings.source)
        try:
            async with asyncio.timeout(timeout):
                stream = await _through(stream, proxy, endpoint, recorder, settings.proxy_ca)
        except BaseException as error:
            stream.abort()
            if isinstance(error, TimeoutError):
                sentence = f"The proxy {proxy.endpoint.words} did not answer."
                raise NetworkFault(Stage.CONNECT, "proxy", sentence) from None
            raise
        return stream


async def _through(
    stream: Stream, proxy: Proxy, target: Endpoint, recorder: Recorder, ca_file: str | None
) -> Stream:
    """Return the connection to ``target`` that the proxy at the end of ``stream`` makes."""
    if proxy.kind == "socks5":
        await socks5_connect(stream, proxy, target, recorder)
        return stream
    from mailgui.net.http_proxy import http_connect

    if proxy.kind == "http":
        await http_connect(stream, proxy, target, recorder)
        return stream
    from mailgui.net.proxy_tls import tls_to_proxy

    tunnel = await tls_to_proxy(stream, proxy, recorder, ca_file)
    recorder.tls = True
    try:
        await http_connect(tunnel, proxy, target, recorder)
    finally:
        recorder.tls = False
    return tunnel


async def _open_unix(path: str, recorder: Recorder, timeout: float) -> Stream:
    if not hasattr(socket, "AF_UNIX"):
        sentence = "This system has no UNIX sockets."
        raise NetworkFault(Stage.CONNECT, "unreachable", sentence)
    with recorder.phase("connect"):
        recorder.info(f"Connecting to {path}", layer=Layer.TCP, stage=Stage.CONNECT)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(timeout):
                await _connect_socket(sock, path)
            stream = await open_socket_stream(sock)
        except TimeoutError:
            raise _silence(path, timeout) from None
        except OSError as error:
            raise connect_fault(error, path) from None
        recorder.info(f"Connected to {path}", layer=Layer.TCP, stage=Stage.CONNECT)
        return stream


async def _open_any(
    endpoint: Endpoint,
    addresses: Sequence[str],
    recorder: Recorder,
    timeout: float,
    source: str | None,
) -> Stream:
    if source is not None:
        same_family = [a for a in addresses if (":" in a) is (":" in source)]
        if not same_family:
            sentence = f"{endpoint.words} has no address of the source address's family."
            raise NetworkFault(Stage.CONNECT, "source_address", sentence)
        addresses = same_family
    candidates = [Endpoint(address, endpoint.port) for address in addresses]
    try:
        async with asyncio.timeout(timeout):
            sock = await _race(candidates, endpoint, recorder, source)
    except TimeoutError:
        raise _silence(endpoint.words, timeout, port=endpoint.port) from None
    try:
        stream = await open_socket_stream(sock)
    except OSError as error:
        raise connect_fault(error, endpoint.words) from None
    recorder.info(
        f"Connected to {stream.peer.words} from {stream.local.words}",
        layer=Layer.TCP,
        stage=Stage.CONNECT,
    )
    return stream


async def _race(
    candidates: Sequence[Endpoint], endpoint: Endpoint, recorder: Recorder, source: str | None
) -> socket.socket:
    """Return the first socket to connect; the others' attempts are ended and closed."""
    waiting = list(candidates)
    running: set[asyncio.Task[socket.socket]] = set()
    faults: list[NetworkFault] = []
    winner: socket.socket | None = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                candidate = waiting.pop(0)
                recorder.info(
                    f"Connecting to {candidate.words}", layer=Layer.TCP, stage=Stage.CONNECT
                )
                running.add(asyncio.create_task(_attempt(candidate, source)))
            delay = ATTEMPT_DELAY if waiting else None
            done, running = await asyncio.wait(
                running, timeout=delay, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if isinstance(fault := task.exception(), NetworkFault):
                    faults.append(fault)
                    if len(candidates) > 1:
                        recorder.error(fault.sentence, layer=Layer.TCP, stage=Stage.CONNECT)
                elif winner is None:
                    winner = task.result()
                else:
                    task.result().close()
        await _end(running)
    except BaseException:
        await _end(running)
        if winner is not None:
            winner.close()
        raise
    if winner is None:
        raise _all_failed(endpoint, candidates, faults)
    return winner


async def _end(attempts: set[asyncio.Task[socket.socket]]) -> None:
    for task in attempts:
        task.cancel()
    for result in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(result, socket.socket):
            result.close()


async def _attempt(candidate: Endpoint, source: str | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in candidate.host else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        if source is not None:
            try:
                sock.bind((source, 0))
            except OSError:
                sock.close()
                raise
        return await _connect_socket(sock, (candidate.host, candidate.port))
    except OSError as error:
        raise connect_fault(error, candidate.words) from None


async def _connect_socket(sock: socket.socket, address: str | tuple[str, int]) -> socket.socket:
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _all_failed(
    endpoint: Endpoint, candidates: Sequence[Endpoint], faults: Sequence[NetworkFault]
) -> NetworkFault:
    """Return the most telling of the faults; with several addresses, speaking for all."""
    fault = min(faults, key=lambda f: _TELLING.index(f.kind))
    if len(candidates) == 1:
        return fault
    sentence = f"None of the {len(candidates)} addresses of {endpoint.host} took the connection. "
    return NetworkFault(Stage.CONNECT, fault.kind, sentence + fault.sentence)


def _silence(peer: str, timeout: float, *, port: int = 0) -> NetworkFault:
    sentence = f"{peer} did not answer within {timeout:g} seconds."
    if port == 25:
        sentence += " Many networks let nobody out to port 25."
    return NetworkFault(Stage.CONNECT, "timed_out", sentence)

r"""A scripted name server on loopback, UDP and TCP: zones as data, faults on order.

A zone is text, a record a line: ``name TYPE rdata``, in RFC 3597's form (``\# LENGTH HEX``) where
it is malformed; ``@NAME`` in place of a type is a fault: ``example.com @timeout``,
``x.example.com @servfail TXT`` (for one type), ``@refused``, ``@nxdomain``, ``@silent`` (never
ends), ``@drop_first`` (silent once), ``@wrong_id``, ``@wrong_question``, ``@truncate`` (over UDP),
``@truncate_always``, ``@garbage``, ``@no_edns`` (FORMERR to EDNS).
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Key = tuple[bytes, ...]
_SOA = "ns.invalid. hostmaster.invalid. 1 3600 600 86400 {minimum}"


def _key(name: str) -> Key:
    return tuple(label.lower().encode("latin-1") for label in name.rstrip(".").split("."))


class Zone:
    """Records and faults by name."""

    def __init__(self, text: str = "", *, ttl: int = 300, negative_ttl: int = 60) -> None:
        self.records: dict[Key, dict[int, list[dns.rdata.Rdata]]] = {}
        self.faults: dict[Key, dict[str, str]] = {}
        self.ttl = ttl
        self.negative_ttl = negative_ttl
        for line in text.splitlines():
            fields = line.strip().split(None, 2)
            if not fields or fields[0].startswith("#"):
                continue
            name, rdtype, value = (*fields, "")[:3]
            if rdtype.startswith("@"):
                self.faults.setdefault(_key(name), {})[value or "ANY"] = rdtype[1:]
            else:
                self.add(name, rdtype, value)

    def add(self, name: str, rdtype: str, *values: str) -> "Zone":
        for value in values or ("",):
            number = dns.rdatatype.from_text(rdtype)
            if rdtype == "TXT" and not value.startswith('"'):
                octets = value.encode()
                self.add_txt(name, *(octets[i : i + 255] for i in range(0, len(octets), 255)))
                continue
            if value.startswith("\\#"):  # RFC 3597's form, taken as it is, sound or not
                octets = bytes.fromhex("".join(value.split()[2:]))
                generic = dns.rdata.GenericRdata(dns.rdataclass.IN, number, octets)
                self.add_rdata(name, number, generic)
                continue
            rdata = dns.rdata.from_text("IN", number, value, dns.name.root, relativize=False)
            self.add_rdata(name, number, rdata)
        return self

    def add_txt(self, name: str, *strings: bytes) -> "Zone":
        wire = b"".join(bytes([len(s)]) + s for s in strings)
        generic = dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TXT, wire)
        return self.add_rdata(name, dns.rdatatype.TXT, generic)

    def add_rdata(self, name: str, number: int, rdata: dns.rdata.Rdata) -> "Zone":
        self.records.setdefault(_key(name), {}).setdefault(int(number), []).append(rdata)
        return self

    def node(self, key: Key) -> dict[int, list[dns.rdata.Rdata]] | None:
        """Return the records at a name, of its wildcard, or None where the name does not exist."""
        if key in self.records:
            return self.records[key]
        if any(len(k) > len(key) and k[-len(key) :] == key for k in self.records):
            return {}
        for cut in range(1, len(key)):
            parent = key[cut:]
            if (b"*", *parent) in self.records:
                return self.records[(b"*", *parent)]
            if parent in self.records:
                return None
        return None

    def fault(self, key: Key, rdtype: str) -> str | None:
        by_type = self.faults.get(key, {})
        return by_type.get(rdtype) or by_type.get("ANY")


class NameServer:
    """``async with NameServer(zone) as server: … server.address``.

    ``handler`` may answer with octets of its own: it gets the query, and whether it came by TCP.
    ``asked`` is every question in order, as (name, type, "udp" or "tcp").
    """

    def __init__(
        self,
        zone: Zone | str = "",
        *,
        delay: float = 0.0,
        host: str = "127.0.0.1",
        handler: Callable[[dns.message.Message, bool], Iterable[bytes]] | None = None,
    ) -> None:
        self.zone = Zone(zone) if isinstance(zone, str) else zone
        self.delay = delay
        self.asked: list[tuple[str, str, str]] = []
        self.most_at_once = 0
        self._under_way = 0
        self._host = host
        self._handler = handler
        self._dropped: set[tuple[Key, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for _ in range(20):  # a port that is free for TCP may be taken for UDP
            self._tcp = await asyncio.start_server(self._connected, self._host, 0)
            if not self._tcp.sockets:  # asyncio passes over a family that the machine lacks
                raise OSError(f"Nothing can listen on {self._host}.")
            self.port = self._tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(self._host, self.port)
                )
            except OSError:
                self._tcp.close()
                await self._tcp.wait_closed()
            else:
                return self
        raise OSError("No port is free for UDP and TCP.")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve_tcp(reader, writer)

    async def __aexit__(self, *args: object) -> None:
        self._udp.close()
        self._tcp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._tcp.wait_closed()

    @property
    def address(self) -> str:
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    def questions(self, rdtype: str | None = None) -> list[tuple[str, str]]:
        """Return the (name, type) of each question in order."""
        return [(n, t) for n, t, _ in self.asked if rdtype in (None, t)]

    def spawn(self, work: "asyncio.Future[None] | object") -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def answer(self, wire: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        key = tuple(label.lower() for label in question.name.labels[:-1])
        rdtype = dns.rdatatype.to_text(question.rdtype)
        name = b".".join(key).decode("latin-1")
        self.asked.append((name, rdtype, "tcp" if tcp else "udp"))
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
        finally:
            self._under_way -= 1
        if self._handler is not None:
            return list(self._handler(query, tcp))
        return await self._faulty(query, key, rdtype, tcp)

    async def _faulty(
        self, query: dns.message.Message, key: Key, rdtype: str, tcp: bool
    ) -> list[bytes]:
        fault = self.zone.fault(key, rdtype)
        if fault == "timeout":
            return []
        if fault == "silent":
            await asyncio.get_running_loop().create_future()
        if fault == "drop_first" and (key, rdtype) not in self._dropped:
            self._dropped.add((key, rdtype))
            return []
        if fault in ("servfail", "refused", "nxdomain"):
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.from_text(fault.upper()))
            return [response.to_wire()]
        if fault == "no_edns" and query.edns >= 0:
            response = dns.message.make_response(query)
            response.use_edns(-1)
            response.set_rcode(dns.rcode.FORMERR)
            return [response.to_wire()]
        response = self.respond(query)
        wire = response.to_wire(max_size=65535)
        if fault == "wrong_id":
            return [bytes([wire[0] ^ 0xFF, wire[1]]) + wire[2:], wire]
        if fault == "wrong_question":
            return [self._other_question(response), wire]
        if fault == "garbage":
            end = 12 + len(query.question[0].name.to_wire()) + 4
            return [wire[:6] + b"\0\x05" + wire[8:end] + b"\xff" * 40]
        limit = query.payload or 512
        cut = fault == "truncate_always" or (fault == "truncate" and not tcp)
        if cut or (not tcp and len(wire) > limit):
            return [self._truncated(query)]
        return [wire]

    def respond(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        name, seen = question.name, set()
        while True:
            key = tuple(label.lower() for label in name.labels[:-1])
            node = self.zone.node(key)
            if node is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if int(question.rdtype) in node:
                self._put(response, name, int(question.rdtype), node[int(question.rdtype)])
                return response
            alias = node.get(5)
            if not alias:
                break
            self._put(response, name, 5, alias)
            name = alias[0].target
            if name in seen:
                return response
            seen.add(name)
        soa = dns.rdata.from_text("IN", "SOA", _SOA.format(minimum=self.zone.negative_ttl))
        rrset = dns.rrset.from_rdata(dns.name.from_text("zone.invalid."), 3600, soa)
        response.authority.append(rrset)
        return response

    def _put(
        self, response: dns.message.Message, name: dns.name.Name, number: int, rdatas: list
    ) -> None:
        for rdata in rdatas:  # one by one: identical and malformed records stay what they are
            rrset = dns.rrset.RRset(name, dns.rdataclass.IN, number)
            rrset.add(rdata, self.zone.ttl)
            response.answer.append(rrset)

    def _truncated(self, query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response.to_wire()

    def _other_question(self, response: dns.message.Message) -> bytes:
        other = dns.message.make_query("another.invalid.", "A")
        wrong = dns.message.make_response(other)
        wrong.id = response.id
        return wrong.to_wire()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                for wire in await self.answer(await reader.readexactly(length), True):
                    writer.write(len(wire).to_bytes(2, "big") + wire)
                await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        async def answer() -> None:
            for wire in await self._server.answer(data, False):
                self._transport.sendto(wire, addr)

        self._server.spawn(answer())

"""A name server that answers every question after the same pause, in a process of its own.

``python -m tests.benchmarks.slow_name_server DELAY_MS DOMAINS`` prints its port, and serves until
its input ends. The answers are made beforehand, so that it costs the machine as little as can be.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator

import dns.message
import dns.rdata

from tests.support.name_server import NameServer, Zone

ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def domain_name(number: int) -> str:
    """Return the name of the domain with that number."""
    return f"d{number}.example"


def zone_text(number: int) -> str:
    """Return a domain with three nested includes, three mail hosts with both families of address
    and reverse names, and every record that a check asks for.
    """
    name = domain_name(number)
    lines = [
        f"{name} TXT v=spf1 mx include:a.{name} -all",
        f"a.{name} TXT v=spf1 ip4:198.51.100.0/26 include:b.{name} -all",
        f"b.{name} TXT v=spf1 ip4:198.51.100.64/26 include:c.{name} -all",
        f"c.{name} TXT v=spf1 ip4:198.51.100.128/26 -all",
        f"_dmarc.{name} TXT v=DMARC1; p=reject; rua=mailto:d@{name}",
        f"default._domainkey.{name} TXT v=DKIM1; k=ed25519; p={ED25519}",
        f"_mta-sts.{name} TXT v=STSv1; id=1",
        f"_smtp._tls.{name} TXT v=TLSRPTv1; rua=mailto:t@{name}",
        f"default._bimi.{name} TXT v=BIMI1; l=https://{name}/l.svg; a=https://{name}/c.pem",
    ]
    for host in range(1, 4):
        v4, v6 = f"10.{number}.0.{host}", f"2001:db8:0:{number:x}::{host}"
        lines += [
            f"{name} MX {host}0 mx{host}.{name}.",
            f"mx{host}.{name} A {v4}",
            f"mx{host}.{name} AAAA {v6}",
            f"{_reverse(v4)} PTR mx{host}.{name}.",
            f"{_reverse(v6)} PTR mx{host}.{name}.",
        ]
    return "\n".join(lines)


def _reverse(address: str) -> str:
    from ipaddress import ip_address

    return ip_address(address).reverse_pointer


LONGEST_CHAIN = 4  # the domain's own SPF record and three includes, one in the other


class _Slow(asyncio.DatagramProtocol):
    """Answers by the octets of the question; what is not there is NODATA or NXDOMAIN."""

    def __init__(self, zone: Zone, delay: float) -> None:
        self._delay = delay
        self._answers: dict[bytes, bytes] = {}
        self._names: set[bytes] = {b"\0"}
        server = NameServer(zone)
        for key, node in zone.records.items():
            name = b"".join(bytes([len(label)]) + label for label in key) + b"\0"
            for rdtype in node:
                section = name + rdtype.to_bytes(2, "big") + b"\0\1"
                query = dns.message.from_wire(bytes(5) + b"\1" + bytes(6) + section)
                query.use_edns(0, payload=1232)
                answer = server.respond(query).to_wire()
                self._answers[section] = answer[2:]
            while name != b"\0":
                self._names.add(name)
                name = name[1 + name[0] :]
        soa = dns.rdata.from_text(
            "IN", "SOA", "ns.invalid. x.invalid. 1 3600 600 86400 60"
        ).to_wire()
        head = b"\0\0\6\0\1\0\0\x0e\x10" + len(soa or b"").to_bytes(2, "big")
        self._none = head + (soa or b"") + b"\0\0\x29\x04\xd0" + bytes(6)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._loop.call_later(self._delay, self._answer, data, addr)

    def _answer(self, data: bytes, addr: object) -> None:
        end = data.index(b"\0", 12) + 5
        section = data[12:end]
        answer = self._answers.get(section)
        if answer is None:
            rcode = b"\x80" if section[:-4] in self._names else b"\x83"
            answer = b"\x81" + rcode + b"\0\1\0\0\0\1\0\1" + section + self._none
        self._transport.sendto(data[:2] + answer, addr)  # type: ignore[attr-defined]


async def _serve(delay: float, domains: int) -> None:
    loop = asyncio.get_running_loop()
    zone = Zone("\n".join(zone_text(number) for number in range(domains)))
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Slow(zone, delay), local_addr=("127.0.0.1", 0)
    )
    sock = transport.get_extra_info("socket")
    sock.setsockopt(1, 8, 8 << 20)  # a burst of questions must not be lost in the system's buffer
    print(sock.getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    transport.close()


@contextlib.contextmanager
def slow_name_server(delay_ms: float, domains: int) -> Iterator[int]:
    """Run one; yield its port on 127.0.0.1."""
    command = [sys.executable, "-m", "tests.benchmarks.slow_name_server"]
    child = subprocess.Popen(
        [*command, str(delay_ms), str(domains)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        yield int(child.stdout.readline())
    finally:
        child.communicate("")


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) / 1000, int(sys.argv[2])))

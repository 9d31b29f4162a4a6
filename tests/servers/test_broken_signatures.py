"""A whole check of the domain in order, in signed zones that are broken in one way each.

BIND hands them out; Unbound validates what NSD hands out. Where signatures do not hold, a
validating resolver gives no answers: everything but DNSSEC "could not be checked", and nothing is
"missing".
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mailgui.domain.report import DomainReport, check
from mailgui.net.dnssec import parse_delegation
from mailgui.net.resolver import Resolver
from tests.servers.bind import Bind
from tests.servers.nsd import Nsd
from tests.servers.unbound import Unbound
from tests.support.broken_domains import good, verdicts
from tests.support.signed_zones import DAY, SignedZone, sign, unsigned

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("signatures")]

FAULTS = {
    "expired": ("broken", "dnssec.signature.expired"),
    "early": ("broken", "dnssec.signature.early"),
    "tampered": ("broken", "dnssec.signature.wrong"),
    "wrongds": ("broken", "dnssec.ds.mismatch"),
    "nokeys": ("broken", "dnssec.ds.no_keys"),
    "soon": ("attention", "dnssec.expiring"),
    "sha1ds": ("attention", "dnssec.ds.sha1"),
    "nods": ("attention", "dnssec.ds.missing"),
    "plain": ("not_set_up", "dnssec.none"),
}
BOGUS = [name for name, (verdict, _) in FAULTS.items() if verdict == "broken"]


def records(name: str) -> str:
    """Return the records of the domain in order as those of ``name``.example, in zone-file form."""
    lines = []
    for line in good():
        owner, rdtype, data = line.replace("good.example", f"{name}.example").split(None, 2)
        if not owner.endswith(f"{name}.example") or rdtype in ("SOA", "NS") or owner[:3] == "ns.":
            continue
        if rdtype == "TXT":
            pieces = [data[at : at + 255] for at in range(0, len(data), 255)]
            data = " ".join(f'"{piece}"' for piece in pieces)
        lines.append(f"{owner}. IN {rdtype} {data}\n")
    return "".join(lines)


def family() -> tuple[dict[str, str], str]:
    """Return the zones by name, and the DS record of the one above them all."""

    def signed(name: str, **how: int | bool) -> SignedZone:
        return sign(f"{name}.example", records(name), **how)  # type: ignore[arg-type]

    sound, other = signed("sound"), signed("other")
    tampered = signed("tampered")
    changed = tampered.text.replace(
        "\ntampered.example. 300 IN MX 10", "\ntampered.example. 300 IN MX 11"
    )
    assert changed != tampered.text
    children = {
        "sound": (sound, sound.ds),
        "expired": (zone := signed("expired", since=-9 * DAY, until=-DAY), zone.ds),
        "early": (zone := signed("early", since=5 * DAY), zone.ds),
        "soon": (zone := signed("soon", since=-20 * DAY, until=DAY), zone.ds),
        "tampered": (SignedZone(tampered.name, changed, tampered.ds), tampered.ds),
        "wrongds": (signed("wrongds"), other.ds),
        "nokeys": (zone := unsigned("nokeys.example", records("nokeys")), zone.ds),
        "sha1ds": (zone := signed("sha1ds", sha1=True), zone.ds),
        "nods": (signed("nods"), ""),
        "plain": (unsigned("plain.example", records("plain")), ""),
    }
    above = '_spf.vendor.example. IN TXT "v=spf1 ip4:198.51.100.0/24 ~all"\n'
    above += '*._report._dmarc.reports.example. IN TXT "v=DMARC1;"\n'
    for zone, ds in children.values():
        above += f"{zone.name}. IN NS ns.{zone.name}.\nns.{zone.name}. IN A 127.0.0.1\n"
        above += f"{zone.name}. IN DS {ds}\n" if ds else ""
    parent = sign("example", above)
    zones = {"example": parent.text, **{zone.name: zone.text for zone, _ in children.values()}}
    return zones, parent.ds


class World:
    """The servers, all with the same zones, and the trust anchor above them."""

    def __init__(self, stack: ExitStack) -> None:
        zones, anchor = family()
        self.anchors = {"example": (parse_delegation(anchor),)}
        self.bind, self.nsd = Bind(zones), Nsd(zones)
        self.unbound = Unbound("example", f"127.0.0.1@{self.nsd.port}", anchor)
        for server in (self.bind, self.nsd, self.unbound):
            stack.callback(server.stop)
            server.start()

    def check(self, server: str, name: str) -> DomainReport:
        """Return the report on ``name``.example by one of the servers."""

        async def main() -> DomainReport:
            resolver = Resolver(getattr(self, server).address)
            try:
                return await check(
                    f"{name}.example", resolver=resolver, dns_only=True, anchors=self.anchors
                )
            finally:
                await resolver.close()

        return asyncio.run(main())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack)


def found(report: DomainReport, name: str) -> set[str]:
    section = report.section(name)
    assert section is not None
    return {finding.id for finding in section.findings}


def test_the_domain_in_order(world: World) -> None:
    report = world.check("unbound", "sound")
    passed = {name for name, verdict in verdicts(report).items() if verdict == "pass"}
    assert set(verdicts(report)) - passed == {"blocklists"}  # which are not in this world
    assert found(report, "dnssec") == set()


@pytest.mark.parametrize("name", FAULTS)
def test_by_a_server_that_does_not_validate(world: World, name: str) -> None:
    verdict, finding = FAULTS[name]
    report, sound = world.check("bind", name), world.check("bind", "sound")
    assert found(report, "dnssec") == {finding}
    assert verdicts(report) == {**verdicts(sound), "dnssec": verdict}


@pytest.mark.parametrize("name", BOGUS)
def test_by_a_resolver_that_validates(world: World, name: str) -> None:
    report = world.check("unbound", name)
    assert found(report, "dnssec") == {FAULTS[name][1]}
    others = {s: verdict for s, verdict in verdicts(report).items() if s != "dnssec"}
    silent = {s for s, verdict in others.items() if verdict == "unchecked"}
    if name != "tampered":  # there only the answers that were changed are held back
        assert set(others) == silent
    assert "not_set_up" not in others.values()
    assert not {f.id for f in report.findings} & {"spf.missing", "dmarc.missing", "mx.missing"}

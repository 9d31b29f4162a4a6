"""DNSSEC against real servers: BIND and NSD hand out signed zones, Unbound validates them."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mailgui.domain.dnssec import Anchors, check_dnssec
from mailgui.domain.section import Section
from mailgui.net.dnssec import parse_delegation
from mailgui.net.resolver import Resolver
from tests.servers import availability
from tests.servers.bind import Bind
from tests.servers.nsd import Nsd
from tests.servers.process import new_folder
from tests.servers.unbound import Unbound
from tests.support.signed_zones import SignedZone, family, sign, unsigned

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dnssec")]

FAULTS = {
    "good.example": ("secure", "pass", set()),
    "soon.example": ("secure", "attention", {"dnssec.expiring"}),
    "sha1ds.example": ("secure", "attention", {"dnssec.ds.sha1"}),
    "expired.example": ("bogus", "broken", {"dnssec.signature.expired"}),
    "early.example": ("bogus", "broken", {"dnssec.signature.early"}),
    "tampered.example": ("bogus", "broken", {"dnssec.signature.wrong"}),
    "wrongds.example": ("bogus", "broken", {"dnssec.ds.mismatch"}),
    "nokeys.example": ("bogus", "broken", {"dnssec.ds.no_keys"}),
    "nods.example": ("insecure", "attention", {"dnssec.ds.missing"}),
    "plain.example": ("insecure", "not_set_up", {"dnssec.none"}),
}


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


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack)


def section(server: str, domain: str, anchors: Anchors) -> Section:
    async def main() -> Section:
        resolver = Resolver(server)
        try:
            return await check_dnssec(domain, resolver, anchors=anchors)
        finally:
            await resolver.close()

    return asyncio.run(main())


@pytest.mark.parametrize("server", ["bind", "nsd", "unbound"])
@pytest.mark.parametrize("domain", FAULTS)
def test_every_state_is_told_with_its_cause(world: World, server: str, domain: str) -> None:
    state, verdict, ids = FAULTS[domain]
    found = section(getattr(world, server).address, domain, world.anchors)
    if server == "unbound" and domain == "sha1ds.example":
        return  # whether it still takes SHA-1 is up to the version that is installed
    assert (found.details["state"], found.verdict.value) == (state, verdict)
    assert {finding.id for finding in found.findings} == ids


@pytest.mark.parametrize(("server", "by"), [("bind", "MailGUI"), ("unbound", "resolver")])
def test_who_validated(world: World, server: str, by: str) -> None:
    found = section(getattr(world, server).address, "good.example", world.anchors)
    assert found.details["validated_by"] == by
    assert 29 <= float(str(found.details["days_left"])) <= 30
    assert "ECDSAP256SHA256, key-signing" in found.records[1]


def test_the_way_down_is_shown(world: World) -> None:
    found = section(world.bind.address, "good.example", world.anchors)
    chain = found.details["chain"]
    assert isinstance(chain, list)
    assert [(link["zone"], link["fault"]) for link in chain] == [
        ("example", None),
        ("good.example", None),
    ]


def test_another_anchor_does_not_fit(world: World) -> None:
    strange = {"example": (parse_delegation("1 13 2 " + "00" * 32),)}
    found = section(world.bind.address, "good.example", strange)
    assert (found.details["state"], found.verdict.value) == ("bogus", "broken")


def test_without_an_anchor_above_it_is_unchecked(world: World) -> None:
    found = section(world.bind.address, "good.example", {})
    assert (found.details["state"], found.verdict.value) == ("unchecked", "unchecked")
    assert [finding.id for finding in found.findings] == ["dnssec.unchecked"]


def test_the_root_of_the_world_is_not_asked_in_vain(world: World) -> None:
    """With the real anchors: the server refuses the root's keys, and that is no verdict."""
    found = section(world.bind.address, "good.example", None)  # type: ignore[arg-type]
    assert found.verdict.value == "unchecked"


def signed_with_opt_out(zone: str, records: str) -> SignedZone:
    """Return a zone that BIND's tools signed, with NSEC3 and Opt-Out."""
    keygen, signzone = (
        availability.program(name, "bind9-utils") for name in ("dnssec-keygen", "dnssec-signzone")
    )
    folder = new_folder("signed")
    (folder / "zone").write_text(unsigned(zone, records).text + "\n")
    make = [keygen, "-K", str(folder), "-a", "ECDSAP256SHA256"]
    subprocess.run([*make, "-f", "KSK", zone], check=True, capture_output=True)
    subprocess.run([*make, zone], check=True, capture_output=True)
    command = [signzone, "-S", "-K", str(folder), "-d", str(folder), "-3", "-", "-A", "-H", "0"]
    command += ["-o", zone, "-f", str(folder / "signed"), str(folder / "zone")]
    subprocess.run(command, check=True, capture_output=True)
    ds = (folder / f"dsset-{zone}.").read_text().splitlines()[0].split(" DS ")[1].strip()
    return SignedZone(zone, (folder / "signed").read_text(), ds)


@pytest.fixture(scope="module")
def opt_out() -> Iterator[tuple[Bind, Anchors]]:
    mail = "@ IN MX 10 mail\nmail IN A 192.0.2.1\n"
    deep, lost = sign("deep.mid.example", mail), sign("lost.plain.example", mail)
    plain = unsigned("plain.example", f"lost.plain.example. IN DS {lost.ds}\n")
    above = "".join(
        f"{z.name}. IN NS ns.{z.name}.\nns.{z.name}. IN A 127.0.0.1\n" for z in (deep, plain)
    )
    parent = signed_with_opt_out("example", f"{above}deep.mid.example. IN DS {deep.ds}\n")
    bind = Bind({z.name: z.text for z in (parent, deep, plain, lost)})
    try:
        bind.start()
        yield bind, {"example": (parse_delegation(parent.ds),)}
    finally:
        bind.stop()


@pytest.mark.parametrize(
    ("domain", "state", "links"),
    [
        # mid.example is no zone, and has an NSEC3 record of its own.
        ("deep.mid.example", "secure", ["example", "deep.mid.example"]),
        # plain.example has none: it is one of the unsigned delegations that are left out.
        ("lost.plain.example", "insecure", ["example", "plain.example"]),
    ],
)
def test_unsigned_delegations_that_are_left_out(
    opt_out: tuple[Bind, Anchors], domain: str, state: str, links: list[str]
) -> None:
    bind, anchors = opt_out
    found = section(bind.address, domain, anchors)
    chain = found.details["chain"]
    assert isinstance(chain, list)
    assert (found.details["state"], [link["zone"] for link in chain]) == (state, links)

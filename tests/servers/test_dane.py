"""DANE from end to end: signed zones at NSD, Unbound validates them from its trust anchor, and mail
hosts show certificates that fit the TLSA records, or do not.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mailgui.domain.connections import Connections
from mailgui.domain.report import check
from mailgui.domain.section import Section
from mailgui.net.dnssec import parse_delegation
from mailgui.net.resolver import Resolver
from tests.servers.nsd import Nsd
from tests.servers.unbound import Unbound
from tests.support.broken_hosts import PLAIN, SOUND, digest, self_signed
from tests.support.exchangers import Exchangers, Script
from tests.support.signed_zones import SignedZone, sign, unsigned

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dane")]

HOST = "mail.good.example"
MAIL = "@ IN MX 10 mail\nmail IN A 198.18.0.1\n"


def tlsa(record: str) -> str:
    return f"{MAIL}_25._tcp.mail IN TLSA {record}\n"


class World:
    """The servers; the certificate of all mail hosts is one that no authority vouches for."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        chain, key = self_signed(HOST)
        (folder / "chain.pem").write_bytes(chain)
        (folder / "key.pem").write_bytes(key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
        fits = f"3 1 1 {digest(chain)}"
        tampered = sign("tampered.example", tlsa(fits))
        other = "00" * 32
        text = re.sub(digest(chain), other, tampered.text, flags=re.IGNORECASE)
        children = [
            sign("good.example", tlsa(fits)),
            sign("two.example", tlsa(f"3 1 1 {other}") + f"_25._tcp.mail IN TLSA {fits}\n"),
            sign("wrong.example", tlsa(f"3 1 1 {other}")),
            sign("unfit.example", tlsa(f"1 1 1 {digest(chain)}")),
            sign("none.example", MAIL),
            sign("late.example", tlsa(fits), since=-9 * 86400, until=-86400),
            SignedZone(tampered.name, text, tampered.ds),
        ]
        plain = unsigned("plain.example", tlsa(fits))
        above = "".join(
            f"{z.name}. IN NS ns.{z.name}.\nns.{z.name}. IN A 127.0.0.1\n"
            for z in [*children, plain]
        )
        parent = sign("example", above + "".join(f"{z.name}. IN DS {z.ds}\n" for z in children))
        self.anchors = {"example": (parse_delegation(parent.ds),)}
        self.nsd = Nsd({z.name: z.text for z in [parent, *children, plain]})
        self.unbound = Unbound("example", f"127.0.0.1@{self.nsd.port}", parent.ds)
        for server in (self.nsd, self.unbound):
            stack.callback(server.stop)
            server.start()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack, tmp_path_factory.mktemp("dane"))


def dane(world: World, domain: str, script: Script = SOUND, *, validated: bool = True) -> Section:
    server = world.unbound if validated else world.nsd

    async def main() -> Section:
        async with Exchangers({"127.0.0.2": [script]}, world.context) as farm:
            resolver = Resolver(server.address)
            connections = Connections(
                timeout=20.0, smtp_port=farm.port, stand_ins={"198.18.0.1": "127.0.0.2"}
            )
            try:
                report = await check(
                    domain, resolver=resolver, connections=connections, only="dane"
                )
            finally:
                await resolver.close()
            section = report.section("dane")
            assert section is not None
            return section

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("domain", "verdict", "ids"),
    [
        ("good.example", "pass", set()),
        ("two.example", "pass", set()),
        ("wrong.example", "broken", {"dane.mismatch"}),
        ("unfit.example", "broken", {"dane.unusable"}),
        ("tampered.example", "broken", {"dane.bogus"}),
        ("plain.example", "attention", {"dane.insecure"}),
        ("none.example", "not_set_up", set()),
    ],
)
def test_what_a_validating_resolver_leads_to(
    world: World, domain: str, verdict: str, ids: set[str]
) -> None:
    found = dane(world, domain)
    assert ({f.id for f in found.findings}, found.verdict.value) == (ids, verdict)


def test_a_certificate_that_only_dane_vouches_for_fits(world: World) -> None:
    (host,) = dane(world, "good.example").details["hosts"]  # type: ignore[misc]
    assert (host["status"], host["addresses"][0]["matches"]) == ("secure", True)


def test_a_zone_whose_signatures_have_ended_is_not_without_mail_hosts(world: World) -> None:
    assert dane(world, "late.example").verdict.value == "unchecked"


def test_records_without_encryption(world: World) -> None:
    assert {f.id for f in dane(world, "good.example", PLAIN).findings} == {"dane.no_tls"}


def test_a_name_server_that_does_not_validate_gives_them_no_effect(world: World) -> None:
    found = dane(world, "good.example", validated=False)
    assert {f.id for f in found.findings} == {"dane.insecure"}

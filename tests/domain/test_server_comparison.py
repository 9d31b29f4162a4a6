import asyncio
from contextlib import AsyncExitStack

import pytest

from mailgui.domain.server_comparison import compare_servers
from mailgui.net.resolver import Resolver
from tests.support.name_server import NameServer, Zone

DELEGATION = """
a.example NS ns1.a.example.
a.example NS ns2.a.example.
ns1.a.example A 192.0.2.1
ns2.a.example A 192.0.2.2
"""
NEW, OLD = 'a.example TXT "new"\n', 'a.example TXT "old"\n'


def told(first, second, resolver, *, system=DELEGATION, name="a.example"):
    """Compare, with the four zones behind two authoritative servers, a resolver, the system's."""

    async def run():
        async with AsyncExitStack() as stack:
            servers = {}
            for address, zone in (
                ("192.0.2.1", first),
                ("192.0.2.2", second),
                ("9.9.9.9", resolver),
                ("", system),
            ):
                made = zone if isinstance(zone, Zone) else Zone(zone, ttl=120)
                server = await stack.enter_async_context(NameServer(made))
                servers[address] = Resolver(server.address, timeout=0.5)
                stack.push_async_callback(servers[address].close)
            return await compare_servers(
                name,
                "TXT",
                system=servers[""],
                resolvers=[("9.9.9.9", "Quad9")],
                ask_server=servers.__getitem__,
            )

    return asyncio.run(run())


def ids(result):
    return [finding.id for finding in result.findings]


def test_all_agree():
    result = told(NEW, NEW, NEW)
    assert result.zone == "a.example"
    assert [each.agrees for each in result.told] == [True, True, True]
    assert [each.authoritative for each in result.told] == [True, True, False]
    assert result.told[0].label == "ns1.a.example (192.0.2.1)"
    assert ids(result) == []


def test_a_resolver_that_still_has_the_old_one_says_how_long():
    result = told(NEW, NEW, OLD)
    assert [each.agrees for each in result.told] == [True, True, False]
    (finding,) = result.findings
    assert finding.id == "servers.late"
    assert "120 seconds" in finding.explanation


def test_a_zone_that_was_not_transferred():
    result = told(NEW, OLD, NEW)
    assert [each.agrees for each in result.told] == [None, None, None]
    assert ids(result) == ["servers.differ"]


def test_a_record_that_is_gone_differs_too():
    assert ids(told("other.a.example A 192.0.2.9\na.example A 192.0.2.7", NEW, NEW)) == [
        "servers.differ"
    ]


@pytest.mark.parametrize("fault", ["@timeout", "@servfail", "@refused"])
def test_a_silent_server_is_not_a_different_answer(fault):
    result = told(NEW, f"a.example {fault}", NEW)
    assert ids(result) == ["servers.silent"]
    assert result.told[1].agrees is None
    assert result.told[2].agrees is True


def test_the_zone_above_is_found_for_a_name_below():
    below = '_dmarc.a.example TXT "x"\n'
    result = told(below, below, below, name="_dmarc.a.example")
    assert result.zone == "a.example"
    assert [each.agrees for each in result.told] == [True, True, True]


def test_no_delegation_at_all():
    assert ids(told(NEW, NEW, NEW, system="b.example A 192.0.2.1")) == ["servers.none"]

import asyncio
from collections.abc import Awaitable, Callable

from mailgui.domain.own_servers import OwnServers
from mailgui.domain.report import check
from mailgui.net.dns_answer import AnswerStatus
from mailgui.net.resolver import Resolver
from tests.support.name_server import NameServer

KNOWN = """
example.com NS ns.example.com.
ns.example.com A 127.0.0.1
other.net NS ns.other.net.
ns.other.net A 127.0.0.2
example.com TXT v=spf1 what resolvers still remember
"""


def asking(
    own_zone: str, other_zone: str, work: Callable[[OwnServers, NameServer], Awaitable[None]]
) -> None:
    """The finder knows where the servers are; which of them listens on 127.0.0.1 or .2 is played
    by two servers on ports of their own.
    """

    async def main() -> None:
        async with (
            NameServer(KNOWN) as finder,
            NameServer(own_zone) as own,
            NameServer(other_zone) as other,
        ):
            finding = Resolver(finder.address)
            made: list[Resolver] = []

            def ask_servers(addresses: str) -> Resolver:
                made.append(Resolver(own.address if "127.0.0.1:" in addresses else other.address))
                return made[-1]

            asker = OwnServers(finding, ask_servers)
            try:
                await work(asker, finder)
            finally:
                await asker.close()
                for resolver in (finding, *made):
                    await resolver.close()

    asyncio.run(main())


def test_the_domains_own_servers_are_asked() -> None:
    async def work(asker: OwnServers, finder: NameServer) -> None:
        answer = await asker.ask("example.com", "TXT")
        assert answer.records == ("v=spf1 -all",)
        assert all(rdtype in ("NS", "A", "AAAA") for _, rdtype in finder.questions())

    asking("example.com TXT v=spf1 -all", "", work)


def test_names_below_are_asked_of_the_same_servers_without_another_search() -> None:
    async def work(asker: OwnServers, finder: NameServer) -> None:
        names = [f"s{number}._domainkey.example.com" for number in range(30)]
        answers = await asker.ask_each(names, "TXT")
        assert [answer.records for answer in answers[:2]] == [("a",), ()]
        assert len(finder.questions("NS")) == 1

    asking("s0._domainkey.example.com TXT a", "", work)


def test_an_alias_is_followed_to_its_targets_own_servers() -> None:
    async def work(asker: OwnServers, _: NameServer) -> None:
        answer = await asker.ask("k._domainkey.example.com", "TXT")
        assert (answer.records, answer.cname) == (("key",), ("k.other.net",))
        assert answer.name == "k._domainkey.example.com"

    own = "k._domainkey.example.com CNAME k.other.net.\nk.other.net @refused"
    asking(own, "k.other.net TXT key", work)


def test_servers_that_cannot_be_found() -> None:
    async def work(asker: OwnServers, _: NameServer) -> None:
        for name in ("nowhere.org", "a..b", "org"):
            answer = await asker.ask(name, "TXT")
            assert answer.status is AnswerStatus.FAILED
            assert answer.reason.endswith("could not be found.")

    asking("", "", work)


def test_a_whole_check() -> None:
    async def work(asker: OwnServers, _: NameServer) -> None:
        report = await check("example.com", resolver=asker, dns_only=True)
        section = report.section("spf")
        assert section is not None
        assert section.records == ("v=spf1 -all",)

    asking("example.com TXT v=spf1 -all", "", work)

import asyncio
import socket
from collections.abc import Awaitable, Callable

import dns.message
import pytest

from mailgui.net.resolver import Answer, AnswerStatus, Resolver
from mailgui.transcript import Direction, Kind, Outcome, Recorder
from tests.support.name_server import NameServer, Zone

ZONE = """
example.com TXT v=spf1 -all
example.com MX 10 mx.example.com.
example.com MX 20 MX2.example.com.
alias.example.com CNAME b.example.com.
b.example.com CNAME c.example.com.
c.example.com A 192.0.2.1
dangling.example.com CNAME nothing.example.com.
outside.example.com CNAME other.example.net.
loop.example.com CNAME loop2.example.com.
loop2.example.com CNAME loop.example.com.
self.example.com CNAME self.example.com.
timeout.example.com @timeout
once.example.com @drop_first
once.example.com A 192.0.2.2
servfail.example.com @servfail
refused.example.com @refused
id.example.com @wrong_id
id.example.com A 192.0.2.3
question.example.com @wrong_question
question.example.com A 192.0.2.4
cut.example.com @truncate
cut.example.com A 192.0.2.5
always.example.com @truncate_always
garbage.example.com @garbage
garbage.example.com A 192.0.2.6
old.example.com @no_edns
old.example.com A 192.0.2.7
"""


def run(
    work: Callable[[NameServer, Resolver], Awaitable[None]],
    zone: Zone | str = ZONE,
    *,
    timeout: float = 5.0,
    delay: float = 0.0,
) -> None:
    async def main() -> None:
        async with NameServer(zone, delay=delay) as server:
            resolver = Resolver(server.address, timeout=timeout)
            try:
                await work(server, resolver)
            finally:
                await resolver.close()

    asyncio.run(main())


def ask(name: str, rdtype: str = "A", *, zone: Zone | str = ZONE, timeout: float = 5.0) -> Answer:
    answers = []

    async def work(server: NameServer, resolver: Resolver) -> None:
        answers.append(await resolver.ask(name, rdtype))

    run(work, zone, timeout=timeout)
    return answers[0]


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records"),
    [
        ("example.com", "TXT", "found", ("v=spf1 -all",)),
        ("Example.COM.", "mx", "found", ("10 mx.example.com.", "20 MX2.example.com.")),
        ("example.com", "A", "nodata", ()),
        ("nothing.example.com", "A", "nxdomain", ()),
        ("servfail.example.com", "A", "servfail", ()),
        ("refused.example.com", "A", "refused", ()),
        ("loop.example.com", "A", "failed", ()),
        ("self.example.com", "A", "failed", ()),
        ("id.example.com", "A", "found", ("192.0.2.3",)),
        ("question.example.com", "A", "found", ("192.0.2.4",)),
        ("cut.example.com", "A", "found", ("192.0.2.5",)),
        ("always.example.com", "A", "failed", ()),
        ("garbage.example.com", "A", "failed", ()),
        ("old.example.com", "A", "found", ("192.0.2.7",)),
        ("a..b", "A", "failed", ()),
        ("example.com", "NONSENSE", "failed", ()),
    ],
)
def test_outcomes_are_kept_apart(
    name: str, rdtype: str, status: str, records: tuple[str, ...]
) -> None:
    answer = ask(name, rdtype)
    assert (answer.status, answer.records) == (status, records)
    assert answer.conclusive is (status in ("found", "nodata", "nxdomain"))
    assert answer.conclusive or answer.reason.endswith(".")


def test_silence_is_a_timeout() -> None:
    answer = ask("timeout.example.com", timeout=0.2)
    assert answer.status is AnswerStatus.TIMEOUT
    assert answer.reason == "No name server answered within 0.2 seconds."


def test_a_lost_datagram_is_sent_again() -> None:
    assert ask("once.example.com", timeout=3.0).records == ("192.0.2.2",)


def test_a_cname_chain_is_followed_and_shown() -> None:
    answer = ask("alias.example.com")
    assert answer.records == ("192.0.2.1",)
    assert answer.cname == ("b.example.com", "c.example.com")


def test_a_dangling_cname_is_nxdomain_with_its_chain() -> None:
    answer = ask("dangling.example.com")
    assert (answer.status, answer.cname) == ("nxdomain", ("nothing.example.com",))


def test_a_cname_that_leads_out_of_the_answer_is_asked_for() -> None:
    """A server that answers with the CNAME alone, as an authoritative one does for other zones."""
    zone = Zone("alias.example.com CNAME end.example.net.\nend.example.net A 192.0.2.9")

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        response = NameServer(zone).respond(query)
        del response.answer[1:]
        response.authority.clear()
        return [response.to_wire()]

    async def main() -> None:
        async with NameServer(handler=handler) as server:
            resolver = Resolver(server.address)
            answer = await resolver.ask("alias.example.com", "A")
            await resolver.close()
            assert answer.records == ("192.0.2.9",)
            assert (answer.name, answer.cname) == ("alias.example.com", ("end.example.net",))
            assert len(server.asked) == 2

    asyncio.run(main())


@pytest.mark.parametrize("length", [2, 40])
def test_a_circle_of_cnames_over_several_answers_ends(length: int) -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        here = int(query.question[0].name.labels[0])
        zone = Zone(f"{here}.example CNAME {(here + 1) % length}.example.")
        response = NameServer(zone).respond(query)
        response.authority.clear()
        response.set_rcode(0)
        return [response.to_wire()]

    async def main() -> None:
        async with NameServer(handler=handler) as server:
            resolver = Resolver(server.address)
            answer = await resolver.ask("0.example", "A")
            await resolver.close()
            assert answer.status is AnswerStatus.FAILED
            assert "circle" in answer.reason
            assert len(server.asked) <= 14

    asyncio.run(main())


def test_txt_keeps_its_strings_and_shows_foreign_octets() -> None:
    zone = Zone().add_txt("t.example", b"v=spf1 ", b"ip4:\xff").add_txt("t.example", b"caf\xc3\xa9")
    answer = ask("t.example", "TXT", zone=zone)
    assert answer.records == ("v=spf1 ip4:\\xff", "café")
    assert answer.strings == ((b"v=spf1 ", b"ip4:\xff"), (b"caf\xc3\xa9",))
    assert answer.octets == (b"v=spf1 ip4:\xff", b"caf\xc3\xa9")


def test_a_malformed_record_is_skipped() -> None:
    zone = Zone().add_txt("t.example").add_txt("t.example", b"good")
    assert ask("t.example", "TXT", zone=zone).records == ("good",)


def test_an_answer_too_long_for_a_datagram_comes_by_tcp() -> None:
    zone = Zone().add_txt("t.example", *[b"x" * 255] * 40)

    async def work(server: NameServer, resolver: Resolver) -> None:
        answer = await resolver.ask("t.example", "TXT")
        assert len(answer.records[0]) == 255 * 40
        assert [road for _, _, road in server.asked] == ["udp", "tcp"]

    run(work, zone)


def test_questions_under_way_are_shared() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        answers = await asyncio.gather(*[resolver.ask("c.example.com", "A") for _ in range(20)])
        assert len({id(answer) for answer in answers}) == 1
        assert len(server.asked) == len(resolver.log) == 1

    run(work, delay=0.01)


def test_one_of_two_that_share_a_question_may_give_up() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        first = asyncio.ensure_future(resolver.ask("c.example.com", "A"))
        second = asyncio.ensure_future(resolver.ask("c.example.com", "A"))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).records == ("192.0.2.1",)
        with pytest.raises(asyncio.CancelledError):
            await first

    run(work, delay=0.01)


def test_asking_again_after_the_last_gave_up_starts_anew() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        first = asyncio.ensure_future(resolver.ask("c.example.com", "A"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        assert (await resolver.ask("c.example.com", "A")).records == ("192.0.2.1",)
        with pytest.raises(asyncio.CancelledError):
            await first

    run(work, delay=0.01)


def test_answers_are_cached_negative_ones_too_and_fresh_asks_again() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        for name in ("c.example.com", "nothing.example.com", "example.com"):
            first = await resolver.ask(name, "A")
            again = await resolver.ask(name.upper() + ".", "A")
            assert (first.cached, again.cached) == (False, True)
            assert (again.status, again.records) == (first.status, first.records)
        assert len(server.asked) == 3
        assert not (await resolver.ask("c.example.com", "A", fresh=True)).cached
        resolver.forget()
        assert not (await resolver.ask("c.example.com", "A")).cached
        assert len(server.asked) == 5

    run(work)


def test_failures_are_not_cached() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        await resolver.ask("servfail.example.com", "A")
        await resolver.ask("servfail.example.com", "A")
        assert len(server.asked) == 2

    run(work)


def test_the_next_server_is_asked_when_one_fails_or_is_silent_and_the_good_one_first_then() -> None:
    async def main() -> None:
        good_zone = "a.example A 192.0.2.1\nb.example A 192.0.2.2"
        for fault in ("servfail", "refused", "timeout", "garbage"):
            bad_zone = f"a.example @{fault}\nb.example @{fault}\n{good_zone}"
            async with NameServer(bad_zone) as bad, NameServer(good_zone) as good:
                resolver = Resolver(f"{bad.address},{good.address}", timeout=4.0)
                for name in ("a.example", "b.example"):
                    answer = await resolver.ask(name, "A")
                    assert (answer.status, answer.server) == ("found", good.address)
                await resolver.close()
                assert [name for name, _, _ in bad.asked] == ["a.example"]

    asyncio.run(main())


def test_a_server_that_is_not_there_is_passed_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def main() -> None:
        async with NameServer("a.example A 192.0.2.1") as good:
            resolver = Resolver(f"127.0.0.1:{port},{good.address}")
            assert (await resolver.ask("a.example", "A")).status is AnswerStatus.FOUND
            await resolver.close()
        resolver = Resolver(f"127.0.0.1:{port}")
        answer = await resolver.ask("a.example", "A")
        await resolver.close()
        assert answer.status is AnswerStatus.FAILED
        assert answer.reason.endswith(".")

    asyncio.run(main())


def test_a_servers_word_counts_more_than_anothers_silence() -> None:
    async def main() -> None:
        async with (
            NameServer("a.example @timeout") as silent,
            NameServer("a.example @servfail") as bad,
        ):
            resolver = Resolver(f"{silent.address},{bad.address}", timeout=1.0)
            assert (await resolver.ask("a.example", "A")).status is AnswerStatus.SERVFAIL
            await resolver.close()

    asyncio.run(main())


def test_a_silent_server_is_asked_a_bounded_number_of_times() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        await resolver.ask("timeout.example.com", "A")
        assert len(server.asked) == 3

    run(work, timeout=0.2)


def test_a_server_without_edns_is_remembered() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        await resolver.ask("old.example.com", "A")
        await resolver.ask("old.example.com", "TXT")
        assert len(server.asked) == 3

    run(work)


def test_a_flood_of_wrong_answers_ends() -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        wrong = dns.message.make_response(query)
        wrong.id ^= 1
        return [wrong.to_wire()] * 200

    async def main() -> None:
        async with NameServer(handler=handler) as server:
            resolver = Resolver(server.address, timeout=60)
            answer = await resolver.ask("a.example", "A")
            await resolver.close()
            assert "other questions" in answer.reason

    asyncio.run(main())


def test_no_more_than_the_limit_are_under_way() -> None:
    async def main() -> None:
        async with NameServer(delay=0.005) as server:
            resolver = Resolver(server.address, concurrency=5)
            await asyncio.gather(*[resolver.ask(f"{i}.example", "A") for i in range(20)])
            await resolver.close()
            assert server.most_at_once <= 5
            assert len(server.asked) == 20

    asyncio.run(main())


def test_closing_ends_what_is_under_way() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        question = asyncio.ensure_future(resolver.ask("timeout.example.com", "A"))
        while not server.asked:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await resolver.close()
        with pytest.raises(asyncio.CancelledError):
            await question

    run(work, timeout=60)


def test_questions_are_recorded() -> None:
    async def work(server: NameServer, resolver: Resolver) -> None:
        recorder = Recorder(Kind.DNS)
        await resolver.ask("alias.example.com", "A", recorder=recorder)
        await resolver.ask("alias.example.com", "A", recorder=recorder)
        await resolver.ask("servfail.example.com", "A", recorder=recorder)
        transcript = recorder.finish(Outcome.COMPLETED)
        texts = [event.text for event in transcript.events]
        assert texts[:4] == [
            "alias.example.com A?",
            "CNAME b.example.com",
            "CNAME c.example.com",
            "A 192.0.2.1",
        ]
        assert "alias.example.com A: known from before" in texts
        assert transcript.events[-1].direction is Direction.ERROR
        assert "SERVFAIL" in texts[-1]

    run(work)


def test_ipv6() -> None:
    async def main() -> None:
        try:
            server = await NameServer("a.example A 192.0.2.1", host="::1").__aenter__()
        except OSError:
            pytest.skip("This machine has no IPv6 loopback address.")
        resolver = Resolver(server.address)
        assert (await resolver.ask("a.example", "A")).status is AnswerStatus.FOUND
        await resolver.close()
        await server.__aexit__()

    asyncio.run(main())


@pytest.mark.parametrize("server", ["", "dns.example", "1.1.1.1,", "gopher://x"])
def test_a_server_that_cannot_be_read(server: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Resolver(server)

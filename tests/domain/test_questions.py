from mailgui.domain.questions import Questions
from mailgui.net.resolver import Resolver
from mailgui.transcript import Kind, Outcome, Recorder
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone


def test_each_question_is_asked_once_and_counted_even_without_ttl() -> None:
    servers: list[NameServer] = []
    zone = Zone("example.com A 192.0.2.1", ttl=0)

    async def work(resolver: Resolver) -> None:
        questions = Questions(resolver)
        first = await questions.ask("example.com", "A")
        assert await questions.ask("EXAMPLE.com.", "A") is first
        await questions.ask("example.com", "MX")
        assert questions.count == 2
        assert [a.rdtype for a in questions.answers] == ["A", "MX"]
        assert questions.last_answer > 0

    against(zone, work, servers=servers)
    assert len(servers[0].asked) == 2


def test_what_the_cache_knew_does_not_count() -> None:
    async def work(resolver: Resolver) -> None:
        await resolver.ask("example.com", "A")
        questions = Questions(resolver)
        await questions.ask("example.com", "A")
        assert (questions.count, len(questions.answers)) == (0, 1)
        assert questions.last_answer == 0.0

    against("example.com A 192.0.2.1", work)


def test_questions_are_recorded() -> None:
    async def work(resolver: Resolver) -> Recorder:
        recorder = Recorder(Kind.DNS)
        await Questions(resolver, recorder).ask("example.com", "A")
        return recorder

    transcript = against("example.com A 192.0.2.1", work).finish(Outcome.COMPLETED)
    assert [e.text for e in transcript.events][:2] == ["example.com A?", "A 192.0.2.1"]

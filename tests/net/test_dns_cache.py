from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dns_cache import AnswerCache


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def answer(
    name: str = "a", status: AnswerStatus = AnswerStatus.FOUND, ttl: int | None = 10
) -> Answer:
    return Answer(name, "A", status, ("192.0.2.1",), ttl=ttl, duration=0.5)


def put(cache: AnswerCache, kept: Answer) -> None:
    cache.put((kept.name, kept.rdtype), kept)


def test_an_answer_is_kept_for_its_ttl_and_counts_down() -> None:
    clock = Clock()
    cache = AnswerCache(clock=clock)
    put(cache, answer())
    clock.now += 4
    kept = cache.get(("a", "A"))
    assert kept is not None
    assert (kept.ttl, kept.cached, kept.duration) == (6, True, 0.0)
    clock.now += 6
    assert cache.get(("a", "A")) is None


def test_that_there_is_none_is_kept_and_failures_are_not() -> None:
    cache = AnswerCache(clock=Clock())
    put(cache, answer("no", AnswerStatus.NXDOMAIN))
    put(cache, answer("no-data", AnswerStatus.NODATA))
    for status in (AnswerStatus.SERVFAIL, AnswerStatus.TIMEOUT, AnswerStatus.REFUSED):
        put(cache, answer("bad", status))
    assert cache.get(("no", "A"))
    assert cache.get(("no-data", "A"))
    assert cache.get(("bad", "A")) is None


def test_a_failure_on_asking_again_removes_the_old_answer() -> None:
    cache = AnswerCache(clock=Clock())
    put(cache, answer())
    put(cache, answer(status=AnswerStatus.SERVFAIL))
    assert cache.get(("a", "A")) is None


def test_an_answer_without_ttl_is_not_kept() -> None:
    cache = AnswerCache(clock=Clock())
    put(cache, answer(ttl=None))
    put(cache, answer("b", ttl=0))
    assert cache.get(("a", "A")) is None
    assert cache.get(("b", "A")) is None


def test_the_least_used_goes_first() -> None:
    cache = AnswerCache(capacity=2, clock=Clock())
    put(cache, answer("a"))
    put(cache, answer("b"))
    cache.get(("a", "A"))
    put(cache, answer("c"))
    assert cache.get(("b", "A")) is None
    assert cache.get(("a", "A"))

"""The loop of trying again: how long it waits, when it ends, and that cancelling ends the wait."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.jobs.attempts import Backoff, cancelled_within, run_attempts


@dataclass(frozen=True)
class Next:
    again: bool
    wait: float = 0.0
    reason: str = "So."


def run(reports, decide, **options):
    async def send_once(number):
        return reports[number - 1]

    return asyncio.run(run_attempts(send_once, decide, **options))


async def no_pause(_seconds, _cancel):
    return False


def test_each_try_is_kept_with_what_followed():
    told = []
    attempts = run(
        ["a", "b", "c"],
        lambda report, number: Next(report != "c", float(number)),
        on_attempt=told.append,
        pause=no_pause,
    )
    assert [(a.number, a.report, a.again, a.wait) for a in attempts] == [
        (1, "a", True, 1.0),
        (2, "b", True, 2.0),
        (3, "c", False, 0.0),
    ]
    assert told == list(attempts)


def test_a_cancelled_wait_ends_it():
    async def main():
        cancel = asyncio.Event()

        async def send_once(number):
            return number

        return await run_attempts(
            send_once,
            lambda *_: Next(True, 3600.0),
            cancel=cancel,
            on_attempt=lambda _: cancel.set(),
        )

    attempts = asyncio.run(main())
    assert [(a.number, a.again) for a in attempts] == [(1, True)]


def test_cancelled_while_sending_is_not_tried_again():
    async def main():
        cancel = asyncio.Event()

        async def send_once(number):
            cancel.set()
            return number

        return await run_attempts(send_once, lambda *_: Next(True, 3600.0), cancel=cancel)

    assert [a.again for a in asyncio.run(main())] == [False]


def test_a_wait_ends_by_itself():
    assert asyncio.run(cancelled_within(0.0, None)) is False
    assert asyncio.run(cancelled_within(0.001, asyncio.Event())) is False


def test_the_longest_waits_double_up_to_the_cap():
    backoff = Backoff(attempts=9, first_delay=2.0, cap=10.0)
    most = [backoff.wait(number, draw=lambda _low, high: high) for number in range(1, 6)]
    assert most == [2.0, 4.0, 8.0, 10.0, 10.0]


@given(st.integers(1, 10_000), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_wait_is_never_beyond_the_cap(attempt, first, cap):
    wait = Backoff(attempts=2, first_delay=first, cap=cap).wait(attempt)
    assert 0.0 <= wait <= cap


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_wait_is_drawn_from_zero(number):
    assert Backoff(first_delay=2.0).wait(number, draw=lambda low, _high: low) == 0.0

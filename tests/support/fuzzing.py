"""How long to look for faults with random input, and scripts of servers that go wrong somewhere."""

import faulthandler
import os
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.support.hostile import (
    GOODBYE,
    Drip,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Reset,
    Say,
    Step,
    Tls,
    envelope,
    hello,
)

SECONDS = float(os.environ.get("MAILGUI_FUZZ") or 0)
"""How long each fuzz test looks; 0 for a look of a few examples."""
_EXAMPLES = 40
_ROUND = 300
_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def fuzz(*strategies: st.SearchStrategy[Any]) -> Callable[..., Callable[[], None]]:
    """Run a test on random input: for ``MAILGUI_FUZZ`` seconds, else on a few examples.

    Arguments by name are not the strategies' but pytest's, as ever.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            examples = _ROUND if SECONDS else _EXAMPLES
            until, number = time.monotonic() + SECONDS, time.time_ns() if SECONDS else 0

            if SECONDS:
                faulthandler.cancel_dump_traceback_later()  # it is meant to last

            def body(drawn: tuple[Any, ...]) -> None:
                if not SECONDS or time.monotonic() < until:
                    test(*drawn, **fixtures)

            while True:
                options = settings(
                    max_examples=examples,
                    deadline=None,
                    suppress_health_check=_CHECKS,
                    database=None,
                    phases=(Phase.generate, Phase.shrink),
                    report_multiple_bugs=False,
                )
                attempt = options(given(st.tuples(*strategies))(body))
                (seed(number)(attempt) if SECONDS else attempt)()
                number += 1
                if time.monotonic() >= until:
                    return

        names = test.__code__.co_varnames[len(strategies) : test.__code__.co_argcount]
        run.__signature__ = _signature(names)  # type: ignore[attr-defined]
        del run.__wrapped__  # type: ignore[attr-defined]  # else pytest asks for what is drawn
        return pytest.mark.timeout(120 + 2 * SECONDS)(run)

    return decorate


def _signature(names: Sequence[str]) -> Any:
    import inspect

    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])


# What servers may say, sensible or not.
WORDS = st.one_of(
    st.sampled_from([
        *[b"220 mx\r\n", b"250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n", b"250 ok\r\n"],
        *[b"354 go\r\n", b"334 \r\n", b"235 ok\r\n", b"221 bye\r\n", b"421 bye\r\n", b"550 no\r\n"],
        *[b"250\r\n", b"250-", b"250 a\r\n250 b\r\n", b"451 later\n", b"\x16\x03", b"999 x\r\n"],
        *[b"250-a\r\n550 b\r\n", b"334 bW9yZQ==\r\n", b"250 ok\r\n" * 3, b"\r\n", b"\n", b"\0"],
        *[b"250-mx\r\n250-CHUNKING\r\n250-SIZE 10\r\n250 LIMITS MAILMAX=1 RCPTMAX=1\r\n"],
        *[b"250-mx\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n", b"2", b"x" * 9000, b"250-a\r\n" * 5000],
    ]),
    st.binary(max_size=20),
)  # fmt: skip

ANY_SCRIPT = st.lists(
    st.one_of(WORDS.map(Say), st.just(Hear()), st.just(HearData()), st.just(Reset())), max_size=14
)


def _taken(recipients: int, *, lmtp: bool = False) -> list[Step]:
    answers = ["250 2.0.0 Ok: queued as 4Xyz12"] * (recipients if lmtp else 1)
    return [
        *envelope(recipients),
        *[Hear("DATA"), Say("354 Go"), HearData(), *map(Say, answers)],
    ]


def _lmtp(*capabilities: str) -> list[Step]:
    greeting = hello(*capabilities)
    return [greeting[0], Hear("LHLO"), greeting[2]]


def sound_scripts(recipients: int, size: int) -> dict[str, list[Step]]:
    """Return servers that do all right, by name; to be driven with a plan that fits."""
    bdat: list[Step] = [Hear("BDAT"), HearOctets(size), Say("250 Ok")]
    auth = [Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear(), Say("334 "), Hear(), Say("235 Ok")]
    tls: list[Step] = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello()[1:]]
    return {
        "plain": [*hello(), *_taken(recipients), *GOODBYE],
        "old": [Say("220 old"), Hear("EHLO"), Say("500 What"), Hear("HELO"), Say("250 old"),
                *_taken(recipients), *GOODBYE],
        "pipelining": [*hello("PIPELINING", "SIZE", "8BITMIME"), *_taken(recipients), *GOODBYE],
        "chunking": [*hello("CHUNKING", "PIPELINING"), *envelope(recipients), *bdat, *GOODBYE],
        "lmtp": [*_lmtp("PIPELINING"), *_taken(recipients, lmtp=True), *GOODBYE],
        "auth": [*hello("AUTH LOGIN"), *auth, *_taken(recipients), *GOODBYE],
        "starttls": [*tls, *_taken(recipients), *GOODBYE],
        "twice": [*hello("PIPELINING"), *_taken(recipients), *_taken(recipients), *GOODBYE],
    }  # fmt: skip


@st.composite
def gone_wrong(draw: st.DrawFn, script: Sequence[Step]) -> list[Step]:
    """Return ``script`` with a few things done wrongly."""
    steps = list(script)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(steps) - 1))
        step = steps[place]
        if isinstance(step, Say) and draw(st.integers(0, 4)):
            steps[place] = draw(_misspoken(step.octets))
        else:
            steps[place : place + 1] = draw(
                st.sampled_from(
                    [[], [step, step], [step, Say(b"250 Extra\r\n")], [Reset()], [Hold()]]
                )
            )
        if not steps:
            return []
    return steps


def _misspoken(octets: bytes) -> st.SearchStrategy[Step]:
    """Return ways in which octets may go wrong on their way."""
    cuts = st.integers(0, len(octets))
    code = st.sampled_from([b"1", b"2", b"3", b"4", b"5", b"9", b"42", b"\xff"])
    return st.one_of(
        WORDS.map(Say),
        cuts.map(lambda cut: Say(octets[:cut])),
        cuts.map(lambda cut: Say(octets[cut:])),
        st.tuples(cuts, WORDS).map(
            lambda pair: Say(octets[: pair[0]] + pair[1] + octets[pair[0] :])
        ),
        code.map(lambda digits: Say(digits + octets[len(digits) :])),
        st.just(Say(octets.replace(b"\r\n", b"\n"))),
        st.just(Say(octets.replace(b" ", b"-"))),
        st.just(Say(octets * 2)),
        st.just(Drip(octets)),
    )

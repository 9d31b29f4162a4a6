"""No server, whatever it says, hangs or breaks a session. ``MAILGUI_FUZZ`` sets the examples."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgui.smtp.plan import Plan
from mailgui.transcript import Outcome, Transcript
from tests.support.hostile import Hear, HearData, Say, play

EXAMPLES = int(os.environ.get("MAILGUI_FUZZ", "60"))

pieces = st.one_of(
    st.sampled_from([
        *[b"220 mx\r\n", b"250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n", b"250 ok\r\n"],
        *[b"354 go\r\n", b"334 \r\n", b"235 ok\r\n", b"221 bye\r\n", b"421 bye\r\n", b"550 no\r\n"],
        *[b"250\r\n", b"250-", b"250 a\r\n250 b\r\n", b"451 later\n", b"\x16\x03", b"999 x\r\n"],
    ]),
    st.binary(max_size=20),
)  # fmt: skip
steps = st.one_of(pieces.map(Say), st.just(Hear()), st.just(HearData()))


@pytest.mark.timeout(60 + EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=14), st.booleans(), st.booleans())
def test_any_server(script, sign_in, pipelining):
    options = {"username": "ann", "password": "hunter2"} if sign_in else {}
    # The server closes at the end of its script, so no time-out is waited for.
    transcript, _ = play(script, plan=Plan(pipelining=pipelining), timeout=0.05, **options)
    assert isinstance(transcript, Transcript)
    assert transcript.summary.endswith((".", "!", "?"))
    assert transcript.stage is not None
    if transcript.outcome is Outcome.ACCEPTED:
        assert transcript.reply.code // 100 == 2
    assert "hunter2" not in repr(transcript)

"""No server, whatever it says, hangs, breaks or fools a session.

``MAILGUI_FUZZ=600`` looks for 600 seconds in each of these tests, in place of a few examples.
"""

import asyncio
import json

from hypothesis import strategies as st

from mailgui.findings.diagnose import diagnose
from mailgui.findings.headline import headline
from mailgui.message.compose import compose
from mailgui.message.copies import copies
from mailgui.message.draft import Address, Draft
from mailgui.smtp import bulk_worker
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.exit_codes import exit_code
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import Greeting
from mailgui.transcript import Kind, Outcome, Recorder, Stage
from mailgui.transcript.codec import decode, encode
from mailgui.transcript.export_json import to_json_dict
from mailgui.transcript.export_text import to_text
from mailgui.transcript.text import visible
from tests.support.fuzzing import ANY_SCRIPT, WORDS, fuzz, gone_wrong, sound_scripts
from tests.support.hostile import Octets, Say, Tls, hello, play, serving

CODES = {0, 2, 6, 21, 22, 23, 24, 25, 26, 27, 28, 29, 32, 33, 34, 36, 64}
SECRET = "hunter2hunter2"
SHORT = 0.1  # seconds a reply may take: a server that holds still is waited for


def assert_sound(transcript, server=None):
    """Whatever happened, what is told of it is whole, and no more than what is known."""
    assert transcript.summary.endswith((".", "!", "?"))
    assert transcript.summary == visible(transcript.summary)
    assert transcript.stage is not None
    assert exit_code(transcript) in CODES
    assert SECRET not in repr(transcript)
    assert decode(encode(transcript)) == transcript
    json.loads(json.dumps(to_json_dict(transcript)))
    assert to_text(transcript)
    findings = diagnose(transcript)
    assert headline(transcript, findings).sentence
    if transcript.outcome is Outcome.ACCEPTED:
        assert transcript.reply.code // 100 == 2
        assert all(r.outcome is Outcome.ACCEPTED for r in transcript.recipients)
        assert transcript.stage is Stage.MESSAGE
    if transcript.outcome in (Outcome.REFUSED, Outcome.TEMPORARY):
        assert transcript.reply.code // 100 in (4, 5)
    if transcript.outcome is Outcome.FAILED:
        assert transcript.fault
        assert findings, f"nothing is said of the fault {transcript.fault}"
    whole = [e for e in transcript.events if e.data_digest]
    if transcript.outcome is Outcome.UNKNOWN:
        assert whole or transcript.fault == "premature_reply"
    elif whole and transcript.outcome is not Outcome.COMPLETED:
        # The message went out: only an answer of the server's may have decided.
        assert transcript.reply is not None


@fuzz(ANY_SCRIPT, st.booleans(), st.booleans())
def test_any_server(script, sign_in, pipelining):
    options = {"username": "ann", "password": SECRET} if sign_in else {}
    # The server closes at the end of its script, so no time-out is waited for.
    transcript, server = play(script, plan=Plan(pipelining=pipelining), timeout=SHORT, **options)
    assert_sound(transcript, server)


NAMES = list(sound_scripts(1, 1))


@st.composite
def cases(draw):
    recipients, size = draw(st.integers(1, 3)), draw(st.sampled_from([0, 24, 5000]))
    name = draw(st.sampled_from(NAMES))
    return name, recipients, size, draw(gone_wrong(sound_scripts(recipients, size)[name]))


@fuzz(cases())
def test_a_server_that_goes_wrong_somewhere(case, certified):
    name, recipients, size, script = case
    octets = Octets(b"x" * size, recipients=tuple(f"r{i}@good.example" for i in range(recipients)))
    greeting = Greeting.LHLO if name == "lmtp" else Greeting.AUTO
    options = {"plan": Plan(greeting=greeting, chunking=name == "chunking"), "timeout": SHORT}
    if name == "auth":
        options |= {"username": "ann", "password": SECRET}
    if name == "starttls":
        options |= {"tls": TlsMode.STARTTLS, "tls_ca": certified.ca_file}
    transcript, server = play(script, octets, context=certified.context, **options)
    assert_sound(transcript, server)


@fuzz(st.lists(WORDS, max_size=6), st.sampled_from(["before", "inside"]), st.booleans())
def test_any_octets_around_a_handshake(words, where, implicit, certified):
    said = list(map(Say, words))
    upgrade = [] if implicit else [*hello("STARTTLS"), Say("220 Go")]
    script = [*upgrade, *said] if where == "before" else [*upgrade, Tls(), *said]
    mode = TlsMode.IMPLICIT if implicit else TlsMode.STARTTLS
    options = {"context": certified.context, "tls_ca": certified.ca_file, "tls": mode}
    transcript, server = play(script, timeout=SHORT, **options)
    assert_sound(transcript, server)
    assert transcript.outcome is not Outcome.ACCEPTED


def small_message():
    people = {"sender": Address("a@good.example"), "to": (Address("b@good.example"),)}
    return compose(Draft(subject="Fuzz", text="Hello", **people))


@fuzz(cases(), st.integers(1, 3), st.integers(1, 2))
def test_many_messages_to_a_server_that_goes_wrong_somewhere(
    case, count, connections, certified, monkeypatch
):
    monkeypatch.setattr(bulk_worker, "_PATIENCE", 0.001)
    name, _, _, script = case

    async def run():
        async with serving(script, context=certified.context) as server:
            settings = SmtpSettings("127.0.0.1", server.port, tls=TlsMode.NONE, timeout=SHORT)
            return await send_bulk(
                settings,
                copies(small_message(), own_id=True),
                count=count,
                connections=connections,
                plan=Plan(chunking=name == "chunking"),
                password=None,
                recorder=Recorder(Kind.SMTP),
            )

    result = asyncio.run(run())
    assert result.count == count
    assert result.transcript.summary.endswith((".", "!", "?"))
    for transcript in result.failures:
        assert_sound(transcript)

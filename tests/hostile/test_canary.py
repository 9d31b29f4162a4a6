"""The password, in any form, is in no transcript and no sentence, whatever the server does."""

import base64
import json
from dataclasses import asdict
from urllib.parse import quote

import pytest

from mailgui.smtp.plan import Plan, connection_test
from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.smtp.steps import Banner, Connect, Greet, Line, Quit
from mailgui.transcript import MASK, Direction, Outcome, Stage
from mailgui.transcript.codec import encode
from mailgui.transcript.export_json import to_json_dict
from mailgui.transcript.export_text import to_text
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Echo,
    Hear,
    HearData,
    Hold,
    Octets,
    Say,
    Scram,
    envelope,
    hello,
    play,
)

USER = "canary-user"
PASSWORD = "Zq7/canary+pässword=&%"
PLUS = [name for name in MECHANISMS if name.endswith("-PLUS")]
WITH_SECRET = [
    name for name, kind in MECHANISMS.items() if kind.carries_secret and name not in PLUS
]


def forms(secret: str, user: str = USER) -> set[str]:
    """Return every form in which the secret could be read out of a record."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), raw.hex(), json.dumps(secret)[1:-1]}
    for text in (raw, b"\0%s\0%s" % (user.encode(), raw)):
        for to_base64 in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(to_base64(text).decode())
            for lead in range(3):
                core = to_base64(b"\0" * lead + text).decode()
                found.add(core[(lead * 8 + 5) // 6 : (lead + len(text)) * 8 // 6])
    return found


def assert_clean(transcript, *more: str):
    record = to_text(transcript) + json.dumps(to_json_dict(transcript), ensure_ascii=False)
    record += encode(transcript).decode("utf-8", "replace")
    record += repr(transcript) + json.dumps(asdict(transcript), default=repr, ensure_ascii=False)
    octets = b"\n".join(event.octets for event in transcript.events).decode("utf-8", "replace")
    for form in {*forms(PASSWORD), *more}:
        assert form not in record
        assert form not in octets


def sign_in(script, mechanism, **options):
    return play(
        script,
        None,
        plan=connection_test(),
        auth=mechanism,
        username=USER,
        password=PASSWORD,
        **options,
    )


def sign_in_and_send(script):
    return play(script, Octets(), auth="PLAIN", username=USER, password=PASSWORD)


CHALLENGES = {
    "CRAM-MD5": base64.b64encode(b"<1896.697170952@good.example>").decode(),
    "LOGIN": "VXNlcm5hbWU6",
}


@pytest.mark.parametrize("mechanism", WITH_SECRET)
@pytest.mark.parametrize("wrapping", ["535 5.7.8 bad: {}", "535-5.7.8 {}\r\n535 5.7.8 {}", "{}"])
def test_a_server_that_echoes_what_it_heard(mechanism, wrapping):
    challenge = CHALLENGES.get(mechanism, "")
    script = [*hello(f"AUTH {mechanism}"), Hear("AUTH")]
    if mechanism in CHALLENGES:
        script += [Say(f"334 {challenge}"), Hear()]
    if mechanism == "LOGIN":
        script += [Say("334 UGFzc3dvcmQ6"), Hear()]
    script += [Echo(wrapping), *GOODBYE]
    transcript, server = sign_in(script, mechanism)
    assert transcript.outcome in (Outcome.REFUSED, Outcome.FAILED)
    sent = [line.split()[-1] for line in server.lines if line and "EHLO" not in line]
    secret = [
        s for s in sent if s not in (mechanism, "QUIT", base64.b64encode(USER.encode()).decode())
    ]
    if mechanism.startswith("SCRAM"):
        secret = []  # the first message of SCRAM holds a name and a random number
    assert_clean(transcript, *secret)


@pytest.mark.parametrize("mechanism", WITH_SECRET)
def test_a_server_that_decodes_what_it_heard(mechanism):
    """Some put the user's words into their refusal, as plain text or encoded anew."""
    script = [*hello(f"AUTH {mechanism}"), Hear("AUTH")]
    if mechanism in CHALLENGES:
        script += [Say(f"334 {CHALLENGES[mechanism]}"), Hear()]
    if mechanism == "LOGIN":
        script += [Say("334 UGFzc3dvcmQ6"), Hear()]
    shown = " ".join(sorted(forms(PASSWORD)))
    transcript, _ = sign_in([*script, Say(f"535 5.7.8 {shown}"), *GOODBYE], mechanism)
    assert transcript.outcome is Outcome.REFUSED
    assert_clean(transcript)


def scattered(secret):
    """Return a refusal over whose three lines the secret is spread."""
    third = len(secret) // 3
    parts = (secret[:third], secret[third : 2 * third], secret[2 * third :])
    return [
        "535-{}\r\n535-{}\r\n535 {}".format(*parts),
        "535-5.7.8 {}\r\n535-5.7.8 {}\r\n535 5.7.8 {}".format(*parts),
    ]


@pytest.mark.parametrize("form", ["plain", "base64", "quoted"])
@pytest.mark.parametrize("way", [0, 1])
def test_a_secret_spread_over_the_lines_of_one_reply(form, way):
    secret = {
        "plain": PASSWORD,
        "base64": base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
        "quoted": quote(PASSWORD, safe=""),
    }[form]
    script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say(scattered(secret)[way].encode() + b"\r\n")]
    transcript, _ = sign_in([*script, *GOODBYE], "PLAIN")
    assert (transcript.outcome, transcript.reply.code) == (Outcome.REFUSED, 535)
    third = len(secret) // 3
    assert_clean(transcript, secret[:third], secret[third : 2 * third], secret[2 * third :])


@pytest.mark.parametrize("code", ["", "2.1.0 "], ids=["bare", "with-code"])
@pytest.mark.parametrize("lines", [1, 2])
def test_a_secret_spread_over_several_replies(code, lines):
    secret = PASSWORD
    third = len(secret) // 3
    parts = (secret[:third], secret[third : 2 * third], secret[2 * third :])
    first = f"235 {code}{parts[0]}" if lines == 1 else f"235-{code}Hello\r\n235 {code}{parts[0]}"
    script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say(first.replace("2.1.0", "2.7.0"))]
    script += [
        Hear("MAIL"),
        Say(f"250 {code}{parts[1]}"),
        Hear("RCPT"),
        Say(f"250 {code}{parts[2]}"),
    ]
    script += [Hear("DATA"), Say("354 Go on"), HearData(), Say("250 2.0.0 Thank you"), *GOODBYE]
    transcript, server = sign_in_and_send(script)
    assert not server.problems
    assert transcript.outcome is Outcome.ACCEPTED
    assert_clean(transcript, *parts)
    texts = [event.text for event in transcript.events]
    assert "250 2.0.0 Thank you" in texts
    assert f"250 {MASK}" in texts


def test_replies_that_spell_no_secret_together_are_left_as_they_are():
    script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say("235 2.7.0 Authentication successful")]
    transcript, _ = sign_in_and_send([*script, *envelope(), *TAKEN, *GOODBYE])
    assert not [
        e for e in transcript.events if MASK in e.text and e.direction is not Direction.SENT
    ]


def test_a_reply_that_holds_no_secret_is_left_as_it_is():
    said = b"535-5.7.8 Username and Password\r\n535 5.7.8 not accepted\r\n"
    script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say(said), *GOODBYE]
    transcript, _ = sign_in(script, "PLAIN")
    assert transcript.reply.text == "Username and Password not accepted"
    texts = [event.text for event in transcript.events]
    assert "535-5.7.8 Username and Password" in texts
    assert texts.index("535-5.7.8 Username and Password") < texts.index("QUIT")


@pytest.mark.parametrize("end", [[], [Hold()]], ids=["closed", "silent"])
def test_what_was_held_back_of_a_reply_without_an_end_is_shown(end):
    script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say(b"535-5.7.8 No\r\n"), *end]
    transcript, _ = sign_in(script, "PLAIN", timeout=0.1)
    assert "535-5.7.8 No" in [event.text for event in transcript.events]


def test_a_server_that_echoes_a_line_of_ones_own():
    encoded = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    by_login = base64.b64encode(PASSWORD.encode()).decode()
    name = base64.b64encode(USER.encode()).decode()
    lines = [f"AUTH PLAIN {encoded}", "AUTH LOGIN", name, by_login]
    steps = [Line(line.encode() + b"\r\n", Stage.AUTH) for line in lines]
    shown = f"{PASSWORD} {encoded} {by_login}".encode()
    script = [
        *[*hello(), Hear("AUTH PLAIN"), Say(b"235 " + shown + b"\r\n"), Hear("AUTH LOGIN")],
        *[Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6"), Hear()],
        *[Say(b"535 " + shown + b"\r\n"), *GOODBYE],
    ]
    plan = Plan(steps=(Connect(), Banner(), Greet(), *steps, Quit()))
    transcript, server = play(script, None, plan=plan)
    assert not server.problems
    assert transcript.reply.code == 535
    assert_clean(transcript, encoded, by_login)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_the_proof_of_scram_is_hidden_too(mechanism):
    script = [*hello(f"AUTH {mechanism}"), Hear("AUTH"), Scram(), Hear(), Echo("535 5.7.8 {}")]
    transcript, server = sign_in([*script, *GOODBYE], mechanism)
    proof = base64.b64decode(server.lines[2]).decode().split(",p=")[1]
    assert transcript.outcome is Outcome.REFUSED
    assert_clean(transcript, server.lines[2], proof)


def test_a_fault_whose_sentence_quotes_the_server():
    """The quotation is cut to length only after it was masked."""
    encoded = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    for said in (f"x{'.' * 40}{encoded}", f"250 ok\r\n250 {'.' * 60}{PASSWORD}{encoded}"):
        script = [*hello("AUTH PLAIN"), Hear("AUTH"), Say(said), *GOODBYE]
        transcript, _ = sign_in(script, "PLAIN")
        assert transcript.fault in ("malformed_reply", "unsolicited_reply")
        assert_clean(transcript, encoded[:12], PASSWORD[:6], encoded[20:32])


def test_no_object_of_the_engine_shows_it():
    from mailgui.smtp import commands
    from mailgui.smtp.sasl import Credentials, make

    credentials = Credentials(USER, PASSWORD)
    encoded = base64.b64encode(PASSWORD.encode())
    shown = repr(credentials) + repr(commands.auth_answer("LOGIN", encoded))
    shown += repr(commands.auth("PLAIN", encoded.decode())) + repr(make("PLAIN", credentials))
    for form in forms(PASSWORD):
        assert form not in shown

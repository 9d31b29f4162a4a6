"""AUTH against servers that prompt oddly, refuse, echo, loop, or lie."""

import base64

import pytest

from mailgui.smtp.plan import connection_test
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import GOODBYE, Hear, Hold, Say, hello, play

USER = "ann"
PASSWORD = "correct horse"


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


PLAIN = b64(f"\0{USER}\0{PASSWORD}")


def sign_in(script, auth=None, **options):
    options = {"username": USER, "password": PASSWORD, **options}
    return play(script, None, plan=connection_test(), auth=auth, **options)


def test_plain():
    script = [*hello("AUTH PLAIN"), Hear(f"AUTH PLAIN {PLAIN}$"), Say("235 2.7.0 Welcome")]
    transcript, server = sign_in([*script, *GOODBYE])
    assert (transcript.outcome, transcript.stage) == (Outcome.COMPLETED, Stage.AUTH)
    assert not server.problems
    assert "AUTH PLAIN ••••••••" in [event.text for event in transcript.events]


@pytest.mark.parametrize("refusal", ["501 5.5.4 No", "504 5.5.4 No", "500 What"])
def test_plain_that_wants_no_initial_response(refusal):
    script = [*hello("AUTH PLAIN"), Hear("AUTH PLAIN "), Say(refusal), Hear("AUTH PLAIN$")]
    script += [Say("334 "), Hear(f"{PLAIN}$"), Say("235 Welcome"), *GOODBYE]
    transcript, server = sign_in(script)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b64("Username:"), b64("Password:")),
        ("", ""),
        ("Username:", "Password:"),
        (b64("Password:"), b64("Username:")),
        ("*** odd ***", "===="),
    ],
)
def test_login_whatever_the_prompts_say(first, second):
    script = [*hello("AUTH LOGIN"), Hear("AUTH LOGIN$"), Say(f"334 {first}"), Hear(b64(USER) + "$")]
    script += [Say(f"334 {second}"), Hear(b64(PASSWORD) + "$"), Say("235 Welcome"), *GOODBYE]
    transcript, server = sign_in(script)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("530 5.7.0 Must issue STARTTLS first", Outcome.REFUSED),
        ("534 5.7.9 Too weak", Outcome.REFUSED),
        ("535 5.7.8 Bad credentials", Outcome.REFUSED),
        ("454 4.7.0 Temporary failure", Outcome.TEMPORARY),
    ],
)
def test_refused(reply, outcome):
    script = [*hello("AUTH PLAIN"), Hear("AUTH PLAIN "), Say(reply), *GOODBYE]
    transcript, server = sign_in(script)
    assert (transcript.outcome, transcript.stage) == (outcome, Stage.AUTH)
    assert f"refused the sign-in as ann (AUTH PLAIN): {reply}." in transcript.summary
    assert len(server.lines) == 3  # one attempt: a second could lock the account


def test_not_offered_at_all():
    transcript, server = sign_in([*hello(), *GOODBYE])
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "auth_not_offered")
    assert "only after TLS" in transcript.summary
    assert server.lines[-1] == "QUIT"


def test_the_wanted_mechanism_is_not_offered():
    transcript, _ = sign_in([*hello("AUTH LOGIN CRAM-MD5"), *GOODBYE], auth="PLAIN")
    assert transcript.fault == "auth_mechanism_not_offered"
    assert "it offers LOGIN, CRAM-MD5" in transcript.summary


def test_only_mechanisms_that_nobody_knows():
    transcript, _ = sign_in([*hello("AUTH GSSAPI NTLM"), *GOODBYE])
    assert transcript.fault == "auth_mechanism_not_offered"


def test_a_mechanism_offered_but_unknown_to_the_server_gives_way():
    script = [*hello("AUTH CRAM-MD5 PLAIN"), Hear("AUTH CRAM-MD5"), Say("504 5.5.4 Unknown")]
    script += [Hear("AUTH PLAIN "), Say("235 Welcome"), *GOODBYE]
    transcript, server = sign_in(script)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


def test_the_strongest_is_taken_and_the_reason_told():
    script = [*hello("AUTH LOGIN PLAIN CRAM-MD5"), Hear("AUTH CRAM-MD5"), Say("535 No"), *GOODBYE]
    transcript, _ = sign_in(script)
    assert any(
        event.text.startswith("Signing in with CRAM-MD5, of LOGIN, PLAIN, CRAM-MD5: ")
        for event in transcript.events
    )


@pytest.mark.parametrize(("mechanism", "rounds"), [("PLAIN", 1), ("LOGIN", 3)])
def test_endless_challenges(mechanism, rounds):
    script = [*hello(f"AUTH {mechanism}"), Hear("AUTH")]
    for _ in range(rounds):
        script += [Say("334 bW9yZQ=="), Hear()]
    transcript, server = sign_in([*script, Say("501 Cancelled"), *GOODBYE])
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "auth_endless")
    assert "*" in server.lines


def test_challenges_are_capped_at_ten():
    """XOAUTH2 answers each with an empty line, and would do so for ever."""
    script = [*hello("AUTH XOAUTH2"), Hear("AUTH XOAUTH2 ")]
    for _ in range(11):
        script += [Say("334 e30="), Hear()]
    transcript, server = sign_in([*script, Say("501 Cancelled"), *GOODBYE], auth="XOAUTH2")
    assert transcript.fault == "auth_endless"
    assert "more than 10 times" in transcript.summary
    assert server.lines.count("") == 10
    assert server.lines[-2:] == ["*", "QUIT"]


def test_xoauth2_failure_gets_an_empty_line_and_its_json_is_told():
    reason = b64('{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}')
    script = [*hello("AUTH XOAUTH2"), Hear("AUTH XOAUTH2 "), Say(f"334 {reason}"), Hear("$")]
    transcript, server = sign_in([*script, Say("535 5.7.8 Not accepted"), *GOODBYE], auth="xoauth2")
    assert (transcript.outcome, transcript.reply.code) == (Outcome.REFUSED, 535)
    assert any("status 401, schemes bearer" in event.text for event in transcript.events)
    assert not server.problems


def test_a_long_token_goes_in_a_line_of_its_own():
    script = [*hello("AUTH XOAUTH2"), Hear("AUTH XOAUTH2$"), Say("334 "), Hear("dXNlcj1hbm4")]
    transcript, server = sign_in([*script, Say("235 Ok"), *GOODBYE], password="t" * 1500)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


@pytest.mark.parametrize(("mechanism", "octets"), [("EXTERNAL", "YW5u"), ("ANONYMOUS", "YW5u")])
def test_without_a_secret(mechanism, octets):
    script = [*hello(f"AUTH {mechanism}"), Hear(f"AUTH {mechanism} {octets}$"), Say("235 Ok")]
    transcript, server = sign_in([*script, *GOODBYE], auth=mechanism, password=None)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


def test_external_without_a_name_sends_an_equals_sign():
    script = [*hello("AUTH EXTERNAL"), Hear("AUTH EXTERNAL =$"), Say("235 Ok"), *GOODBYE]
    transcript, server = sign_in(script, auth="EXTERNAL", username="", password=None)
    assert transcript.outcome is Outcome.COMPLETED
    assert not server.problems


def test_no_password_is_told_before_anything_is_sent():
    transcript, server = sign_in([*hello("AUTH PLAIN"), *GOODBYE], password=None)
    assert transcript.fault == "password_missing"
    assert server.lines[1:] == ["QUIT"]


def test_a_server_that_lies_about_scram_is_found_out():
    script = [*hello("AUTH SCRAM-SHA-256"), Hear("AUTH SCRAM-SHA-256 "), Say("235 Sure"), *GOODBYE]
    transcript, _ = sign_in(script)
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "scram_server_unproven")


@pytest.mark.parametrize(
    ("challenge", "fault"),
    [
        ("r=other,s=c2FsdA==,i=4096", "scram_malformed"),
        ("nonsense", "scram_malformed"),
        ("", "scram_malformed"),
    ],
)
def test_a_server_that_garbles_scram(challenge, fault):
    script = [*hello("AUTH SCRAM-SHA-1"), Hear("AUTH SCRAM-SHA-1 "), Say(f"334 {b64(challenge)}")]
    transcript, server = sign_in([*script, Hear(r"\*$"), Say("501 Cancelled"), *GOODBYE])
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, fault)
    assert not server.problems


def test_lost_in_the_middle():
    transcript, _ = sign_in([*hello("AUTH LOGIN"), Hear("AUTH LOGIN"), Say("334 "), Hear()])
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.AUTH)
    assert transcript.fault == "lost"


def test_421_in_the_middle():
    script = [*hello("AUTH LOGIN"), Hear("AUTH LOGIN"), Say("421 4.7.0 Bye"), Hold()]
    transcript, _ = sign_in(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, Stage.AUTH)

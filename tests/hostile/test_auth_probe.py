"""Every way to sign in, tried against scripted servers."""

import asyncio
import base64

from mailgui.smtp.auth_probe import Attempt, probe_auth
from mailgui.smtp.exit_codes import exit_code
from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder, Stage
from mailgui.transcript.codec import encode
from tests.support.hostile import GOODBYE, Hear, Hold, Say, Signal, Tls, hello, serving

SECRET = "hunter2hunter2"
NO = Say("535 5.7.8 Authentication credentials invalid")


def probe(*scripts, context=None, password=SECRET, cancelled=False, **options):
    """Probe a server that answers each connection by a script; return the probe and the server."""
    engine = {k: options.pop(k) for k in ("token", "not_offered", "found") if k in options}

    async def work():
        async with asyncio.timeout(30), serving(*scripts, context=context) as server:
            settings = {"tls": TlsMode.NONE, "helo": "me", "username": "ann", **options}
            found = await probe_auth(
                SmtpSettings("127.0.0.1", server.port, timeout=10.0, **settings),
                password=password,
                recorder=Recorder(Kind.SMTP),
                cancel=server.signal if cancelled else None,
                **engine,
            )
            return found, server

    return asyncio.run(work())


def by_name(found):
    return {result.name: result for result in found.results}


def test_accepted_and_refused_over_as_few_connections_as_can_be():
    cram = [Hear("AUTH CRAM-MD5"), Say("334 PDEyM0BteD4="), Hear(), NO]
    plain = [Hear("AUTH PLAIN"), Say("235 2.7.0 Welcome"), *GOODBYE]
    login = [Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6"), Hear()]
    offers = hello("AUTH LOGIN PLAIN CRAM-MD5 NTLM")
    told = []
    found, server = probe(
        [*offers, *cram, *plain], [*offers, *login, NO, *GOODBYE], found=told.append
    )
    results = by_name(found)
    assert not server.problems
    assert server.connections == 2
    assert results["CRAM-MD5"].attempt is Attempt.REFUSED
    assert results["CRAM-MD5"].reply.code == 535
    assert results["PLAIN"].attempt is Attempt.ACCEPTED
    assert results["LOGIN"].attempt is Attempt.REFUSED
    assert results["NTLM"].reason == "MailGUI does not know this mechanism"
    assert results["SCRAM-SHA-256"].reason == "The server does not offer it"
    assert [r.name for r in found.results][:4] == ["CRAM-MD5", "PLAIN", "LOGIN", "NTLM"]
    assert set(results) == {*MECHANISMS, "NTLM"}
    assert found.choice == "CRAM-MD5"
    assert results["CRAM-MD5"].automatic
    assert "the password itself does not travel" in found.reason
    assert found.accepted == ("PLAIN",)
    assert found.transcript.outcome is Outcome.COMPLETED
    assert found.transcript.summary == "1 of 3 ways to sign in accepted: PLAIN."
    assert exit_code(found.transcript) == 0
    assert told == list(found.results)


def test_no_secret_is_left_in_what_was_recorded():
    script = [*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), Say(f"535 wrong: {SECRET}"), *GOODBYE]
    found, server = probe(script)
    octets = encode(found.transcript) + repr(found).encode()
    for form in (SECRET.encode(), base64.b64encode(b"\0ann\0" + SECRET.encode())):
        assert form not in octets
    assert server.lines[1].startswith("AUTH PLAIN ")


def test_where_none_is_accepted_the_exit_code_is_that_of_auth():
    found, _ = probe([*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), NO, *GOODBYE])
    assert (found.transcript.outcome, found.transcript.stage) == (Outcome.REFUSED, Stage.AUTH)
    assert exit_code(found.transcript) == 28


def test_a_server_that_hangs_up_after_a_refusal_is_asked_again():
    first = [*hello("AUTH PLAIN LOGIN"), Hear("AUTH PLAIN"), Say("421 4.7.0 Too many errors")]
    login = [Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6"), Hear()]
    second = [*hello("AUTH PLAIN LOGIN"), *login, Say("235 Ok"), *GOODBYE]
    found, server = probe(first, second)
    assert by_name(found)["PLAIN"].attempt is Attempt.REFUSED
    assert found.accepted == ("LOGIN",)
    assert server.connections == 2


def test_tokens_and_passwords_are_not_mistaken_for_each_other():
    script = [*hello("AUTH PLAIN XOAUTH2"), Hear("AUTH PLAIN"), NO, *GOODBYE]
    found, _ = probe(script)
    assert by_name(found)["XOAUTH2"].attempt is Attempt.NOT_TRIED
    assert "access token" in by_name(found)["XOAUTH2"].reason
    script = [*hello("AUTH PLAIN XOAUTH2"), Hear("AUTH XOAUTH2"), Say("235 Ok"), *GOODBYE]
    found, _ = probe(script, auth="XOAUTH2")
    assert found.accepted == ("XOAUTH2",)
    assert "needs a password" in by_name(found)["PLAIN"].reason


def test_a_token_beside_the_password():
    script = [*hello("AUTH XOAUTH2"), Hear("AUTH XOAUTH2"), Say("235 Ok"), *GOODBYE]
    found, server = probe(script, password=None, token="to-ken-to-ken")
    assert found.accepted == ("XOAUTH2",)
    assert b"to-ken-to-ken" in base64.b64decode(server.lines[1].split()[-1])
    assert b"to-ken-to-ken" not in encode(found.transcript)


def test_what_needs_tls_or_a_certificate_is_not_tried(monkeypatch):
    monkeypatch.setattr("mailgui.net.credentials.is_loopback", lambda host: False)
    script = [*hello("AUTH SCRAM-SHA-256-PLUS PLAIN EXTERNAL"), *GOODBYE]
    found, server = probe(script)
    results = by_name(found)
    assert "It needs TLS, which it binds" in results["SCRAM-SHA-256-PLUS"].reason
    assert "verified certificate" in results["PLAIN"].reason
    assert "client certificate" in results["EXTERNAL"].reason
    assert not any(line.startswith("AUTH") for line in server.lines)
    assert found.transcript.fault == "auth_not_tried"


def test_the_bound_form_is_tried_inside_tls(certified):
    upgrade = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls()]
    script = [*upgrade, *hello("AUTH SCRAM-SHA-256-PLUS")[1:]]
    script += [Hear("AUTH SCRAM-SHA-256-PLUS"), NO, *GOODBYE]
    found, server = probe(
        script, context=certified.context, tls=TlsMode.STARTTLS, tls_ca=certified.ca_file
    )
    assert by_name(found)["SCRAM-SHA-256-PLUS"].attempt is Attempt.REFUSED
    assert not server.problems


def test_what_is_not_offered_is_tried_when_asked_for():
    tried = [step for _ in range(40) for step in (Hear("AUTH "), Say("504 5.5.4 Unknown"))]
    script = [*hello("AUTH"), *tried]
    found, server = probe(script, not_offered=True, password=SECRET)
    results = by_name(found)
    assert results["CRAM-MD5"].attempt is Attempt.REFUSED
    assert not results["CRAM-MD5"].offered
    assert server.lines[1].startswith("AUTH SCRAM")


def test_a_server_without_auth():
    found, _ = probe([*hello("SIZE"), *GOODBYE])
    assert found.choice is None
    assert "does not offer any sign-in" in found.reason
    assert found.transcript.fault == "auth_not_tried"


def test_a_server_that_is_not_there():
    found, _ = probe([Say("554 No")])
    assert found.results == ()
    assert (found.transcript.outcome, found.transcript.stage) == (Outcome.REFUSED, Stage.BANNER)


def test_cancelled():
    found, _ = probe([*hello("AUTH PLAIN"), Hear("AUTH"), Signal(), Hold()], cancelled=True)
    assert found.transcript.outcome is Outcome.CANCELLED


def test_the_json_of_a_result():
    found, _ = probe([*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), Say("235 Ok"), *GOODBYE])
    assert by_name(found)["PLAIN"].to_json_dict() == {
        "name": "PLAIN",
        "offered": True,
        "result": "accepted",
        "reason": None,
        "reply": {"code": 235, "enhanced": None, "text": "Ok"},
        "automatic": True,
    }

"""CR, LF and NUL in any argument: refused before anything is written, or even connected."""

import pytest

from mailgui.smtp.plan import Plan
from mailgui.smtp.wanted import DsnRequest
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import Hold, Octets, play

BREAKERS = ["\r", "\n", "\0", "\r\n"]


@pytest.mark.parametrize("breaker", BREAKERS, ids=repr)
@pytest.mark.parametrize(
    ("stage", "build"),
    [
        (Stage.MAIL, lambda x: {"message": Octets(sender=f"a{x}RSET@good.example")}),
        (Stage.RCPT, lambda x: {"message": Octets(recipients=("ok@x", f"b@good.example{x}DATA"))}),
        (Stage.RCPT, lambda x: {"message": Octets(recipients=(f'"a{x}b"@good.example',))}),
        (Stage.EHLO, lambda x: {"helo": f"me{x}MAIL"}),
        (Stage.AUTH, lambda x: {"username": f"ann{x}", "password": "p"}),
        (Stage.AUTH, lambda x: {"auth": f"PLAIN{x}QUIT", "username": "ann", "password": "p"}),
        (Stage.MAIL, lambda x: {"plan": Plan(mail_parameters=(f"X=1{x}RSET",))}),
        (Stage.RCPT, lambda x: {"plan": Plan(rcpt_parameters=(f"X=1{x}RSET",))}),
        (Stage.MAIL, lambda x: {"plan": Plan(dsn=DsnRequest(envid=f"1{x}RSET"))}),
        (Stage.MAIL, lambda x: {"plan": Plan(dsn=DsnRequest(notify=(f"NEVER{x}",)))}),
    ],
)
def test_refused_before_anything_is_written(breaker, stage, build):
    options = {"message": Octets(), **build(breaker)}
    transcript, server = play([Hold()], **options)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, stage)
    assert transcript.fault == "unsafe_argument"
    assert "line break or a NUL" in transcript.summary
    assert server.connections == 0


@pytest.mark.parametrize(
    "address", ["a@b> SIZE=1", "a@b>", "<a@b", "a b@c", 'a"@b', "a@b\tc", "a\x7f@b", ""]
)
def test_addresses_that_leave_their_brackets(address):
    transcript, server = play([Hold()], Octets(recipients=(address,)))
    assert transcript.fault == "malformed_address"
    assert server.connections == 0


def test_nobody_to_send_to():
    transcript, server = play([Hold()], Octets(recipients=()))
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "no_recipients")
    assert server.connections == 0


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"])
def test_nul_in_a_password(mechanism):
    from mailgui.smtp.plan import connection_test
    from tests.support.hostile import GOODBYE, Hear, Say, hello

    script = [*hello(f"AUTH {mechanism}")]
    if mechanism == "CRAM-MD5":
        script += [Hear("AUTH"), Say("334 MQ=="), Hear(), Say("501 Cancelled")]
    script += GOODBYE
    options = {"auth": mechanism, "username": "ann", "password": "pass\0word"}
    transcript, server = play(script, None, plan=connection_test(), **options)
    assert transcript.fault == "unsafe_argument"
    assert not server.problems

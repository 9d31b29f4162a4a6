"""Replies on order: read from words, and said to real clients."""

import re
import shutil
import smtplib
import socket
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.sandbox.conduct import Orders
from mailgui.sandbox.sandbox import Sandbox
from mailgui.sandbox.stage_replies import (
    Stage,
    make_reply,
    parse_stage_replies,
    parse_stage_reply,
)
from mailgui.wrong_input import WrongInput

Drive = Callable[..., None]
MESSAGE = b"Subject: x\r\n\r\nText.\r\n"
COMMANDS = {
    Stage.EHLO: b"EHLO client.example\r\n",
    Stage.AUTH: b"AUTH PLAIN AHgAeQ==\r\n",
    Stage.MAIL: b"MAIL FROM:<a@x.example>\r\n",
    Stage.RCPT: b"RCPT TO:<b@x.example>\r\n",
    Stage.DATA: b"DATA\r\n",
    Stage.MESSAGE: MESSAGE + b".\r\n",
    Stage.QUIT: b"QUIT\r\n",
}


def dialogue(sandbox: Sandbox, last: Stage) -> list[bytes]:
    """Speak as far as a stage; return the last reply, line by line."""
    address = (sandbox.smtp.host, sandbox.smtp.port)
    with socket.create_connection(address, timeout=20) as smtp, smtp.makefile("rb") as replies:
        reply = whole(replies)
        for stage, command in COMMANDS.items():
            if last in (Stage.BANNER, stage):
                break
            if stage is not Stage.AUTH:
                smtp.sendall(command)
                whole(replies)
        if last is not Stage.BANNER:
            smtp.sendall(COMMANDS[last])
            reply = whole(replies)
    return reply


def whole(replies: object) -> list[bytes]:
    lines: list[bytes] = []
    while line := replies.readline():  # type: ignore[attr-defined]
        lines.append(line.rstrip(b"\r\n"))
        if line[3:4] != b"-":
            break
    return lines


def test_what_is_written_is_read() -> None:
    stage, reply = parse_stage_reply(r" RCPT = 450 4.2.1 Later,\n4.2.1 = much later ")
    assert stage is Stage.RCPT
    assert reply.wire == "450-4.2.1 Later,\r\n450 4.2.1 = much later"
    assert reply.text == r"4.2.1 Later,\n4.2.1 = much later"
    assert make_reply("250").wire == "250 On order"
    assert parse_stage_replies(["mail=550", "banner=421 x"]).keys() == {"mail", "banner"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "STAGE=CODE"),
        ("rcpt", "STAGE=CODE"),
        ("nowhere=250", "banner, ehlo, starttls"),
        ("rcpt=", "three digits"),
        ("rcpt=25 x", "three digits"),
        ("rcpt=2500", "three digits"),
        ("rcpt=٢٥٠", "three digits"),
        ("rcpt=250 a\rb", "control characters"),
        ("rcpt=250 a\r\nRCPT", "control characters"),
        ("rcpt=250 a\0", "control characters"),
        ("rcpt=250 \ud800", "control characters"),
        ("rcpt=250 " + "x" * 2_001, "at most 2,000"),
        ("rcpt=250 " + r"\n" * 20, "20 lines"),
    ],
)
def test_what_is_no_reply_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(WrongInput, match=re.escape(words)) as caught:
        parse_stage_reply(text)
    assert str(caught.value).endswith(".")


def test_two_for_one_stage() -> None:
    with pytest.raises(WrongInput, match="two replies on order for mail"):
        parse_stage_replies(["mail=250", "MAIL=550"])


@given(st.from_regex(r"[2-5][0-9]{2}", fullmatch=True), st.text(max_size=60))
def test_any_reply_is_lines_of_one_code(code: str, text: str) -> None:
    try:
        reply = make_reply(code, text)
    except WrongInput:
        return
    for number, line in enumerate(reply.wire.split("\r\n"), 1):
        assert line.startswith(code + (" " if number == len(reply.lines) else "-"))
        assert "\n" not in line
        assert "\r" not in line
    assert make_reply(code, reply.text) == reply


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.STARTTLS])
@pytest.mark.parametrize("code", ["550", "451", "421", "298", "999"])
def test_each_stage_says_what_is_ordered(drive: Drive, stage: Stage, code: str) -> None:
    def work(sandbox: Sandbox) -> None:
        sandbox.orders = Orders({stage: make_reply(code, r"4.5.6 One,\ntwo")})
        reply = dialogue(sandbox, stage)
        assert reply[0] == f"{code}-4.5.6 One,".encode()
        if (stage, code) == (Stage.EHLO, "298"):
            assert b"298-PIPELINING" in reply  # the capabilities follow
            assert reply[-1] == b"298 HELP"
        else:
            assert reply[1:] == [f"{code} two".encode()]
        taken = stage is Stage.QUIT or (stage is Stage.MESSAGE and code == "298")
        assert len(sandbox.mailbox) == taken
        sandbox.orders = Orders()
        assert dialogue(sandbox, Stage.MESSAGE)[0].startswith(b"250 2.0.0")

    drive(work)


def test_a_positive_reply_goes_on_as_usual(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        codes = {"ehlo": "250", "auth": "235", "mail": "250", "rcpt": "251", "data": "354"}
        sandbox.orders = Orders(
            parse_stage_replies(f"{stage}={code} Said {stage}" for stage, code in codes.items())
        )
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            assert smtp.ehlo()[1].startswith(b"Said ehlo\n")
            assert smtp.has_extn("starttls")
            assert smtp.login("whoever", "wrong") == (235, b"Said auth")
            assert smtp.mail("a@x.example") == (250, b"Said mail")
            assert smtp.rcpt("b@x.example") == (251, b"Said rcpt")
            assert smtp.rcpt("refuse@x.example")[0] == 550  # addresses ask for faults all the same
            assert smtp.data(MESSAGE)[0] == 250
        assert [m.recipients for m in sandbox.mailbox.list()] == [("b@x.example",)]

    drive(work)


def test_421_closes_and_a_refused_greeting_takes_quit_only(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        address = (sandbox.smtp.host, sandbox.smtp.port)
        sandbox.orders = Orders(parse_stage_replies(["ehlo=421 4.3.2 Closing"]))
        with socket.create_connection(address, timeout=20) as smtp, smtp.makefile("rb") as replies:
            replies.readline()
            smtp.sendall(b"EHLO x\r\n")
            assert replies.read() == b"421 4.3.2 Closing\r\n"
        sandbox.orders = Orders(parse_stage_replies(["banner=554 5.3.2 Not here"]))
        with socket.create_connection(address, timeout=20) as smtp, smtp.makefile("rb") as replies:
            smtp.sendall(b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nNONSENSE\r\nQUIT\r\n")
            said = replies.read().splitlines()
            assert [line[:3] for line in said] == [b"554", b"503", b"503", b"500", b"221"]

    drive(work)


def test_starttls_that_is_refused(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        sandbox.orders = Orders(parse_stage_replies(["starttls=454 4.7.0 TLS is away"]))
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            smtp.ehlo()
            assert smtp.docmd("STARTTLS") == (454, b"4.7.0 TLS is away")
            smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
        assert len(sandbox.mailbox) == 1

    drive(work)


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
@pytest.mark.parametrize(
    ("order", "ends"),
    [
        ("banner=554 5.3.2 No mail here", 21),
        ("mail=451 4.3.0 Later", 23),
        ("rcpt=550 5.1.1 Nobody", 24),
        ("data=451 4.3.0 Later", 25),
        ("message=554 5.6.0 No", 26),
        ("auth=454 4.7.0 Later", 28),
    ],
)
def test_swaks_ends_as_it_should(drive: Drive, order: str, ends: int) -> None:
    def work(sandbox: Sandbox) -> None:
        sandbox.orders = Orders(parse_stage_replies([order]))
        command = ["swaks", "--server", sandbox.smtp.host, "--port", str(sandbox.smtp.port)]
        command += ["--from", "a@x.example", "--to", "b@x.example", "--helo", "x.example"]
        command += ["--auth", "PLAIN", "--auth-user", "u", "--auth-password", "p"]
        command += [] if order.startswith("auth") else ["--auth-optional"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert done.returncode == ends, done.stdout
        assert order.partition("=")[2].encode() in done.stdout
        assert not sandbox.mailbox.list()

    drive(work)

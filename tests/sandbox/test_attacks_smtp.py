"""The embedded SMTP server against a client that means it ill."""

import base64
import contextlib
import smtplib
import socket
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest

from mailgui.sandbox import smtp_handler, smtp_server, smtp_session
from mailgui.sandbox.sandbox import Sandbox
from tests.support.effort import bounded_effort

Drive = Callable[..., None]
ENVELOPE = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"


@contextlib.contextmanager
def speak(sandbox: Sandbox) -> Iterator[tuple[socket.socket, BinaryIO]]:
    """A connection that has read the greeting and said EHLO."""
    address = (sandbox.smtp.host, sandbox.smtp.port)
    with socket.create_connection(address, timeout=30) as smtp, smtp.makefile("rb") as replies:
        assert replies.readline().startswith(b"220 ")
        smtp.sendall(b"EHLO x.example\r\n")
        while not replies.readline().startswith(b"250 "):
            pass
        yield smtp, replies


def test_whoever_says_nothing_is_told_and_cut_off(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_session, "IDLE", 0.2)

    def work(sandbox: Sandbox) -> None:
        address = (sandbox.smtp.host, sandbox.smtp.port)
        with socket.create_connection(address, timeout=30) as smtp, smtp.makefile("rb") as replies:
            smtp.sendall(b"MAIL FR")  # half a command, and never the rest
            assert [line[:9] for line in replies][1:] == [b"421 4.4.2"]

    drive(work)


def test_whoever_reads_nothing_is_cut_off(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing alone would wait for the replies to be read, for ever."""
    monkeypatch.setattr(smtp_session, "IDLE", 0.2)

    def work(sandbox: Sandbox) -> None:
        smtp = socket.socket()
        smtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        smtp.settimeout(30)

        def flood() -> None:
            while True:
                smtp.sendall(b"HELP\r\n" * 10_000)

        with smtp:
            smtp.connect((sandbox.smtp.host, sandbox.smtp.port))
            with pytest.raises(OSError, match=r"reset|pipe"):
                flood()

    drive(work)


def test_a_message_that_drips_has_an_end(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_session, "MESSAGE_SECONDS", 0)

    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(ENVELOPE)
            assert [replies.readline()[:3] for _ in range(4)] == [b"250", b"250", b"354", b"421"]
            assert replies.read() == b""
        assert not sandbox.mailbox.list()

    drive(work)


def test_many_that_say_little_keep_nobody_out(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(smtp_server, "STALE", 0)

    def work(sandbox: Sandbox) -> None:
        with contextlib.ExitStack() as held:
            first, *_ = [held.enter_context(speak(sandbox)) for _ in range(3)]
            with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=30) as smtp:
                smtp.sendmail("a@x.example", ["b@x.example"], b"x\r\n")
            assert first[1].read().startswith(b"421 4.4.2 ")
        assert len(sandbox.mailbox) == 1

    drive(work)


def test_guessing_passwords_ends(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_handler, "MAX_FAILED_SIGN_INS", 3)

    def work(sandbox: Sandbox) -> None:
        wrong = base64.b64encode(b"\0sandbox-user\0guess")
        with speak(sandbox) as (smtp, replies):
            smtp.sendall((b"AUTH PLAIN " + wrong + b"\r\n") * 5)
            said = replies.read().splitlines()
        assert [line[:9] for line in said] == [b"535 5.7.8"] * 3 + [b"421 4.7.0"]

    drive(work)


@pytest.mark.parametrize(
    "lines",
    [
        b"AUTH LOGIN\r\n*\r\n",
        b"AUTH LOGIN\r\n!!!\r\n",
        b"AUTH LOGIN dQ==\r\n*\r\n",
        b"AUTH PLAIN\r\n*\r\n",
        b"AUTH PLAIN\r\n!!!\r\n",
    ],
)
def test_a_sign_in_given_up_gets_one_reply(drive: Drive, lines: bytes) -> None:
    """A second one would be taken for that to the next command."""

    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(lines + b"NOOP\r\nQUIT\r\n")
            assert [line[:3] for line in replies] == [b"334", b"501", b"250", b"221"]

    drive(work)


def test_challenges_answered_by_lines_without_end(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(b"AUTH LOGIN\r\n")
            assert replies.readline().startswith(b"334 ")
            smtp.sendall(b"A" * 1_000_000 + b"\r\nNOOP\r\nQUIT\r\n")
            said = [line[:3] for line in replies]
        assert said[-2:] == [b"250", b"221"]
        assert set(said[:-2]) <= {b"500", b"501", b"535"}

    drive(work)


def test_bare_line_feeds_smuggle_no_second_message(drive: Drive) -> None:
    """RFC 5321, section 2.3.8, and what is known as SMTP smuggling."""
    inner = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\nSmuggled\r\n"
    ends = (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r\n.\n", b"\r\n\0.\r\n", b"\r.\r\n")

    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            for end in ends:
                smtp.sendall(ENVELOPE)
                assert [replies.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
                smtp.sendall(b"Subject: x\r\n\r\nOuter" + end + inner + b"\r\n.\r\n")
                assert replies.readline().startswith(b"250 2.0.0")
        assert {m.envelope_from for m in sandbox.mailbox.list()} == {"a@x.example"}
        assert len(sandbox.mailbox) == len(ends)

    drive(work)


@pytest.mark.parametrize(
    "octets",
    [
        b"MAIL FROM:<a\0b@x.example>\r\n",
        b"MAIL FROM:<a\rRCPT TO:<c@x.example>@x.example>\r\n",
        b"MAIL FROM:<\x1b[2J@x.example>\r\n",
        b"MAIL FROM:<\xff\xfe@x.example>\r\n",
        b"MAIL FROM:<\xe2\x80\xae@x.example>\r\n",
    ],
)
def test_controls_in_addresses_are_refused_or_made_visible(drive: Drive, octets: bytes) -> None:
    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(octets)
            first = replies.readline()
            assert first[:1] in {b"2", b"5"}
            if first[:1] == b"5":
                smtp.sendall(b"MAIL FROM:<a@x.example>\r\n")
                assert replies.readline().startswith(b"250")
            smtp.sendall(b"RCPT TO:<b@x.example>\r\nDATA\r\n")
            assert [replies.readline()[:3] for _ in range(2)] == [b"250", b"354"]
            smtp.sendall(b"From: \0\x1b[2J\xff\r\nSubject: \xe2\x80\xae\0\r\n\r\n\0\r\n.\r\n")
            assert replies.readline().startswith(b"250")
        (message,) = sandbox.mailbox.list()
        shown = (message.envelope_from, *message.headers.values(), message.subject)
        assert all(text.isprintable() for text in shown), shown

    drive(work)


def test_recipients_have_a_bound_in_octets(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_handler, "MAX_RECIPIENT_OCTETS", 1_000)

    def work(sandbox: Sandbox) -> None:
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=30) as smtp:
            many = [f"{n:02}{'x' * 200}@x.example" for n in range(10)]
            refused = smtp.sendmail("a@x.example", many, b"x\r\n")
        assert set(refused) == set(many[4:])
        assert {code for code, _ in refused.values()} == {452}
        assert sandbox.mailbox.list()[0].recipients == tuple(many[:4])

    drive(work)


def test_lines_do_not_grow_with_each_ehlo(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(b"EHLO x.example\r\n" * 500)
            for _ in range(500):
                while not replies.readline().startswith(b"250 "):
                    pass
            smtp.sendall(b"MAIL FROM:<" + b"a" * 5_000 + b"@x.example>\r\n")
            assert replies.readline().startswith(b"500 Command line too long")

    drive(work)


@pytest.mark.parametrize(
    "command",
    [
        b"MAIL FROM:" + b"(" * 2_000,
        b"MAIL FROM:<" + b"(" * 2_000 + b"a@x.example>",
        b'MAIL FROM:<"' + b"\\" * 1_900 + b'"@x.example>',
        b"MAIL FROM:<" + b"@a,:" * 450 + b"b@x.example>",
        b"MAIL FROM:<a@" + b"[" * 1_900 + b">",
        b"MAIL FROM:<a@x.example> " + b"A=B " * 450,
        b"VRFY " + b"(" * 1_900,
    ],
)
def test_commands_that_cost(drive: Drive, command: bytes) -> None:
    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall((command + b"\r\nRSET\r\n") * 50 + b"QUIT\r\n")
            assert [line[:3] for line in replies][-1] == b"221"

    with bounded_effort():
        drive(work)


def test_lines_without_end_and_floods_of_commands(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with speak(sandbox) as (smtp, replies):
            smtp.sendall(b"X" * 3_000_000 + b"\r\n")
            assert replies.readline().startswith(b"500 Command line too long")
            smtp.sendall(b"NOOP\r\n" * 5_000)
            assert {replies.readline() for _ in range(5_000)} == {b"250 OK\r\n"}
            smtp.sendall(b"BOGUS\r\n" * 100 + ENVELOPE)
            said = [line[:3] for line in replies]
            assert said[-1] == b"502"
            assert len(said) <= 6
        assert not sandbox.mailbox.list()

    drive(work)

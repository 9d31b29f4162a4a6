"""What a typed line is, and what of it stays hidden."""

import base64

import pytest

from mailgui.smtp.console_lines import (
    SignInByHand,
    answer_of,
    chunk_length,
    command_of,
    lines_of,
    sign_in_of,
)
from mailgui.transcript import MASK, Stage


def b64(octets):
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("NOOP", ["NOOP"]),
        ("NOOP\n", ["NOOP"]),
        ("DATA\r\nx\r\n\r\n.\r\n", ["DATA", "x", "", "."]),
        ("a\rb", ["a", "b"]),
        ("\n", [""]),
    ],
)
def test_lines_end_however_they_were_copied(text, lines):
    assert lines_of(text) == lines


def test_a_command_knows_its_stage_and_what_is_due():
    assert command_of("rcpt to:<a@b>").stage is Stage.RCPT
    assert command_of("data").accept == (3,)
    assert command_of("STARTTLS").switches
    assert command_of("noop").octets == b"noop\r\n"
    assert command_of("").verb == "an empty line"


@pytest.mark.parametrize(
    "line", ["AUTH PLAIN AGFubgBzZWNyZXQ=", "  auth  plain   AGFubgBzZWNyZXQ="]
)
def test_an_initial_response_is_never_recorded(line):
    command = command_of(line)
    assert b"AGFubg" in command.octets
    assert b"AGFubg" not in command.twin
    assert MASK.encode() in command.twin
    assert "AGFubg" not in repr(command)


def test_auth_alone_has_nothing_to_hide():
    assert command_of("AUTH LOGIN").twin is None


@pytest.mark.parametrize("line", ["*", "", "  "])
def test_breaking_off_is_shown(line):
    assert answer_of(line).twin is None


def test_an_answer_is_hidden():
    assert answer_of("c2VjcmV0").twin == MASK.encode() + b"\r\n"


@pytest.mark.parametrize(
    ("mechanism", "said", "hidden"),
    [
        ("PLAIN", b"\0ann\0secret-word", b"secret-word"),
        ("CRAM-MD5", b"ann 0123456789abcdef", b"0123456789abcdef"),
        ("XOAUTH2", b"user=ann\1auth=Bearer to-ken\1\1", b"to-ken"),
        ("OAUTHBEARER", b"n,a=ann,\1auth=Bearer to-ken\1\1", b"to-ken"),
        ("SCRAM-SHA-256", b"c=biws,r=abc,p=proofproof", b"proofproof"),
        ("X-ANY", b"whatever it is", b"whatever it is"),
    ],
)
def test_what_is_secret_in_an_answer(mechanism, said, hidden):
    found = SignInByHand(mechanism).secrets_in(b64(said))
    assert hidden in found
    assert b64(said).encode() in found


def test_logins_user_name_is_no_secret_and_its_password_is():
    login = SignInByHand("LOGIN")
    assert login.secrets_in(b64(b"ann@good.example")) == []
    assert b"secret-word" in login.secrets_in(b64(b"secret-word"))


def test_a_secret_typed_without_base64_is_hidden_too():
    assert b"pass-word!" in SignInByHand("X").secrets_in("pass-word!")


def test_too_little_to_hide_is_left_alone():
    assert SignInByHand("X").secrets_in(b64(b"a")) == [b64(b"a").encode()]


@pytest.mark.parametrize(
    ("line", "length"),
    [("BDAT 12", 12), ("bdat 0 last", 0), ("BDAT", None), ("BDAT x LAST", None), ("NOOP", None)],
)
def test_chunks(line, length):
    assert chunk_length(line) == length


def test_the_exchange_that_auth_begins():
    begun, initial = sign_in_of("auth login YW5u")
    assert (begun.mechanism, initial) == ("LOGIN", "YW5u")
    assert sign_in_of("AUTH") is None
    assert sign_in_of("MAIL FROM:<a@b>") is None

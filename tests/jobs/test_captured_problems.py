"""Messages that no parser reads are shown all the same: why, what could be read, and the source."""

import smtplib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.jobs.captured import read_captured
from mailgui.jobs.captured_problems import salvage
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now, summarise_headers
from tests.support.effort import bounded_effort
from tests.support.sandbox import running_sandbox

HEAD = b"From: Ana <ana@good.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
CASES = {
    "no boundary": (
        HEAD + b"Content-Type: multipart/mixed\r\n\r\nThe words.\r\n",
        "names no boundary",
    ),
    "boundary nowhere": (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThe words.\r\n",
        "nowhere in it",
    ),
    "cut short": (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe words.\r\n",
        "closing boundary is missing",
    ),
    "broken base64": (
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nVGhlIHdvcmRzLg=\r\n",
        "says that it is base64",
    ),
    "a line that is no header": (
        HEAD + b"no header at all\r\n\r\nThe words.\r\n",
        "is no header",
    ),
    "too many parts": (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThe words.\r\n"
        + b"--b\r\n\r\n" * 2_000,
        "more than 1,000 parts",
    ),
    "too deep": (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThe words.\r\n--b\r\n"
        + b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(100)
        ),
        "more than 50 deep",
    ),
    "a bomb of headers": (
        HEAD + b"X: y\r\n" * 30_000 + b"\r\nThe words.\r\n",
        "more than 20,000 header fields",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_why_what_could_be_read_and_the_source(name):
    octets, reason = CASES[name]
    with running_sandbox() as sandbox:
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            smtp.sendmail("ana@good.example", ["b@x.example"], octets)
        (message,) = sandbox.mailbox.list()
        with bounded_effort():
            view = read_captured(sandbox.mailbox, message.id)
    assert reason in view.problem
    assert view.problem.endswith("What could be read is shown; the source is as it came.")
    assert message.subject == "Grüße"
    assert dict(view.headers)["Subject"] == "Grüße"
    assert "The words." in view.text
    assert "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=" in view.source


def test_what_is_in_order_has_no_problem():
    message = CapturedMessage(new_id(), now(), "smtp", "a@x.example", ("b@x.example",), 1)
    mailbox = Mailbox()
    mailbox.add(message, HEAD + b"\r\nThe words.\r\n")
    assert read_captured(mailbox, message.id).problem == ""


@given(st.binary(max_size=400))
def test_any_octets_can_be_salvaged(octets):
    headers, text = salvage(octets)
    assert isinstance(text, str)
    assert all("\n" not in name + value and "\x1b" not in value for name, value in headers)


def test_a_head_that_even_the_header_parser_refuses():
    headers, text = salvage(HEAD + b"X: y\r\n" * 30_000 + b"  folded\r\n\r\nBody\xff\r\n")
    assert dict(headers)["From"] == "Ana <ana@good.example>"
    assert len(headers) <= 1_000 + len(summarise_headers(HEAD))
    assert text == "Body\\xff\r\n"

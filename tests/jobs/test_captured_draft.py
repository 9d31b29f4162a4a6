"""Answering a captured message and sending it again: what Compose gets, and what then arrives."""

import asyncio
import smtplib
import subprocess
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.jobs.captured import MessageGone, read_captured
from mailgui.jobs.captured_draft import DraftKind, edit_as_new, open_draft, reply_to
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Attachment, Draft, DraftProblem
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now, summarise_headers
from tests.support.sandbox import running_sandbox

HEAD = (
    "From: Ana Ñandú <ana@good.example>\r\nTo: Bea <bea@x.example>, c@x.example\r\n"
    "Cc: d@x.example\r\nSubject: Plan\r\nMessage-ID: <3@good.example>\r\n"
    "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
    "References: <1@x.example>\r\n <2@x.example>\r\nX-Own: kept\r\n"
    "Received: from nowhere\r\n"
).encode()
PLAIN = HEAD + b"\r\nFirst.\r\n\r\n> earlier\r\nLast.\r\n"
TO = ("bea@x.example", "c@x.example", "d@x.example", "hidden@x.example")


def view_of(octets, road="smtp", provider=None, sender="ana@good.example", recipients=TO, **more):
    mailbox = Mailbox()
    headers = more.pop("headers", None) or (summarise_headers(octets) if road == "smtp" else {})
    message = CapturedMessage(
        new_id(), now(), road, sender, recipients, len(octets), provider=provider,
        headers=headers, **more,
    )  # fmt: skip
    mailbox.add(message, octets)
    return read_captured(mailbox, message.id)


def octets_of(draft):
    return b"".join(compose(draft).chunks())


def test_an_answer_goes_back_and_quotes():
    draft = reply_to(view_of(PLAIN))
    assert draft.sender == Address("bea@x.example", "Bea")
    assert draft.to == (Address("ana@good.example", "Ana Ñandú"),)
    assert (draft.cc, draft.bcc, draft.html, draft.attachments) == ((), (), None, ())
    assert draft.subject == "Re: Plan"
    assert draft.text == (
        "\n\nOn Tue, 24 Nov 2026 10:00:00 +0000, Ana Ñandú <ana@good.example> wrote:\n"
        "> First.\n>\n>> earlier\n> Last."
    )
    assert draft.headers == (
        ("In-Reply-To", "<3@good.example>"),
        ("References", "<1@x.example> <2@x.example> <3@good.example>"),
    )
    sent = message_from_bytes(octets_of(draft), policy=policy.default)
    assert sent["In-Reply-To"] == "<3@good.example>"
    assert sent["References"].split() == ["<1@x.example>", "<2@x.example>", "<3@good.example>"]


def test_reply_to_comes_first_and_re_is_said_once():
    octets = PLAIN.replace(b"Subject: Plan", b"Subject: RE [2]: Plan\r\nReply-To: list@x.example")
    draft = reply_to(view_of(octets))
    assert draft.to == (Address("list@x.example"),)
    assert draft.subject == "RE [2]: Plan"


def test_html_alone_is_quoted_by_its_words():
    octets = HEAD + b"Content-Type: text/html\r\n\r\n<p>One <b>two</b></p><script>x()</script>"
    draft = reply_to(view_of(octets))
    assert draft.text.endswith(" wrote:\n> One two")
    assert draft.html is None


def test_in_reply_to_stands_in_for_references():
    octets = b"From: a@x.example\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n\r\nx"
    assert dict(reply_to(view_of(octets)).headers)["References"] == "<1@x> <2@x>"
    octets = octets.replace(b"<1@x>", b"<0@x> <1@x>")
    assert dict(reply_to(view_of(octets)).headers)["References"] == "<2@x>"


def test_long_threads_keep_their_beginning_and_their_end():
    many = " ".join(f"<{n}@x>" for n in range(500))
    octets = f"From: a@x.example\r\nMessage-ID: <m@x>\r\nReferences: {many}\r\n\r\nx".encode()
    found = dict(reply_to(view_of(octets)).headers)["References"].split()
    assert (found[0], found[-2:], len(found)) == ("<0@x>", ["<499@x>", "<m@x>"], 21)


def test_a_bounce_is_answered_to_nobody():
    draft = reply_to(view_of(b"Subject: bounce\r\n\r\nx", sender="", recipients=("a@x.example",)))
    assert (draft.to, draft.sender) == ((), Address("a@x.example"))


def test_the_same_again_with_its_hidden_recipients():
    original = Draft(
        sender=Address("ana@good.example", "Ana"),
        to=(Address("bea@x.example"),),
        reply_to=(Address("list@x.example"),),
        subject="Grüße",
        text="Text",
        html='<p>HTML <img src="cid:logo"></p>',
        attachments=(
            Attachment("a.txt", "text/plain", data=b"data"),
            Attachment("logo.png", "image/png", data=b"png", content_id="logo"),
        ),
        headers=(("X-Own", "kept"), ("In-Reply-To", "<1@x.example>")),
    )
    draft = edit_as_new(view_of(octets_of(original), recipients=("bea@x.example", "h@x.example")))
    assert draft.bcc == (Address("h@x.example"),)
    same = replace(draft, bcc=(), text=draft.text.rstrip(), html=draft.html.rstrip())
    assert same == replace(original, attachments=same.attachments)
    assert set(same.attachments) == set(original.attachments)
    assert (draft.message_id, draft.date) == (None, None)


@pytest.mark.parametrize("name", ["resend", "autosend", "postmark", "sendgrid", "mailgun"])
def test_a_message_that_came_to_an_api(name):
    provider = load_providers()[name]
    draft = Draft(
        sender=Address("ana@good.example", "Ana"), to=(Address("bea@x.example"),),
        subject="Hi", text="Text", html="<p>Text</p>",
    )  # fmt: skip
    options = {o.name: "x" for o in provider.options if o.required}
    request = render(draft, provider, ApiSettings(name, options=options), "key")
    headers = {"From": "ana@good.example", "To": "bea@x.example", "Subject": "Hi"}
    view = view_of(request.content, "api", name, headers=headers, recipients=("bea@x.example",))
    again = edit_as_new(view)
    assert (again.sender.address, again.to, again.bcc) == (
        "ana@good.example", (Address("bea@x.example"),), (),
    )  # fmt: skip
    assert (again.subject, again.text, again.html) == ("Hi", "Text", "<p>Text</p>")
    answer = reply_to(view)
    assert answer.to == (Address("ana@good.example"),)
    assert answer.text.endswith("> Text")
    assert answer.headers == ()


HOSTILE = [
    b"From: \"a\" <a@b@c>, (((((((\r\nTo: x\r\nReply-To: <>\r\nMessage-ID: <a b>\r\n\r\nx",
    b"From: a@x.example\r\nX-\x01: y\r\n: z\r\nX y: z\r\nX-L: " + b"x" * 30_000 + b"\r\n\r\nx",
    b"From: =?utf-8?q?a=0D=0ABcc=3A_evil=40x=2Eexample?= <a@x.example>\r\n\r\nx",
    b"Message-ID: <a@x>\r\n\t<b@x>\r\nSubject: =?utf-8?q?x=0D=0ABcc=3A_e=40x=2Eexample?=\r\n\r\nx",
    b"Content-Type: a/b/c; name=\"../../x\"\r\nContent-ID: <\"><script>>\r\n\r\nx",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 2_000,
    b"\xff\xfe\x00" * 1_000,
]  # fmt: skip


@pytest.mark.parametrize("octets", HOSTILE)
def test_what_a_stranger_wrote_makes_a_draft_that_can_be_sent(octets):
    view = view_of(octets, sender="ana@good.example", recipients=("bea@x.example",))
    for draft in (edit_as_new(view), reply_to(view)):
        ready = replace(
            draft, sender=draft.sender or Address("a@x.example"), to=(Address("b@x.example"),)
        )
        sent = message_from_bytes(octets_of(ready), policy=policy.default)
        assert sent["Bcc"] is None
        assert sent["From"].count("@") == 1


@settings(max_examples=150)
@given(st.binary(max_size=300), st.booleans())
def test_any_octets_make_a_draft(octets, with_head):
    view = view_of((HEAD + b"\r\n" if with_head else b"") + octets)
    for make in (edit_as_new, reply_to):
        draft = make(view)
        with suppress(DraftProblem):  # told in Compose, where it can be mended
            octets_of(replace(draft, sender=Address("a@x.example"), to=(Address("b@x.example"),)))


def test_what_is_gone_is_a_sentence():
    with pytest.raises(MessageGone, match="not there any more"):
        asyncio.run(open_draft(Mailbox(), "1", DraftKind.REPLY))


@pytest.mark.skipif(which("swaks") is None, reason="swaks is not installed")
def test_what_swaks_sent_is_answered_and_arrives():
    with running_sandbox() as sandbox:
        command = ["swaks", "--server", sandbox.smtp.host, "--port", str(sandbox.smtp.port)]
        command += ["--from", "ana@good.example", "--to", "bea@x.example", "--helo", "x.example"]
        subprocess.run(command, capture_output=True, timeout=60, check=True)
        (message,) = sandbox.mailbox.list()
        draft = asyncio.run(open_draft(sandbox.mailbox, message.id, DraftKind.REPLY))
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            smtp.sendmail("bea@x.example", ["ana@good.example"], octets_of(draft))
        answer, first = sandbox.mailbox.list()
        view = read_captured(sandbox.mailbox, answer.id)
    assert dict(view.headers)["In-Reply-To"] == first.message_id
    assert answer.subject == f"Re: {first.subject}"
    assert "> This is a test mailing" in view.text

import email
import email.policy
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.addresses import parse_address, parse_addresses
from mailgui.message.attachments import FileChanged, attachment_from_path
from mailgui.message.compose import Composed, compose
from mailgui.message.draft import Address, Attachment, Draft, DraftProblem
from mailgui.message.outgoing import Outgoing

ANN = Address("ann@a.example", "Ann")
BOB = Address("bob@b.example")


def octets(composed: Outgoing) -> bytes:
    chunks = list(composed.chunks())
    assert all(len(chunk) <= 64 * 1024 for chunk in chunks)
    whole = b"".join(chunks)
    assert len(whole) == composed.size
    assert b"\n" not in whole.replace(b"\r\n", b"")
    return whole


def text_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part
    return part.get_content().replace("\r\n", "\n")


def read(composed: Composed) -> EmailMessage:
    message = email.message_from_bytes(octets(composed), policy=email.policy.default)
    for part in message.walk():
        assert part.defects == []
    return message


def test_a_plain_message() -> None:
    date = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    composed = compose(
        Draft(ANN, (BOB,), subject="Hi", text="Hello\n", message_id="<1@a.example>", date=date)
    )
    assert octets(composed) == (
        b"Date: Tue, 24 Nov 2026 09:30:00 +0900\r\n"
        b"From: Ann <ann@a.example>\r\n"
        b"To: bob@b.example\r\n"
        b"Subject: Hi\r\n"
        b"Message-ID: <1@a.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Hello\r\n"
    )
    assert composed.envelope.sender == "ann@a.example"
    assert composed.envelope.recipients == ("bob@b.example",)
    assert composed.message_id == "<1@a.example>"
    assert not composed.needs_smtputf8
    assert not composed.needs_8bitmime


def full_draft(folder: Path) -> Draft:
    for name in ("logo.png", "見積書.pdf", "notes.txt"):
        (folder / name).write_bytes(b"line\nline\r\n\xff\0" * 3000 + name.encode())
    return Draft(
        sender=parse_address("Jürgen, Dr. <j@bücher.example>".replace(", Dr.", "")),
        to=parse_addresses('"Doe, Jane" <jane@x.example>; bob@y.example'),
        cc=parse_addresses("山田 <yamada@z.example>"),
        bcc=parse_addresses("secret@z.example"),
        reply_to=parse_addresses("reply@a.example"),
        subject="Grüße 🎉 with an image",
        text="Hello,\nüber\n",
        html='<p>ü <img src="cid:logo.png"></p>',
        attachments=(
            attachment_from_path(folder / "logo.png", inline=True),
            attachment_from_path(folder / "見積書.pdf"),
            attachment_from_path(folder / "notes.txt"),
        ),
        headers=(("X-Campaign", "Ünicode"), ("List-Unsubscribe", "<https://a.example/u>")),
    )


def test_a_message_with_everything_arrives_whole(tmp_path: Path) -> None:
    draft = full_draft(tmp_path)
    composed = compose(draft)
    message = read(composed)
    assert message["from"].addresses[0].addr_spec == "j@xn--bcher-kva.example"
    assert message["from"].addresses[0].display_name == "Jürgen"
    assert [a.display_name for a in message["to"].addresses] == ["Doe, Jane", ""]
    assert message["cc"].addresses[0].display_name == "山田"
    assert message["reply-to"] == "reply@a.example"
    assert message["subject"] == draft.subject
    assert message["x-campaign"] == "Ünicode"
    assert message["mime-version"] == "1.0"
    assert text_of(message, "plain") == draft.text
    assert text_of(message, "html") == f"{draft.html}\n"
    structure = [part.get_content_type() for part in message.walk()]
    assert structure == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
        "text/plain",
    ]
    image = list(message.walk())[5]
    assert image["content-id"] == "<logo.png>"
    assert image.get_content_disposition() == "inline"
    for part, attachment in zip(message.iter_attachments(), draft.attachments[1:], strict=True):
        assert part.get_filename() == attachment.filename
        assert part.get_content_disposition() == "attachment"
        assert attachment.path
        assert part.get_payload(decode=True) == attachment.path.read_bytes()
    assert image.get_payload(decode=True) == (tmp_path / "logo.png").read_bytes()
    assert composed.envelope.recipients == (
        "jane@x.example",
        "bob@y.example",
        "yamada@z.example",
        "secret@z.example",
    )
    assert octets(composed) == octets(composed), "it may be read more than once"


def test_bcc_is_nowhere_in_the_message(tmp_path: Path) -> None:
    whole = octets(compose(full_draft(tmp_path)))
    assert b"secret@z.example" not in whole
    assert b"\r\nbcc:" not in whole.lower()


def test_bcc_alone_makes_an_empty_group() -> None:
    message = read(compose(Draft(ANN, bcc=(BOB,), text="x")))
    assert message["to"] == "undisclosed-recipients:;"
    assert message["to"].addresses == ()


@pytest.mark.parametrize(
    ("draft", "structure"),
    [
        (Draft(ANN, (BOB,)), ["text/plain"]),
        (Draft(ANN, (BOB,), html="<p>"), ["text/html"]),
        (
            Draft(ANN, (BOB,), text="x", html="<p>"),
            ["multipart/alternative", "text/plain", "text/html"],
        ),
        (
            Draft(ANN, (BOB,), attachments=(Attachment("a", data=b"x"),)),
            ["multipart/mixed", "application/octet-stream"],
        ),
        (
            Draft(
                ANN, (BOB,), html="<p>", attachments=(Attachment("a", data=b"", content_id="i"),)
            ),
            ["multipart/related", "text/html", "application/octet-stream"],
        ),
        (
            # without HTML nothing can show it, so it is a file like others
            Draft(ANN, (BOB,), text="x", attachments=(Attachment("a", data=b"", content_id="i"),)),
            ["multipart/mixed", "text/plain", "application/octet-stream"],
        ),
    ],
)
def test_no_more_structure_than_needed(draft: Draft, structure: list[str]) -> None:
    assert [part.get_content_type() for part in read(compose(draft)).walk()] == structure


def test_the_same_draft_gives_the_same_octets_once_it_has_id_and_date(tmp_path: Path) -> None:
    import dataclasses

    draft = dataclasses.replace(
        full_draft(tmp_path), message_id="<x@a.example>", date=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert octets(compose(draft)) == octets(compose(draft))
    assert compose(full_draft(tmp_path)).message_id != compose(full_draft(tmp_path)).message_id


def test_a_boundary_never_occurs_in_a_text() -> None:
    draft = Draft(ANN, (BOB,), text="x", html="<p>", message_id="<x@a.example>")
    first = compose(draft).head.split(b'boundary="')[1].split(b'"')[0].decode()
    import dataclasses

    hostile = dataclasses.replace(
        draft, text=f"x\n--{first}\nContent-Type: text/evil\n\n--{first}--"
    )
    message = read(compose(hostile))
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    assert text_of(message, "plain") == f"{hostile.text}\n"


def test_an_international_local_part_needs_smtputf8_and_allows_8bit() -> None:
    composed = compose(Draft(ANN, (Address("用户@例子.example", "用户"),), subject="é", text="ü"))
    assert composed.needs_smtputf8
    assert composed.needs_8bitmime
    assert composed.envelope.recipients == ("用户@xn--fsqu00a.example",)
    assert "To: 用户 <用户@例子.example>\r\n".encode() in composed.head
    assert "Subject: é\r\n".encode() in composed.head


def test_an_international_bcc_needs_smtputf8_but_leaves_the_headers_ascii() -> None:
    composed = compose(Draft(ANN, (BOB,), bcc=(Address("用户@x.example"),), subject="é"))
    assert composed.needs_smtputf8
    assert composed.head.isascii()


def test_an_international_domain_alone_does_not() -> None:
    composed = compose(Draft(ANN, (Address("bob@bücher.example"),), text="ü"))
    assert not composed.needs_smtputf8
    assert not composed.needs_8bitmime
    assert octets(composed).isascii()
    assert composed.envelope.recipients == ("bob@xn--bcher-kva.example",)


def test_the_envelope_may_differ_and_names_nobody_twice() -> None:
    to = parse_addresses("b@X.example, b@x.example, B@x.example")
    composed = compose(Draft(ANN, to, cc=to, envelope_from=""))
    assert composed.envelope.sender == ""
    assert composed.envelope.recipients == ("b@X.example", "B@x.example")
    other = compose(Draft(ANN, (BOB,), envelope_from="bounce@bücher.example"))
    assert other.envelope.sender == "bounce@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(None, (BOB,)), "from"),
        (Draft(ANN), "to"),
        (Draft(Address("nonsense"), (BOB,)), "from"),
        (Draft(ANN, (Address("b@x.example\r\nRCPT TO:<e@x.example>"),)), "to"),
        (Draft(ANN, (BOB,), cc=(Address("x@"),)), "cc"),
        (Draft(ANN, (BOB,), bcc=(Address("@x"),)), "bcc"),
        (Draft(ANN, (BOB,), reply_to=(Address("x"),)), "reply_to"),
        (Draft(ANN, (Address("b@x.example", "B\r\nBcc: e@x.example"),)), "to"),
        (Draft(ANN, (BOB,), subject="a\r\nBcc: e@x.example"), "subject"),
        (Draft(ANN, (BOB,), subject="a\0"), "subject"),
        (Draft(ANN, (BOB,), headers=(("Bcc", "e@x.example"),)), "headers"),
        (Draft(ANN, (BOB,), headers=(("X", "a\nb"),)), "headers"),
        (Draft(ANN, (BOB,), message_id="<a@b>\r\nX: y"), "headers"),
        (Draft(ANN, (BOB,), message_id="no-at"), "headers"),
        (Draft(ANN, (BOB,), envelope_from="x>"), "from"),
        (Draft(ANN, (BOB,), text="\ud800"), "message"),
        (
            Draft(ANN, (BOB,), attachments=(Attachment("a", path=Path("/nonexistent/a")),)),
            "attachments",
        ),
        (
            Draft(ANN, (BOB,), attachments=(Attachment("a", data=b"", content_id="i"),) * 2),
            "attachments",
        ),
    ],
)
def test_what_cannot_be_sent_says_where_and_why(draft: Draft, field: str) -> None:
    with pytest.raises(DraftProblem) as caught:
        compose(draft)
    assert caught.value.field == field
    assert caught.value.sentence.endswith(".")
    assert caught.value.sentence.isprintable()


def test_a_draft_being_written_can_be_previewed() -> None:
    composed = compose(Draft(text="so far"), envelope_required=False)
    assert composed.envelope.recipients == ()
    assert b"so far\r\n" in composed.preview()
    assert b"\r\nFrom:" not in composed.head


def test_the_preview_is_what_is_sent_save_for_the_files_content(tmp_path: Path) -> None:
    composed = compose(full_draft(tmp_path))
    whole, preview = octets(composed), composed.preview()
    assert len(preview) < 8000 < len(whole)
    shown = [line for line in preview.split(b"\r\n") if not line.startswith("[…".encode())]
    rest = iter(whole.split(b"\r\n"))
    assert all(line in rest for line in shown), "its lines are the message's, in order"
    assert preview.count(b"more octets of base64") == 3
    assert "見積書.pdf".encode() in preview


def test_the_preview_keeps_its_limit() -> None:
    composed = compose(Draft(ANN, (BOB,), text="line\n" * 100_000))
    preview = composed.preview(1000)
    assert preview.startswith(composed.head)
    assert len(preview) < 1200
    assert "abridged" in preview.decode()


def test_a_small_file_is_shown_whole() -> None:
    composed = compose(Draft(ANN, (BOB,), attachments=(Attachment("a", data=b"x" * 114),)))
    assert composed.preview() == octets(composed)


def test_a_file_that_changes_between_composing_and_sending_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "f.bin"
    path.write_bytes(b"1234")
    composed = compose(Draft(ANN, (BOB,), attachments=(attachment_from_path(path),)))
    path.write_bytes(b"12345")
    with pytest.raises(FileChanged):
        list(composed.chunks())
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(composed.chunks())


def test_a_large_attachment_costs_little_more_memory_than_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(25_000_000)
    draft = Draft(ANN, (BOB,), text="x", attachments=(attachment_from_path(path),))
    compose(draft)  # what is imported and cached is not counted
    tracemalloc.start()
    try:
        composed = compose(draft)
        total = sum(len(chunk) for chunk in composed.chunks())
        composed.preview()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == composed.size > 33_000_000
    assert peak < 1_000_000


@given(text=st.text(), html=st.none() | st.text(), name=st.text(max_size=40), data=st.binary())
def test_whatever_is_written_arrives_or_is_refused(
    text: str, html: str | None, name: str, data: bytes
) -> None:
    draft = Draft(ANN, (BOB,), text=text, html=html, attachments=(Attachment(name, data=data),))
    try:
        composed = compose(draft)
    except DraftProblem:
        return
    message = read(composed)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    body = message.get_body(("plain",)).get_payload(decode=True).decode()
    assert body.replace("\r\n", "\n").removesuffix("\n") == lines.removesuffix("\n")
    (attachment,) = message.iter_attachments()
    assert attachment.get_payload(decode=True) == data

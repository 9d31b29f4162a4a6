from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgui.message.compose import compose
from mailgui.message.draft import Address, Attachment, Draft, DraftProblem
from mailgui.message.draft_from_eml import draft_from_eml

DRAFT = Draft(
    sender=Address("a@a.example", "Bär, Foo"),
    to=(Address("b@b.example", 'Doe, "J" Jane'),),
    cc=(Address("c@c.example"),),
    reply_to=(Address("r@a.example", "山田"),),
    subject="Grüße",
    text="Hello\n",
    html="<p>ü</p>\n",
    attachments=(
        Attachment("logo.png", "image/png", data=b"png", content_id="logo"),
        Attachment("見積書.txt", "text/plain", data="ü\n".encode()),
    ),
    headers=(("X-Campaign", "spring"),),
    message_id="<1@a.example>",
    date=datetime(2026, 11, 24, tzinfo=UTC),
)


def test_a_composed_draft_comes_back(tmp_path: Path) -> None:
    octets = b"".join(compose(DRAFT).chunks())
    path = tmp_path / "m.eml"
    path.write_bytes(octets)
    assert draft_from_eml(octets) == DRAFT
    assert draft_from_eml(path) == DRAFT


def test_what_servers_added_and_empty_groups_stay_behind() -> None:
    draft = draft_from_eml(
        b"Received: from x\nDKIM-Signature: v=1\nReturn-Path: <x@x.example>\nFrom: a@a.example\n"
        b"To: undisclosed-recipients:;\nBcc: hidden@b.example\nDate: nonsense\nX-Own: y\n\nBody\n"
    )
    assert draft.headers == (("X-Own", "y"),)
    assert draft.to == ()
    assert draft.bcc == (Address("hidden@b.example"),)
    assert draft.date is None
    assert draft.text == "Body\n"


def test_an_address_that_cannot_be_used_says_where() -> None:
    with pytest.raises(DraftProblem) as caught:
        draft_from_eml(b"From: a@a.example\nCc: nonsense\n\n")
    assert caught.value.field == "cc"

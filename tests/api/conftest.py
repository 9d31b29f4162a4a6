from datetime import UTC, datetime

import pytest

from mailgui.message.draft import Address, ApiExtras, Attachment, Draft

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def simple_draft():
    """A message of one sender, one recipient, and both bodies."""
    return Draft(
        sender=Address("sender@example.com", "Sender"),
        to=(Address("ada@example.org", "Ada"),),
        subject="A plain greeting",
        text="Hello",
        html="<p>Hello</p>",
    )


@pytest.fixture
def full_draft():
    """A message that uses every field but a template."""
    return Draft(
        sender=Address("sender@example.com", "Sender"),
        to=(Address("ada@example.org", "Ada"), Address("bob@example.org")),
        cc=(Address("cleo@example.org", "Cleo"),),
        bcc=(Address("dan@example.org"),),
        reply_to=(Address("replies@example.com", "Replies"),),
        subject="A full greeting",
        text="Hello",
        html='<p>Hello <img src="cid:logo"></p>',
        attachments=(
            Attachment("note.txt", "text/plain", data=b"a note"),
            Attachment("logo.png", "image/png", data=PNG, content_id="logo"),
        ),
        headers=(("X-Campaign", "spring"),),
        extras=ApiExtras(
            tags=("welcome",),
            metadata={"order": "17"},
            send_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
            track_opens=True,
            track_clicks=False,
            idempotency_key="key-1",
            attachment_urls=("https://files.example.com/price%20list.pdf",),
        ),
    )

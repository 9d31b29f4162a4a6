"""Whatever of a draft changes, the request changes or a finding says why not: for every provider.

Each change is made to a plain draft, to one with a template and to one in sandbox mode. Where
neither the request nor the findings differ, something would be lost without a word.
"""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from mailgui.api.fields import FIELD_NAMES
from mailgui.api.provider import load_providers
from mailgui.api.render import RenderedRequest, render
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft

PROVIDERS = load_providers()
OPTIONS = {
    "mailgun": {"domain": "mg.example.com"},
    "scaleway": {"project_id": "p-1"},
    "postal": {"host": "postal.example.com"},
    "mailtrap": {"inbox_id": "7"},
}
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)  # signatures are of one moment
PNG = b"\x89PNG\r\n\x1a\n"
PDF = "https://files.example.com/a.pdf"

ADA, BOB = Address("ada@example.org", "Ada"), Address("bob@example.org")
NOTE = Attachment("note.txt", "text/plain", data=b"a note")
LOGO = Attachment("logo.png", "image/png", data=PNG, content_id="logo")
PLAIN = Draft(
    sender=Address("sender@example.com", "Sender"), to=(ADA,), subject="Hello", text="Good day"
)
STARTS = {
    "plain": PLAIN,
    "template": replace(PLAIN, extras=ApiExtras(template_id="12345")),
    "sandbox mode": replace(PLAIN, extras=ApiExtras(sandbox=True)),
}


def also(draft: Draft, **changes: object) -> Draft:
    """Return ``draft`` with other fields; those of its extras are named like any other."""
    own = {key: value for key, value in changes.items() if key not in _EXTRAS}
    extras = {key: value for key, value in changes.items() if key in _EXTRAS}
    return replace(draft, **own, extras=replace(draft.extras, **extras))


_EXTRAS = {field.name for field in fields(ApiExtras)}

# Of each change: which field it is in, what the draft has before it, and what after it.
CHANGES = {
    "sender's address": ("from", {}, {"sender": Address("other@example.com", "Sender")}),
    "sender's name": ("from", {}, {"sender": Address("sender@example.com", "Somebody")}),
    "recipient's name": ("to", {}, {"to": (Address("ada@example.org", "Countess"),)}),
    "second recipient": ("to", {}, {"to": (ADA, BOB)}),
    "cc": ("cc", {}, {"cc": (BOB,)}),
    "cc's name": ("cc", {"cc": (BOB,)}, {"cc": (Address("bob@example.org", "Bob"),)}),
    "second cc": ("cc", {"cc": (BOB,)}, {"cc": (BOB, Address("c@example.org"))}),
    "bcc": ("bcc", {}, {"bcc": (BOB,)}),
    "second bcc": ("bcc", {"bcc": (BOB,)}, {"bcc": (BOB, Address("c@example.org"))}),
    "reply to": ("reply_to", {}, {"reply_to": (BOB,)}),
    "reply to's name": (
        "reply_to",
        {"reply_to": (BOB,)},
        {"reply_to": (Address("bob@example.org", "B"),)},
    ),
    "second reply to": ("reply_to", {"reply_to": (BOB,)}, {"reply_to": (BOB, ADA)}),
    "envelope sender": ("envelope_from", {}, {"envelope_from": "bounces@example.com"}),
    "empty envelope sender": ("envelope_from", {}, {"envelope_from": ""}),
    "subject": ("subject", {}, {"subject": "Good evening"}),
    "text": ("text", {}, {"text": "Good evening"}),
    "html": ("html", {}, {"html": "<p>Good day</p>"}),
    "header": ("headers", {}, {"headers": (("X-A", "1"),)}),
    "header's value": (
        "headers",
        {"headers": (("X-A", "1"),)},
        {"headers": (("X-A", "2"),)},
    ),
    "header of the same name": (
        "headers",
        {"headers": (("X-A", "1"),)},
        {"headers": (("X-A", "0"), ("X-A", "1"))},
    ),
    "sixteenth header": (
        "headers",
        {"headers": tuple((f"X-{n}", "1") for n in range(15))},
        {"headers": tuple((f"X-{n}", "1") for n in range(16))},
    ),
    "message id": ("headers", {}, {"message_id": "<a@example.com>"}),
    "date": ("headers", {}, {"date": NOW}),
    "attachment": ("attachments", {}, {"attachments": (NOTE,)}),
    "second attachment": (
        "attachments",
        {"attachments": (NOTE,)},
        {"attachments": (NOTE, NOTE)},
    ),
    "attachment's name": (
        "attachments",
        {"attachments": (NOTE,)},
        {"attachments": (replace(NOTE, filename="b.txt"),)},
    ),
    "attachment's type": (
        "attachments",
        {"attachments": (NOTE,)},
        {"attachments": (replace(NOTE, content_type="application/x-own"),)},
    ),
    "attachment's content": (
        "attachments",
        {"attachments": (NOTE,)},
        {"attachments": (replace(NOTE, data=b""),)},
    ),
    "inline image": ("inline", {}, {"attachments": (LOGO,)}),
    "inline image's name": (
        "inline",
        {"attachments": (replace(LOGO, content_id="logo.png"),)},
        {"attachments": (replace(LOGO, content_id="logo.png", filename="other.png"),)},
    ),
    "inline image's content id": (
        "inline",
        {"attachments": (LOGO,)},
        {"attachments": (replace(LOGO, content_id="mark"),)},
    ),
    "inline image's type": (
        "inline",
        {"attachments": (LOGO,)},
        {"attachments": (replace(LOGO, content_type="image/webp"),)},
    ),
    "template": ("template_id", {"template_id": None}, {"template_id": "678"}),
    "variables": ("variables", {}, {"variables": {"name": "Ada"}}),
    "second variable": (
        "variables",
        {"variables": {"a": "1"}},
        {"variables": {"a": "1", "b": "2"}},
    ),
    "variable that is a list": (
        "variables",
        {"variables": {"a": "1"}},
        {"variables": {"a": [1, {"b": None}]}},
    ),
    "tag": ("tags", {}, {"tags": ("welcome",)}),
    "second tag": ("tags", {"tags": ("welcome",)}, {"tags": ("welcome", "spring")}),
    "tag with a name": ("tags", {"tags": ("a=b",)}, {"tags": ("a=c",)}),
    "metadata": ("metadata", {}, {"metadata": {"order": "17"}}),
    "second metadata": (
        "metadata",
        {"metadata": {"a": "1"}},
        {"metadata": {"a": "1", "b": "2"}},
    ),
    "time": ("send_at", {}, {"send_at": NOW}),
    "another second": ("send_at", {"send_at": NOW}, {"send_at": NOW.replace(second=6)}),
    "track opens": ("track_opens", {}, {"track_opens": True}),
    "not track opens": ("track_opens", {"track_opens": True}, {"track_opens": False}),
    "track clicks": ("track_clicks", {}, {"track_clicks": True}),
    "not track clicks": ("track_clicks", {"track_clicks": True}, {"track_clicks": False}),
    "idempotency key": ("idempotency_key", {}, {"idempotency_key": "key-1"}),
    "attachment by URL": ("attachment_urls", {}, {"attachment_urls": (PDF,)}),
    "second attachment by URL": (
        "attachment_urls",
        {"attachment_urls": (PDF,)},
        {"attachment_urls": (PDF, f"{PDF}?2")},
    ),
    "sandbox mode": ("sandbox", {"sandbox": False}, {"sandbox": True}),
}


def rendered(draft: Draft, name: str) -> RenderedRequest:
    settings = ApiSettings(name, options=OPTIONS.get(name, {}))
    return render(draft, PROVIDERS[name], settings, now=NOW)


def seen(request: RenderedRequest) -> tuple[object, ...]:
    """What a provider and a person get of a draft: the request, and what is said about it."""
    told = {(f.id, f.title, f.explanation) for f in request.findings}
    return request.url, request.headers, request.content, told


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_a_draft_is_lost_without_a_word(name, start, change):
    field, before, after = CHANGES[change]
    one = rendered(also(STARTS[start], **before), name)
    other = rendered(also(STARTS[start], **after), name)
    if seen(one) != seen(other):
        return
    # Nothing tells them apart: then the whole field has to be said to stay here, in either case.
    for request in (one, other):
        ids = {finding.id for finding in request.findings}
        told = ids & {f"api.unsupported.{field}", f"api.left_out.{field}"}
        assert told, f"{PROVIDERS[name].name} loses this, and nothing says so: {change}"


@pytest.mark.parametrize("name", [n for n, p in PROVIDERS.items() if p.template.leaves_out])
def test_what_a_template_replaces_is_not_in_the_request(name):
    replaced = PROVIDERS[name].template.leaves_out
    draft = replace(
        STARTS["template"],
        html="<p>Good day</p>",
        reply_to=(BOB,),
        headers=(("X-A", "1"),),
        attachments=(NOTE, LOGO),
    )
    request = rendered(draft, name)
    found = {f.id.removeprefix("api.left_out.") for f in request.findings}
    assert set(replaced) <= found
    for text, field in (("Good day", "text"), ("X-A", "headers"), ("note.txt", "attachments")):
        assert (text.encode() in request.content) is (field not in replaced)


def test_every_field_of_a_provider_file_is_tried():
    assert {field for field, _, _ in CHANGES.values()} == {*FIELD_NAMES, "sandbox"}

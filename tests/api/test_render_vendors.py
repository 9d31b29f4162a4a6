"""Each provider's request in the shape that its documentation shows."""

import base64
from dataclasses import replace
from datetime import datetime

import pytest

from mailgui.api.bodies import FilePart
from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.findings import Severity
from mailgui.message.draft import Address, ApiExtras

OPTIONS = {"mailgun": {"domain": "mg.example.com"}, "scaleway": {"project_id": "p-1"}}
OPTIONS["postal"] = {"host": "postal.example.com"}
KEYS = {"amazon_ses": "AKIDEXAMPLE:secret", "mailjet": "public:private"}

SENDER = {"email": "sender@example.com", "name": "Sender"}
ADA = {"email": "ada@example.org", "name": "Ada"}
FROM, TO = "Sender <sender@example.com>", "Ada <ada@example.org>"
UTF8 = {"Charset": "UTF-8"}

SIMPLE = {
    "autosend": (
        "https://api.autosend.com/v1/mails/send",
        {"from": SENDER, "to": ADA, "subject": "A plain greeting", "text": "Hello",
         "html": "<p>Hello</p>"},
    ),
    "resend": (
        "https://api.resend.com/emails",
        {"from": FROM, "to": [TO], "subject": "A plain greeting", "text": "Hello",
         "html": "<p>Hello</p>"},
    ),
    "postmark": (
        "https://api.postmarkapp.com/email",
        {"From": FROM, "To": TO, "Subject": "A plain greeting", "TextBody": "Hello",
         "HtmlBody": "<p>Hello</p>"},
    ),
    "sendgrid": (
        "https://api.sendgrid.com/v3/mail/send",
        {"personalizations": [{"to": [ADA]}], "from": SENDER, "subject": "A plain greeting",
         "content": [{"type": "text/plain", "value": "Hello"},
                     {"type": "text/html", "value": "<p>Hello</p>"}]},
    ),
    "brevo": (
        "https://api.brevo.com/v3/smtp/email",
        {"sender": SENDER, "to": [ADA], "subject": "A plain greeting", "textContent": "Hello",
         "htmlContent": "<p>Hello</p>"},
    ),
    "amazon_ses": (
        "https://email.us-east-1.amazonaws.com/v2/email/outbound-emails",
        {"FromEmailAddress": FROM, "Destination": {"ToAddresses": [TO]},
         "Content": {"Simple": {
             "Subject": {"Data": "A plain greeting", **UTF8},
             "Body": {"Text": {"Data": "Hello", **UTF8},
                      "Html": {"Data": "<p>Hello</p>", **UTF8}}}}},
    ),
    "mailjet": (
        "https://api.mailjet.com/v3.1/send",
        {"Messages": [{
            "From": {"Email": "sender@example.com", "Name": "Sender"},
            "To": [{"Email": "ada@example.org", "Name": "Ada"}],
            "Subject": "A plain greeting", "TextPart": "Hello", "HTMLPart": "<p>Hello</p>"}]},
    ),
    "sparkpost": (
        "https://api.sparkpost.com/api/v1/transmissions",
        {"recipients": [{"address": {"email": "ada@example.org", "header_to": TO}}],
         "content": {"from": FROM, "subject": "A plain greeting", "text": "Hello",
                     "html": "<p>Hello</p>"}},
    ),
    "mailersend": (
        "https://api.mailersend.com/v1/email",
        {"from": SENDER, "to": [ADA], "subject": "A plain greeting", "text": "Hello",
         "html": "<p>Hello</p>"},
    ),
    "mandrill": (
        "https://mandrillapp.com/api/1.0/messages/send.json",
        {"key": "k-1", "message": {
            "from_email": "sender@example.com", "from_name": "Sender",
            "to": [{**ADA, "type": "to"}], "subject": "A plain greeting", "text": "Hello",
            "html": "<p>Hello</p>"}},
    ),
    "scaleway": (
        "https://api.scaleway.com/transactional-email/v1alpha1/regions/fr-par/emails",
        {"project_id": "p-1", "from": SENDER, "to": [ADA], "subject": "A plain greeting",
         "text": "Hello", "html": "<p>Hello</p>"},
    ),
    "mailtrap": (
        "https://send.api.mailtrap.io/api/send",
        {"from": SENDER, "to": [ADA], "subject": "A plain greeting", "text": "Hello",
         "html": "<p>Hello</p>"},
    ),
    "unisender_go": (
        "https://go1.unisender.ru/ru/transactional/api/v1/email/send.json",
        {"message": {
            "from_email": "sender@example.com", "from_name": "Sender",
            "recipients": [{"email": "ada@example.org", "substitutions": {"to_name": "Ada"}}],
            "headers": {"to": TO}, "subject": "A plain greeting",
            "body": {"plaintext": "Hello", "html": "<p>Hello</p>"}}},
    ),
    "postal": (
        "https://postal.example.com/api/v1/send/message",
        {"from": FROM, "to": [TO], "subject": "A plain greeting", "plain_body": "Hello",
         "html_body": "<p>Hello</p>"},
    ),
    "generic": (
        "https://api.example.com/v1/send",
        {"from": SENDER, "to": [ADA], "subject": "A plain greeting", "text": "Hello",
         "html": "<p>Hello</p>"},
    ),
}  # fmt: skip


AUTH = {
    "autosend": ("Authorization", "Bearer k-1"),
    "resend": ("Authorization", "Bearer k-1"),
    "postmark": ("X-Postmark-Server-Token", "k-1"),
    "sendgrid": ("Authorization", "Bearer k-1"),
    "mailgun": ("Authorization", "Basic " + base64.b64encode(b"api:k-1").decode()),
    "brevo": ("api-key", "k-1"),
    "mailjet": ("Authorization", "Basic " + base64.b64encode(b"public:private").decode()),
    "sparkpost": ("Authorization", "k-1"),
    "mailersend": ("Authorization", "Bearer k-1"),
    "scaleway": ("X-Auth-Token", "k-1"),
    "mailtrap": ("Authorization", "Bearer k-1"),
    "unisender_go": ("X-API-KEY", "k-1"),
    "postal": ("X-Server-API-Key", "k-1"),
    "generic": ("Authorization", "Bearer k-1"),
}


def rendered(draft, name, **options):
    settings = ApiSettings(name, options={**OPTIONS.get(name, {}), **options})
    return render(draft, load_providers()[name], settings, KEYS.get(name, "k-1"))


@pytest.mark.parametrize("name", SIMPLE)
def test_a_simple_message(simple_draft, name):
    request = rendered(simple_draft, name)
    url, body = SIMPLE[name]
    assert request.method == "POST"
    assert request.url == url
    assert request.body_kind == "json"
    assert request.body == body
    assert request.findings == ()
    assert dict(request.headers)["Content-Type"] == "application/json"


def test_a_simple_message_by_mailgun_is_a_form(simple_draft):
    request = rendered(simple_draft, "mailgun")
    assert request.url == "https://api.mailgun.net/v3/mg.example.com/messages"
    assert request.body_kind == "form"
    assert request.body == [
        ("from", FROM),
        ("to", TO),
        ("subject", "A plain greeting"),
        ("text", "Hello"),
        ("html", "<p>Hello</p>"),
    ]
    assert request.content.startswith(b"from=Sender+%3Csender%40example.com%3E&to=Ada")
    assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", AUTH)
def test_the_key_is_where_the_vendor_wants_it(simple_draft, name):
    header, value = AUTH[name]
    assert dict(rendered(simple_draft, name).headers)[header] == value


def test_regions_choose_the_host(simple_draft):
    assert rendered(simple_draft, "mailgun", region="eu").url.startswith(
        "https://api.eu.mailgun.net/"
    )
    assert rendered(simple_draft, "sparkpost", region="eu").url.startswith(
        "https://api.eu.sparkpost.com/"
    )
    assert rendered(simple_draft, "amazon_ses", region="eu-west-1").url.startswith(
        "https://email.eu-west-1.amazonaws.com/"
    )
    assert "/regions/nl-ams/" in rendered(simple_draft, "scaleway", region="nl-ams").url


NOTE, LOGO = base64.b64encode(b"a note").decode(), base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
FILES = {
    "autosend": ("attachments", [
        {"fileName": "note.txt", "content": NOTE, "contentType": "text/plain"},
        {"fileName": "logo.png", "content": LOGO, "contentType": "image/png",
         "contentId": "logo", "disposition": "inline"},
        {"fileName": "price list.pdf", "fileUrl": "https://files.example.com/price%20list.pdf",
         "contentType": "application/pdf"}]),
    "resend": ("attachments", [
        {"filename": "note.txt", "content": NOTE, "content_type": "text/plain"},
        {"filename": "logo.png", "content": LOGO, "content_type": "image/png",
         "content_id": "logo"},
        {"filename": "price list.pdf", "path": "https://files.example.com/price%20list.pdf"}]),
    "postmark": ("Attachments", [
        {"Name": "note.txt", "Content": NOTE, "ContentType": "text/plain"},
        {"Name": "logo.png", "Content": LOGO, "ContentType": "image/png",
         "ContentID": "cid:logo"}]),
    "sendgrid": ("attachments", [
        {"content": NOTE, "type": "text/plain", "filename": "note.txt"},
        {"content": LOGO, "type": "image/png", "filename": "logo.png", "disposition": "inline",
         "content_id": "logo"}]),
    "brevo": ("attachment", [
        {"name": "note.txt", "content": NOTE},
        {"name": "logo.png", "content": LOGO},
        {"name": "price list.pdf", "url": "https://files.example.com/price%20list.pdf"}]),
    "amazon_ses": ("Content.Simple.Attachments", [
        {"FileName": "note.txt", "RawContent": NOTE, "ContentType": "text/plain",
         "ContentDisposition": "ATTACHMENT", "ContentTransferEncoding": "BASE64"},
        {"FileName": "logo.png", "RawContent": LOGO, "ContentType": "image/png",
         "ContentDisposition": "INLINE", "ContentId": "logo",
         "ContentTransferEncoding": "BASE64"}]),
    "mailjet": ("Messages.0.InlinedAttachments", [
        {"ContentType": "image/png", "Filename": "logo.png", "ContentID": "logo",
         "Base64Content": LOGO}]),
    "sparkpost": ("content.inline_images", [
        {"name": "logo", "type": "image/png", "data": LOGO}]),
    "mailersend": ("attachments", [
        {"content": NOTE, "filename": "note.txt", "disposition": "attachment"},
        {"content": LOGO, "filename": "logo.png", "disposition": "inline", "id": "logo"}]),
    "mandrill": ("message.images", [{"type": "image/png", "name": "logo", "content": LOGO}]),
    "scaleway": ("attachments", [
        {"name": "note.txt", "type": "text/plain", "content": NOTE},
        {"name": "logo.png", "type": "image/png", "content": LOGO}]),
    "mailtrap": ("attachments", [
        {"filename": "note.txt", "type": "text/plain", "content": NOTE},
        {"filename": "logo.png", "type": "image/png", "content": LOGO, "disposition": "inline",
         "content_id": "logo"}]),
    "unisender_go": ("message.inline_attachments", [
        {"type": "image/png", "name": "logo", "content": LOGO}]),
    "postal": ("attachments", [
        {"name": "note.txt", "content_type": "text/plain", "data": NOTE},
        {"name": "logo.png", "content_type": "image/png", "data": LOGO}]),
}  # fmt: skip


def at(body, path):
    for step in path.split("."):
        body = body[int(step)] if step.isdigit() else body[step]
    return body


@pytest.mark.parametrize("name", FILES)
def test_files(full_draft, name):
    path, expected = FILES[name]
    assert at(rendered(full_draft, name).body, path) == expected


def test_files_by_mailgun_are_parts(full_draft):
    request = rendered(full_draft, "mailgun")
    assert request.body_kind == "multipart"
    assert [pair for pair in request.body if isinstance(pair[1], FilePart)] == [
        ("attachment", FilePart("note.txt", "text/plain", b"a note")),
        ("inline", FilePart("logo", "image/png", b"\x89PNG\r\n\x1a\n")),
    ]
    assert ("o:tag", "welcome") in request.body
    assert ("v:order", "17") in request.body
    assert ("h:X-Campaign", "spring") in request.body
    assert ("h:Reply-To", "Replies <replies@example.com>") in request.body
    assert ("o:deliverytime", "Wed, 02 Jan 2030 03:04:05 +0000") in request.body
    assert ("o:tracking-opens", "yes") in request.body
    assert ("o:tracking-clicks", "no") in request.body


FIELDS = [
    ("autosend", "to", ADA),
    ("autosend", "cc", [
        {"email": "bob@example.org"}, {"email": "cleo@example.org", "name": "Cleo"}]),
    ("autosend", "replyTo", {"email": "replies@example.com", "name": "Replies"}),
    ("autosend", "metadata", {"order": "17"}),
    ("autosend", "trackingOpen", True),
    ("resend", "reply_to", ["Replies <replies@example.com>"]),
    ("resend", "bcc", ["dan@example.org"]),
    ("resend", "tags", [{"name": "tag", "value": "welcome"}]),
    ("resend", "scheduled_at", "2030-01-02T03:04:05Z"),
    ("postmark", "To", "Ada <ada@example.org>, bob@example.org"),
    ("postmark", "Headers", [{"Name": "X-Campaign", "Value": "spring"}]),
    ("postmark", "Tag", "welcome"),
    ("postmark", "TrackLinks", "None"),
    ("sendgrid", "send_at", 1893553445),
    ("sendgrid", "custom_args", {"order": "17"}),
    ("sendgrid", "reply_to_list", [{"email": "replies@example.com", "name": "Replies"}]),
    ("sendgrid", "tracking_settings.open_tracking.enable", True),
    ("brevo", "headers.X-Mailin-custom", '{"order":"17"}'),
    ("brevo", "scheduledAt", "2030-01-02T03:04:05.000+00:00"),
    ("amazon_ses", "Destination.BccAddresses", ["dan@example.org"]),
    ("amazon_ses", "EmailTags", [{"Name": "tag", "Value": "welcome"}]),
    ("mailjet", "Messages.0.CustomCampaign", "welcome"),
    ("mailjet", "Messages.0.TrackClicks", "disabled"),
    ("mailjet", "Messages.0.EventPayload", '{"order":"17"}'),
    ("sparkpost", "content.headers", {"CC": "Cleo <cleo@example.org>", "X-Campaign": "spring"}),
    ("sparkpost", "options.start_time", "2030-01-02T03:04:05+00:00"),
    ("sparkpost", "recipients.3.address", {
        "email": "dan@example.org", "header_to": "Ada <ada@example.org>, bob@example.org"}),
    ("mailersend", "settings", {"track_opens": True, "track_clicks": False}),
    ("mailersend", "headers", [{"name": "X-Campaign", "value": "spring"}]),
    ("mandrill", "message.to.2", {"email": "cleo@example.org", "name": "Cleo", "type": "cc"}),
    ("mandrill", "message.headers", {
        "Reply-To": "Replies <replies@example.com>", "X-Campaign": "spring"}),
    ("mandrill", "send_at", "2030-01-02 03:04:05"),
    ("scaleway", "additional_headers", [
        {"key": "Reply-To", "value": "Replies <replies@example.com>"},
        {"key": "X-Campaign", "value": "spring"}]),
    ("mailtrap", "category", "welcome"),
    ("mailtrap", "custom_variables", {"order": "17"}),
    ("unisender_go", "message.headers.cc", "Cleo <cleo@example.org>"),
    ("unisender_go", "message.options.send_at", "2030-01-02 03:04:05"),
    ("unisender_go", "message.reply_to_name", "Replies"),
    ("postal", "tag", "welcome"),
    ("postal", "reply_to", "Replies <replies@example.com>"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "expected"), FIELDS)
def test_fields(full_draft, name, path, expected):
    assert at(rendered(full_draft, name).body, path) == expected


def test_idempotency_keys_are_headers_where_they_are_honoured(full_draft):
    assert ("Idempotency-Key", "key-1") in rendered(full_draft, "resend").headers
    assert rendered(full_draft, "resend").idempotency_key == "key-1"
    assert rendered(full_draft, "postmark").idempotency_key is None


def test_headers_of_amazon_ses_are_printable_ascii(simple_draft):
    """API_MessageHeader: any printable ASCII character, and at most fifteen headers."""
    headers = (("X-Plain", "spring"), ("X-Other", "Grün am 1. Mai"))
    draft = replace(simple_draft, headers=headers, message_id="<a@example.com>")
    request = rendered(draft, "amazon_ses")
    assert at(request.body, "Content.Simple.Headers") == [
        {"Name": "X-Plain", "Value": "spring"},
        {"Name": "X-Other", "Value": "=?utf-8?b?R3LDvG4=?= am 1. Mai"},
    ]
    assert [f.title for f in request.findings] == [
        "Amazon SES v2 does not get the header Message-ID"
    ]


def test_a_message_of_amazon_ses_has_a_subject_even_if_it_is_empty(simple_draft):
    """API_Message: Subject and Body are required."""
    message = at(rendered(replace(simple_draft, subject=""), "amazon_ses").body, "Content.Simple")
    assert message["Subject"] == {"Data": "", "Charset": "UTF-8"}
    extras = ApiExtras(template_id="welcome")
    request = rendered(replace(simple_draft, subject="", extras=extras), "amazon_ses")
    assert request.body["Content"] == {"Template": {"TemplateName": "welcome"}}
    assert "api.left_out.subject" not in {f.id for f in request.findings}


def test_tags_of_amazon_ses_are_letters_digits_underscores_and_dashes(simple_draft):
    for tag, fine in (("team=a_b-1", True), ("team=a.b", False), ("team=a@b", False)):
        draft = replace(simple_draft, extras=ApiExtras(tags=(tag,)))
        ids = {f.id for f in rendered(draft, "amazon_ses").findings}
        assert ("api.invalid.tags" in ids) is not fine


def test_amazon_ses_takes_no_international_local_parts(simple_draft):
    draft = replace(simple_draft, cc=(Address("jürgen@bücher.example"),))
    (finding,) = rendered(draft, "amazon_ses").findings
    assert (finding.id, finding.severity) == ("api.invalid.address", Severity.BROKEN)
    assert rendered(replace(draft, cc=(Address("j@bücher.example"),)), "amazon_ses").findings == ()


LEGACY = "13b8f94f-bcae-4ec6-b752-70d6cb59f932"


@pytest.mark.parametrize(
    ("template", "place"),
    [("d-4ad23ad40a0e47d0", "dynamic_template_data"), (LEGACY, "substitutions"),
     (LEGACY.upper(), "substitutions"), (None, "substitutions")],
)  # fmt: skip
def test_variables_of_sendgrid_go_where_the_template_looks(simple_draft, template, place):
    extras = ApiExtras(template_id=template, variables={"-name-": "Ada"})
    body = rendered(replace(simple_draft, extras=extras), "sendgrid").body
    assert body["personalizations"] == [{"to": [ADA], place: {"-name-": "Ada"}}]


def test_variables_of_mailjet_switch_its_template_language_on(simple_draft):
    extras = ApiExtras(variables={"day": "Monday"})
    (message,) = rendered(replace(simple_draft, extras=extras), "mailjet").body["Messages"]
    assert message["Variables"] == {"day": "Monday"}
    assert message["TemplateLanguage"] is True
    assert "TemplateID" not in message


def test_headers_that_mailjet_writes_itself_are_left_out(simple_draft):
    draft = replace(simple_draft, headers=(("X-Mailer", "mine"), ("X-Own", "1")))
    request = rendered(draft, "mailjet")
    assert at(request.body, "Messages.0.Headers") == {"X-Own": "1"}
    assert [f.id for f in request.findings] == ["api.left_out.header"]


def test_variables_of_mailgun_belong_to_a_template(simple_draft):
    draft = replace(simple_draft, extras=ApiExtras(variables={"name": "Ada"}))
    request = rendered(draft, "mailgun")
    assert "t:variables" not in dict(request.body)
    assert [f.id for f in request.findings] == ["api.left_out.variables"]
    extras = ApiExtras(template_id="welcome", variables={"name": "Ada"})
    request = rendered(replace(simple_draft, extras=extras), "mailgun")
    assert dict(request.body)["t:variables"] == '{"name":"Ada"}'


def test_several_reply_to_addresses_of_mailtrap_are_a_header(simple_draft):
    one, two = Address("r1@example.com", "Jürgen"), Address("r2@example.com")
    alone = rendered(replace(simple_draft, reply_to=(one,)), "mailtrap")
    assert alone.body["reply_to"] == {"email": "r1@example.com", "name": "Jürgen"}
    both = rendered(replace(simple_draft, reply_to=(one, two)), "mailtrap")
    assert "reply_to" not in both.body
    words = "=?utf-8?q?J=C3=BCrgen?= <r1@example.com>, r2@example.com"
    assert both.body["headers"] == {"Reply-To": words}
    assert both.findings == ()


def test_mailersend_has_places_of_its_own_for_threads(simple_draft):
    headers = (
        ("in-reply-to", "<b@example.org>"),
        ("References", "<a@example.org>  <b@example.org>"),
        ("Precedence", "Bulk"),
        ("List-Unsubscribe", "<mailto:u@example.org>"),
        ("X-Own", "1"),
    )
    body = rendered(replace(simple_draft, headers=headers), "mailersend").body
    assert body["list_unsubscribe"] == "<mailto:u@example.org>"
    assert body["in_reply_to"] == "<b@example.org>"
    assert body["references"] == ["<a@example.org>", "<b@example.org>"]
    assert body["precedence_bulk"] is True
    assert body["headers"] == [{"name": "X-Own", "value": "1"}]


def test_a_template_of_sparkpost_has_its_own_headers_and_files(full_draft):
    extras = replace(full_draft.extras, template_id="welcome")
    request = rendered(replace(full_draft, extras=extras), "sparkpost")
    assert request.body["content"] == {"template_id": "welcome"}
    assert "cleo@example.org" in {each["address"]["email"] for each in request.body["recipients"]}
    left = {f.id for f in request.findings if f.id.startswith("api.left_out.")}
    assert {"api.left_out.cc", "api.left_out.attachments", "api.left_out.inline"} <= left


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("brevo", "scheduledAt", "2030-01-02T03:04:05.678+02:00"),
        ("sparkpost", "options.start_time", "2030-01-02T03:04:05+02:00"),
        ("resend", "scheduled_at", "2030-01-02T01:04:05.678Z"),
        ("sendgrid", "send_at", 1893546245),
        ("mandrill", "send_at", "2030-01-02 01:04:05"),
    ],
)
def test_a_time_keeps_its_own_offset_where_the_vendor_takes_one(simple_draft, name, path, expected):
    moment = datetime.fromisoformat("2030-01-02T03:04:05.678901+02:00")
    draft = replace(simple_draft, extras=ApiExtras(send_at=moment))
    assert at(rendered(draft, name).body, path) == expected


def test_headers_of_one_name_go_along_where_there_is_room(simple_draft):
    draft = replace(simple_draft, headers=(("X-A", "1"), ("x-a", "2")))
    postmark = rendered(draft, "postmark")
    assert postmark.body["Headers"] == [
        {"Name": "X-A", "Value": "1"},
        {"Name": "x-a", "Value": "2"},
    ]
    assert postmark.findings == ()
    assert [pair for pair in rendered(draft, "mailgun").body if pair[0].lower() == "h:x-a"] == [
        ("h:X-A", "1"),
        ("h:x-a", "2"),
    ]
    resend = rendered(draft, "resend")
    assert resend.body["headers"] == {"x-a": "2"}
    assert [f.title for f in resend.findings] == ["Resend does not get the header X-A: 1"]

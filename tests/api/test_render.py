"""What rendering does for every provider alike: findings, limits, templates, placeholders."""

from dataclasses import replace

import pytest

from mailgui.api.definition import Provider
from mailgui.api.provider import load_providers
from mailgui.api.render import render, to_json_dict
from mailgui.api.settings import ApiSettings
from mailgui.findings import Severity
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft, DraftProblem

PROVIDERS = load_providers()
CANARY = "canary/key+51f9=="


def rendered(draft: Draft, name: str, key=None, **options):
    return render(draft, PROVIDERS[name], ApiSettings(name, options=options), key)


def ids(request):
    return {finding.id for finding in request.findings}


def with_extras(draft, **fields):
    return replace(draft, extras=ApiExtras(**fields))


@pytest.mark.parametrize("name", PROVIDERS)
def test_without_a_key_a_placeholder_stands_in(simple_draft, name):
    document = to_json_dict(rendered(simple_draft, name))
    assert "YOUR_" in repr(document)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_document_holds_no_key(simple_draft, name):
    key = {s.name: CANARY for s in PROVIDERS[name].auth.secrets}
    request = rendered(simple_draft, name, key)
    assert CANARY not in repr(request)
    assert CANARY not in repr(to_json_dict(request))
    assert to_json_dict(request) == to_json_dict(rendered(simple_draft, name))


def test_the_document_reveals_the_key_when_asked(simple_draft):
    document = to_json_dict(rendered(simple_draft, "resend", CANARY), reveal=True)
    assert document["headers"]["Authorization"] == f"Bearer {CANARY}"


FIELD_VALUES = {
    "cc": {"cc": (Address("c@example.org"),)},
    "bcc": {"bcc": (Address("c@example.org"),)},
    "reply_to": {"reply_to": (Address("c@example.org"),)},
    "envelope_from": {"envelope_from": "bounces@example.com"},
    "headers": {"headers": (("X-A", "b"),)},
    "attachments": {"attachments": (Attachment("a.txt", "text/plain", data=b"a"),)},
    "inline": {"attachments": (Attachment("a.png", "image/png", data=b"a", content_id="a"),)},
}
EXTRA_VALUES = {
    "template_id": {"template_id": "12"},
    "tags": {"tags": ("a",)},
    "metadata": {"metadata": {"a": "b"}},
    "track_opens": {"track_opens": True},
    "track_clicks": {"track_clicks": False},
    "idempotency_key": {"idempotency_key": "k"},
    "attachment_urls": {"attachment_urls": ("https://example.com/a.txt",)},
    "sandbox": {"sandbox": True},
}


def has_place(provider: Provider, field: str) -> bool:
    if field == "sandbox":
        return provider.sandbox is not None
    return bool(getattr(provider.fields, field))


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("field", [*FIELD_VALUES, *EXTRA_VALUES])
def test_no_field_is_lost_silently(simple_draft, name, field):
    if field in FIELD_VALUES:
        draft = replace(simple_draft, **FIELD_VALUES[field])
    else:
        draft = with_extras(simple_draft, **EXTRA_VALUES[field])
    plain = rendered(simple_draft, name)
    request = rendered(draft, name)
    told = f"api.unsupported.{field}" in ids(request)
    changed = (plain.content, plain.headers, plain.url) != (
        request.content,
        request.headers,
        request.url,
    )
    assert told is not has_place(PROVIDERS[name], field)
    assert changed or told


def test_what_is_lost_says_what_to_do(full_draft):
    found = {f.id: f for f in rendered(full_draft, "scaleway", project_id="p").findings}
    inline = found["api.unsupported.inline"]
    assert inline.title == "Scaleway TEM cannot carry inline images"
    assert "ordinary attachments" in inline.explanation
    assert inline.fix
    assert found["api.unsupported.send_at"].severity is Severity.BROKEN


def test_autosend_puts_further_recipients_into_cc(full_draft):
    request = rendered(full_draft, "autosend")
    finding = next(f for f in request.findings if f.id == "api.limit.to")
    assert finding.severity is Severity.ATTENTION
    assert "bob@example.org" in finding.explanation
    without_cc = rendered(replace(full_draft, cc=()), "autosend")
    assert without_cc.body["cc"] == [{"email": "bob@example.org"}]
    assert without_cc.recipients == ("ada@example.org", "bob@example.org", "dan@example.org")


def test_one_reply_to_only(simple_draft):
    draft = replace(simple_draft, reply_to=(Address("a@example.com"), Address("b@example.com")))
    request = rendered(draft, "brevo")
    assert request.body["replyTo"] == {"email": "a@example.com"}
    finding = next(f for f in request.findings if f.id == "api.limit.reply_to")
    assert "b@example.com" in finding.explanation


def test_one_tag_only(simple_draft):
    request = rendered(with_extras(simple_draft, tags=("one", "two")), "postmark")
    assert request.body["Tag"] == "one"
    assert "api.limit.tags" in ids(request)


def test_tags_that_are_name_and_value(simple_draft):
    request = rendered(with_extras(simple_draft, tags=("kind=news", "a", "b")), "resend")
    assert request.body["tags"] == [
        {"name": "kind", "value": "news"},
        {"name": "tag", "value": "a"},
        {"name": "tag_2", "value": "b"},
    ]
    assert "api.invalid.tags" in ids(rendered(with_extras(simple_draft, tags=("é",)), "resend"))


def test_templates_change_path_and_body(simple_draft):
    draft = with_extras(simple_draft, template_id="7", variables={"name": "Ada"})
    request = rendered(draft, "postmark")
    assert request.url.endswith("/email/withTemplate")
    assert request.body["TemplateId"] == 7
    assert request.body["TemplateModel"] == {"name": "Ada"}
    assert "Subject" not in request.body
    assert "api.left_out.subject" in ids(request)
    alias = rendered(with_extras(simple_draft, template_id="welcome"), "postmark")
    assert alias.body["TemplateAlias"] == "welcome"
    assert alias.body["TemplateModel"] == {}


def test_templates_of_amazon_are_another_content(full_draft):
    draft = replace(full_draft, extras=ApiExtras(template_id="hello", variables={"n": 1}))
    content = rendered(draft, "amazon_ses").body["Content"]
    assert set(content) == {"Template"}
    assert content["Template"]["TemplateName"] == "hello"
    assert content["Template"]["TemplateData"] == '{"n":1}'
    assert content["Template"]["Headers"] == [{"Name": "X-Campaign", "Value": "spring"}]


def test_templates_of_mailjet_and_mandrill(simple_draft):
    draft = with_extras(simple_draft, template_id="12", variables={"n": 1})
    message = rendered(draft, "mailjet").body["Messages"][0]
    assert message["TemplateID"] == 12
    assert message["TemplateLanguage"] is True
    mandrill = rendered(draft, "mandrill")
    assert mandrill.url.endswith("/messages/send-template.json")
    assert mandrill.body["template_name"] == "12"
    assert mandrill.body["template_content"] == []


def test_a_template_id_that_is_no_number_is_told(simple_draft):
    assert "api.invalid.template_id" in ids(
        rendered(with_extras(simple_draft, template_id="hello"), "brevo")
    )


def test_variables_without_a_template_are_told(simple_draft):
    request = rendered(with_extras(simple_draft, variables={"a": 1}), "resend")
    assert "template" not in request.body
    assert "api.left_out.variables" in ids(request)


def test_sandbox_modes(simple_draft):
    draft = with_extras(simple_draft, sandbox=True)
    settings = {"X-Sib-Sandbox": "drop"}
    assert rendered(draft, "brevo").body["headers"] == settings
    assert rendered(draft, "mailjet").body["SandboxMode"] is True
    assert ("o:testmode", "yes") in rendered(draft, "mailgun", domain="d").body
    assert rendered(draft, "sendgrid").body["mail_settings"] == {"sandbox_mode": {"enable": True}}
    mailtrap = rendered(draft, "mailtrap", inbox_id="42")
    assert mailtrap.url == "https://sandbox.api.mailtrap.io/api/send/42"
    postmark = rendered(draft, "postmark", CANARY)
    assert ("X-Postmark-Server-Token", "POSTMARK_API_TEST") in postmark.headers
    assert CANARY.encode() not in postmark.content


def test_account_fields_that_are_missing_are_told(simple_draft):
    request = rendered(simple_draft, "mailgun")
    assert request.url == "https://api.mailgun.net/v3/{domain}/messages"
    assert "api.option.domain" in ids(request)
    assert "api.option.region" in ids(rendered(simple_draft, "mailgun", domain="d", region="mars"))
    assert "api.option.unknown" in ids(rendered(simple_draft, "resend", domain="d"))


def test_account_fields_cannot_leave_their_place_in_the_url(simple_draft):
    request = rendered(simple_draft, "mailgun", domain="../../x?y#z")
    assert request.url == "https://api.mailgun.net/v3/..%2F..%2Fx%3Fy%23z/messages"


def test_a_base_url_replaces_that_of_the_provider(simple_draft):
    settings = ApiSettings("autosend", base_url="http://127.0.0.1:8025/")
    assert render(simple_draft, PROVIDERS["autosend"], settings).url == (
        "http://127.0.0.1:8025/mails/send"
    )
    settings = ApiSettings("generic", base_url="https://mail.example.com/send")
    assert render(simple_draft, PROVIDERS["generic"], settings).url == settings.base_url


def test_limits_are_told_before_sending(simple_draft):
    crowd = tuple(Address(f"p{n}@example.org") for n in range(12))
    request = rendered(replace(simple_draft, to=crowd, subject="Short"), "scaleway", project_id="p")
    assert {"api.limit.recipients", "api.limit.subject"} <= ids(request)
    big = Attachment("a.bin", data=bytes(2_000_000))
    assert "api.limit.size" in ids(
        rendered(replace(simple_draft, attachments=(big,)), "scaleway", project_id="p")
    )


def test_nobody_in_to_is_told(simple_draft):
    draft = replace(simple_draft, to=(), bcc=(Address("dan@example.org"),))
    request = rendered(draft, "resend")
    assert "to" not in request.body
    assert "api.missing.to" in ids(request)
    assert "api.missing.to" not in ids(rendered(simple_draft, "resend"))


def test_international_domains_become_a_labels(simple_draft):
    draft = replace(simple_draft, to=(Address("ada@bücher.example", "Ada, Gräfin"),))
    assert rendered(draft, "resend").body["to"] == ['"Ada, Gräfin" <ada@xn--bcher-kva.example>']
    amazon = rendered(draft, "amazon_ses").body["Destination"]["ToAddresses"][0]
    assert amazon == "=?utf-8?q?Ada=2C_Gr=C3=A4fin?= <ada@xn--bcher-kva.example>"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sender": None}, "from"),
        ({"to": ()}, "to"),
        ({"to": (Address("nobody"),)}, "to"),
        ({"to": (Address("a@b.example\r\nBcc: x@y.example"),)}, "to"),
        ({"subject": "a\r\nBcc: b@c.example"}, "subject"),
        ({"headers": (("X-A", "b\nc"),)}, "headers"),
        ({"headers": (("Bcc", "b@c.example"),)}, "headers"),
        ({"text": "\ud800"}, "message"),
        ({"attachments": (Attachment("a", data=None),)}, "attachments"),
        ({"extras": ApiExtras(attachment_urls=("file:///etc/passwd",))}, "attachments"),
        ({"extras": ApiExtras(idempotency_key="a\r\nX: y")}, "idempotency_key"),
    ],
)
def test_what_cannot_be_sent_is_one_sentence(simple_draft, fields, field):
    with pytest.raises(DraftProblem) as caught:
        rendered(replace(simple_draft, **fields), "resend")
    assert caught.value.field == field
    assert caught.value.sentence.endswith(".")


def test_a_file_that_has_gone_is_one_sentence(simple_draft, tmp_path):
    gone = Attachment("gone.txt", "text/plain", path=tmp_path / "gone.txt")
    with pytest.raises(DraftProblem, match=r"gone\.txt"):
        rendered(replace(simple_draft, attachments=(gone,)), "resend")


def test_an_empty_message_still_has_a_text(simple_draft):
    assert rendered(replace(simple_draft, text=None, html=None), "resend").body["text"] == ""
    assert "text" not in rendered(replace(simple_draft, text=""), "resend").body


def test_the_account_key_of_autosend_takes_its_project(simple_draft):
    request = rendered(simple_draft, "autosend", project_id="p-9")
    assert ("x-project-id", "p-9") in request.headers
    assert "x-project-id" not in dict(rendered(simple_draft, "autosend").headers)


def test_the_document_of_a_multipart_request(full_draft):
    document = to_json_dict(rendered(full_draft, "mailgun", domain="d"))
    assert document["body_kind"] == "multipart"
    assert ["attachment", {"filename": "note.txt", "type": "text/plain", "base64": "YSBub3Rl"}] in (
        document["body"]
    )


def test_a_raw_provider_posts_the_message_itself(simple_draft):
    import msgspec

    base = PROVIDERS["generic"]
    raw = msgspec.structs.replace(base, request=msgspec.structs.replace(base.request, body="raw"))
    request = render(simple_draft, raw, ApiSettings("generic"), "k")
    assert request.body_kind == "raw"
    assert dict(request.headers)["Content-Type"] == "message/rfc822"
    assert b"Subject: A plain greeting\r\n" in request.content
    assert isinstance(request.body, str)

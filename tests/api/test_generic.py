"""A provider described in a profile: auth, body, success and errors."""

import json

import pytest

from mailgui.api.answer import understand
from mailgui.api.generic import NAMES, ShapeProblem, shaped
from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.transcript import HttpExchange, Outcome

GENERIC = load_providers()["generic"]
BODY = {
    "sender": {"email": "{from_address}", "name": "{from_name}"},
    "recipients": [{"email": "{to_address}", "name": "{to_name}", "kind": "to"}],
    "copies": "{cc}",
    "hidden": ["{bcc_address}"],
    "message": {
        "subject": "[test] {subject}",
        "parts": [
            {"type": "text/plain", "value": "{text}"},
            {"type": "text/html", "value": "{html}"},
        ],
        "files": [{"name": "{file_filename}", "data": "{file_base64}"}],
        "labels": ["{tag}"],
    },
    "meta": "{metadata}",
    "options": {"track": True, "when": "{send_at}"},
    "version": 3,
}


def made(full_draft, options, key="k-1"):
    settings = ApiSettings("generic", base_url="https://api.example/x", options=options)
    return render(full_draft, shaped(GENERIC, options), settings, key)


def test_the_body_is_as_it_is_written(full_draft):
    request = made(full_draft, {"body": json.dumps(BODY)})
    assert request.url == "https://api.example/x"
    assert request.body == {
        "sender": {"email": "sender@example.com", "name": "Sender"},
        "recipients": [
            {"email": "ada@example.org", "name": "Ada", "kind": "to"},
            {"email": "bob@example.org", "kind": "to"},
        ],
        "copies": "Cleo <cleo@example.org>",
        "hidden": ["dan@example.org"],
        "message": {
            "subject": "[test] A full greeting",
            "parts": [
                {"type": "text/plain", "value": "Hello"},
                {"type": "text/html", "value": '<p>Hello <img src="cid:logo"></p>'},
            ],
            "files": [
                {"name": "note.txt", "data": "YSBub3Rl"},
                {"name": "logo.png", "data": "iVBORw0KGgo="},
            ],
            "labels": ["welcome"],
        },
        "meta": {"order": "17"},
        "options": {"track": True, "when": "2030-01-02T03:04:05Z"},
        "version": 3,
    }
    lost = {finding.id for finding in request.findings}
    assert "api.unsupported.reply_to" in lost
    assert "api.unsupported.inline" in lost


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({}, ("Authorization", "Bearer k-1")),
        ({"auth": "header", "auth_header": "X-Key"}, ("X-Key", "k-1")),
        ({"auth": "basic", "auth_user": "me"}, ("Authorization", "Basic bWU6ay0x")),
    ],
)
def test_who_asks(full_draft, options, header):
    assert header in made(full_draft, options).headers


def test_nobody_asks(full_draft):
    headers = dict(made(full_draft, {"auth": "none"}).headers)
    assert "Authorization" not in headers


def test_success_id_and_error_are_found_where_it_is_said():
    options = {"statuses": "299", "id_path": "result[0].ref", "error_path": "fault.words"}
    provider = shaped(GENERIC, options)
    assert provider.success.statuses == [299]

    def answered(status, body):
        exchange = HttpExchange(
            "POST", "https://x", (), b"", status=status, response_body=json.dumps(body).encode()
        )
        return understand(provider, exchange, ("a@x.example",))

    assert answered(299, {"result": [{"ref": "r-1"}]}).remote_id == "r-1"
    refused = answered(400, {"fault": {"words": "No such sender"}})
    assert refused.outcome is Outcome.REFUSED
    assert "No such sender" in refused.summary


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"body": "{"}, "body", "not JSON"),
        ({"body": "[]"}, "body", "JSON object"),
        ({"body": '{"a": "{nobody}"}'}, "body", "is no name of a field"),
        ({"body": '{"a": "{subject} {text}"}'}, "body", "One value may hold one field"),
        ({"body": '{"a": "{subject}", "b": "{subject}"}'}, "body", "two places"),
        ({"body": '{"a.b": "{subject}"}'}, "body", "cannot be a key"),
        ({"body": '{"a": "x {metadata}"}'}, "body", "stands alone"),
        ({"auth": "magic"}, "auth", "Choose"),
        ({"auth": "header", "auth_header": "no good"}, "auth_header", "name of a header"),
        ({"statuses": "fine"}, "statuses", "such as 200"),
        ({"id_path": "a..b"}, "id_path", "not a position"),
    ],
)
def test_what_cannot_be_meant_names_the_option(options, option, words):
    with pytest.raises(ShapeProblem, match=words) as caught:
        shaped(GENERIC, options)
    assert caught.value.option == option


def test_other_providers_stay_as_they_are():
    resend = load_providers()["resend"]
    assert shaped(resend, {"body": "{"}) is resend


def test_every_name_has_a_field_of_the_draft():
    from mailgui.api.fields import FIELD_NAMES

    assert {field for field, _ in NAMES.values()} <= set(FIELD_NAMES)

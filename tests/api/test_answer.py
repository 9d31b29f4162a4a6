"""What each provider's documented answers mean, read straight from its file."""

import json

import pytest

from mailgui.api.answer import understand
from mailgui.api.provider import load_providers
from mailgui.api.template import fill
from mailgui.transcript import HttpExchange, Outcome

PROVIDERS = load_providers()
VALUES = {
    "message": "The `to` field is malformed",
    "field": "to",
    "id": "id-1",
    "from": "sender@example.com",
    "domain": "example.com",
    "limit": 2,
    "retry_after": 3,
    "reset_seconds": 3,
    "reset_epoch": 4_000_000_000,
}
ERRORS = ("validation", "authentication", "rate_limit", "sender", "quota", "server")
ANSWERS = [(p, name) for p in PROVIDERS for name in ERRORS if name in PROVIDERS[p].answers]


def answered(provider, status, body, *headers, recipients=("ada@example.org",)):
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    exchange = HttpExchange(
        "POST", "https://x", (), b"", status=status, response_headers=headers, response_body=octets
    )
    return understand(PROVIDERS[provider], exchange, recipients)


@pytest.mark.parametrize(("provider", "name"), ANSWERS)
def test_documented_errors_are_understood(provider, name):
    answer = PROVIDERS[provider].answers[name]
    headers = [(key, str(fill(value, VALUES))) for key, value in answer.headers.items()]
    body = b"" if answer.body is None else fill(answer.body, VALUES)
    octets = body.encode() if isinstance(body, str) else body
    found = answered(provider, answer.status, octets, *headers)
    assert found.fault == f"api.{name}"
    assert found.outcome in (Outcome.REFUSED, Outcome.TEMPORARY)
    assert found.reply.code == answer.status
    assert found.summary.endswith(".")
    if name == "validation":
        assert VALUES["message"] in found.message


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (b"<html><TITLE lang=en>Sign  in</Title>", "(“Sign in”)"),
        (b"<title>one</title><title>two</title>", "(“one”)"),
        (b"<title>" * 9000, "HTML page in place of JSON: this"),
        (b"<title" * 10000, "HTML page in place of JSON: this"),
        (b"</title><title>", "HTML page in place of JSON: this"),
    ],
)
def test_a_page_is_told_by_its_title(page, title):
    assert title in answered("resend", 200, page, ("Content-Type", "text/html")).summary


def test_of_endless_errors_some_are_listed():
    item = {"field": "from " * 50, "message": "sender " * 50}
    found = answered("sendgrid", 400, {"errors": [item] * 5000})
    assert (len(found.errors), found.outcome) == (100, Outcome.REFUSED)


def test_single_errors_are_listed():
    body = {
        "success": False,
        "error": {
            "message": "Validation failed",
            "code": "VALIDATION_FAILED",
            "details": [{"field": "to.email", "message": "is not an address"}],
        },
    }
    found = answered("autosend", 400, body)
    assert found.code == "VALIDATION_FAILED"
    assert [(e.field, e.message) for e in found.errors] == [("to.email", "is not an address")]


def test_errors_by_field_are_listed():
    body = {"message": "Invalid.", "errors": {"from.email": ["must be verified", "is wrong"]}}
    found = answered("mailersend", 422, body)
    assert found.errors[0].field == "from.email"
    assert found.errors[0].message == "must be verified; is wrong"
    assert found.fault == "api.sender"


def test_ids_for_the_providers_support():
    found = answered(
        "amazon_ses", 400, {"message": "x"}, ("x-amzn-RequestId", "r-1"),
        ("x-amzn-ErrorType", "MessageRejected"),
    )  # fmt: skip
    assert found.request_id == "r-1"
    assert found.fault == "api.content"


@pytest.mark.parametrize(
    "body",
    [
        {"error": ["not", {"what": 1}]},
        {"error": {"message": {"deep": 1}, "details": "text", "code": ["a"]}},
        {"error": {"details": [None, 1, "one", {"field": {"a": 1}, "message": None}]}},
        [],
        [1, 2],
        "text",
        7,
        None,
        True,
    ],
)
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [200, 422])
def test_unexpected_shapes_never_fail(provider, body, status):
    found = answered(provider, status, body)
    assert found.summary.endswith(".")
    assert isinstance(found.reply.text, str)


def test_big_integers_stay_exact():
    body = {"Messages": [{"Status": "success", "To": [{"MessageID": 2**70 + 1}]}]}
    assert answered("mailjet", 200, body).remote_id == str(2**70 + 1)


def test_a_rate_limit_is_read_along():
    found = answered("resend", 429, {"name": "rate_limit_exceeded"}, ("retry-after", "2"))
    assert found.rate_limit.retry_after == 2
    assert "in 2 s" in found.summary


def test_an_unknown_two_hundred_is_read_as_one():
    assert answered("resend", 202, {"id": "1"}).outcome is Outcome.ACCEPTED
    assert answered("resend", 204, b"").outcome is Outcome.UNKNOWN


def test_long_foreign_text_is_cut():
    found = answered("resend", 422, {"name": "x", "message": "w " * 10_000})
    assert len(found.summary) < 400


def test_numbers_that_python_would_not_read_stay_what_they_are():
    digits = b"9" * 10_000
    assert answered("resend", 200, b'{"id": ' + digits + b"}").remote_id.startswith("9" * 100)
    assert answered("resend", 200, b'{"id": 1e400}').remote_id == "1e400"
    assert answered("resend", 200, b'{"id": 12345678901234567890}').remote_id[-2:] == "90"
    for word in (b"NaN", b"Infinity"):
        assert answered("resend", 200, b'{"id": ' + word + b"}").outcome is Outcome.UNKNOWN


def test_a_long_wait_is_told_in_days():
    later = ("Retry-After", str(3 * 86_400 + 5))
    body = {"name": "rate_limit_exceeded", "message": "slow"}
    assert answered("resend", 429, body, later).summary.endswith("be tried again in 3 days.")
    soon = ("Retry-After", "90")
    assert answered("resend", 429, body, soon).summary.endswith("be tried again in 90 s.")


def test_a_redirect_to_nowhere():
    found = answered("resend", 304, b"")
    assert found.fault == "api.redirect"
    assert "leads nowhere" in found.summary

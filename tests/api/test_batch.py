"""Batches: rendered as the vendors document them, cut by their limits, read message by message."""

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from mailgui.api.batch_answer import item_answers, understand_any
from mailgui.api.batch_render import batch_problem, render_batch
from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft, DraftProblem
from mailgui.transcript import HttpExchange, Outcome

PROVIDERS = load_providers()
OPTIONS = {"mailgun": {"domain": "example.com"}}
WITHOUT = {"generic", "scaleway", "postal"}


def drafts_to(*names, **changes):
    return [
        Draft(
            sender=Address("sender@example.com", "Sender"),
            to=(Address(f"{name}@example.org", name.capitalize()),),
            subject="Hi",
            text="Text",
            html="<p>HTML</p>",
            extras=ApiExtras(variables={"name": name}, **changes),
        )
        for name in names
    ]


def rendered(provider, drafts, **settings):
    account = ApiSettings(provider, options=OPTIONS.get(provider, {}), **settings)
    return render_batch(drafts, PROVIDERS[provider], account, "k-1")


def one(provider, *names, **changes):
    requests = rendered(provider, drafts_to(*names, **changes))
    assert len(requests) == 1
    return requests[0]


def answered(request, status, body, *headers):
    return HttpExchange(
        request.method, request.url, request.headers, request.content, status=status,
        response_headers=(("Content-Type", "application/json"), *headers),
        response_body=json.dumps(body).encode() if body is not None else b"",
    )  # fmt: skip


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - WITHOUT))
def test_every_batch_names_every_recipient_in_one_request(provider):
    request = one(provider, "ada", "bob", template_id="17")
    text = request.content.decode().replace("%40", "@")
    for name in ("ada", "bob"):
        assert f"{name}@example.org" in text
    assert [member.number for member in request.members] == [0, 1]
    assert request.recipients == ("ada@example.org", "bob@example.org")


@pytest.mark.parametrize("provider", sorted(WITHOUT))
def test_a_provider_without_a_batch_call_says_so(provider):
    with pytest.raises(DraftProblem, match="has no batch call"):
        rendered(provider, drafts_to("ada"))


def test_resend_takes_a_list_of_messages():
    request = one("resend", "ada", "bob")
    assert request.url == "https://api.resend.com/emails/batch"
    assert ("x-batch-validation", "permissive") in request.headers
    assert [each["to"] for each in request.body] == [
        ["Ada <ada@example.org>"],
        ["Bob <bob@example.org>"],
    ]


def test_postmark_puts_templates_elsewhere():
    plain, template = one("postmark", "ada"), one("postmark", "ada", template_id="9")
    assert plain.url.endswith("/email/batch")
    assert isinstance(plain.body, list)
    assert template.url.endswith("/email/batchWithTemplates")
    assert [each["TemplateId"] for each in template.body["Messages"]] == [9]


def test_sendgrid_shares_the_content():
    body = one("sendgrid", "ada", "bob").body
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    first, second = body["personalizations"]
    assert first["to"] == [{"email": "ada@example.org", "name": "Ada"}]
    assert second["subject"] == "Hi"
    assert "subject" not in body


def test_messages_whose_common_part_differs_go_in_several_requests():
    ada, bob, cleo = drafts_to("ada", "bob", "cleo")
    requests = rendered("sendgrid", [ada, replace(bob, text="Other"), cleo])
    assert [[m.number for m in r.members] for r in requests] == [[0, 2], [1]]


def test_mailgun_hides_the_recipients_from_each_other():
    request = one("mailgun", "ada", "bob", template_id="welcome")
    form = parse_qs(request.content.decode())
    assert form["to"] == ["Ada <ada@example.org>", "Bob <bob@example.org>"]
    assert json.loads(form["recipient-variables"][0]) == {
        "ada@example.org": {"name": "ada"},
        "bob@example.org": {"name": "bob"},
    }
    assert json.loads(form["t:variables"][0]) == {"name": "%recipient.name%"}


def test_mandrill_gives_each_recipient_variables_of_their_own():
    message = one("mandrill", "ada", "bob").body["message"]
    assert message["preserve_recipients"] is False
    assert [entry["rcpt"] for entry in message["merge_vars"]] == [
        "ada@example.org",
        "bob@example.org",
    ]
    assert "global_merge_vars" not in message


def test_amazon_sends_templates_only():
    assert "templates only" in batch_problem(PROVIDERS["amazon_ses"], drafts_to("ada")[0])
    body = one("amazon_ses", "ada", template_id="T").body
    assert body["DefaultContent"] == {"Template": {"TemplateName": "T", "TemplateData": "{}"}}
    entry = body["BulkEmailEntries"][0]
    data = entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
    assert json.loads(data) == {"name": "ada"}


def test_what_a_batch_call_does_not_take_is_said():
    (draft,) = drafts_to("ada")
    attached = replace(draft, attachments=(Attachment("a.txt", data=b"a"),))
    with pytest.raises(DraftProblem, match="takes no attachments"):
        rendered("resend", [attached])


@pytest.mark.parametrize(("provider", "most"), [("resend", 100), ("mailjet", 50)])
def test_a_batch_is_cut_by_the_vendor_s_limit(provider, most):
    (draft,) = drafts_to("ada", idempotency_key="key")
    requests = rendered(provider, [draft] * (most + 1))
    assert [len(request.members) for request in requests] == [most, 1]
    keys = [value for r in requests for name, value in r.headers if name == "Idempotency-Key"]
    assert keys == (["key", "key-2"] if provider == "resend" else [])


def test_resend_s_refusals_stand_beside_what_it_took():
    request = one("resend", "ada", "bob", "cleo")
    body = {"data": [{"id": "1"}, {"id": "3"}], "errors": [{"index": 1, "message": "Bad to"}]}
    exchange = answered(request, 200, body)
    items = item_answers(request, exchange)
    outcomes = [item.outcome for item in items]
    assert outcomes == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert [item.answer.remote_id for item in items] == ["1", None, "3"]
    whole = understand_any(request, exchange)
    assert whole.outcome is Outcome.PARTIAL
    assert "accepted 2 of 3 messages" in whole.summary
    assert "Message 2" in whole.summary
    assert [r.outcome for r in whole.recipients] == outcomes


def test_postmark_s_200_with_a_refused_message_is_partial():
    request = one("postmark", "ada", "bob")
    body = [
        {"ErrorCode": 0, "Message": "OK", "MessageID": "m-1", "To": "ada@example.org"},
        {"ErrorCode": 406, "Message": "You tried to send to an inactive recipient."},
    ]
    whole = understand_any(request, answered(request, 200, body))
    assert whole.outcome is Outcome.PARTIAL
    assert whole.recipients[1].outcome is Outcome.REFUSED


def test_mailjet_s_ids_are_exact():
    request = one("mailjet", "ada", "bob")
    number = 2**63 - 3
    body = {
        "Messages": [
            {"Status": "success", "To": [{"Email": "ada@example.org", "MessageID": number}]},
            {"Status": "error", "Errors": [{"ErrorCode": "mj-0013", "ErrorMessage": "No"}]},
        ]
    }
    first, second = item_answers(request, answered(request, 200, body))
    assert first.answer.remote_id == str(number)
    assert second.outcome is Outcome.REFUSED


def test_mailjet_s_refusal_of_one_message_does_not_hide_that_it_took_another():
    request = one("mailjet", "ada", "bob")
    taken = {"Status": "success", "To": [{"Email": "ada@example.org", "MessageID": 7}]}
    error = {"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorMessage": "“b@” is invalid."}
    refused = {"Status": "error", "Errors": [error]}
    exchange = answered(request, 400, {"Messages": [taken, refused]})
    items = item_answers(request, exchange)
    assert [item.outcome for item in items] == [Outcome.ACCEPTED, Outcome.REFUSED]
    assert items[0].answer.remote_id == "7"
    assert items[1].answer.message == "“b@” is invalid."
    whole = understand_any(request, exchange)
    assert whole.outcome is Outcome.PARTIAL
    assert {r.address: r.outcome for r in whole.recipients} == {
        "ada@example.org": Outcome.ACCEPTED,
        "bob@example.org": Outcome.REFUSED,
    }
    neither = answered(request, 401, {"ErrorCode": "mj-0001", "ErrorMessage": "No."})
    assert {i.outcome for i in item_answers(request, neither)} == {Outcome.REFUSED}
    assert understand_any(request, neither).fault == "api.authentication"


def test_mailgun_s_variables_are_not_lost_without_a_template():
    request = one("mailgun", "ada", "bob")
    assert b"recipient-variables" in request.content
    assert request.findings == ()


def test_mandrill_s_answer_is_by_recipient():
    request = one("mandrill", "ada", "bob")
    body = [
        {"email": "bob@example.org", "status": "rejected", "_id": "b", "reject_reason": "spam"},
        {"email": "ada@example.org", "status": "sent", "_id": "a", "reject_reason": None},
    ]
    ada, bob = item_answers(request, answered(request, 200, body))
    assert (ada.outcome, ada.answer.remote_id) == (Outcome.ACCEPTED, "a")
    assert bob.outcome is Outcome.REFUSED


def test_a_message_that_the_answer_leaves_out_is_unknown():
    request = one("postmark", "ada", "bob")
    body = [{"ErrorCode": 0, "Message": "OK", "MessageID": "m-1"}]
    items = item_answers(request, answered(request, 200, body))
    assert [item.outcome for item in items] == [Outcome.ACCEPTED, Outcome.UNKNOWN]


def test_one_answer_for_all_holds_for_each():
    request = one("sendgrid", "ada", "bob")
    exchange = answered(request, 202, None, ("X-Message-Id", "m"))
    assert [i.outcome for i in item_answers(request, exchange)] == [Outcome.ACCEPTED] * 2
    whole = understand_any(request, exchange)
    assert whole.summary == "Twilio SendGrid accepted all 2 messages of the batch."
    assert whole.remote_id == "m"


def test_a_refused_request_refuses_every_message():
    request = one("resend", "ada", "bob")
    body = {"statusCode": 401, "name": "missing_api_key", "message": "Missing API key"}
    exchange = answered(request, 401, body)
    assert [i.outcome for i in item_answers(request, exchange)] == [Outcome.REFUSED] * 2
    assert understand_any(request, exchange).fault == "api.authentication"


def test_mailtrap_s_whole_failure_is_not_unknown():
    request = one("mailtrap", "ada")
    body = {"success": False, "errors": ["Unauthorized"]}
    assert understand_any(request, answered(request, 200, body)).outcome is Outcome.REFUSED


def test_amazon_s_bulk_answer_tells_of_each_entry():
    request = one("amazon_ses", "ada", "bob", template_id="T")
    body = {
        "BulkEmailEntryResults": [
            {"Status": "SUCCESS", "MessageId": "m-1"},
            {"Status": "MESSAGE_REJECTED", "Error": "Email address is not verified."},
        ]
    }
    ada, bob = item_answers(request, answered(request, 200, body))
    assert (ada.outcome, ada.answer.remote_id) == (Outcome.ACCEPTED, "m-1")
    assert bob.outcome is Outcome.REFUSED
    assert "not verified" in bob.answer.summary

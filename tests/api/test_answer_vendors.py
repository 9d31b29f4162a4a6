"""Answers in the vendors' shapes: whose fault, for whom, and what the id is.

The wording is that of documentation and client libraries; no live account was asked.

What is particular to one vendor stands here: errors in a success, refusals of some recipients, and
words that say more than the status does.
"""

import json

import pytest

from mailgui.api.answer import understand
from mailgui.api.provider import load_providers
from mailgui.transcript import HttpExchange

PROVIDERS = load_providers()
ADA, BOB = "ada@example.org", "bob@example.org"
BOTH = ["accepted", "accepted"]
NOT_ALLOWED = "Sending from domain example.com is not allowed"
INACTIVE = (
    "Message OK, but will not deliver to these inactive addresses: {}. Inactive recipients are "
    "ones that have generated a hard bounce or a spam complaint."
)


def postmark(code, message, **more):
    return {"ErrorCode": code, "Message": message, **more}


def mailjet(code, status, message, field):
    error = {"ErrorIdentifier": "f9", "ErrorCode": code, "StatusCode": status}
    error |= {"ErrorMessage": message, "ErrorRelatedTo": [field]}
    return {"Messages": [{"Status": "error", "Errors": [error]}]}


def mandrill(*people):
    return [{"email": email, "status": status, "_id": "a1", "reject_reason": reason}
            for email, status, reason in people]  # fmt: skip


def scaleway(*statuses):
    pairs = zip((ADA, BOB), statuses, strict=True)
    return {"emails": [{"id": "i-1", "message_id": "m", "mail_rcpt": who, "status": status}
                       for who, status in pairs]}  # fmt: skip


# Of each answer: the provider, the status, the body; and what became of ada and bob, and the id.
ACCEPTED = [
    ("postmark", 200, postmark(0, "OK", MessageID="p-1"), BOTH, "p-1"),
    # While Postmark is slow, there is no ErrorCode at all.
    ("postmark", 200, {"MessageID": "p-1", "Message": "Message accepted, but delivery may be "
                       "delayed."}, BOTH, "p-1"),
    ("postmark", 200, postmark(0, INACTIVE.format(BOB), MessageID="p-1"),
     ["accepted", "refused"], "p-1"),
    ("postmark", 200, postmark(0, INACTIVE.format(f"{ADA}, {BOB.upper()}"), MessageID="p-1"),
     ["refused", "refused"], None),
    ("mandrill", 200, mandrill((ADA, "queued", None), (BOB, "scheduled", None)), BOTH, "a1"),
    ("mandrill", 200, mandrill((ADA, "sent", None), (BOB, "rejected", "hard-bounce")),
     ["accepted", "refused"], "a1"),
    ("mandrill", 200, mandrill((ADA, "invalid", None), (BOB, "rejected", "unsigned")),
     ["refused", "refused"], None),
    ("scaleway", 200, scaleway("new", "sending"), BOTH, "i-1"),
    ("scaleway", 200, scaleway("new", "failed"), ["accepted", "refused"], "i-1"),
    ("scaleway", 200, scaleway("canceled", "failed"), ["refused", "refused"], None),
    ("unisender_go", 200, {"status": "success", "job_id": "j-1", "emails": [ADA],
                           "failed_emails": {BOB: "unsubscribed"}}, ["accepted", "refused"], "j-1"),
    ("unisender_go", 200, {"status": "success", "job_id": "j-1", "emails": [ADA, BOB],
                           "failed_emails": {BOB: "duplicate"}}, BOTH, "j-1"),
    ("sparkpost", 200, {"results": {"total_rejected_recipients": 1, "id": "1",
                                    "total_accepted_recipients": 1}}, ["unknown", "unknown"], "1"),
    ("brevo", 202, {"messageId": "<b-1@smtp-relay.mailin.fr>"}, BOTH, "<b-1@smtp-relay.mailin.fr>"),
]  # fmt: skip

# Of each answer: the provider, the status, the body; the kind of error, and the outcome.
REFUSED = [
    ("postmark", 422, postmark(300, "Invalid 'To' address: 'ada@'."), "recipient", "refused"),
    ("postmark", 422, postmark(300, "Error parsing 'Bcc': Illegal email address 'x'."),
     "recipient", "refused"),
    ("postmark", 422, postmark(300, "Invalid 'From' address: 'x'."), "sender", "refused"),
    ("postmark", 422, postmark(300, "Provide either email TextBody or HtmlBody or both."),
     "validation", "refused"),
    ("postmark", 200, postmark(406, "You tried to send to a recipient that has been marked as "
                               "inactive."), "recipient", "refused"),
    ("postmark", 422, postmark(413, "Account may not send."), "permission", "refused"),
    ("postmark", 422, postmark(411, "Forbidden attachment type."), "content", "refused"),
    ("postmark", 503, postmark(100, "Maintenance."), "server", "temporary"),
    ("postmark", 200, {"Message": "?"}, "validation", "refused"),
    ("mailgun", 400, {"message": "'to' parameter is not a valid address. please check "
                      "documentation"}, "recipient", "refused"),
    ("mailgun", 400, {"message": "'from' parameter is not a valid address. please check "
                      "documentation"}, "sender", "refused"),
    ("mailgun", 429, {"message": "Domain mg.example.com is not allowed to send: recipient limit "
                      "exceeded. Limit: 100 per 1h"}, "rate_limit", "temporary"),
    ("mailgun", 403, {"message": "Domain mg.example.com is not allowed to send: The domain is "
                      "unverified and requires DNS configuration."}, "sender", "refused"),
    ("brevo", 400, {"code": "invalid_parameter", "message": "email is not valid in to"},
     "recipient", "refused"),
    ("brevo", 400, {"code": "invalid_parameter", "message": "email is not valid in sender"},
     "sender", "refused"),
    ("mailjet", 400, mailjet("mj-0013", 400, '"a@" is an invalid email address.', "To[0].Email"),
     "validation", "refused"),
    ("mailjet", 200, mailjet("send-0008", 403, '"x" is not an authorized sender email address for '
                             "your account.", "From"), "sender", "refused"),
    ("mailtrap", 403, {"errors": "Access forbidden"}, "permission", "refused"),
    ("mailtrap", 403, {"success": False, "errors": [NOT_ALLOWED]}, "sender", "refused"),
    ("scaleway", 412, {"type": "precondition_failed", "message": "domain is not checked"},
     "sender", "refused"),
    ("mandrill", 500, {"status": "error", "code": -1, "name": "Invalid_Key",
                       "message": "Invalid API key"}, "authentication", "refused"),
    ("mandrill", 500, {"status": "error", "code": 5, "name": "Unknown_Template",
                       "message": 'No such template "x"'}, "content", "refused"),
    ("resend", 409, {"statusCode": 409, "name": "concurrent_idempotent_requests",
                     "message": "Same idempotency key used while original request is still in "
                     "progress."}, "rate_limit", "temporary"),
    ("sendgrid", 401, {"errors": [{"message": "Maximum credits exceeded", "field": None}]},
     "quota", "refused"),
]  # fmt: skip


def answered(provider, status, body):
    octets = json.dumps(body).encode()
    exchange = HttpExchange(
        "POST", "https://x", (), b"", status=status, response_body=octets,
        response_headers=(("Content-Type", "application/json"),),
    )  # fmt: skip
    return understand(PROVIDERS[provider], exchange, (ADA, BOB))


@pytest.mark.parametrize(("provider", "status", "body", "outcomes", "remote_id"), ACCEPTED)
def test_what_became_of_each_recipient(provider, status, body, outcomes, remote_id):
    answer = answered(provider, status, body)
    assert [result.outcome for result in answer.recipients] == outcomes
    assert answer.remote_id == remote_id
    whole = {"accepted": "accepted", "refused": "refused"}
    expected = whole.get(outcomes[0], "partial") if outcomes[0] == outcomes[1] else "partial"
    assert answer.outcome == expected
    assert answer.fault == (None if expected == "accepted" else "api.recipient")
    assert answer.reply.code == status


@pytest.mark.parametrize(("provider", "status", "body", "kind", "outcome"), REFUSED)
def test_whose_fault_it_is(provider, status, body, kind, outcome):
    answer = answered(provider, status, body)
    assert (answer.fault, answer.outcome) == (f"api.{kind}", outcome)
    assert {result.outcome for result in answer.recipients} == {outcome}
    assert answer.message
    assert answer.remote_id is None


BARE = [each.id for each in PROVIDERS.values() if not each.success.empty_body]


@pytest.mark.parametrize("body", [{}, [], None, {"id": ""}, {"id": None}])
@pytest.mark.parametrize("provider", BARE)
def test_a_success_that_names_no_message_is_no_success(provider, body):
    answer = answered(provider, PROVIDERS[provider].success.statuses[0], body)
    assert answer.outcome in ("unknown", "refused")
    assert {result.outcome for result in answer.recipients} <= {"unknown", "refused"}
    if answer.outcome == "unknown":
        assert answer.fault == "api.unreadable"
        assert "not known whether it took this one" in answer.summary


def test_what_mailersend_takes_while_sending_is_paused_is_said_to_be_held():
    headers = (("X-Message-Id", "m-1"), ("X-Send-Paused", "true"))
    exchange = HttpExchange("POST", "https://x", (), b"", status=202, response_headers=headers)
    answer = understand(PROVIDERS["mailersend"], exchange, (ADA,))
    assert (answer.outcome, answer.held, answer.remote_id) == ("accepted", True, "m-1")
    assert "but its sending is paused" in answer.summary
    going = HttpExchange(
        "POST", "https://x", (), b"", status=202, response_headers=(*headers[:1], ("X", "true"))
    )
    assert not understand(PROVIDERS["mailersend"], going, (ADA,)).held

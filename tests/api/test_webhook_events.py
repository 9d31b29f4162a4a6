# ruff: noqa: E501 - documented bodies, a line each
"""Events in the vendors' documented forms, in MailGUI's words."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.webhook_events import MOST_EVENTS, read_events
from mailgui.api.webhook_request import BodyProblem, WebhookRequest
from mailgui.transcript import visible

PROVIDERS = load_providers()
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UNIX = int(AT.timestamp())
ISO = "2026-11-24T12:00:00Z"

DOCUMENTED = [
    ("autosend", {"type": "email.delivered", "createdAt": ISO, "data": {"emailId": "m", "to": {"email": "a@b.example"}}}, "delivered"),
    ("resend", {"type": "email.bounced", "created_at": ISO, "data": {"email_id": "m", "to": ["a@b.example"], "bounce": {"message": "no"}}}, "bounced"),
    ("postmark", {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "m", "Email": "a@b.example", "BouncedAt": ISO, "Details": "no"}, "bounced"),
    ("postmark", {"RecordType": "Bounce", "Type": "Transient", "MessageID": "m", "Email": "a@b.example", "BouncedAt": ISO}, "deferred"),
    ("postmark", {"RecordType": "SubscriptionChange", "SuppressSending": False, "MessageID": "m", "Recipient": "a@b.example", "ChangedAt": ISO}, "other"),
    ("sendgrid", [{"event": "open", "email": "a@b.example", "timestamp": UNIX, "sg_message_id": "m.recvd-1-2-3", "smtp-id": "<x@y.example>"}], "opened"),
    ("mailgun", {"signature": {}, "event-data": {"event": "failed", "severity": "temporary", "timestamp": UNIX + 0.5, "recipient": "a@b.example", "message": {"headers": {"message-id": "m"}}}}, "deferred"),
    ("mailgun", {"event-data": {"event": "failed", "severity": "permanent", "timestamp": UNIX, "recipient": "a@b.example", "message": {"headers": {"message-id": "m"}}}}, "bounced"),
    ("brevo", {"event": "spam", "email": "a@b.example", "ts_event": UNIX, "message-id": "m"}, "complained"),
    ("mailjet", {"event": "click", "time": UNIX, "MessageID": 19421777835146490, "email": "a@b.example"}, "clicked"),
    ("sparkpost", [{"msys": {"message_event": {"type": "delay", "transmission_id": "m", "rcpt_to": "a@b.example", "timestamp": str(UNIX)}}}], "deferred"),
    ("sparkpost", [{"msys": {"unsubscribe_event": {"type": "link_unsubscribe", "transmission_id": "m", "rcpt_to": "a@b.example", "timestamp": str(UNIX)}}}], "unsubscribed"),
    ("mailersend", {"type": "activity.hard_bounced", "created_at": ISO, "data": {"email": {"message": {"id": "m"}, "recipient": {"email": "a@b.example"}}}}, "bounced"),
    ("mailtrap", {"events": [{"event": "soft bounce", "message_id": "m", "email": "a@b.example", "timestamp": UNIX}]}, "bounced"),
    ("unisender_go", {"auth": "x", "events_by_user": [{"events": [{"event_data": {"job_id": "m", "email": "a@b.example", "status": "delivered", "event_time": "2026-11-24 12:00:00"}}]}]}, "delivered"),
    ("postal", {"event": "MessageBounced", "timestamp": UNIX, "payload": {"original_message": {"message_id": "m", "to": "a@b.example"}}}, "bounced"),
    ("scaleway", {"Type": "Notification", "Message": json.dumps({"type": "email_delivered", "email_id": "m", "email_to": "a@b.example", "created_at": ISO})}, "delivered"),
]  # fmt: skip


def request(tree):
    return WebhookRequest("POST", "", (), json.dumps(tree).encode())


@pytest.mark.parametrize(("name", "tree", "normal"), DOCUMENTED)
def test_documented_events(name, tree, normal):
    (event,) = read_events(PROVIDERS[name], request(tree))
    assert (event.normal, event.recipient) == (normal, "a@b.example")
    assert event.message_id == ("19421777835146490" if name == "mailjet" else "m")
    assert event.at is not None
    assert int(event.at.timestamp()) == UNIX


def test_mandrill_s_form_of_several():
    events = [{"event": "hard_bounce", "ts": UNIX, "msg": {"_id": n, "email": f"{n}@b.example", "diag": "no"}} for n in "xy"]  # fmt: skip
    body = urlencode({"mandrill_events": json.dumps(events)}).encode()
    found = read_events(PROVIDERS["mandrill"], WebhookRequest("POST", "", (), body))
    assert [(e.normal, e.message_id, e.recipient, e.reason) for e in found] == [
        ("bounced", "x", "x@b.example", "no"),
        ("bounced", "y", "y@b.example", "no"),
    ]


def test_every_event_of_a_batch_and_no_end_of_them():
    events = [{"event": "delivered", "email": f"{n}@b.example"} for n in range(MOST_EVENTS + 5)]
    found = read_events(PROVIDERS["sendgrid"], request(events))
    assert len(found) == MOST_EVENTS
    assert found[1].recipient == "1@b.example"


def test_an_event_nobody_knows_and_none_at_all():
    (event,) = read_events(PROVIDERS["resend"], request({"type": "email.teleported"}))
    assert (event.name, event.normal, event.message_id) == ("email.teleported", "other", "")
    (empty,) = read_events(PROVIDERS["resend"], request({}))
    assert (empty.name, empty.normal) == ("(no name)", "other")


def test_foreign_text_is_made_visible_and_short():
    tree = {"type": "x\u202ey\x1b[2J", "data": {"to": ["a" * 9_000], "email_id": "\x00"}}
    (event,) = read_events(PROVIDERS["resend"], request(tree))
    for text in (event.name, event.recipient, event.message_id):
        assert text.isprintable()
        assert len(text) < 600


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b"x=1", b"NaN", b'{"a":Infinity}']
)
def test_bodies_that_are_none(body):
    for provider in PROVIDERS.values():
        with pytest.raises(BodyProblem):
            read_events(provider, WebhookRequest("POST", "", (), body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["event", "type", "data", "email", "Message", "msys", "events", "to"]) | st.text(), inner
    ),
)  # fmt: skip


@given(JSON, st.sampled_from(sorted(PROVIDERS)))
def test_any_json_is_events_or_a_problem(tree, name):
    try:
        for event in read_events(PROVIDERS[name], request(tree)):
            assert visible(event.name) == event.name
    except BodyProblem:
        pass

"""Whole exchanges with a server on loopback: what is accepted, refused, and what goes wrong."""

import asyncio
import gzip
import json
from dataclasses import replace

import pytest
import trustme

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.session import send
from mailgui.api.settings import ApiSettings
from mailgui.findings.diagnose import diagnose
from mailgui.message.draft import Address, ApiExtras
from mailgui.transcript import Kind, Layer, Outcome, Recorder, Stage


def as_json(value):
    return json.dumps(value).encode()


def test_resend_accepts(send_to):
    transcript, api = send_to("resend", send_to.answer("200 OK", b'{"id":"49a3999c"}'))
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.remote_id == "49a3999c"
    assert transcript.reply.code == 200
    assert transcript.stage is Stage.RECEIVE
    assert transcript.fault is None
    assert transcript.summary == "Resend accepted the message; its id is 49a3999c."
    assert [r.address for r in transcript.recipients] == ["ada@example.org"]
    names = [phase.name for phase in transcript.phases]
    assert [n for n in names if n != "dns"] == ["connect", "send", "wait", "receive"]
    head, body = api.requests[0]
    assert head.startswith(b"POST /emails HTTP/1.1\r\n")
    assert b"Authorization: Bearer k-12345\r\n" in head
    assert json.loads(body)["to"] == ["Ada <ada@example.org>"]
    assert transcript.exchanges[0].request_body == body


def test_autosend_accepts(send_to):
    answer = {"success": True, "data": {"emailId": "e-1", "message": "Email queued successfully."}}
    transcript, api = send_to("autosend", send_to.answer("200 OK", as_json(answer)))
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.remote_id == "e-1"
    assert transcript.reply.text == "Email queued successfully."
    assert api.requests[0][0].startswith(b"POST /mails/send HTTP/1.1\r\n")


def test_several_recipients_each_get_the_outcome(send_to, full_draft):
    transcript, _ = send_to("resend", send_to.answer("200 OK", b'{"id":"1"}'), draft=full_draft)
    assert [r.address for r in transcript.recipients] == [
        "ada@example.org", "bob@example.org", "cleo@example.org", "dan@example.org",
    ]  # fmt: skip
    assert {r.outcome for r in transcript.recipients} == {Outcome.ACCEPTED}


RESEND_ERRORS = [
    ("401 Unauthorized", "missing_api_key", "Missing API Key", "authentication", "refused"),
    ("403 Forbidden", "validation_error", "The x.com domain is not verified", "sender", "refused"),
    ("422 Unprocessable", "validation_error", "Bad", "validation", "refused"),
    ("429 Too Many", "rate_limit_exceeded", "Too many requests", "rate_limit", "temporary"),
    ("429 Too Many", "daily_quota_exceeded", "Daily quota", "quota", "temporary"),
    ("500 Oops", "internal_server_error", "Unexpected", "server", "temporary"),
    ("503 Unavailable", "application_error", "Down", "server", "temporary"),
    ("504 Gateway", "", "", "timeout", "unknown"),
    ("400 Bad", "brand_new_error", "New", "validation", "refused"),
]


@pytest.mark.parametrize(("status", "name", "message", "kind", "outcome"), RESEND_ERRORS)
def test_errors_become_one_model(send_to, status, name, message, kind, outcome):
    body = as_json({"statusCode": int(status[:3]), "name": name, "message": message})
    transcript, _ = send_to("resend", send_to.answer(status, body))
    assert transcript.outcome.value == outcome
    assert transcript.fault == f"api.{kind}"
    assert transcript.reply.code == int(status[:3])
    assert message in transcript.reply.text
    assert message in transcript.summary
    assert transcript.summary.endswith(".")
    assert any(e.layer is Layer.HTTP and e.expected is False for e in transcript.events)


UNREADABLE = [
    ("200 OK", b"<html><title>Welcome</title></html>", "text/html", "failed", "api.not_json"),
    ("502 Bad", b"<html><title>nginx</title></html>", "text/html", "unknown", "api.not_json"),
    ("404 Not", b"<!doctype html><p>no", "text/html", "refused", "api.not_json"),
    ("200 OK", b"", "application/json", "unknown", "api.unreadable"),
    ("200 OK", b'{"id":"\xff\xfe"}', "application/json", "unknown", "api.unreadable"),
    ("200 OK", b'{"id":', "application/json", "unknown", "api.unreadable"),
    ("200 OK", b"[" * 200_000, "application/json", "unknown", "api.unreadable"),
    ("200 OK", b"fine", "text/plain", "unknown", "api.unreadable"),
    ("401 No", b"Forbidden", "text/plain", "refused", "api.authentication"),
    ("500 No", b"\xff\xff", "application/json", "temporary", "api.server"),
    ("422 No", b"[" * 200_000, "application/json", "refused", "api.validation"),
]


@pytest.mark.parametrize(("status", "body", "kind", "outcome", "fault"), UNREADABLE)
def test_an_unreadable_answer_is_one_sentence(send_to, status, body, kind, outcome, fault):
    transcript, _ = send_to("resend", send_to.answer(status, body, content_type=kind))
    assert transcript.outcome.value == outcome
    assert transcript.fault == fault
    assert transcript.summary.endswith(".")
    assert "\n" not in transcript.summary
    assert len(transcript.summary) < 400


SILENT = [
    ("postmark", "200 OK", {"ErrorCode": 406, "Message": "Inactive"}, "refused", "api.recipient"),
    ("mandrill", "200 OK", [{"email": "ada@example.org", "status": "rejected",
                             "reject_reason": "spam", "_id": "1"}], "refused", "api.recipient"),
    ("mailersend", "202 Accepted", {"warnings": [{"type": "ALL_SUPPRESSED",
                                                  "warning": "All suppressed"}]},
     "refused", "api.recipient"),
    ("sparkpost", "200 OK", {"results": {"total_rejected_recipients": 1,
                                         "total_accepted_recipients": 0, "id": "1"}},
     "refused", "api.recipient"),
    ("postal", "200 OK", {"status": "error", "data": {"code": "InvalidServerAPIKey",
                                                      "message": "No"}},
     "refused", "api.authentication"),
    ("mailjet", "200 OK", {"Messages": [{"Status": "error", "Errors": [
        {"ErrorCode": "send-0008", "ErrorMessage": "Sender"}]}]}, "refused", "api.sender"),
    ("unisender_go", "200 OK", {"status": "success", "job_id": "1",
                                "failed_emails": {"ada@example.org": "unsubscribed"}},
     "refused", "api.recipient"),
    ("autosend", "200 OK", {"success": False, "error": {"code": "VALIDATION_FAILED",
                                                        "message": "No"}},
     "refused", "api.validation"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body", "outcome", "fault"), SILENT)
def test_a_success_status_that_is_none(send_to, name, status, body, outcome, fault):
    transcript, _ = send_to(name, send_to.answer(status, as_json(body)), key="k-12345:s-12345")
    assert transcript.outcome.value == outcome
    assert transcript.fault == fault
    assert transcript.remote_id is None
    assert transcript.summary.endswith(".")


ACCEPTED = [
    ("postmark", "200 OK", {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1"}, (), "pm-1"),
    ("sendgrid", "202 Accepted", None, ("X-Message-Id: sg-1",), "sg-1"),
    ("mailgun", "200 OK", {"id": "<1@mg>", "message": "Queued. Thank you."}, (), "<1@mg>"),
    ("brevo", "201 Created", {"messageId": "<2@b>"}, (), "<2@b>"),
    ("amazon_ses", "200 OK", {"MessageId": "ses-1"}, (), "ses-1"),
    ("mailjet", "200 OK", {"Messages": [{"Status": "success", "To": [
        {"MessageID": 1152921526124012911}]}]}, (), "1152921526124012911"),
    ("sparkpost", "200 OK", {"results": {"total_rejected_recipients": 0,
                                         "total_accepted_recipients": 1, "id": "11"}}, (), "11"),
    ("mailersend", "202 Accepted", None, ("x-message-id: ms-1",), "ms-1"),
    ("mandrill", "200 OK", [{"email": "ada@example.org", "status": "queued", "_id": "md-1"}],
     (), "md-1"),
    ("scaleway", "200 OK", {"emails": [{"id": "sc-1", "message_id": "x"}]}, (), "sc-1"),
    ("mailtrap", "200 OK", {"success": True, "message_ids": ["mt-1"]}, (), "mt-1"),
    ("unisender_go", "200 OK", {"status": "success", "job_id": "ug-1", "failed_emails": {
        "ada@example.org": "duplicate"}}, (), "ug-1"),
    ("postal", "200 OK", {"status": "success", "data": {"message_id": "po-1"}}, (), "po-1"),
    ("generic", "200 OK", {"data": {"id": "ge-1"}}, (), "ge-1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body", "headers", "remote_id"), ACCEPTED)
def test_every_provider_accepts(send_to, name, status, body, headers, remote_id):
    octets = b"" if body is None else as_json(body)
    answer = send_to.answer(status, octets, *headers)
    options = {"mailgun": {"domain": "mg.example.com"}, "scaleway": {"project_id": "p"}}
    transcript, api = send_to(name, answer, key="k-12345:s-12345", options=options.get(name, {}))
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.remote_id == remote_id
    assert len(api.requests) == 1


def test_some_recipients_refused(send_to, full_draft):
    body = [
        {"email": "Ada@example.org", "status": "sent", "_id": "1"},
        {"email": "bob@example.org", "status": "rejected", "reject_reason": "hard-bounce"},
    ]
    transcript, _ = send_to("mandrill", send_to.answer("200 OK", as_json(body)), draft=full_draft)
    assert transcript.outcome is Outcome.PARTIAL
    results = {r.address: r for r in transcript.recipients}
    assert results["bob@example.org"].outcome is Outcome.REFUSED
    assert results["bob@example.org"].reply.text == "rejected: hard-bounce"
    assert results["ada@example.org"].outcome is Outcome.ACCEPTED
    assert "bob@example.org" in transcript.summary


def test_some_recipients_suppressed(send_to, full_draft):
    body = {"warnings": [{"type": "SOME_SUPPRESSED", "warning": "Some are suppressed",
                          "recipients": [{"email": "cleo@example.org"}]}]}  # fmt: skip
    answer = send_to.answer("202 Accepted", as_json(body), "x-message-id: 7")
    transcript, _ = send_to("mailersend", answer, draft=full_draft)
    assert transcript.outcome is Outcome.PARTIAL
    assert transcript.remote_id == "7"
    refused = [r.address for r in transcript.recipients if r.outcome is Outcome.REFUSED]
    assert refused == ["cleo@example.org"]


def test_a_redirect_is_not_followed(send_to):
    answer = send_to.answer("302 Found", b"", "Location: https://evil.example/emails")
    transcript, api = send_to("resend", answer)
    assert transcript.outcome is Outcome.FAILED
    assert transcript.fault == "api.redirect"
    assert "evil.example" in transcript.summary
    assert len(api.requests) == 1


async def _hang(writer):
    await asyncio.Event().wait()


def _dropping(octets):
    async def drop(writer):
        writer.write(octets)
        await writer.drain()

    return drop


def test_a_read_time_out_leaves_the_outcome_unknown(send_to):
    transcript, _ = send_to("resend", _hang, timeout=0.2)
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.stage is Stage.WAIT
    assert transcript.fault == "timed_out"
    assert "not known" in transcript.summary
    assert transcript.exchanges[0].status is None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
    ],
)
def test_a_broken_answer_leaves_the_outcome_unknown(send_to, octets):
    transcript, _ = send_to("resend", _dropping(octets))
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.fault
    assert transcript.summary.endswith(".")


def test_a_slow_drip_ends_within_the_time_limit(send_to):
    async def drip(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
        await _hang(writer)

    transcript, _ = send_to("resend", drip, timeout=0.2)
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.stage is Stage.RECEIVE


def test_a_decompression_bomb_is_bounded(send_to):
    bomb = gzip.compress(bytes(64 << 20))
    answer = send_to.answer("200 OK", bomb, "Content-Encoding: gzip")
    transcript, _ = send_to("resend", answer)
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.fault == "http_too_large"


def test_nobody_listens(simple_draft):
    async def go():
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        settings = ApiSettings("resend", base_url=f"http://127.0.0.1:{port}")
        rendered = render(simple_draft, load_providers()["resend"], settings)
        recorder = Recorder(Kind.HTTP)
        return await send(rendered, settings, secrets={"key": "k-12345"}, recorder=recorder)

    transcript = asyncio.run(go())
    assert transcript.outcome is Outcome.FAILED
    assert transcript.stage is Stage.CONNECT
    assert transcript.fault == "refused"
    assert transcript.recipients[0].outcome is Outcome.FAILED


def never_connects(settings, draft, secrets, provider="resend"):
    rendered = render(draft, load_providers()[provider], settings)
    recorder = Recorder(Kind.HTTP)
    transcript = asyncio.run(send(rendered, settings, secrets=secrets, recorder=recorder))
    assert transcript.phases == ()
    assert transcript.outcome is Outcome.FAILED
    assert transcript.summary.endswith(".")
    return transcript


@pytest.mark.parametrize(
    ("base_url", "verify"),
    [("http://mail.example.com", True), ("https://mail.example.com", False)],
)
def test_a_key_never_goes_over_an_unverified_connection(simple_draft, base_url, verify):
    settings = ApiSettings("resend", base_url=base_url, tls_verify=verify)
    transcript = never_connects(settings, simple_draft, {"key": "k-12345"})
    assert transcript.fault == "insecure_credentials"
    assert "k-12345" not in repr(transcript)


def test_a_missing_key_is_told_before_connecting(simple_draft):
    transcript = never_connects(ApiSettings("resend"), simple_draft, {})
    assert transcript.fault == "api.key_missing"
    transcript = never_connects(
        ApiSettings("mailjet"), simple_draft, {"api_key": "a"}, provider="mailjet"
    )
    assert "Secret key" in transcript.summary


def test_a_key_that_cannot_be_one_is_told_before_connecting(simple_draft):
    transcript = never_connects(ApiSettings("resend"), simple_draft, {"key": "ab\ncd"})
    assert transcript.fault == "api.key_malformed"
    assert "ab" not in transcript.summary


def test_https_with_a_ca_of_ones_own(send_to, tmp_path):
    import ssl

    authority = trustme.CA()
    pem = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    answer = send_to.answer("200 OK", b'{"id":"1"}')
    transcript, _ = send_to("resend", answer, ssl=context, tls_ca=str(pem))
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.tls.verified
    assert "tls" in [phase.name for phase in transcript.phases]
    stranger, api = send_to("resend", answer, ssl=context)
    assert stranger.outcome is Outcome.FAILED
    assert stranger.stage is Stage.TLS
    assert stranger.fault.startswith("certificate_")
    assert stranger.tls.chain
    assert api.requests == []


def cancelled_when(draft, when):
    """Cancel as soon as ``when`` (given the event) lets the server, or at once if it is None."""

    async def go():
        cancel = asyncio.Event()

        async def handle(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            if when == "waiting":
                cancel.set()
            with_reader = reader.read()
            await with_reader
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = ApiSettings("resend", base_url=f"http://127.0.0.1:{port}")
        rendered = render(draft, load_providers()["resend"], settings)
        if when == "before":
            cancel.set()
        async with server:
            return await send(
                rendered,
                settings,
                secrets={"key": "k-12345"},
                recorder=Recorder(Kind.HTTP),
                cancel=cancel,
            )

    return asyncio.run(go())


def test_cancelling_before_it_is_sent(simple_draft):
    transcript = cancelled_when(simple_draft, "before")
    assert transcript.outcome is Outcome.CANCELLED
    assert transcript.phases == ()


def test_cancelling_while_it_waits_leaves_the_outcome_unknown(simple_draft):
    transcript = cancelled_when(simple_draft, "waiting")
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.stage is Stage.WAIT
    assert "not known" in transcript.summary


def test_the_test_key_of_postmark_needs_no_key_of_ones_own(send_to, simple_draft):
    draft = replace(simple_draft, extras=ApiExtras(sandbox=True))
    answer = send_to.answer("200 OK", as_json({"ErrorCode": 0, "MessageID": "1"}))
    transcript, api = send_to("postmark", answer, draft=draft, key=None)
    assert transcript.outcome is Outcome.ACCEPTED
    assert b"X-Postmark-Server-Token: POSTMARK_API_TEST\r\n" in api.requests[0][0]


def test_foreign_text_in_an_answer_is_made_visible(send_to):
    body = as_json({"name": "validation_error", "message": "no\u202e\x1b[31m way\r\nthere"})
    transcript, _ = send_to("resend", send_to.answer("422 No", body))
    assert "\x1b" not in transcript.summary
    assert "\u202e" not in transcript.summary
    assert "\n" not in transcript.summary


def test_international_recipients_are_matched_by_their_a_labels(send_to, simple_draft):
    draft = replace(simple_draft, to=(Address("ada@bücher.example"),))
    body = [{"email": "ada@xn--bcher-kva.example", "status": "rejected", "reject_reason": "x"}]
    transcript, _ = send_to("mandrill", send_to.answer("200 OK", as_json(body)), draft=draft)
    assert transcript.outcome is Outcome.REFUSED


def test_a_message_that_is_taken_and_held_is_accepted_and_told(send_to):
    answer = send_to.answer("202 Accepted", b"", "X-Message-Id: m-1", "X-Send-Paused: true")
    transcript, _ = send_to("mailersend", answer)
    assert (transcript.outcome, transcript.remote_id) == (Outcome.ACCEPTED, "m-1")
    assert "sending is paused" in transcript.summary
    assert [finding.id for finding in diagnose(transcript)] == ["note.held"]

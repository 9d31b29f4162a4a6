"""Webhooks from end to end: a real POST to the sandbox's server, verified, read, tied."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import httpx
import pytest
import trustme

from mailgui.api.settings import ApiSettings
from mailgui.api.webhook_verdict import Reason, WebhookVerdict
from mailgui.jobs.send import send_with_profile
from mailgui.jobs.services import Services
from mailgui.jobs.webhook_certificates import Certificates, fetch_pem
from mailgui.jobs.webhooks import WebhookDesk
from mailgui.message.draft import Address, Draft
from mailgui.net.http import HttpSettings
from mailgui.sandbox.webhook_simulation import Story
from mailgui.store.profile import Profile

KEY = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
DRAFT = Draft(
    sender=Address("ana@good.example"), to=(Address("ada@x.example"),), subject="s", text="t"
)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def run(work):
    async def main():
        services = Services()
        try:
            await services.start_sandbox()
            return await work(services)
        finally:
            await services.close()

    return asyncio.run(main())


def resend(message_id="m-1", key=KEY, kind="email.delivered"):
    body = json.dumps(
        {"type": kind, "data": {"email_id": message_id, "to": ["ada@x.example"]}}
    ).encode()
    stamp = str(int(time.time()))
    octets = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(octets, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "svix-id": "msg_1",
        "svix-timestamp": stamp,
        "svix-signature": "v1," + base64.b64encode(digest).decode(),
    }


async def post(services, path, body, headers):
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.post(services.sandbox.base_url() + path, content=body, headers=headers)


async def send(services, provider="resend"):
    settings = ApiSettings(provider)
    profile = Profile("Sandbox API", settings, sandbox=True)
    return (await send_with_profile(None, services, profile, DRAFT)).transcript


def test_a_real_post_ends_as_a_record_tied_to_the_transcript():
    async def work(services):
        transcript = await send(services)
        await services.webhooks.set_key("resend", KEY)
        told = []
        services.webhooks.subscribe(told.append)
        answer = await post(services, "/webhooks/resend", *resend(transcript.remote_id))
        assert (answer.status_code, answer.json()["verdict"]) == (200, "genuine")
        (record,) = services.webhooks.records
        assert told == [record]
        assert record.origin == "received"
        (tied,) = record.events
        assert tied.event.normal == "delivered"
        assert tied.transcript_id == transcript.id
        document = record.to_json_dict()
        assert document["events"][0]["transcript"] == transcript.id
        assert KEY not in json.dumps(document) + record.raw + repr(record)

    run(work)


def test_a_forged_one_is_answered_as_such():
    async def work(services):
        await services.webhooks.set_key("resend", KEY)
        body, headers = resend()
        answer = await post(services, "/webhooks/resend", body + b" ", headers)
        assert (answer.status_code, answer.json()["verdict"]) == (401, "forged")
        assert "altered on its way" in answer.json()["message"]
        (record,) = services.webhooks.records
        assert record.verification.reason is Reason.ALTERED_BODY
        again = await post(services, "/webhooks/resend", body, {"X-MailGUI-Simulated": "1"})
        assert services.webhooks.records[0].origin == "received"
        assert again.status_code == 401
        assert services.webhooks.records[0].verification.reason is Reason.MISSING_HEADER

    run(work)


def test_entering_the_key_checks_again_what_came():
    async def work(services):
        await post(services, "/webhooks/resend", *resend())
        (record,) = services.webhooks.records
        assert record.verification.reason is Reason.NO_KEY
        await services.webhooks.set_key("resend", f" {KEY}\n")
        assert services.webhooks.records[0].verification.genuine
        assert services.webhooks.records[0].id == record.id
        await services.webhooks.set_key("resend", "")
        assert services.webhooks.records[0].verification.reason is Reason.NO_KEY

    run(work)


PROVIDERS = ["amazon_ses", "brevo", "mailgun", "mandrill", "postal", "postmark", "resend",
             "sendgrid", "unisender_go"]  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_simulated_event_of_a_captured_message_is_genuine_and_tied(provider):
    async def work(services):
        transcript = await send(services, provider if provider != "mailgun" else "resend")
        (message,) = services.sandbox.mailbox.list()
        assert message.remote_id == transcript.remote_id
        story = Story(message.remote_id, message.recipients[0], "ana@good.example", "s")
        record = await services.webhooks.simulate(provider, "bounced", story)
        assert record.verification.genuine, record.verification.sentence
        assert record.origin == "simulated"
        assert "sandbox signed" in record.verification.sentence
        (tied,) = record.events
        assert (tied.event.normal, tied.event.recipient) == ("bounced", "ada@x.example")
        assert tied.transcript_id == transcript.id
        own = services.webhooks._own[provider]
        if isinstance(own.private, str):
            assert own.private not in record.raw
            assert base64.b64encode(own.private.encode()).decode() not in record.raw

    run(work)


def test_a_pasted_request_whose_last_line_break_was_lost_or_added():
    async def work(services):
        await services.webhooks.set_key("resend", KEY)
        body, headers = resend()
        head = "POST /in HTTP/1.1\r\nHost: hooks.example\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        for text in (head + "\r\n" + body.decode(), head + "\r\n" + body.decode() + "\n"):
            record = await services.webhooks.paste("resend", text)
            assert record.verification.genuine
            assert record.origin == "pasted"
            assert record.url == "https://hooks.example/in"

    run(work)


def test_a_public_address_counts_for_what_signs_it():
    async def work(services):
        key, url = "md-key", "https://tunnel.example/hook"
        await services.webhooks.set_key("mandrill", key)
        services.webhooks.set_public_url("mandrill", url)
        sign = hmac.new(key.encode(), f"{url}mandrill_events[]".encode(), hashlib.sha1).digest()
        headers = {
            "X-Mandrill-Signature": base64.b64encode(sign).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = await post(services, "/webhooks/mandrill", b"mandrill_events=%5B%5D", headers)
        assert answer.json()["verdict"] == "genuine"

    run(work)


def test_hostile_requests_are_bounded_and_answered():
    async def work(services):
        for path, body, status in (
            ("/webhooks/nobody", b"{}", 404),
            ("/webhooks/generic", b"{}", 404),
            ("/webhooks/resend", b"x" * (1 << 20) + b"y", 413),
            ("/webhooks/resend", b"[" * 100_000, 401),
            ("/webhooks/mandrill", b"\xff" * 10, 401),
            ("/webhooks/postmark", b"\xff\xfe", 401),
        ):
            assert (await post(services, path, body, {})).status_code == status
        foreign = await post(services, "/webhooks/resend", b"{}", {"Origin": "http://evil.example"})
        assert foreign.status_code == 403
        looked = await asyncio.to_thread(
            httpx.head, services.sandbox.webhook_url("resend"), timeout=20
        )
        assert looked.status_code == 200

    run(work)


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr("mailgui.jobs.webhooks.MAX_RECORDS", 3)

    async def work(services):
        for number in range(5):
            await services.webhooks.paste("resend", f'{{"type": "n{number}"}}')
        names = [record.events[0].event.name for record in services.webhooks.records]
        assert names == ["n4", "n3", "n2"]
        assert services.webhooks.dropped == 2
        await services.webhooks.clear()
        assert services.webhooks.records == ()
        assert services.webhooks.dropped == 0

    run(work)


def test_headers_and_events_count_among_the_octets(monkeypatch):
    monkeypatch.setattr("mailgui.jobs.webhooks.MAX_OCTETS", 20_000)

    async def work(services):
        for number in range(4):
            long = f'POST / HTTP/1.1\nX-Long: {"x" * 4_000}\n\n{{"type": "n{number}"}}'
            await services.webhooks.paste("resend", long)
        assert len(services.webhooks.records) == 2

    run(work)


def test_credentials_in_a_request_are_never_shown():
    async def work(services):
        await services.webhooks.set_key("postmark", "hook:canary-secret")
        pair = base64.b64encode(b"hook:canary-secret").decode()
        body = b'{"RecordType": "Delivery", "Tag": "canary-secret"}'
        await post(services, "/webhooks/postmark", body, {"Authorization": f"Basic {pair}"})
        (record,) = services.webhooks.records
        assert record.verification.genuine
        for text in (record.raw, repr(record), json.dumps(record.to_json_dict())):
            assert "canary-secret" not in text
            assert pair not in text

    run(work)


class _Quiet(BaseHTTPRequestHandler):
    answers: ClassVar = {
        "/a.pem": (200, b"pem"),
        "/moved.pem": (302, b""),
        "/big.pem": (200, b"x" * 100_000),
    }

    def do_GET(self):
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/a.pem")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_certificates_come_by_verified_tls_only_and_without_redirects(tmp_path):
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with HTTPServer(("127.0.0.1", 0), _Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            base = f"https://localhost:{server.server_port}"
            trusting = HttpSettings(ca_file=str(tmp_path / "ca.pem"), max_body=64 * 1024)

            async def main():
                return [
                    await fetch_pem(f"{base}/a.pem", trusting),
                    await fetch_pem(f"{base}/moved.pem", trusting),
                    await fetch_pem(f"{base}/big.pem", trusting),
                    await fetch_pem(f"{base}/none.pem", trusting),
                    await fetch_pem(f"{base}/a.pem"),
                    await fetch_pem("https://localhost:1/a.pem", trusting),
                ]

            assert asyncio.run(main()) == [b"pem", None, None, None, None, None]
        finally:
            server.shutdown()
            thread.join()


def test_a_certificate_is_fetched_once_and_only_from_where_it_may_be():
    asked = []

    async def fetch(url):
        asked.append(url)
        return b"not a certificate"

    def sns(url):
        tree = {"Type": "Notification", "Message": "{}", "MessageId": "i", "Timestamp": "t",
                "TopicArn": "a", "SignatureVersion": "2", "Signature": "AAAA",
                "SigningCertURL": url, "SubscribeURL": "https://evil.example/"}  # fmt: skip
        return json.dumps(tree)

    async def work(services):
        desk = WebhookDesk(services, Certificates(fetch))
        good = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem"
        for url in (good, good, "https://evil.example/a.pem", "http://127.0.0.1/a.pem"):
            record = await desk.paste("amazon_ses", sns(url))
            assert record.verification.verdict is WebhookVerdict.FORGED
            assert record.verification.reason is Reason.BAD_CERTIFICATE
        assert asked == [good]

    run(work)


def test_the_authority_that_the_provider_file_names_is_fetched_and_counts():
    authority, other = (trustme.CA(key_type=trustme.KeyType.RSA) for _ in range(2))
    leaf = authority.issue_cert("sns.scw", key_type=trustme.KeyType.RSA)
    bucket = "https://messaging.s3.fr-par.scw.cloud/"
    files = {f"{bucket}fr-par/sns/a.pem": leaf.cert_chain_pems[0].bytes()}
    asked = []

    async def fetch(url):
        asked.append(url)
        return files.get(url)

    async def work(services):
        desk = WebhookDesk(services, Certificates(fetch))
        told = {"TopicArn": "t", "SigningCertURL": f"{bucket}fr-par/sns/a.pem"}
        made = sns_signed(leaf, '{"type": "email_delivered", "email_id": "e-1"}', **told)
        verdicts = []
        chain = f"{bucket}fr-par/sns/sns-trust-chain.pem"
        for trusted in (None, authority):
            if trusted is not None:
                files[chain] = trusted.cert_pem.bytes()
            verdicts.append((await desk.paste("scaleway", made)).verification.verdict)
        files[chain] = other.cert_pem.bytes()
        fresh = WebhookDesk(services, Certificates(fetch))
        verdicts.append((await fresh.paste("scaleway", made)).verification.verdict)
        assert verdicts == ["unchecked", "genuine", "forged"]
        assert set(asked) == {
            f"{bucket}fr-par/sns/a.pem", chain, f"{bucket}nl-ams/sns/sns-trust-chain.pem",
        }  # fmt: skip
        record = await services.webhooks.simulate(
            "scaleway", "bounced", Story("m-1", "ada@x.example")
        )
        assert record.verification.genuine

    run(work)


def sns_signed(leaf, message, **more):
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    tree = {"Message": message, "MessageId": "i", "Timestamp": "2026-11-24T12:00:00Z", **more}
    tree["Type"] = "Notification"
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{tree[name]}\n" for name in names)
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    octets = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    tree |= {"SignatureVersion": "2", "Signature": base64.b64encode(octets).decode()}
    return json.dumps(tree)

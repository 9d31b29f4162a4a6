import base64
import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.sandbox import http_app, http_server
from mailgui.sandbox.sandbox import Sandbox

Drive = Callable[..., None]
PROVIDERS = load_providers()


def resend(to: Any = "b@x.example", sender: str = "Ana <ana@good.example>", **more: Any) -> Any:
    return {"from": sender, "to": [to], "subject": "Grüße", "text": "x", **more}


def autosend(to: str = "b@x.example", **more: Any) -> Any:
    return {
        "from": {"email": "ana@good.example", "name": "Ana"},
        "to": {"email": to},
        "subject": "s",
        "html": "<p>x</p>",
        **more,
    }


def post(sandbox: Sandbox, path: str, body: Any, **headers: str) -> httpx.Response:
    own = {"Authorization": f"Bearer {sandbox.api_key}"}
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    # Without TLS there is nothing to verify, and nothing to read the system's authorities for.
    url = f"{sandbox.base_url()}{path}"
    return httpx.post(url, json=body, headers=own, timeout=20, verify=False)


def test_resend_s_call(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        answer = post(sandbox, "/emails", resend(cc=["c@x.example"], bcc="Dan <d@x.example>"))
        assert answer.status_code == 200
        assert set(answer.json()) == {"id"}
        assert answer.headers["ratelimit-limit"] == "2"
        (message,) = sandbox.mailbox.list()
        assert (message.road, message.provider) == ("api", "resend")
        assert message.envelope_from == "ana@good.example"
        assert message.recipients == ("b@x.example", "c@x.example", "d@x.example")
        assert message.headers == {
            "From": "Ana <ana@good.example>",
            "To": "b@x.example",
            "Cc": "c@x.example",
            "Subject": "Grüße",
        }
        body = sandbox.mailbox.body(message.id)
        assert body is not None
        assert json.loads(body)["text"] == "x"
        assert message.size == len(body)

    drive(work)


@pytest.mark.parametrize("path", ["/mails/send", "/v1/mails/send", "/autosend/v1/mails/send"])
def test_autosend_s_call(drive: Drive, path: str) -> None:
    def work(sandbox: Sandbox) -> None:
        answer = post(sandbox, path, autosend(cc=[{"email": "c@x.example"}]))
        assert answer.status_code == 200
        body = answer.json()
        assert body["success"] is True
        assert body["data"]["emailId"]
        assert body["data"]["totalRecipients"] == 2
        (message,) = sandbox.mailbox.list()
        assert message.provider == "autosend"
        assert message.recipients == ("b@x.example", "c@x.example")

    drive(work)


OPTIONS = {
    "project_id": "p1", "domain": "good.example", "region": "", "inbox_id": "7",
    "host": "postal.good.example",
}  # fmt: skip


@pytest.mark.parametrize("provider_id", sorted(PROVIDERS))
def test_what_mailgui_sends_for_each_provider_is_taken(drive: Drive, provider_id: str) -> None:
    """The requests that the API side makes and the answers given here fit one provider file."""
    provider = PROVIDERS[provider_id]
    draft = Draft(
        sender=Address("ana@good.example", "Ana, A."),
        to=(Address("b@x.example", "Bob"),),
        cc=(Address("c@x.example"),),
        bcc=(Address("d@x.example"),),
        subject="Grüße",
        text="plain",
        html="<p>rich</p>",
        attachments=(Attachment("a.txt", "text/plain", data=b"data"),),
    )

    def work(sandbox: Sandbox) -> None:
        settings = ApiSettings(
            provider_id,
            base_url=sandbox.base_url(provider_id),
            options={o.name: OPTIONS.get(o.name, "x") for o in provider.options if o.required},
        )
        request = render(
            draft,
            provider,
            settings,
            {secret.name: sandbox.api_key for secret in provider.auth.secrets},
        )
        refusal = [provider.answers["authentication"].status]
        for key, status in ((True, provider.success.statuses), (False, refusal)):
            if not key:
                request = render(draft, provider, settings, "wrong:wrong")
            answer = httpx.request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.content,
                timeout=20,
                verify=False,
            )
            assert answer.status_code in status, answer.text
        (message,) = sandbox.mailbox.list()
        assert message.provider == provider_id
        assert message.envelope_from == "ana@good.example"
        assert set(message.recipients) == {"b@x.example", "c@x.example", "d@x.example"}
        assert message.subject == "Grüße"

    drive(work)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (resend(to="nobody"), "Invalid `to` field"),
        (resend(sender="nobody"), "Invalid `from` field"),
        ({"to": "a@x.example", "subject": "s", "text": "x"}, "Missing `from` field"),
        ({"from": "a@x.example", "subject": "s", "text": "x"}, "Missing `to` field"),
        ({"from": "a@x.example", "to": "a@x.example", "text": "x"}, "Missing `subject` field"),
        ({"from": "a@x.example", "to": "a@x.example", "subject": "s"}, "Missing `html` or `text`"),
        ({**resend(), "to": [f"{n}@x.example" for n in range(51)]}, "Too many addresses in `to`"),
        ([], "must be an object"),
        (5, "must be an object"),
    ],
)
def test_resend_s_validation(drive: Drive, body: Any, words: str) -> None:
    def work(sandbox: Sandbox) -> None:
        answer = post(sandbox, "/emails", body)
        assert answer.status_code == 422
        found = answer.json()
        assert (found["statusCode"], found["name"]) == (422, "validation_error")
        assert words in found["message"]
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_autosend_s_validation_names_the_field(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        answer = post(sandbox, "/mails/send", autosend(to="nobody"))
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["code"] == "VALIDATION_FAILED"
        assert error["details"][0]["field"] == "to"
        many = autosend(cc=[{"email": f"{n}@x.example"} for n in range(50)])
        assert post(sandbox, "/mails/send", many).status_code == 400

    drive(work)


def test_no_key_or_a_wrong_one(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        for key in ("", "Bearer", "Bearer wrong", f"Basic {sandbox.api_key}", sandbox.api_key):
            assert post(sandbox, "/emails", resend(), Authorization=key).status_code == 401
        answer = post(sandbox, "/mails/send", autosend(), Authorization="Bearer x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
        assert len(sandbox.mailbox) == 0

    drive(work)


@pytest.mark.parametrize(
    ("to", "sender", "status", "name"),
    [
        ("refuse", "ana", 422, "validation_error"),
        ("busy", "ana", 429, "rate_limit_exceeded"),
        ("quota", "ana", 429, "monthly_quota_exceeded"),
        ("error", "ana", 500, "application_error"),
        ("spam", "ana", 422, "validation_error"),
        ("b", "spoof", 403, "invalid_from_address"),
        ("refuse", "spoof", 403, "invalid_from_address"),
    ],
)
def test_resend_s_faults_on_order(
    drive: Drive, to: str, sender: str, status: int, name: str
) -> None:
    def work(sandbox: Sandbox) -> None:
        answer = post(sandbox, "/emails", resend(f"{to}@x.example", f"{sender}@good.example"))
        assert (answer.status_code, answer.json()["name"]) == (status, name)
        if status == 429 and to == "busy":
            assert answer.headers["retry-after"] == "1"
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_autosend_s_faults_on_order(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        limited = post(sandbox, "/mails/send", autosend("busy@x.example"))
        assert limited.status_code == 429
        assert limited.json()["retryAfter"] == 1
        assert limited.headers["x-ratelimit-remaining"] == "0"
        assert int(limited.headers["x-ratelimit-reset"]) > 1_700_000_000
        assert post(sandbox, "/mails/send", autosend("quota@x.example")).status_code == 402
        assert post(sandbox, "/mails/send", autosend("error@x.example")).status_code == 500

    drive(work)


def test_answers_that_are_no_api_s(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        page = post(sandbox, "/emails", resend("html@x.example"))
        assert page.status_code == 502
        assert page.headers["content-type"].startswith("text/html")
        garbage = post(sandbox, "/emails", resend("garbage@x.example"))
        assert garbage.status_code == 200
        with pytest.raises(ValueError, match="Expecting"):
            garbage.json()
        with pytest.raises(httpx.RemoteProtocolError):
            post(sandbox, "/emails", resend("drop@x.example"))
        assert [m.faults for m in sandbox.mailbox.list()] == [("drop",), ("garbage",)]

    drive(work)


def test_a_silent_refusal_where_the_vendor_has_one(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        body = {
            "From": "a@x.example",
            "To": "suppressed@x.example",
            "Subject": "s",
            "TextBody": "x",
        }
        answer = httpx.post(
            f"{sandbox.base_url('postmark')}/email",
            json=body,
            headers={"X-Postmark-Server-Token": sandbox.api_key},
            timeout=20,
            verify=False,
        )
        assert (answer.status_code, answer.json()["ErrorCode"]) == (200, 406)
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_idempotency(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        first = post(sandbox, "/emails", resend(), Idempotency_Key="k1")
        again = post(sandbox, "/emails", resend(), Idempotency_Key="k1")
        assert first.json() == again.json()
        assert len(sandbox.mailbox) == 1
        other = post(sandbox, "/emails", resend("c@x.example"), Idempotency_Key="k1")
        assert (other.status_code, other.json()["name"]) == (409, "invalid_idempotent_request")
        for key in ("", "x" * 257):
            bad = post(sandbox, "/emails", resend(), Idempotency_Key=key)
            assert (bad.status_code, bad.json()["name"]) == (400, "invalid_idempotency_key")
        refused = post(sandbox, "/emails", resend("busy@x.example"), Idempotency_Key="k2")
        assert refused.status_code == 429
        assert post(sandbox, "/emails", resend(), Idempotency_Key="k2").status_code == 200
        assert len(sandbox.mailbox) == 2

    drive(work)


def test_slow_answers_come_all_the_same(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        assert post(sandbox, "/emails", resend("slow@x.example")).status_code == 200
        assert sandbox.mailbox.list()[0].faults == ("slow",)

    drive(work)


def test_pages_and_other_hosts_are_refused(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        assert post(sandbox, "/emails", resend(), Origin="http://evil.example").status_code == 403
        assert post(sandbox, "/emails", resend(), Host="evil.example").status_code == 421
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_paths_and_methods_it_does_not_know(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        assert post(sandbox, "/nothing", {}).status_code == 404
        answer = httpx.get(f"{sandbox.base_url()}/emails", timeout=20, verify=False)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        welcome = httpx.get(f"{sandbox.base_url()}/", timeout=20, verify=False)
        assert welcome.status_code == 200
        assert "delivers nothing" in welcome.text

    drive(work)


def test_bodies_that_are_no_json_or_too_big(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(sandbox: Sandbox) -> None:
        url = f"{sandbox.base_url()}/emails"
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        answer = httpx.post(url, content=b"{", headers=headers, timeout=20, verify=False)
        assert answer.status_code == 422
        monkeypatch.setattr(http_app, "MAX_BODY", 1000)
        assert post(sandbox, "/emails", resend(text="x" * 2000)).status_code == 413

        def chunks() -> Any:
            yield from (b"x" * 100 for _ in range(50))

        answer = httpx.post(url, content=chunks(), headers=headers, timeout=20, verify=False)
        assert answer.status_code == 413

    drive(work)


def test_a_big_request_passes(drive: Drive) -> None:
    content = base64.b64encode(bytes(8_000_000)).decode()

    def work(sandbox: Sandbox) -> None:
        body = resend(attachments=[{"filename": "f", "content": content}])
        assert post(sandbox, "/emails", body).status_code == 200
        assert sandbox.mailbox.list()[0].size > 10_000_000

    drive(work)


def test_clients_that_vanish_or_talk_nonsense(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        address = (sandbox.http.host, sandbox.http.port)
        host = f"Host: {sandbox.http}\r\n".encode()
        for octets in (
            b"",
            b"\x16\x03\x01nonsense\r\n\r\n",
            b"GET /\r\n\r\n",
            b"POST /emails HTTP/1.1\r\n" + host + b"Content-Length: 100\r\n\r\nhalf",
            b"POST /emails HTTP/1.1\r\n" + host + b"Content-Length: x\r\n\r\n",
        ):
            with socket.create_connection(address, timeout=20) as connection:
                connection.sendall(octets)
        assert post(sandbox, "/emails", resend()).status_code == 200
        assert len(sandbox.mailbox) == 1

    drive(work)


def test_a_connection_counts_until_its_client_goes(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs that open a connection for each message are many clients, one after the other."""
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 20)

    def work(sandbox: Sandbox) -> None:
        answers = [post(sandbox, "/resend/emails", resend()).status_code for _ in range(60)]
        assert set(answers) == {200}

    drive(work)


def test_nothing_is_printed(drive: Drive, capfd: pytest.CaptureFixture[str]) -> None:
    def work(sandbox: Sandbox) -> None:
        post(sandbox, "/emails", resend())
        with pytest.raises(httpx.RemoteProtocolError):
            post(sandbox, "/emails", resend("drop@x.example"))

    drive(work)
    assert capfd.readouterr() == ("", "")

"""A key appears nowhere: not in the transcript, an export, a repr or a sentence, even if echoed."""

import base64
import json
from urllib.parse import quote

import msgspec
import pytest

from mailgui.api import auth
from mailgui.api.definition import Auth, Secret
from mailgui.api.provider import load_providers
from mailgui.api.render import render, to_json_dict
from mailgui.api.settings import ApiSettings
from mailgui.transcript import codec, export_har, export_json, export_text

CANARY = 'cnry/9+Q"z&=%41x~K'
OTHER = "second-cnry-55AA"
KEYS = {"amazon_ses": f"{OTHER}:{CANARY}", "mailjet": f"{OTHER}:{CANARY}"}
OPTIONS = {"mailgun": {"domain": "mg.example.com"}, "scaleway": {"project_id": "p"}}
SCHEMES = ["resend", "postmark", "mailgun", "mailjet", "mandrill", "amazon_ses", "sparkpost"]


def spellings(secret):
    raw = secret.encode()
    return {
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(raw).decode(),
        raw.hex(),
    }


def everything_said(transcript):
    yield repr(transcript)
    yield export_text.to_text(transcript)
    yield json.dumps(export_json.to_json_dict(transcript), ensure_ascii=False)
    yield json.dumps(export_har.to_har(transcript), ensure_ascii=False)
    yield codec.encode(transcript).decode("latin-1")
    for exchange in transcript.exchanges:
        yield exchange.request_body.decode("latin-1") + exchange.response_body.decode("latin-1")


def assert_absent(transcript, *secrets):
    for text in everything_said(transcript):
        for secret in secrets:
            for spelling in spellings(secret):
                assert spelling not in text


async def _echo_then_close(writer):
    echo = json.dumps({"name": "validation_error", "message": f"bad key {CANARY} {OTHER}"})
    more = base64.b64encode(f"{OTHER}:{CANARY}".encode()).decode()
    body = f'{echo[:-1]}, "seen": "{more}", "url": "{quote(CANARY, safe="")}"}}'.encode()
    head = f"HTTP/1.1 401 {CANARY}\r\nX-Echo: {CANARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


@pytest.mark.parametrize("name", SCHEMES)
def test_a_key_is_nowhere_even_when_the_server_echoes_it(send_to, name):
    transcript, api = send_to(
        name, _echo_then_close, key=KEYS.get(name, CANARY), options=OPTIONS.get(name, {})
    )
    assert transcript.exchanges[0].status == 401
    sent = api.requests[0][0] + api.requests[0][1]
    if name != "amazon_ses":
        basic = (
            base64.b64encode(f"{OTHER}:{CANARY}".encode()),
            base64.b64encode(f"api:{CANARY}".encode()),
        )
        forms = (CANARY.encode(), json.dumps(CANARY)[1:-1].encode(), *basic)
        assert any(form in sent for form in forms)
    assert_absent(transcript, CANARY, *([OTHER] if name in KEYS else []))


def test_a_signature_is_nowhere(send_to):
    transcript, api = send_to("amazon_ses", _echo_then_close, key=KEYS["amazon_ses"])
    signature = api.requests[0][0].split(b"Signature=")[1].split(b"\r\n")[0].decode()
    assert len(signature) == 64
    assert_absent(transcript, signature)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_key_is_nowhere_when_no_answer_comes(send_to, name):
    async def close(writer):
        writer.close()

    transcript, _ = send_to(name, close, key=KEYS.get(name, CANARY), options=OPTIONS.get(name, {}))
    assert transcript.exchanges[0].status is None
    assert_absent(transcript, CANARY, *([OTHER] if name in KEYS else []))


def test_a_key_is_nowhere_when_it_may_not_be_sent(simple_draft):
    import asyncio

    from mailgui.api.session import send
    from mailgui.transcript import Kind, Recorder

    settings = ApiSettings("resend", base_url="http://mail.example.com")
    rendered = render(simple_draft, load_providers()["resend"], settings, CANARY)
    recorder = Recorder(Kind.HTTP)
    transcript = asyncio.run(send(rendered, settings, secrets={}, recorder=recorder))
    assert transcript.fault == "insecure_credentials"
    assert_absent(transcript, CANARY)


@pytest.mark.parametrize("scheme", ["bearer", "header", "basic", "body"])
def test_reprs_hold_no_key(simple_draft, scheme):
    base = load_providers()["generic"]
    provider = msgspec.structs.replace(
        base, auth=Auth(scheme=scheme, path="key", username="u", secrets=[Secret()])
    )
    request = render(simple_draft, provider, ApiSettings("generic"), CANARY)
    signed = auth.sign(provider, request.unsigned, {"key": CANARY})
    for text in (repr(request), repr(signed), repr(to_json_dict(request))):
        for spelling in spellings(CANARY):
            assert spelling not in text

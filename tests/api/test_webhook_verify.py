"""Genuine webhooks, signed here straight from each vendor's documentation, and forged ones."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.webhook_diagnosis import Memory
from mailgui.api.webhook_request import WebhookRequest
from mailgui.api.webhook_verdict import Reason, WebhookVerdict
from mailgui.api.webhook_verify import Case, verify

PROVIDERS = load_providers()
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b'{"type": "email.delivered", "data": {"to": ["ada@example.org"], "n": 1}}'
URL = "https://hooks.example.com/in?a=1"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_EC = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WHSEC = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def spki(key):
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def b64(octets):
    return base64.b64encode(octets).decode()


def request(body, *headers, url=URL):
    return WebhookRequest("POST", url, tuple(headers), body)


def hex_hmac(key, content):
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def resend(body=BODY, key=WHSEC, stamp=STAMP, ident="msg_1"):
    octets = base64.b64decode(key.removeprefix("whsec_"))
    content = f"{ident}.{stamp}.".encode() + body
    sign = b64(hmac.new(octets, content, hashlib.sha256).digest())
    return request(
        body, ("svix-id", ident), ("svix-timestamp", stamp), ("svix-signature", f"v1,{sign}")
    )


def sendgrid(body=BODY, key=EC_KEY, stamp=STAMP):
    sign = b64(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256())))
    return request(
        body,
        ("X-Twilio-Email-Event-Webhook-Signature", sign),
        ("X-Twilio-Email-Event-Webhook-Timestamp", stamp),
    )


def mailgun(body=None, key="mg-key", stamp=STAMP):
    sign = hex_hmac(key, f"{stamp}token-1".encode())
    tree = {
        "signature": {"timestamp": stamp, "token": "token-1", "signature": sign},
        "event-data": body or {"event": "delivered"},
    }
    return request(json.dumps(tree).encode())


def mandrill(events=BODY, key="md-key", url=URL):
    from urllib.parse import urlencode

    form = {"mandrill_events": f"[{events.decode()}]", "a": "é"}
    text = url + "".join(name + form[name] for name in sorted(form))
    sign = b64(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest())
    return request(urlencode(form).encode(), ("X-Mandrill-Signature", sign), url=url)


def hex_body(header, key):
    def make(body=BODY, key=key):
        return request(body, (header, hex_hmac(key, body)))

    return make


def postal(body=BODY, key=RSA_KEY):
    return request(
        body, ("X-Postal-Signature", b64(key.sign(body, padding.PKCS1v15(), hashes.SHA1())))
    )


def unisender(key="u-key"):
    body = b'{"auth":"%s","events_by_user":[]}'
    digest = hashlib.md5(body % key.encode()).hexdigest()
    return request(body % digest.encode())


SIGNED = {
    "resend": (resend, WHSEC, "whsec_" + b64(b"another secret of 24 oct")),
    "sendgrid": (sendgrid, spki(EC_KEY), spki(OTHER_EC)),
    "mailgun": (mailgun, "mg-key", "other"),
    "mandrill": (mandrill, "md-key", "other"),
    "autosend": (hex_body("X-Webhook-Signature", "as"), "as", "other"),
    "mailersend": (hex_body("Signature", "ms"), "ms", "other"),
    "mailtrap": (hex_body("Mailtrap-Signature", "mt"), "mt", "other"),
    "postal": (postal, spki(RSA_KEY), spki(OTHER_RSA)),
    "unisender_go": (unisender, "u-key", "other"),
}
SIGNS_BODY = sorted(set(SIGNED) - {"mailgun"})


def judge(name, made, key, now=NOW, memory=None):
    return verify(Case(PROVIDERS[name], made, key, now, memory, PROVIDERS.values()))


def test_every_provider_that_signs_is_covered():
    schemes = {n: p.webhooks.signature.scheme for n, p in PROVIDERS.items() if p.webhooks}
    apart = {"none", "basic", "token", "sns"}
    assert set(SIGNED) == {name for name, scheme in schemes.items() if scheme not in apart}


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_a_genuine_request_is_accepted(name):
    make, key, _ = SIGNED[name]
    found = judge(name, make(), key)
    assert (found.verdict, found.reason) == (WebhookVerdict.GENUINE, Reason.SIGNED)
    assert judge(name, make(), f"  {key}\n").genuine


def test_a_published_vector_of_standard_webhooks():
    made = request(
        b'{"event_type":"ping","data":{"success":true}}',
        ("svix-id", "msg_loFOjxBNrRLzqYUf"),
        ("svix-timestamp", "1731705121"),
        ("svix-signature", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="),
    )
    at = datetime.fromtimestamp(1731705121, UTC)
    assert judge("resend", made, "whsec_plJ3nmyCDGBKInavdOK15jsl", at).genuine


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_without_a_key_nothing_is_said(name):
    found = judge(name, SIGNED[name][0](), "")
    assert (found.verdict, found.reason) == (WebhookVerdict.UNCHECKED, Reason.NO_KEY)


@pytest.mark.parametrize("name", SIGNS_BODY)
def test_an_altered_body_is_not_accepted(name):
    make, key, _ = SIGNED[name]
    made = make()
    altered = replace(made, body=made.body[:-2] + b" " + made.body[-2:])
    if name == "mandrill":
        altered = replace(made, body=made.body.replace(b"ada", b"eve"))
    found = judge(name, altered, key)
    assert found.verdict is WebhookVerdict.FORGED
    assert found.reason in (Reason.MISMATCH, Reason.ALTERED_BODY)


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_another_key_is_not_accepted(name):
    make, _, other = SIGNED[name]
    found = judge(name, make(), other)
    assert found.verdict is WebhookVerdict.FORGED
    expected = Reason.WRONG_KEY if name == "mailgun" else Reason.MISMATCH
    assert found.reason is expected


@pytest.mark.parametrize("name", SIGNS_BODY)
def test_with_a_key_that_verified_another_the_altered_body_is_told(name):
    make, key, _ = SIGNED[name]
    memory = Memory()
    assert judge(name, make(), key, memory=memory).genuine
    made = make()
    if name == "mandrill":
        altered = replace(made, body=made.body.replace(b"ada", b"eve"))
    else:
        altered = replace(made, body=made.body.replace(b"}", b',"x":2}', 1))
    found = judge(name, altered, key, memory=memory)
    assert found.reason in (Reason.ALTERED_BODY, Reason.REPLAYED)


def test_a_signature_taken_from_another_request_is_told():
    memory = Memory()
    first = resend()
    assert judge("resend", first, WHSEC, memory=memory).genuine
    replayed = replace(first, body=BODY.replace(b"delivered", b"bounced"))
    found = judge("resend", replayed, WHSEC, memory=memory)
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.REPLAYED)


def test_the_same_request_twice_is_genuine_and_said_to_be_a_repeat():
    memory = Memory()
    assert not judge("resend", resend(), WHSEC, memory=memory).repeated
    again = judge("resend", resend(), WHSEC, memory=memory)
    assert again.genuine
    assert again.repeated
    assert not judge("resend", resend(ident="msg_2"), WHSEC, memory=memory).repeated


@pytest.mark.parametrize("name", sorted(set(SIGNS_BODY) - {"mandrill", "unisender_go"}))
def test_a_body_put_in_another_form_is_told(name):
    make, key, _ = SIGNED[name]
    compact = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    for original, arrived in ((compact, BODY), (BODY, BODY + b"\n"), (BODY + b"\r\n", BODY)):
        found = judge(name, replace(make(original), body=arrived), key)
        assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.ALTERED_BODY)
        assert "altered on its way" in found.sentence


def test_a_length_that_is_not_the_body_s_is_told():
    made = resend()
    headers = (*made.headers, ("Content-Length", str(len(BODY))))
    found = judge("resend", replace(made, headers=headers, body=BODY + b"{}"), WHSEC)
    assert found.reason is Reason.ALTERED_BODY
    assert "Content-Length" in found.sentence


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (299, None),
        (301, Reason.OLD),
        (86_400 * 400, Reason.OLD),
        (-299, None),
        (-301, Reason.FUTURE),
    ],
)
def test_svix_has_a_time_window(seconds, reason):
    found = judge("resend", resend(), WHSEC, NOW + timedelta(seconds=seconds))
    assert found.reason is (reason or Reason.SIGNED)
    assert found.genuine is (reason is None)
    assert found.signed_at == NOW


@pytest.mark.parametrize("stamp", ["", "soon", "nan", "1e400", "-1", "9" * 400])
def test_timestamps_that_are_none(stamp):
    found = judge("resend", resend(stamp=stamp), WHSEC)
    assert found.verdict is WebhookVerdict.FORGED
    assert found.reason in (Reason.MISSING_HEADER, Reason.MALFORMED, Reason.OLD)


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_each_missing_part_is_named(name):
    make, key, _ = SIGNED[name]
    made = make()
    for header, _ in made.headers:
        rest = tuple(pair for pair in made.headers if pair[0] != header)
        found = judge(name, replace(made, headers=rest), key)
        assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.MISSING_HEADER)
        assert header in found.sentence


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("mailgun", b'{"event-data": {}}'),
        ("mailgun", b'{"signature": {"timestamp": "1", "signature": "00"}}'),
        ("unisender_go", b"{}"),
        ("unisender_go", b"[]"),
    ],
)
def test_a_signature_missing_in_the_body(name, body):
    found = judge(name, request(body), "key")
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.MISSING_HEADER)


def test_another_vendor_s_signature_is_recognised():
    found = judge("resend", sendgrid(), WHSEC)
    assert found.reason is Reason.WRONG_SCHEME
    assert "Twilio SendGrid" in found.sentence


def test_several_signatures_while_a_key_is_changed():
    made = resend()
    old = resend(key="whsec_" + b64(b"another secret of 24 oct"))
    both = f"{old.header('svix-signature')} v2,abc {made.header('svix-signature')}"
    headers = tuple((n, both if n == "svix-signature" else v) for n, v in made.headers)
    assert judge("resend", replace(made, headers=headers), WHSEC).genuine
    unknown = tuple((n, "v1a,AAAA" if n == "svix-signature" else v) for n, v in made.headers)
    found = judge("resend", replace(made, headers=unknown), WHSEC)
    assert found.reason is Reason.MALFORMED


@pytest.mark.parametrize("text", ["", "zz", "!!!", "v1,", "v1,***", "é", "0" * 63, "\x00"])
@pytest.mark.parametrize("name", sorted(set(SIGNED) - {"mailgun", "unisender_go"}))
def test_signatures_that_are_none(name, text):
    make, key, _ = SIGNED[name]
    header = PROVIDERS[name].webhooks.signature.header
    made = make()
    headers = tuple((n, text if n == header else v) for n, v in made.headers)
    assert judge(name, replace(made, headers=headers), key).verdict is WebhookVerdict.FORGED


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("resend", "re_123"),
        ("resend", "whsec_***"),
        ("sendgrid", "not base64!"),
        ("sendgrid", spki(RSA_KEY)),
        ("sendgrid", spki(ec.generate_private_key(ec.SECP384R1()))),
        ("sendgrid", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        ("postal", spki(EC_KEY)),
        ("postal", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
    ],
)
def test_a_key_of_another_kind_is_told(name, key):
    found = judge(name, SIGNED[name][0](), key)
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.BAD_KEY)
    assert key not in found.sentence


def test_a_key_read_otherwise_is_told():
    octets = WHSEC.removeprefix("whsec_").encode()  # as text: a common mistake of receivers
    content = f"msg_1.{STAMP}.".encode() + BODY
    sign = b64(hmac.new(octets, content, hashlib.sha256).digest())
    made = request(
        BODY, ("svix-id", "msg_1"), ("svix-timestamp", STAMP), ("svix-signature", f"v1,{sign}")
    )
    found = judge("resend", made, WHSEC)
    assert found.reason is Reason.WRONG_KEY


def test_public_keys_as_pem_and_as_a_dkim_record():
    pem = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert judge("postal", postal(), pem.decode()).genuine
    assert judge("postal", postal(), f"v=DKIM1; t=s; h=sha256; p={spki(RSA_KEY)};").genuine


def test_mandrill_signs_the_address_that_it_calls():
    made = mandrill()
    assert judge("mandrill", made, "md-key").genuine
    moved = replace(made, url="http://127.0.0.1:1/webhooks/mandrill")
    assert not judge("mandrill", moved, "md-key").genuine


def test_mailgun_does_not_sign_the_event_and_that_is_said():
    found = judge("mailgun", mailgun({"event": "forged"}), "mg-key")
    assert found.genuine
    assert "does not cover the event" in found.sentence


@pytest.mark.parametrize(
    ("name", "key", "header", "good", "bad"),
    [
        ("postmark", "u:p", "Authorization", "Basic " + b64(b"u:p"), "Basic " + b64(b"u:x")),
        ("mailjet", "u:p", "Authorization", "Basic " + b64(b"u:p"), "Basic " + b64(b"u")),
        ("sparkpost", "u:p", "Authorization", "basic " + b64(b"u:p"), "Basic !!"),
        ("brevo", "tok", "Authorization", "Bearer tok", "Bearer other"),
    ],
)
def test_what_only_shares_a_secret(name, key, header, good, bad):
    found = judge(name, request(BODY, (header, good)), key)
    assert (found.verdict, found.reason) == (WebhookVerdict.GENUINE, Reason.SHARED_SECRET)
    assert "signs nothing" in found.sentence
    assert judge(name, request(BODY, (header, bad)), key).verdict is WebhookVerdict.FORGED
    assert judge(name, request(BODY), key).reason is Reason.MISSING_HEADER
    unknown = judge(name, request(BODY, (header, good)), "")
    assert unknown.reason is Reason.NO_KEY


def test_another_kind_of_sign_in_is_told():
    found = judge("postmark", request(BODY, ("Authorization", "Bearer x")), "u:p")
    assert found.reason is Reason.WRONG_SCHEME


@given(st.binary(max_size=400), st.text(max_size=80), st.sampled_from(sorted(PROVIDERS)))
def test_whatever_comes_there_is_a_verdict_and_it_is_not_genuine(body, text, name):
    provider = PROVIDERS[name]
    if provider.webhooks is None:
        return
    signature = provider.webhooks.signature
    names = [signature.header or "Authorization"]
    names += [p[7:] for p in (signature.timestamp, signature.id) if p.startswith("header:")]
    made = request(body, *((each, text) for each in names))
    key = SIGNED[name][1] if name in SIGNED else "u:p"
    assert not judge(name, made, key).genuine


def test_deep_and_broken_json():
    for body in (b"[" * 100_000, b'{"signature":' * 50_000, b"\xff\xfe", b"{'a'}", b"NaN"):
        for name in SIGNED:
            found = judge(name, request(body), SIGNED[name][1])
            assert found.verdict is WebhookVerdict.FORGED


def test_secrets_do_not_show():
    case = Case(PROVIDERS["resend"], resend(), WHSEC, NOW)
    assert WHSEC not in repr(case)
    assert resend().header("svix-signature") not in repr(case)

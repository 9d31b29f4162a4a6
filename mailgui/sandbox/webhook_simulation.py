"""Webhooks that the sandbox sends itself: in a vendor's form, and signed by its scheme."""

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from mailgui.api.definition import Provider
from mailgui.api.template import NOTHING, fill, put
from mailgui.api.webhook_content import encode, mac, signed_content
from mailgui.api.webhook_definition import NormalEvent, Signature, Webhooks
from mailgui.api.webhook_keys import secret_octets
from mailgui.api.webhook_request import WebhookRequest
from mailgui.api.webhook_sns import signed_text
from mailgui.sandbox.webhook_keys import WebhookKeys
from mailgui.wrong_input import WrongInput

CERTIFICATE_PATH = "/SimpleNotificationService-mailgui-sandbox.pem"
_TOPIC = "arn:aws:sns:us-east-1:000000000000:mailgui-sandbox"
_REASONS = {
    "bounced": "550 5.1.1 Recipient address rejected: there is no such mailbox here",
    "deferred": "451 4.7.1 Greylisted, please try again in 300 seconds",
    "delivered": "250 2.0.0 OK",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What a simulated event is about."""

    message_id: str
    recipient: str
    sender: str = ""
    subject: str = ""


class NotSimulated(WrongInput):
    """The provider has no such event; the text is a sentence."""


def possible(provider: Provider) -> tuple[NormalEvent, ...]:
    """Return the events that can be simulated for a provider, in the order of a message's life."""
    webhooks = provider.webhooks
    if webhooks is None or not webhooks.samples:
        return ()
    order: Sequence[NormalEvent] = (
        "accepted", "delivered", "deferred", "bounced", "complained", "opened", "clicked",
        "unsubscribed",
    )  # fmt: skip
    there = set(webhooks.events.values())
    return tuple(event for event in order if event in there)


def vendor_event(webhooks: Webhooks, normal: NormalEvent) -> tuple[str, str | None]:
    """Return the vendor's name of an event, and the detail that belongs to it or None: the one
    that a sample is given for, or that sounds alike, else the first. Raises NotSimulated.
    """
    names = [name for name, word in webhooks.events.items() if word == normal]
    if not names:
        raise NotSimulated(f"This provider reports nothing like “{normal}”.")
    alike = normal[:6]
    best = min(names, key=lambda n: (n not in webhooks.samples, alike not in n.lower()))
    if webhooks.detail and " " in best:
        name, _, detail = best.rpartition(" ")
        return name, detail
    return best, None


def simulate(
    provider: Provider,
    normal: NormalEvent,
    story: Story,
    keys: WebhookKeys,
    url: str,
    now: datetime | None = None,
) -> WebhookRequest:
    """Return the request that the provider would make about ``story``. Raises NotSimulated."""
    webhooks = provider.webhooks
    if webhooks is None or not webhooks.samples:
        raise NotSimulated(f"It is not known what a webhook of {provider.name} looks like.")
    at = now or datetime.now(UTC)
    name, detail = vendor_event(webhooks, normal)
    values = {
        "event": name,
        "detail": detail,
        "message_id": story.message_id,
        "recipient": story.recipient,
        "sender": story.sender or None,
        "subject": story.subject or None,
        "reason": _REASONS.get(normal),
        "id": str(uuid.uuid4()),
        "now": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "unix": int(at.timestamp()),
        "unix_ms": int(at.timestamp() * 1000),
    }
    choices = (f"{name} {detail}", name, "*")
    sample = next((webhooks.samples[each] for each in choices if each in webhooks.samples), None)
    tree = fill(sample, values)
    if tree is NOTHING:
        raise NotSimulated(f"It is not known what a webhook of {provider.name} looks like.")
    return _signed(webhooks, tree, keys, url, at)


def _signed(
    webhooks: Webhooks, tree: Any, keys: WebhookKeys, url: str, at: datetime
) -> WebhookRequest:
    signature = webhooks.signature
    if signature.scheme == "sns":
        return _sns(signature, tree, keys, url, at)
    headers = [("Content-Type", "application/json")]
    for place, value in ((signature.timestamp, str(int(at.timestamp()))), (signature.id, _id())):
        if place.startswith("header:"):
            headers.append((place.removeprefix("header:"), value))
    if signature.scheme == "basic":
        pair = secrets_text(keys)
        headers.append(("Authorization", encode(_BASIC, pair.encode())))
    elif signature.scheme == "token":
        headers.append((signature.header, str(fill(signature.format, {"key": keys.public}))))
    request = WebhookRequest("POST", url, tuple(headers), _body(webhooks, tree))
    if webhooks.form_field:
        form = ("Content-Type", "application/x-www-form-urlencoded")
        request = replace(request, headers=(form, *request.headers[1:]))
    if signature.scheme == "md5_in_body":
        return _md5(webhooks, tree, keys, request)
    if signature.scheme not in {"hmac", "ecdsa", "rsa"}:
        return request
    text = encode(signature, _sign(signature, keys, signed_content(webhooks, request)))
    if signature.header:
        return replace(request, headers=(*request.headers, (signature.header, text)))
    put(tree, signature.path, text)
    return replace(request, body=_body(webhooks, tree))


_BASIC = Signature(encoding="base64", prefix="Basic ")


def secrets_text(keys: WebhookKeys) -> str:
    """Return a shared secret."""
    return str(keys.private)


def _body(webhooks: Webhooks, tree: Any) -> bytes:
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    if webhooks.form_field:
        return urlencode({webhooks.form_field: text}).encode("ascii")
    return text.encode("utf-8", "surrogatepass")


def _sign(signature: Signature, keys: WebhookKeys, content: bytes) -> bytes:
    if signature.scheme == "hmac":
        return mac(signature, secret_octets(signature, secrets_text(keys)), content)
    from cryptography.hazmat.primitives import hashes

    if signature.scheme == "ecdsa":
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

        return bytes(keys.private.sign(content, ECDSA(hashes.SHA256())))
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    kinds: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303 - the vendor's choice
        "sha256": hashes.SHA256(),
        "sha512": hashes.SHA512(),
    }
    return bytes(keys.private.sign(content, PKCS1v15(), kinds[signature.digest]))


def _md5(
    webhooks: Webhooks, tree: Any, keys: WebhookKeys, request: WebhookRequest
) -> WebhookRequest:
    import hashlib

    key = secrets_text(keys)
    put(tree, webhooks.signature.path, key)
    body = _body(webhooks, tree)
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return replace(request, body=body.replace(key.encode(), digest.encode()))


def _sns(
    signature: Signature, tree: Any, keys: WebhookKeys, url: str, at: datetime
) -> WebhookRequest:
    message = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": _TOPIC,
        "Message": json.dumps(tree),
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": certificate_address(signature),
    }
    sns = replace_digest(signature)
    text = encode(sns, _sign(sns, keys, signed_text(message)))
    body = json.dumps({**message, "Signature": text}).encode()
    headers = (
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("x-amz-sns-message-type", "Notification"),
        ("x-amz-sns-topic-arn", _TOPIC),
    )
    return WebhookRequest("POST", url, headers, body)


def certificate_address(signature: Signature) -> str:
    """Return where the sandbox says that its signing certificate is; it is never fetched there."""
    host = signature.certificate_host.replace("{region}", "us-east-1") or "localhost"
    return f"https://{host}{CERTIFICATE_PATH}"


def replace_digest(signature: Signature) -> Signature:
    """Return the signature as version 2 of SNS has it: RSA with SHA-256, in base64."""
    import msgspec

    return msgspec.structs.replace(signature, encoding="base64", digest="sha256", prefix="")


def _id() -> str:
    return f"msg_{secrets.token_hex(12)}"

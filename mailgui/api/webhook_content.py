"""What a webhook's signature is made over, and the signatures that a request carries."""

import binascii
import hashlib
import hmac
import re

from mailgui.api.template import PLACEHOLDER
from mailgui.api.tree import first
from mailgui.api.webhook_definition import Signature, Webhooks
from mailgui.api.webhook_keys import from_base64
from mailgui.api.webhook_request import BodyProblem, WebhookRequest, form_pairs, read_json, value_at

_MOST_SIGNATURES = 16  # a header may have several while a key is being changed
_MD5 = re.compile(r"[0-9a-fA-F]{32}")


class SignatureProblem(ValueError):
    """The signature of a request cannot be one; the text is a sentence."""


def signature_text(webhooks: Webhooks, request: WebhookRequest) -> str:
    """Return the signature as the request writes it, "" where it has none."""
    signature = webhooks.signature
    if signature.header:
        return request.header(signature.header)
    return value_at(request, signature.path, webhooks.form_field)


def given_signatures(signature: Signature, text: str) -> list[bytes]:
    """Return the signatures in ``text``, decoded. Raises SignatureProblem when there is none."""
    parts = text.split()[:_MOST_SIGNATURES] if signature.prefix else [text.strip()]
    wanted = [p.removeprefix(signature.prefix) for p in parts if p.startswith(signature.prefix)]
    if not wanted:
        raise SignatureProblem(
            f"No signature begins with {signature.prefix}, the version that is known here."
        )
    found = [decoded for part in wanted if (decoded := _decode(signature, part))]
    if not found:
        raise SignatureProblem(f"The signature is not {signature.encoding}: it was cut or changed.")
    return found


def _decode(signature: Signature, text: str) -> bytes | None:
    if signature.encoding == "base64":
        return from_base64(text)
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        return None


def encode(signature: Signature, octets: bytes) -> str:
    """Return a signature as a request writes it."""
    if signature.encoding == "base64":
        return signature.prefix + binascii.b2a_base64(octets, newline=False).decode()
    return signature.prefix + octets.hex()


def signed_content(webhooks: Webhooks, request: WebhookRequest) -> bytes:
    """Return the octets that are signed. Raises BodyProblem when they cannot be put together."""
    signature = webhooks.signature
    pieces: list[bytes] = []
    position = 0
    for match in PLACEHOLDER.finditer(signature.content):
        pieces.append(signature.content[position : match.start()].encode())
        pieces.append(_piece(match[1], webhooks, request))
        position = match.end()
    pieces.append(signature.content[position:].encode())
    return b"".join(pieces)


def _piece(name: str, webhooks: Webhooks, request: WebhookRequest) -> bytes:
    signature = webhooks.signature
    if name == "body":
        return request.body
    if name == "url":
        return request.url.encode("utf-8", "surrogateescape")
    if name == "form":
        pairs = sorted(form_pairs(request), key=lambda pair: pair[0])
        return "".join(name + value for name, value in pairs).encode("utf-8", "surrogatepass")
    place = signature.timestamp if name == "timestamp" else signature.id
    return value_at(request, place, webhooks.form_field).encode("utf-8", "surrogateescape")


def mac(signature: Signature, key: bytes, content: bytes) -> bytes:
    """Return the HMAC of ``content``."""
    return hmac.new(key, content, signature.digest).digest()


def md5_of(webhooks: Webhooks, request: WebhookRequest, key: str) -> tuple[str, str]:
    """Return the digest in the body, and the one that is due: of the body with the key in place
    of the digest. Raises BodyProblem and SignatureProblem.
    """
    given = first(read_json(request.body), webhooks.signature.path)
    if not isinstance(given, str) or not _MD5.fullmatch(given):
        raise SignatureProblem("The digest in the body is not an MD5 one: it was cut or changed.")
    marked, keyed = given.encode(), key.strip().encode()
    if request.body.count(marked) != 1:
        raise BodyProblem("The digest stands in the body more than once.")
    body = request.body.replace(marked, keyed)
    return given.lower(), hashlib.md5(body, usedforsecurity=False).hexdigest()

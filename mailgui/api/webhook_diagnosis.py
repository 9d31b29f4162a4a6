"""Why a webhook's signature is wrong, as far as that can be told, and what was seen before."""

import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.api.webhook_content import mac, md5_of, signature_text, signed_content
from mailgui.api.webhook_keys import from_base64
from mailgui.api.webhook_request import BodyProblem, WebhookRequest
from mailgui.api.webhook_verdict import Reason, Verification, forged

if TYPE_CHECKING:
    from mailgui.api.webhook_verify import Case

_MOST = 2_000
_BIGGEST_TRIED = 256 * 1024  # octets: bodies beyond this are not rewritten to find the fault


class Memory:
    """Signatures and keys that were seen, bounded; no key is kept, only digests."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    def note(self, case: "Case", *, genuine: bool) -> bool:
        """Remember a request; return whether the same one was seen before.

        A genuine one also proves its key; one that is not must not claim a signature as its own.
        """
        sign = self._sign(case)
        same = sign is not None and self._seen.get(sign) == _fingerprint(case.request)
        if genuine:
            if sign is not None:
                self._seen[sign] = _fingerprint(case.request)
            self._proven[_key_digest(case)] = None
            for kept in (self._seen, self._proven):
                while len(kept) > _MOST:
                    kept.popitem(last=False)
        return same

    def is_anothers(self, case: "Case") -> bool:
        """Return whether the signature came before, with another body."""
        before = self._seen.get(self._sign(case) or ("", ""))
        return before is not None and before != _fingerprint(case.request)

    def has_proven(self, case: "Case") -> bool:
        """Return whether the key has verified another request."""
        return _key_digest(case) in self._proven

    @staticmethod
    def _sign(case: "Case") -> tuple[str, str] | None:
        if case.signature.scheme in {"basic", "token"}:
            return None
        text = signature_text(case.webhooks, case.request)
        return (case.provider.id, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())


def why_wrong(
    case: "Case", given: Sequence[bytes], fits: Callable[[bytes, bytes], bool]
) -> Verification:
    """Return the verdict on a request whose signature does not fit, with what can be told of it.

    ``fits`` tells whether a signature is one of some content, by the key that is known.
    """
    found = _altered(case, given, fits) or _other_key(case, given)
    if found is not None:
        return found
    if case.memory is not None and case.memory.is_anothers(case):
        sentence = "This signature belongs to a request that came before, with other content."
        return forged(Reason.REPLAYED, sentence)
    if case.signature.signs_body and case.memory is not None and case.memory.has_proven(case):
        sentence = (
            "The key has verified other requests, so it is right: the content was altered after "
            "signing."
        )
        return forged(Reason.ALTERED_BODY, sentence)
    if not case.signature.signs_body:
        label = case.signature.key_label.lower()
        sentence = f"It was signed with another key than this {label}, or its token was altered."
        return forged(Reason.WRONG_KEY, sentence)
    return forged(
        Reason.MISMATCH,
        "The signature does not fit: the content was altered after signing, or it was signed with "
        "another key. A genuine request that is checked first would tell which.",
    )


def _altered(
    case: "Case", given: Sequence[bytes], fits: Callable[[bytes, bytes], bool]
) -> Verification | None:
    """Return a verdict where the body is to blame: its length is wrong, or it fits rewritten."""
    if not case.signature.signs_body:
        return None
    length = case.request.header("content-length")
    if length.isascii() and length.isdigit() and int(length[:18]) != len(case.request.body):
        sentence = (
            f"The body was altered: it has {len(case.request.body):,} octets, and Content-Length "
            f"says {int(length[:18]):,}."
        )
        return forged(Reason.ALTERED_BODY, sentence)
    for how, body in _rewritten(case.request.body):
        rewritten = replace(case.request, body=body)
        if _fits(case, rewritten, given, fits):
            sentence = f"The body was altered on its way: the signature fits {how}."
            return forged(Reason.ALTERED_BODY, sentence + " Use the octets as they came.")
    return None


def _fits(
    case: "Case",
    request: WebhookRequest,
    given: Sequence[bytes],
    fits: Callable[[bytes, bytes], bool],
) -> bool:
    if case.signature.scheme == "md5_in_body":
        try:
            there, due = md5_of(case.webhooks, request, case.key)
        except ValueError:
            return False
        return hmac.compare_digest(there, due)
    try:
        content = signed_content(case.webhooks, request)
    except BodyProblem:
        return False
    return any(fits(each, content) for each in given)


def _rewritten(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what may have been the body before something changed its form."""
    if len(body) > _BIGGEST_TRIED:
        return
    yield "without the blanks at its ends", body.strip()
    yield "with a line break at its end", body + b"\n"
    yield "with a line break (CRLF) at its end", body.rstrip() + b"\r\n"
    unix = body.replace(b"\r\n", b"\n")
    yield "with LF as line breaks", unix
    yield "with CRLF as line breaks", unix.replace(b"\n", b"\r\n")
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return
    layouts: tuple[tuple[str, tuple[str, str] | None, int | None], ...] = (
        ("without blanks in its JSON", (",", ":"), None),
        ("with a blank after each comma and colon of its JSON", (", ", ": "), None),
        ("with its JSON indented", None, 2),
    )
    for how, separators, indent in layouts:
        for ascii_only in (False, True):
            text = json.dumps(tree, separators=separators, indent=indent, ensure_ascii=ascii_only)
            for octets in (text, text.replace("/", "\\/")):
                yield how, octets.encode("utf-8", "surrogatepass")


def _other_key(case: "Case", given: Sequence[bytes]) -> Verification | None:
    """Return a verdict where an HMAC fits a key that was taken otherwise than it has to be."""
    signature = case.signature
    if signature.scheme != "hmac":
        return None
    content = signed_content(case.webhooks, case.request)
    text = case.key.strip()
    bare = text.removeprefix(signature.key_prefix)
    readings = [
        ("as text, not as base64", text.encode()),
        ("as text without its beginning", bare.encode()),
        ("as base64", from_base64(bare) or b""),
        ("with the blanks around it", case.key.encode()),
    ]
    for how, key in readings:
        if key and any(hmac.compare_digest(each, mac(signature, key, content)) for each in given):
            sentence = f"The signature fits when the key is read {how}: whoever signed this reads "
            return forged(Reason.WRONG_KEY, sentence + f"it otherwise than {case.provider.name}.")
    return None


def _fingerprint(request: WebhookRequest) -> bytes:
    return hashlib.sha256(request.body).digest()


def _key_digest(case: "Case") -> bytes:
    return hashlib.sha256(f"{case.provider.id}\0{case.key.strip()}".encode()).digest()

"""Every DKIM signature of a received message checked: RFC 6376, section 6; RFC 8301; RFC 8463.

MailGUI checks signatures itself, on ``cryptography``: a library's yes or no would not tell the
reason, nor a missing key from a name server that is silent.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mailgui.domain.dkim_canonical import canonical_body, select_fields, signed_octets
from mailgui.domain.dkim_explain import explain_body, explain_header
from mailgui.domain.dkim_key import DkimKey
from mailgui.domain.dkim_lookup import FoundKeys, Unusable, find_keys, missing, unfit, verifies
from mailgui.domain.dkim_signature import Signature, SignatureKind, parse_signature
from mailgui.domain.questions import Asker
from mailgui.message.raw_message import RawMessage
from mailgui.transcript import visible

MAX_EXPLAINED = 4
MAX_SIGNATURES = 50  # beyond, a message is an attack on its reader (RFC 6376, section 8.4)


@dataclass(frozen=True, slots=True)
class DkimResult:
    """What came of one signature.

    Attributes:
        result: ``pass``, ``fail``, ``policy``, ``temperror`` or ``permerror`` (RFC 8601, 2.7.1).
        reason: why, in plain words.
        hint: what may have changed on the way, where that could be found out; else empty.
        bits: the key's size; None where there is no readable key.
        testing: the key says ``t=y``.
        unsigned_octets: how much of the body ``l=`` leaves open.
        extra_names: names in ``h=`` beyond what the message has, signed as absent.
        record: the key's record.
    """

    signature: Signature
    result: str
    reason: str
    hint: str = ""
    bits: int | None = None
    testing: bool = False
    unsigned_octets: int = 0
    extra_names: tuple[str, ...] = ()
    record: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the signature holds."""
        return self.result == "pass"

    def to_json_dict(self) -> dict[str, object]:
        """Return the signature in the shape of the ``verify`` document's ``dkim``."""
        made = self.signature
        return {
            "result": self.result,
            "domain": visible(made.domain) or None,
            "selector": visible(made.selector) or None,
            "algorithm": visible(made.algorithm) or None,
            "bits": self.bits,
            "reason": self.reason,
            "hint": self.hint,
            "identity": visible(made.identity) or None,
            "canonicalization": made.canonicalization,
            "headers": [visible(name.decode("utf-8", "replace")) for name in made.headers],
            "extra_headers": list(self.extra_names),
            "length": made.length,
            "unsigned_octets": self.unsigned_octets,
            "timestamp": _moment(made.timestamp),
            "expires": _moment(made.expires),
            "testing": self.testing,
            "key_name": visible(made.key_name) if made.domain and made.selector else None,
            "key_record": None if self.record is None else visible(self.record),
        }


async def verify_signatures(
    message: RawMessage, asker: Asker, *, at: datetime | None = None
) -> tuple[DkimResult, ...]:
    """Return what came of each DKIM-Signature, topmost first.

    ``at`` is when the message was received, which ``x=`` is held against; now, if None.
    """
    fields = message.all("dkim-signature")[:MAX_SIGNATURES]
    signatures = [parse_signature(field) for field in fields]
    return await check_all(message, signatures, asker, at=at)


async def check_all(
    message: RawMessage,
    signatures: Sequence[Signature],
    asker: Asker,
    *,
    at: datetime | None = None,
) -> tuple[DkimResult, ...]:
    """Return what came of each of these, whose kind is DKIM or AMS. Hashing is off the loop."""
    names = list(dict.fromkeys(s.key_name for s in signatures if not s.faults))
    answers = await asyncio.gather(*(find_keys(name, asker) for name in names))
    keys = dict(zip(names, answers, strict=True))
    moment = at or datetime.now(UTC)

    def work() -> tuple[DkimResult, ...]:
        bodies = _Bodies(message.body)
        checks = (
            _Check(message, s, bodies, moment, explain=number < MAX_EXPLAINED)
            for number, s in enumerate(signatures)
        )
        return tuple(_best(check, keys.get(check.signature.key_name)) for check in checks)

    return await asyncio.to_thread(work)


def _best(check: "_Check", found: FoundKeys | None) -> DkimResult:
    signature = check.signature
    result = check.run(found)
    if result.result != "fail" or signature.kind is not SignatureKind.AMS:
        return result
    if signature.tags.get("c") is not None:
        return result
    # By the letter a missing c= means simple/simple, as in DKIM; sealers in the field mean relaxed.
    check.signature = replace(signature, relaxed_header=True, relaxed_body=True)
    other = check.run(found)
    return other if other.passed else result


class _Bodies:
    """The canonical bodies of one message and their hashes, each made once."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._made: dict[bool, bytes] = {}
        self._hashes: dict[tuple[bool, int | None], bytes] = {}

    def size(self, relaxed: bool) -> int:
        return len(self._get(relaxed))

    def digest(self, relaxed: bool, length: int | None) -> bytes:
        key = (relaxed, length)
        if key not in self._hashes:
            whole = memoryview(self._get(relaxed))
            self._hashes[key] = hashlib.sha256(whole[:length]).digest()
        return self._hashes[key]

    def _get(self, relaxed: bool) -> bytes:
        if relaxed not in self._made:
            self._made[relaxed] = canonical_body(self._body, relaxed)
        return self._made[relaxed]


class _Check:
    """One signature's way through the rules, in the order of the standard.

    Attributes:
        signature: the one that is checked.
        explain: whether to find out what was changed, which takes time.
    """

    def __init__(
        self,
        message: RawMessage,
        signature: Signature,
        bodies: _Bodies,
        moment: datetime,
        *,
        explain: bool,
    ) -> None:
        self._message, self.signature, self._explain = message, signature, explain
        self._bodies, self._moment = bodies, moment

    def run(self, found: FoundKeys | None) -> DkimResult:
        made = self.signature
        if made.faults:
            return DkimResult(made, "permerror", made.faults[0])
        assert found is not None  # noqa: S101 - asked for wherever there are no faults
        unusable = missing(found)
        if unusable is not None:
            return DkimResult(made, unusable.result, unusable.reason)
        results = [
            self._with_key(key, record)
            for key, record in zip(found.keys, found.records, strict=True)
        ]
        # With several records a verifier may try each (section 6.1.2, step 3).
        best = next((r for r in results if r.passed), None) or _most_telling(results)
        if len(results) > 1:
            several = f" {len(results)} records stand at {visible(made.key_name)}; one is allowed."
            best = replace(best, reason=best.reason + several)
        return best

    def _with_key(self, key: DkimKey, record: str) -> DkimResult:
        made = self.signature
        result = DkimResult(
            made,
            "pass",
            "",
            bits=key.bits,
            testing=key.testing,
            unsigned_octets=self._unsigned_octets(),
            extra_names=self._extra_names(),
            record=record,
        )
        unusable = unfit(key, made) or self._expired()
        if unusable is not None:
            return replace(result, result=unusable.result, reason=unusable.reason)
        return self._checked(result, key)

    def _checked(self, result: DkimResult, key: DkimKey) -> DkimResult:
        made = self.signature
        if self._bodies.digest(made.relaxed_body, made.length) != made.body_hash:
            hint = explain_body(self._message, made) if self._explain else ""
            return self._failed(result, "The body was changed after it was signed.", hint)
        size = self._bodies.size(made.relaxed_body)
        if made.length is not None and made.length > size:
            # Section 3.5: l= must not be more than there is.
            reason = f"l={made.length} is more than the body's {size} octets."
            return replace(result, result="permerror", reason=reason)
        selected = select_fields(self._message.fields, made.headers, but=made.field)
        if not verifies(key, made, signed_octets(selected, made.field, made.relaxed_header)):
            hint = explain_header(self._message, made, key) if self._explain else ""
            reason = "The body is as it was signed; a signed header field, or the key, is not."
            return self._failed(result, reason, hint)
        return replace(result, reason=self._good(result))

    def _good(self, result: DkimResult) -> str:
        made = self.signature
        if result.unsigned_octets:
            left = f"{result.unsigned_octets:,} octets at the end of the body are not"
            return f"The signature holds, but {left} signed (l={made.length})."
        if made.expires is not None and made.expires < datetime.now(UTC).timestamp():
            when = _moment(made.expires)
            return f"The signature held when the message arrived; it has expired since, {when}."
        return "The signature holds: what it covers is as it was signed."

    def _failed(self, result: DkimResult, reason: str, hint: str) -> DkimResult:
        if result.testing:
            reason += " The key is in test mode (t=y): receivers take the message as unsigned."
        return replace(result, result="fail", reason=reason, hint=hint)

    def _expired(self) -> Unusable | None:
        expires = self.signature.expires
        if expires is None or expires >= self._moment.timestamp():
            return None
        arrived = f"{self._moment:%Y-%m-%d %H:%M} UTC"
        return Unusable(
            "fail", f"The signature expired {_moment(expires)}, before {arrived}, when it counted."
        )

    def _unsigned_octets(self) -> int:
        length = self.signature.length
        if length is None:
            return 0
        return max(0, self._bodies.size(self.signature.relaxed_body) - length)

    def _extra_names(self) -> tuple[str, ...]:
        names = self.signature.headers
        left = {name: len(self._message.all(name.decode("latin-1"))) for name in names}
        extra = []
        for name in names:
            left[name] -= 1
            if left[name] < 0 and name:
                extra.append(visible(name.decode("utf-8", "replace")))
        return tuple(dict.fromkeys(extra))


def _most_telling(results: list[DkimResult]) -> DkimResult:
    order = ("fail", "policy", "permerror")
    return min(results, key=lambda result: order.index(result.result))


def _moment(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"

"""Why a signature fails: what was changed on the way, where trying it out can tell.

A hash that does not match says only that something differs. Undoing what lists, gateways and
editors usually do, one thing at a time, tells which of it was done. Bounded in octets and tries.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from mailgui.domain.dkim_canonical import canonical_body, select_fields, signed_octets
from mailgui.domain.dkim_key import DkimKey
from mailgui.domain.dkim_lookup import verifies
from mailgui.domain.dkim_signature import Signature
from mailgui.message.raw_message import Field, RawMessage
from mailgui.transcript import visible

_MOST_OCTETS = 8 * 1024 * 1024  # of a body, for the simple tries
_MOST_OCTETS_INSIDE = 256 * 1024  # for the tries at every boundary
_MOST_OCTETS_OF_HEADER = 256 * 1024  # of all fields; each try checks a signature over them
_MOST_LINES = 200_000  # of a body, for the tries at the end of each
_LONGEST_FOOTER = 40  # lines
_MOST_BOUNDARIES = 8
_MOST_FIELDS = 40  # that are tried, and subjects as many
_TAG = re.compile(rb"(?i)\A(\s*(?:(?:re|fwd?|aw):\s*)?)\[[^\]\r\n]{1,60}\]\s*")


def explain_body(message: RawMessage, signature: Signature) -> str:
    """Return what seems to have been done to the body, one sentence, or ""."""
    if signature.length is not None or len(message.body) > _MOST_OCTETS:
        return ""
    for sentence, body in _whole_bodies(message):
        if _matches(body, signature):
            return sentence
    relaxed = signature.relaxed_body
    if not relaxed and _hash(canonical_body(message.body, True)) == signature.body_hash:
        return "The hash is that of relaxed canonicalisation, though c= says simple."
    lines = canonical_body(message.body, relaxed).split(b"\r\n")
    kept = _without_end(lines, signature)
    if kept is not None:
        return _added(lines[kept:], "at the end")
    removed = _without_middle(lines, signature)
    if removed is not None:
        return _added(removed, "inside")
    return ""


def explain_header(message: RawMessage, signature: Signature, key: DkimKey) -> str:
    """Return what seems to have been done to the header, one sentence, or ""."""

    def holds(fields: Sequence[Field], relaxed: bool) -> bool:
        selected = select_fields(fields, signature.headers, but=signature.field)
        return verifies(key, signature, signed_octets(selected, signature.field, relaxed))

    fields = message.fields
    if sum(len(field.raw) for field in fields) > _MOST_OCTETS_OF_HEADER:
        return ""
    if holds(fields, not signature.relaxed_header):
        other = "relaxed" if not signature.relaxed_header else "simple"
        return f"It would hold with {other} canonicalisation of the header, which c= does not say."
    for sentence, changed in _other_fields(fields, signature):
        if holds(changed, signature.relaxed_header):
            return sentence
    return _copied(message, signature)


def _hash(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def _matches(body: bytes, signature: Signature) -> bool:
    return _hash(canonical_body(body, signature.relaxed_body)) == signature.body_hash


def _whole_bodies(message: RawMessage) -> Iterator[tuple[str, bytes]]:
    """Yield the body with one thing undone that was perhaps done to all of it."""
    body = message.body
    yield (
        "White space at the ends of lines was removed or added.",
        b"\r\n".join(line.rstrip(b" \t") for line in body.split(b"\r\n")),
    )
    yield (
        "Lines that began with “From ” were given a “>” by an mbox file.",
        body.replace(b"\r\n>From ", b"\r\nFrom "),
    )
    yield (
        "Lines that began with a dot lost it or got another on the way.",
        body.replace(b"\r\n..", b"\r\n."),
    )
    if message.converted:
        yield (
            "It was signed with bare LF line ends, which SMTP does not carry.",
            body.replace(b"\r\n", b"\n"),
        )
    yield ("Bare CRs became line ends, or were lost.", body.replace(b"\r\r\n", b"\r\n"))
    yield from _recoded(message)


def _recoded(message: RawMessage) -> Iterator[tuple[str, bytes]]:
    """Yield the body as it was before a server changed its transfer encoding."""
    import base64
    import binascii
    import quopri

    encoding = (message.first("content-transfer-encoding") or "").lower()
    sentence = f"A server on the way re-encoded the body as {encoding}."
    if encoding == "quoted-printable":
        yield sentence, quopri.decodestring(message.body)
    elif encoding == "base64":
        try:
            decoded = base64.b64decode(message.body)
        except (binascii.Error, ValueError):
            return
        yield sentence, decoded


def _without_end(lines: Sequence[bytes], signature: Signature) -> int | None:
    """Return how many lines from the start make the body that was signed, or None."""
    if len(lines) > _MOST_LINES:
        return None
    hasher = hashlib.sha256()
    waiting = 0  # empty lines, which count only where something follows
    for number, line in enumerate(lines):
        if not line:
            waiting += 1
            continue
        hasher.update(b"\r\n" * waiting + line + b"\r\n")
        waiting = 0
        if hasher.copy().digest() == signature.body_hash:
            return number + 1
    if hashlib.sha256(canonical_body(b"", signature.relaxed_body)).digest() == signature.body_hash:
        return 0
    return None


def _without_middle(lines: Sequence[bytes], signature: Signature) -> list[bytes] | None:
    """Return the lines that were put before a boundary of MIME, or None."""
    if sum(map(len, lines)) > _MOST_OCTETS_INSIDE:
        return None
    octets = memoryview(b"\r\n".join(lines))
    starts = [0, *accumulate(len(line) + 2 for line in lines)]  # where each line begins
    boundaries = [number for number, line in enumerate(lines) if line.startswith(b"--")]
    for end in boundaries[-_MOST_BOUNDARIES:]:
        first = max(0, end - _LONGEST_FOOTER)
        before = hashlib.sha256(octets[: starts[first]])
        for start in range(first, end):
            tried = before.copy()
            tried.update(octets[starts[first] : starts[start]])
            tried.update(octets[starts[end] :])
            if tried.digest() == signature.body_hash:
                return list(lines[start:end])
    return None


def _added(lines: Sequence[bytes], where: str) -> str:
    told = [line for line in lines if line.strip()]
    count = len(told)
    beginning = visible(told[0].decode("utf-8", "replace").strip()[:60]) if told else ""
    noun = "line was" if count == 1 else "lines were"
    quoted = f", beginning “{beginning}”" if beginning else ""
    added = f"{count or 'Empty'} {noun} added {where} of the body{quoted}"
    return f"{added}: the footer of a list or gateway?"


def _other_fields(
    fields: Sequence[Field], signature: Signature
) -> Iterator[tuple[str, list[Field]]]:
    """Yield the fields with one thing undone, and what that would mean."""
    signed = set(signature.headers)
    tries = 0
    for index, field in enumerate(fields):
        if field.name == b"subject" and field.name in signed and tries < _MOST_FIELDS:
            tries += 1
            for changed in _other_subjects(field):
                yield (
                    "The subject was given a tag in square brackets, as lists do.",
                    [*fields[:index], changed, *fields[index + 1 :]],
                )
    tries = 0
    for index, field in enumerate(fields):
        if field.name not in signed or field is signature.field or tries == _MOST_FIELDS:
            continue
        tries += 1
        name = visible(field.raw.partition(b":")[0].decode("utf-8", "replace"))
        yield f"A field {name} was added on the way.", [*fields[:index], *fields[index + 1 :]]


def _other_subjects(field: Field) -> Iterator[Field]:
    name, _, value = field.raw.partition(b":")
    if _TAG.match(value):
        yield Field(field.name, name + b":" + _TAG.sub(rb"\1", value))
        yield Field(field.name, name + b": " + _TAG.sub(rb"\1", value).lstrip())


def _copied(message: RawMessage, signature: Signature) -> str:
    """Return which fields differ from the copies in ``z=`` (RFC 6376, section 3.5)."""
    copies = signature.tags.get("z")
    if not copies:
        return ""
    changed = []
    for part in copies.split("|")[:_MOST_FIELDS]:
        name, colon, value = part.partition(":")
        now = message.all(name.strip())
        if not colon or not now:
            continue
        then = _squeezed(_unquoted(value))
        if all(_squeezed(field.text) != then for field in now[-_MOST_FIELDS:]):
            changed.append(visible(name.strip()))
    if not changed:
        return ""
    return f"Compared with the copies in z=, these fields were changed: {', '.join(changed)}."


def _unquoted(value: str) -> str:
    """DKIM's own quoted-printable (RFC 6376, section 2.11)."""
    bare = re.sub(r"\s+", "", value)
    octets = re.sub(
        rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), bare.encode("utf-8", "replace")
    )
    return octets.decode("utf-8", "replace")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)

"""Header fields: checked, encoded and folded.

The limits and the choice between ASCII and UTF-8 come from ``email.policy`` (``SMTP``, or
``SMTPUTF8`` when an address needs it). The folding is MailGUI's own, because the one of
``email.policy`` changes values: it breaks long message ids into encoded words and reads a typed
``=?…?=`` as if it had been encoded. Its parser is the judge of ours in the tests.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from typing import TypeAlias
from urllib.parse import quote

from mailgui.message.addresses import ascii_domain, check_address, check_name, parse_addresses
from mailgui.message.draft import Address, DraftProblem
from mailgui.transcript import visible

Policy: TypeAlias = "policy.EmailPolicy[EmailMessage]"
ASCII: Policy = policy.SMTP
UTF8: Policy = policy.SMTPUTF8

OWN_FIELD = {
    "from": "From",
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "reply-to": "Reply-To",
    "subject": "Subject",
    "date": "Date",
    "message-id": "Message-ID",
}
"""Names that have a field of their own in a draft, so that nobody writes one of them twice."""

RESERVED = frozenset(
    {
        *OWN_FIELD,
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "return-path",
        "resent-bcc",
    }
)
"""Names that an author's own header may not have, in lower case."""

_WHY_RESERVED = {
    "return-path": "is written by the server that delivers the message",
    "resent-bcc": "would be seen by every recipient",
}
_ADDRESS_FIELDS = frozenset(
    {"sender", "resent-from", "resent-sender", "resent-to", "resent-cc", "errors-to"}
    | {"disposition-notification-to", "return-receipt-to"}
)
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_ENCODED_WORD = 75  # RFC 2047 section 2
_ENCODED_LINE = 76
_NAME = re.compile(r"[!-9;-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ \u00a1-\U0010ffff-]+")
_BREAKS = re.compile(r"[\r\n\0\ud800-\udfff]")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_PLAIN_PARAMETER = re.compile(r"(?! )[A-Za-z0-9 !#$&()+,./:;<=>@\[\]^_`{|}~-]{1,60}(?<! )")


def check_text(text: str, field: str, what: str) -> str:
    """Return ``text`` if it can stand in a header; DraftProblem in ``field`` if it breaks lines.

    CR, LF and NUL are how headers are injected, so none of them is repaired in silence.
    """
    found = _BREAKS.search(text)
    if not found:
        return text
    names = {"\r": "a line break", "\n": "a line break", "\0": "a NUL character"}
    name = names.get(found.group(), "a half of a character")
    raise DraftProblem(field, f"{what} holds {name}, which no header may; take it out.")


def check_own_header(name: str, value: str) -> None:
    """Raise DraftProblem unless an author's own header may be sent as it is."""
    if not _NAME.fullmatch(name):
        raise DraftProblem(
            "headers",
            f"“{visible(name)}” is not a header's name: use letters, digits and hyphens only.",
        )
    lower = name.lower()
    if lower in OWN_FIELD:
        raise DraftProblem("headers", f"{name} has a field of its own; fill it in there.")
    if lower in RESERVED:
        reason = _WHY_RESERVED.get(lower, "is written by MailGUI itself")
        raise DraftProblem("headers", f"{name} cannot be set: it {reason}.")
    check_text(value, "headers", f"The header {name}")


def own_header(name: str, value: str, rules: Policy) -> bytes:
    """Return an author's own header, folded; address headers are encoded as such."""
    check_own_header(name, value)
    if name.lower() in _ADDRESS_FIELDS:
        # Where it is no list of addresses after all, it goes out as the text it is.
        with suppress(DraftProblem):
            return addresses(name, parse_addresses(value, "headers"), rules, "headers")
    return unstructured(name, value, rules)


def unstructured(name: str, text: str, rules: Policy) -> bytes:
    """Return a header of free text, encoded where it must be (RFC 2047 section 5 (1)).

    Only the stretch of words that needs it is encoded; the rest stays readable.
    """
    words = text.split(" ")
    need = [index for index, word in enumerate(words) if _needs_encoding(word, rules)]
    if need and text:
        first, last = need[0], need[-1] + 1
        room = _ENCODED_LINE - len(name) - 2
        words[first:last] = encoded_words(" ".join(words[first:last]), room)
    return fold(name, words, rules)


def addresses(name: str, mailboxes: Sequence[Address], rules: Policy, field: str) -> bytes:
    """Return a header of mailboxes (RFC 5322 section 3.4). Raises DraftProblem in ``field``."""
    tokens: list[str] = []
    for mailbox in mailboxes:
        tokens += _mailbox(mailbox, rules, field, _ENCODED_LINE - len(name) - 2)
        tokens[-1] += ","
    tokens[-1] = tokens[-1][:-1]
    return fold(name, tokens, rules)


def parameters(name: str, value: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return a MIME header with parameters, in RFC 2231's form where a value needs it."""
    tokens = [value]
    for key, text in pairs:
        for token in _parameter(key, text):
            tokens[-1] += ";"
            tokens.append(token)
    return fold(name, tokens, ASCII)


def content_type_of_file(content_type: str, filename: str, extra: tuple[str, str] | None) -> bytes:
    """Return the Content-Type header of an attachment.

    A name that RFC 2231 encodes stands here once more in encoded words: the fallback that
    programs without RFC 2231 read. A plain ``filename`` beside ``filename*`` would not do: many
    readers, Python's among them, would take that one and lose the real name.
    """
    tokens = [content_type]
    if extra:
        tokens[-1] += ";"
        tokens.append(f'{extra[0]}="{extra[1]}"')
    tokens[-1] += ";"
    if _PLAIN_PARAMETER.fullmatch(filename):
        tokens.append(f'name="{filename}"')
    else:
        words = encoded_words(filename, _ENCODED_LINE - len('name=""') - 3)
        words[0] = f'name="{words[0]}'
        words[-1] += '"'
        tokens += words
    return fold("Content-Type", tokens, ASCII)


def fold(name: str, tokens: Iterable[str], rules: Policy) -> bytes:
    """Return one field with CRLFs, broken between tokens only (RFC 5322 section 2.2.3)."""
    limit = rules.max_line_length or _LONGEST_LINE
    lines = [f"{name}:"]
    for index, token in enumerate(tokens):
        fits = len(lines[-1].encode()) + 1 + len(token.encode()) <= limit
        # Nothing but blanks would be left on one side of the fold: RFC 5322 forbids such a line.
        if fits or index == 0 or not token or not lines[-1].strip():
            lines[-1] += f" {token}"
        else:
            lines.append(f" {token}")
    return rules.linesep.join([*lines, ""]).encode("utf-8")


def encoded_words(text: str, room: int = _ENCODED_WORD) -> list[str]:
    """Return ``text`` as encoded words of at most ``room`` characters, never cutting a character.

    Q where that is shorter, B where it is not; both are safe in phrases too (RFC 2047 section 5).
    """
    octets = text.encode("utf-8")
    as_q = sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in octets)
    use_q = as_q <= (len(octets) + 2) // 3 * 4
    room = min(max(room, 40), _ENCODED_WORD) - len("=?utf-8?q??=")
    words, chunk, used = [], bytearray(), 0
    for char in text:
        piece = char.encode("utf-8")
        cost = len(_q(piece)) if use_q else len(piece)
        if chunk and used + cost > (room if use_q else room // 4 * 3):
            words.append(bytes(chunk))
            chunk, used = bytearray(), 0
        chunk += piece
        used += cost
    words.append(bytes(chunk))
    if use_q:
        return [f"=?utf-8?q?{_q(word)}?=" for word in words]
    return [f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words]


def _q(octets: bytes) -> str:
    return "".join(
        chr(octet) if octet in _Q_SAFE else "_" if octet == 0x20 else f"={octet:02X}"
        for octet in octets
    )


def _needs_encoding(word: str, rules: Policy) -> bool:
    """Whether a word, cut at single blanks, would be changed on its way; empty ones would."""
    return (
        not word
        or "=?" in word
        or not word.isprintable()
        or not (rules.utf8 or word.isascii())
        or len(word.encode()) > _LONGEST_LINE - 200
    )


def _mailbox(mailbox: Address, rules: Policy, field: str, room: int) -> list[str]:
    address = check_address(mailbox.address, field)
    if not rules.utf8:
        address = ascii_domain(address)
    if not mailbox.name:
        return [address]
    name = check_name(mailbox.name, field)
    return [*_phrase(name, rules, room), f"<{address}>"]


def _phrase(name: str, rules: Policy, room: int) -> list[str]:
    if "=?" in name or not name.isprintable() or not (rules.utf8 or name.isascii()):
        return encoded_words(name, room)
    if _ATOMS.fullmatch(name) and name.split() == name.split(" "):
        return name.split(" ")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return [f'"{escaped}"'] if len(escaped) <= _ENCODED_LINE else encoded_words(name, room)


def _parameter(key: str, text: str) -> list[str]:
    if _PLAIN_PARAMETER.fullmatch(text):
        return [f'{key}="{text}"']
    pieces, piece = [], ""
    for char in text:
        escaped = quote(char, safe="")
        if len(piece) + len(escaped) > 54 - len(key):
            pieces.append(piece)
            piece = ""
        piece += escaped
    pieces.append(piece)
    if len(pieces) == 1:
        return [f"{key}*=utf-8''{pieces[0]}"]
    return [f"{key}*0*=utf-8''{pieces[0]}"] + [
        f"{key}*{number}*={more}" for number, more in enumerate(pieces[1:], 1)
    ]

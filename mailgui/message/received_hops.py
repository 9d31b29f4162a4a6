"""The way a message took: its Received fields read, oldest first (RFC 5321, section 4.4).

Servers write these fields each in its own manner; what can be told is told, and the field itself
is kept beside it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from mailgui.message.raw_message import Field

_CLAUSES = ("from", "by", "via", "with", "id", "for")
_MOST_OCTETS = 8_000  # of one field
_ADDRESS = re.compile(r"\[?(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]?", re.IGNORECASE)
_TLS = re.compile(r"\bTLS[ _]?v?(1)(?:[._](\d))?\b", re.IGNORECASE)
_SSL = re.compile(r"\bSSLv?(\d)\b", re.IGNORECASE)
_CIPHER = re.compile(
    r"\b((?:TLS|ECDHE|DHE|AES\d*|ADH|AECDH|RSA|CAMELLIA\d*|DES|RC4)[_-][A-Z0-9_-]{4,60})\b"
)
_GREETED = re.compile(r"\b(?:helo|ehlo)[ =]([^\s()]+)", re.IGNORECASE)
_ENVELOPE = re.compile(r"envelope-(?:from|sender)[ =]<?([^\s<>()]*)>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hop:
    """One server's handing on. None or "" stands for what the field does not say.

    Attributes:
        sender: the name that the client greeted with; ``reverse`` the name of its address.
        ip: the client's address.
        by: the server that wrote this.
        protocol: ``ESMTPS`` and the like.
        tls: whether the way to it was encrypted; None where the field does not tell.
        tls_version, cipher: as far as they are told.
        envelope_from: the envelope's sender, where the field tells it.
        time: when; ``delay`` the seconds since the hop before, below zero where clocks disagree.
    """

    sender: str = ""
    reverse: str = ""
    ip: str | None = None
    by: str = ""
    protocol: str = ""
    tls: bool | None = None
    tls_version: str = ""
    cipher: str = ""
    identifier: str = ""
    recipient: str = ""
    envelope_from: str | None = None
    time: datetime | None = None
    delay: float | None = None
    text: str = ""

    @property
    def public_ip(self) -> str | None:
        """The client's address, where it is one of the Internet's and not of a private network."""
        if self.ip is None:
            return None
        address = ip_address(self.ip)
        return self.ip if address.is_global or _is_documentation(address) else None


def read_hops(fields: Sequence[Field]) -> tuple[Hop, ...]:
    """Return the hops of Received fields that come topmost first; the result is oldest first."""
    hops: list[Hop] = []
    before: datetime | None = None
    for field in reversed(fields):
        hop = parse_hop(field.text)
        if hop.time is not None:
            if before is not None:
                hop = replace(hop, delay=(hop.time - before).total_seconds())
            before = hop.time
        hops.append(hop)
    return tuple(hops)


def parse_hop(text: str) -> Hop:
    """Return one Received field's unfolded value parsed; never raises."""
    text = text[:_MOST_OCTETS]
    body, _, date = text.rpartition(";")
    words = list(_tokens(body or text))
    clauses = _clauses(words)
    source, comments = clauses["from"], [word for word in words if word.startswith("(")]
    told = " ".join(comments)
    sender = next((w for w in source if not w.startswith("(")), "")
    inside = " ".join(w for w in source if w.startswith("("))
    greeted = _GREETED.search(inside)
    protocol = _protocol([w for w in clauses["with"] if not w.startswith("(")])
    version = _version(" ".join([told, *clauses["with"]]))
    cipher = _CIPHER.search(" ".join([told, *clauses["with"]]))
    envelope = _ENVELOPE.search(told)
    return Hop(
        sender=greeted[1] if greeted else sender,
        reverse=_reverse(inside, sender if greeted else ""),
        ip=_first_address([sender, *source] if sender.startswith("[") else [inside, sender]),
        by=next((w for w in clauses["by"] if not w.startswith("(")), ""),
        protocol=protocol,
        tls=_encrypted(protocol, version),
        tls_version=version,
        cipher=cipher[1] if cipher else "",
        identifier=next(iter(clauses["id"]), ""),
        recipient=next((w for w in clauses["for"] if not w.startswith("(")), "").strip("<>"),
        envelope_from=envelope[1] if envelope else None,
        time=_time(date) if body else None,
        text=text,
    )


def _tokens(text: str) -> Iterator[str]:
    """Yield words, and comments with their brackets; unclosed ones run to the end."""
    position, end = 0, len(text)
    while position < end:
        char = text[position]
        if char in " \t":
            position += 1
            continue
        start = position
        if char == "(":
            depth = 0
            while position < end:
                depth += {"(": 1, ")": -1}.get(text[position], 0)
                position += 1
                if depth == 0:
                    break
        else:
            while position < end and text[position] not in " \t(":
                position += 1
        yield text[start:position]


def _clauses(words: Sequence[str]) -> dict[str, list[str]]:
    """Return each clause's words and comments, by its keyword; the first of a keyword counts."""
    found: dict[str, list[str]] = {name: [] for name in _CLAUSES}
    current: list[str] = []
    seen: set[str] = set()
    for word in words:
        if word.lower() in found and word.lower() not in seen:
            seen.add(word.lower())
            current = found[word.lower()]
        else:
            current.append(word)
    return found


def _first_address(texts: Sequence[str]) -> str | None:
    for text in texts:
        for match in _ADDRESS.finditer(text):
            try:
                address = ip_address(match[1].rstrip("."))
            except ValueError:
                continue
            mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
            return str(mapped or address)
    return None


def _reverse(inside: str, fallback: str) -> str:
    """Return the name that a server found for the address, which it puts into brackets."""
    for word in _GREETED.sub(" ", inside).replace("(", " ").replace(")", " ").split():
        name = word.rstrip(".")
        if "=" not in name and "." in name and "[" not in name and not _first_address([name]):
            return "" if name.lower() == "unknown" else name
    return "" if fallback.startswith("[") or fallback.lower() == "unknown" else fallback


def _protocol(words: Sequence[str]) -> str:
    """Return RFC 3848's word, or what Exchange writes in its place."""
    return " ".join(words) if words[:1] == ["Microsoft"] else "".join(words[:1])


def _version(text: str) -> str:
    match = _TLS.search(text)
    if match:
        return f"TLSv1.{match[2] or 0}"
    old = _SSL.search(text)
    return f"SSLv{old[1]}" if old else ""


def _encrypted(protocol: str, version: str) -> bool | None:
    """RFC 3848 and 6531: the S of ESMTPS and UTF8SMTPSA tells of TLS."""
    name = protocol.upper()
    if version:
        return True
    if re.fullmatch(r"(?:E|L|UTF8)(?:S|L)?MTP(?:S|SA)|HTTPS", name):
        return True
    return False if re.fullmatch(r"(?:E|L|UTF8)?(?:S|L)?MTPA?", name) and name else None


def _time(text: str) -> datetime | None:
    without = "".join(w + " " for w in _tokens(text.strip()) if not w.startswith("("))
    try:
        when = parsedate_to_datetime(without.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_documentation(address: IPv4Address | IPv6Address) -> bool:
    """RFC 5737 and 3849: examples stand for addresses of the Internet."""
    text = str(address)
    return text.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))

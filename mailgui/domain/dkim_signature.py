"""A signature field read and checked as far as that needs no key.

DKIM-Signature (RFC 6376, section 3.5), ARC-Message-Signature and ARC-Seal (RFC 8617, section 4.1).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum

from mailgui.domain.names import is_host_like, to_ascii
from mailgui.domain.tag_list import TagList, parse_tag_list
from mailgui.message.raw_message import Field
from mailgui.transcript import visible

_SPACE = re.compile(r"[ \t\r\n]+")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LENGTH = re.compile(r"[0-9]{1,76}")
_SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*")
ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
_CANONICAL = ("simple", "relaxed")


class SignatureKind(StrEnum):
    """Which field it is; each has required tags of its own."""

    DKIM = "dkim"
    AMS = "arc message signature"
    SEAL = "arc seal"


_REQUIRED = {
    SignatureKind.DKIM: ("v", "a", "b", "bh", "d", "h", "s"),
    SignatureKind.AMS: ("i", "a", "b", "bh", "d", "h", "s"),
    SignatureKind.SEAL: ("i", "a", "b", "cv", "d", "s"),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature field, read. What could not be read is empty or None and among ``faults``.

    Attributes:
        domain, selector: in lower case, A-labels.
        identity: ``i=``, which is ``@domain`` where it is not given.
        headers: the names of ``h=`` in lower case, in order.
        length: octets of the body that are signed (``l=``), None for all.
        timestamp, expires: seconds since 1970.
        faults: what makes it void, one sentence each.
    """

    kind: SignatureKind
    field: Field
    tags: TagList
    algorithm: str = ""
    domain: str = ""
    selector: str = ""
    identity: str = ""
    headers: tuple[bytes, ...] = ()
    relaxed_header: bool = False
    relaxed_body: bool = False
    value: bytes = b""
    body_hash: bytes = b""
    length: int | None = None
    timestamp: int | None = None
    expires: int | None = None
    faults: tuple[str, ...] = ()

    @property
    def key_name(self) -> str:
        """Where its key stands in the DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def canonicalization(self) -> str:
        """``header/body`` as ``c=`` writes it."""
        return f"{_CANONICAL[self.relaxed_header]}/{_CANONICAL[self.relaxed_body]}"


def parse_signature(field: Field, kind: SignatureKind = SignatureKind.DKIM) -> Signature:
    """Return a signature field read; never raises."""
    return _Reader(field, kind).read()


class _Reader:
    """Reads the tags of one field and gathers what is wrong with them."""

    def __init__(self, field: Field, kind: SignatureKind) -> None:
        self._field, self._kind = field, kind
        text = field.value.replace(b"\r\n", b"").decode("utf-8", "backslashreplace")
        self._tags = parse_tag_list(text)
        self._faults: list[str] = []

    def read(self) -> Signature:
        self._structure()
        header, body = self._canonicalization()
        domain = self._domain()
        timestamp, expires = self._number("t"), self._number("x")
        if timestamp is not None and expires is not None and expires <= timestamp:
            self._faults.append("It expires (x=) before it was made (t=).")
        return Signature(
            kind=self._kind,
            field=self._field,
            tags=self._tags,
            algorithm=self._algorithm(),
            domain=domain,
            selector=self._selector(),
            identity=self._identity(domain),
            headers=self._headers(),
            relaxed_header=header,
            relaxed_body=body,
            value=self._octets("b"),
            body_hash=b"" if self._kind is SignatureKind.SEAL else self._octets("bh"),
            length=self._length(),
            timestamp=timestamp,
            expires=expires,
            faults=tuple(dict.fromkeys(map(visible, self._faults))),
        )

    def _get(self, tag: str) -> str | None:
        return self._tags.get(tag)

    def _structure(self) -> None:
        self._faults += self._tags.faults
        self._faults += [f"The tag {name}= stands there twice." for name in self._tags.repeated]
        for tag in _REQUIRED[self._kind]:
            if self._get(tag) is None:
                self._faults.append(f"The tag {tag}=, which is required, is missing.")
        if self._kind is SignatureKind.DKIM:
            if self._get("v") not in (None, "1"):
                self._faults.append(f"Its version is v={self._get('v')}; only 1 is known.")
            methods = _SPACE.sub("", self._get("q") or "dns/txt").split(":")
            if "dns/txt" not in methods:
                self._faults.append(f"Its key is to be had by q={self._get('q')}, not from DNS.")
        if self._kind is SignatureKind.SEAL and self._get("h") is not None:
            self._faults.append("A seal must not have the tag h= (RFC 8617, section 4.1.3).")

    def _algorithm(self) -> str:
        name = self._get("a")
        if name == "rsa-sha1":
            self._faults.append(
                "It uses SHA-1 (a=rsa-sha1), which no receiver may accept since RFC 8301."
            )
        elif name is not None and name not in ALGORITHMS:
            self._faults.append(f"Its algorithm, a={name[:40]}, is not known.")
        return name or ""

    def _domain(self) -> str:
        text = self._get("d")
        if text is None:
            return ""
        try:
            domain = to_ascii(text)
        except ValueError:
            domain = ""
        if not is_host_like(domain):
            self._faults.append(f"d={text[:80]} is not a domain.")
            return text
        return domain

    def _selector(self) -> str:
        text = self._get("s")
        if text is None:
            return ""
        try:
            selector = to_ascii(text)
        except ValueError:
            selector = ""
        if not _SELECTOR.fullmatch(selector):
            self._faults.append(f"s={text[:80]} is not a selector.")
            return text
        return selector

    def _identity(self, domain: str) -> str:
        text = self._get("i")
        if self._kind is not SignatureKind.DKIM or text is None:
            return f"@{domain}"
        try:
            own = to_ascii(text.rpartition("@")[2])
        except ValueError:
            own = ""
        if "@" not in text or not (own == domain or own.endswith(f".{domain}")):
            self._faults.append(f"i={text[:80]} is not within the signing domain d={domain}.")
        return text

    def _headers(self) -> tuple[bytes, ...]:
        text = self._get("h")
        if text is None or self._kind is SignatureKind.SEAL:
            return ()
        names = tuple(
            part.strip(" \t\r\n").lower().encode("utf-8", "replace") for part in text.split(":")
        )
        if self._kind is SignatureKind.DKIM and b"from" not in names:
            self._faults.append("It does not sign the From field, as it must.")
        if self._kind is SignatureKind.AMS and b"arc-seal" in names:
            self._faults.append("It signs ARC-Seal fields, which it must not (RFC 8617).")
        return names

    def _canonicalization(self) -> tuple[bool, bool]:
        if self._kind is SignatureKind.SEAL:
            return True, True
        text = self._get("c")
        if text is None:
            return False, False
        header, slash, body = text.partition("/")
        body = body if slash else "simple"
        if header not in _CANONICAL or body not in _CANONICAL:
            self._faults.append(f"Its canonicalisation, c={text[:40]}, is not known.")
        return header == "relaxed", body == "relaxed"

    def _octets(self, tag: str) -> bytes:
        text = self._get(tag)
        if text is None:
            return b""
        try:
            octets = base64.b64decode(_SPACE.sub("", text), validate=True)
        except (binascii.Error, ValueError):
            octets = b""
        if not octets:
            self._faults.append(f"What stands in {tag}= is not base64.")
        return octets

    def _number(self, tag: str) -> int | None:
        text = self._get(tag)
        if text is None or (tag == "x" and self._kind is SignatureKind.SEAL):
            return None
        if not _NUMBER.fullmatch(text):
            self._faults.append(f"{tag}={text[:40]} is not a point in time.")
            return None
        return int(text)

    def _length(self) -> int | None:
        text = self._get("l")
        if text is None or self._kind is SignatureKind.SEAL:
            return None
        if not _LENGTH.fullmatch(text):
            self._faults.append(f"l={text[:40]} is not a length.")
            return None
        return int(text)

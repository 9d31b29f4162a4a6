"""Keeping secrets out of every record, at the one place where records are made.

A secret is known in each form it may travel or be echoed in: as it is, base64 at each of the three
alignments it can have inside a longer text, URL-encoded, JSON-escaped and hex.
"""

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "••••••••"
_MASK_OCTETS = MASK.encode()


def _base64_cores(secret: bytes) -> Iterable[bytes]:
    """Yield what is invariant of a secret's base64 form at each alignment of a longer text."""
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + secret)
        start = (lead * 8 + 5) // 6
        end = ((lead + len(secret)) * 8) // 6
        core = encoded[start:end]
        if len(core) >= 4:
            yield core
            yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _forms(secret: bytes) -> set[bytes]:
    text = secret.decode("utf-8", "surrogateescape")
    forms = {secret, base64.b64encode(secret), *_base64_cores(secret)}
    if len(secret) >= 4:
        forms |= {secret.hex().encode(), secret.hex().upper().encode()}
    for escaped in (quote(secret, safe=""), quote_plus(secret)):
        forms |= {escaped.encode(), escaped.lower().encode() if "%" in escaped else b""}
    for ascii_only in (True, False):
        forms.add(
            json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogateescape")
        )
    forms.add(repr(text)[1:-1].encode("utf-8", "surrogateescape"))
    return {form for form in forms if form}


class Masker:
    """Replaces known secrets, in all their forms, by a fixed mask.

    Instances belong to one conversation. ``add`` takes more secrets while it runs, such as
    the response to a challenge.
    """

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        self._forms: set[bytes] = set()
        self._pattern: re.Pattern[bytes] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str | bytes) -> None:
        """Keep ``secret`` out of everything recorded from now on; empty secrets are ignored."""
        octets = secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret
        if not octets:
            return
        self._forms |= _forms(octets)
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first)))

    def octets(self, octets: bytes) -> bytes:
        """Return ``octets`` with every form of every secret replaced."""
        return self._pattern.sub(_MASK_OCTETS, octets) if self._pattern else octets

    def text(self, text: str) -> str:
        """Return ``text`` with every form of every secret replaced."""
        if not self._pattern:
            return text
        raw = text.encode("utf-8", "surrogatepass")
        return self._pattern.sub(_MASK_OCTETS, raw).decode("utf-8", "surrogatepass")

"""What the keywords of an EHLO answer mean: data in ``resources/smtp/extensions.toml``."""

from functools import cache

import msgspec

from mailgui import resources


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One keyword.

    Attributes:
        meaning: what the server can do, in plain words, without a full stop.
        source: where it is defined, such as ``RFC 3207`` or a vendor.
        commands: what a person may type because of it; ``mail`` and ``rcpt``: parameters.
        status: ``obsolete``, ``experimental`` or nothing.
    """

    meaning: str
    source: str
    commands: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    rcpt: tuple[str, ...] = ()
    status: str = ""

    @property
    def words(self) -> str:
        """The meaning with its source: ``The connection can be encrypted (RFC 3207)``."""
        status = f"; {self.status}" if self.status else ""
        return f"{self.meaning} ({self.source}{status})"


@cache
def extensions() -> dict[str, Extension]:
    """Return every known extension by its upper-case keyword. Reads a file the first time."""
    octets = resources.path("smtp", "extensions.toml").read_bytes()
    return msgspec.toml.decode(octets, type=dict[str, Extension])


def meaning_of(keyword: str) -> str:
    """Return what a keyword means, or that nobody has registered it."""
    known = extensions().get(keyword)
    return known.words if known else "Not a registered extension"

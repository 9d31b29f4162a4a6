"""``tag=value; tag=value`` lists, as DKIM, DMARC, MTA-STS, TLS-RPT and BIMI write them.

RFC 6376, section 3.2; the others follow it.
"""

import re
from collections import Counter
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags in order, values trimmed, and what could not be read."""

    tags: tuple[tuple[str, str], ...]
    faults: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """Return the first value of a tag, or None."""
        return next((value for tag, value in self.tags if tag == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The tags' names in order."""
        return tuple(name for name, _ in self.tags)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Names that stand there more than once."""
        counts = Counter(self.names)
        return tuple(name for name, count in counts.items() if count > 1)


def parse_tag_list(text: str) -> TagList:
    """Return ``text`` parsed; what is no tag is among the faults, one sentence each."""
    tags: list[tuple[str, str]] = []
    faults: list[str] = []
    pieces = text.split(";")
    for index, piece in enumerate(pieces):
        piece = piece.strip(_SPACE)
        if not piece:
            if index < len(pieces) - 1:
                faults.append("There is an empty tag between two semicolons.")
            continue
        name, equals, value = piece.partition("=")
        name = name.strip(_SPACE)
        if not equals or not _NAME.fullmatch(name):
            faults.append(f"“{piece[:60]}” is not of the form tag=value.")
            continue
        tags.append((name, value.strip(_SPACE)))
    return TagList(tuple(tags), tuple(faults))

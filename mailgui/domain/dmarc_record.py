"""A DMARC record read and judged tag by tag: RFC 9989, section 4.7, and what RFC 7489 had
beside.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from mailgui.domain.tag_list import TagList, parse_tag_list

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")  # the value is case-sensitive
_ALMOST = re.compile(r"v\s*=\s*dmarc", re.IGNORECASE)
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\s!,;]+)(?:!(\d+[kmgt]?))?", re.IGNORECASE)
TAGS = ("v", "p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t")
GONE = ("pct", "rf", "ri")  # in RFC 7489, not in RFC 9989
_VALUES = {
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "psd": ("y", "n", "u"),
    "t": ("y", "n"),
}


class Policy(StrEnum):
    """What a domain asks receivers to do with mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class ReportAddress:
    """One URI of ``rua`` or ``ruf``. ``size`` is the obsolete limit behind ``!``."""

    uri: str
    scheme: str
    mailbox: str = ""
    size: str | None = None

    @property
    def host(self) -> str:
        """The domain that the reports go to."""
        return self.mailbox.rpartition("@")[2].lower().removesuffix(".")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record. Where ``p``, ``sp`` or ``np`` is missing or wrong, it is None.

    Attributes:
        invalid: tags whose value is not allowed, as (tag, value).
        unknown: tags that no version of DMARC knows; they are ignored.
        percent: RFC 7489's ``pct``, 100 where it is not given.
    """

    text: str
    tags: TagList
    p: Policy | None
    sp: Policy | None
    np: Policy | None
    rua: tuple[ReportAddress, ...]
    ruf: tuple[ReportAddress, ...]
    invalid: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    percent: int = 100

    def value(self, tag: str) -> str | None:
        """Return a tag's value in lower case where it is allowed, else None."""
        value = self.tags.get(tag)
        return None if value is None or (tag, value) in self.invalid else value.lower()

    @property
    def testing(self) -> bool:
        """Whether ``t=y`` lowers the policy a step."""
        return self.value("t") == "y"

    @property
    def policies_sound(self) -> bool:
        """Whether ``p`` is there and valid, and ``sp`` and ``np`` are, if they are there."""
        return self.p is not None and not {"sp", "np"} & {tag for tag, _ in self.invalid}


def is_dmarc(text: str) -> bool:
    """Return whether a TXT record is one of DMARC version 1."""
    return bool(_VERSION.match(text))


def is_almost_dmarc(text: str) -> bool:
    """Return whether a TXT record was surely meant as a DMARC record and is none."""
    return not is_dmarc(text) and bool(_ALMOST.search(text))


def parse_dmarc(text: str) -> DmarcRecord:
    """Return the record ``text`` (one for which ``is_dmarc`` holds) parsed; never raises."""
    tags = _lower_names(parse_tag_list(text))
    invalid = [(tag, value) for tag, value in tags.tags if not _allowed(tag, value)]
    rua, ruf = _addresses(tags.get("rua")), _addresses(tags.get("ruf"))
    return DmarcRecord(
        text=text,
        tags=tags,
        p=_policy(tags.get("p")),
        sp=_policy(tags.get("sp")),
        np=_policy(tags.get("np")),
        rua=rua,
        ruf=ruf,
        invalid=tuple(invalid),
        unknown=tuple(name for name in tags.names if name not in (*TAGS, *GONE)),
        percent=_percent(tags.get("pct")),
    )


def _lower_names(tags: TagList) -> TagList:
    return TagList(tuple((name.lower(), value) for name, value in tags.tags), tags.faults)


def _allowed(tag: str, value: str) -> bool:
    if tag in ("p", "sp", "np"):
        return _policy(value) is not None
    if tag in _VALUES:
        return value.lower() in _VALUES[tag]
    if tag == "fo":
        return _allowed_options([part.strip().lower() for part in value.split(":")])
    if tag in ("rua", "ruf"):
        return bool(value) and all(_URI.fullmatch(part.strip()) for part in value.split(","))
    return tag != "pct" or (value.isascii() and value.isdigit() and int(value[:9]) <= 100)


def _allowed_options(options: list[str]) -> bool:
    """Return whether these are options of ``fo``: each once, and not both 0 and 1."""
    known = all(option in ("0", "1", "d", "s") for option in options)
    return known and len(set(options)) == len(options) and not {"0", "1"} <= set(options)


def _policy(value: str | None) -> Policy | None:
    try:
        return Policy((value or "").lower())
    except ValueError:
        return None


def _percent(value: str | None) -> int:
    if value and value.isascii() and value.isdigit() and len(value) < 4:
        return min(int(value), 100)
    return 100


def _addresses(value: str | None) -> tuple[ReportAddress, ...]:
    """Return the URIs that can be read, at most 20 (RFC 9990 lets receivers stop after two)."""
    found = []
    for part in (value or "").split(",")[:20]:
        match = _URI.fullmatch(part.strip())
        if match is None:
            continue
        scheme, rest, size = match.groups()
        mailbox = rest if scheme.lower() == "mailto" and "@" in rest else ""
        found.append(ReportAddress(f"{scheme}:{rest}", scheme.lower(), mailbox, size))
    return tuple(found)

"""What an SMTP server's capabilities mean, in a few words, and their answers side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailgui.message.attachments import human_size
from mailgui.smtp.extensions import meaning_of
from mailgui.smtp.uses import Use, Using
from mailgui.transcript import EhloAnswer

MOST = 500  # rows: no honest server names more
NOT_OFFERED = "–"
_GONE = "gone"
_SIGNS = {Using.YES: "✓", Using.NO: "–", Using.PREVENTS: "✕"}


class Change(StrEnum):
    """What TLS did to a capability; the sign stands before what is said inside TLS."""

    NONE = ""
    ADDED = "+ "
    REMOVED = "− "
    CHANGED = "± "


@dataclass(frozen=True, slots=True)
class Row:
    """One capability.

    Attributes:
        before, inside: what is said of it before TLS and inside it; NOT_OFFERED where nothing is,
            empty where that was never asked.
        use: what MailGUI does with it and why, with a sign; empty until that is known.
    """

    keyword: str
    before: str
    inside: str
    meaning: str
    use: str = ""
    change: Change = Change.NONE


def rows(answers: Sequence[EhloAnswer], uses: Mapping[str, Use] | None = None) -> list[Row]:
    """Return one row for each keyword that any of the answers names, in their order."""
    before = next((answer for answer in answers if not answer.tls), None)
    inside = next((answer for answer in reversed(answers) if answer.tls), None)
    keywords = dict.fromkeys(keyword for answer in answers for keyword in answer.capabilities)
    return [_row(keyword, before, inside, uses or {}) for keyword in list(keywords)[:MOST]]


def _row(
    keyword: str, before: EhloAnswer | None, inside: EhloAnswer | None, uses: Mapping[str, Use]
) -> Row:
    change = _change(keyword, before, inside)
    use = uses.get(keyword)
    return Row(
        keyword,
        _said(keyword, before),
        change.value + (_GONE if change is Change.REMOVED else _said(keyword, inside)),
        meaning_of(keyword),
        f"{_SIGNS[use.using]} {use.words}" if use else "",
        change,
    )


def _change(keyword: str, before: EhloAnswer | None, inside: EhloAnswer | None) -> Change:
    if before is None or inside is None:
        return Change.NONE
    old, new = before.capabilities.get(keyword), inside.capabilities.get(keyword)
    if old is None:
        return Change.ADDED
    if new is None:
        return Change.REMOVED
    return Change.NONE if old == new else Change.CHANGED


def _said(keyword: str, answer: EhloAnswer | None) -> str:
    if answer is None:
        return ""
    if keyword not in answer.capabilities:
        return NOT_OFFERED
    return _parameters(keyword, answer) or "offered"


def _parameters(keyword: str, answer: EhloAnswer) -> str:
    parameters = answer.capabilities[keyword]
    if keyword == "SIZE" and parameters and parameters[0].isascii() and parameters[0].isdigit():
        octets = int(parameters[0][:20])
        return f"{octets} ({human_size(octets)})" if octets else "0 (no limit named)"
    return " ".join(parameters)

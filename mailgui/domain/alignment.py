"""Alignment explained: does DKIM's or SPF's domain belong with the author's, and by which rule.

RFC 9989, section 5: relaxed alignment compares organizational domains, strict alignment the names
themselves; each identifier has a tree walk of its own.
"""

from dataclasses import dataclass

from mailgui.domain.names import parse_domain
from mailgui.domain.questions import Asker
from mailgui.domain.verify_dmarc import Identifier, judge_methods


@dataclass(frozen=True, slots=True)
class Alignment:
    """One identifier held against the author's domain; ``sentence`` tells what was compared."""

    identifier: Identifier
    sentence: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """All of them.

    Attributes:
        organizational: the author's organizational domain.
        passes: whether DMARC would pass if SPF and DKIM pass for these domains.
    """

    author: str
    organizational: str
    alignments: tuple[Alignment, ...]
    sentence: str

    @property
    def passes(self) -> bool:
        """Whether one of them is aligned: that suffices."""
        return any(each.identifier.aligned for each in self.alignments)


async def explain_alignment(
    author: str, *, envelope: str = "", dkim: str = "", asker: Asker
) -> Aligned:
    """Say whether mail from ``author`` is aligned by its envelope sender's and DKIM's domains.

    Addresses are taken for their domains. Raises ValueError with a sentence.
    """
    domain = parse_domain(author)
    named = (("dkim", dkim), ("spf", envelope))
    methods = [(method, parse_domain(text), "pass") for method, text in named if text.strip()]
    result = await judge_methods(domain, methods, asker)
    organizational = result.view.organizational if result.view else domain
    alignments = tuple(
        Alignment(each, _sentence(each, domain, organizational)) for each in result.identifiers
    )
    return Aligned(domain, organizational, alignments, _summary(alignments))


def _sentence(identifier: Identifier, author: str, organizational: str) -> str:
    name = "DKIM's d=" if identifier.method == "dkim" else "The envelope sender"
    theirs, mode = identifier.domain, "strict" if identifier.strict else "relaxed"
    if theirs == author:
        return f"{name} is {author} itself: aligned, strict or relaxed."
    if identifier.strict:
        return (
            f"{name} is {theirs}, and the record asks for {mode} alignment: only {author} itself "
            "would do."
        )
    if identifier.aligned:
        return f"{name} is {theirs}; both belong to {organizational}: aligned ({mode})."
    told = f"{name} is {theirs}, which belongs to {identifier.organizational or theirs}; "
    told += f"{author} belongs to {organizational}: not aligned."
    if identifier.aligned_7489:
        told += " Receivers that follow RFC 7489 still see one organization."
    return told


def _summary(alignments: tuple[Alignment, ...]) -> str:
    if not alignments:
        return "Name the envelope sender's domain, DKIM's, or both."
    good = [a for a in alignments if a.identifier.aligned]
    if len(good) == len(alignments) > 1:
        return "DMARC passes by either, if SPF and DKIM pass."
    if good:
        method = "DKIM" if good[0].identifier.method == "dkim" else "SPF"
        return f"DMARC passes if {method} passes; one aligned identifier suffices."
    return "DMARC fails whatever SPF and DKIM come to: nothing is aligned."

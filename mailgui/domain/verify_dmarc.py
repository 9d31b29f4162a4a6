"""DMARC for one message: RFC 9989, section 5.3, beside what RFC 7489's receivers make of it.

A message passes where DKIM or SPF passed for a domain that belongs with the author's.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgui.domain.dkim_verify import DkimResult
from mailgui.domain.dmarc_policy import (
    PolicyView,
    by_suffix_list,
    by_tree_walk,
    organizational_for_7489,
)
from mailgui.domain.dmarc_record import DmarcRecord, Policy, is_dmarc, parse_dmarc
from mailgui.domain.dmarc_walk import Walk, walk
from mailgui.domain.names import is_public_suffix
from mailgui.domain.questions import Asker
from mailgui.net.dns_answer import AnswerStatus
from mailgui.transcript import visible

Method = tuple[str, str, str]
"""``dkim`` or ``spf``, the domain, and the result."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A domain that DKIM or SPF speaks for.

    Attributes:
        result: what the method came to for it.
        organizational: by the tree walk; None where it did not matter.
        aligned: whether it belongs with the author's domain; ``aligned_7489`` by the older rules.
    """

    method: str
    domain: str
    result: str
    strict: bool
    organizational: str | None
    aligned: bool
    aligned_7489: bool

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the document's ``dmarc`` holds it."""
        return {
            "method": self.method,
            "domain": visible(self.domain),
            "result": self.result,
            "mode": "strict" if self.strict else "relaxed",
            "organizational_domain": self.organizational,
            "aligned": self.aligned,
            "aligned_rfc7489": self.aligned_7489,
        }


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """What DMARC makes of the message.

    Attributes:
        result: ``pass``, ``fail``, ``none`` (no policy), ``temperror`` or ``permerror``.
        policy: what the domain asks for mail that fails; None without one.
        disposition: what a receiver that follows it would do with this message: ``deliver``,
            ``quarantine``, ``reject``, or ``retry`` where the DNS was silent.
        result_7489: the result by the older standard, for receivers that still follow it.
    """

    result: str
    reason: str
    domain: str | None = None
    view: PolicyView | None = None
    policy: str | None = None
    disposition: str = "deliver"
    identifiers: tuple[Identifier, ...] = ()
    result_7489: str | None = None
    policy_7489: str | None = None

    @property
    def only_by_spf(self) -> bool:
        """Whether the message passes by SPF and by nothing else."""
        by_dkim = _passes(self.identifiers, "dkim")
        return self.result == "pass" and not by_dkim

    def to_json_dict(self) -> dict[str, object]:
        """Return the document's ``dmarc``."""
        view = self.view
        return {
            "result": self.result,
            "reason": self.reason,
            "domain": self.domain,
            "policy": self.policy,
            "disposition": self.disposition,
            "organizational_domain": view.organizational if view else None,
            "record_domain": view.record_domain if view else None,
            "record": visible(view.record.text) if view and view.record else None,
            "testing": bool(view and view.testing),
            "alignment": [each.to_json_dict() for each in self.identifiers],
            "dkim_aligned": _passes(self.identifiers, "dkim"),
            "spf_aligned": _passes(self.identifiers, "spf"),
            "rfc7489": {"result": self.result_7489, "policy": self.policy_7489},
        }


def _passes(identifiers: Sequence[Identifier], method: str) -> bool:
    return any(i.method == method and i.aligned and i.result == "pass" for i in identifiers)


async def evaluate_dmarc(
    authors: Sequence[str],
    signatures: Sequence[DkimResult],
    spf: tuple[str, str] | None,
    asker: Asker,
) -> DmarcResult:
    """Return what DMARC makes of a message.

    ``authors`` are the domains in From; ``spf`` is the domain that SPF was evaluated for, and its
    result, or None where it could not be.
    """
    if len(authors) != 1:
        what = "names no author's domain" if not authors else f"names {len(authors)} domains"
        return DmarcResult(
            "permerror", f"From {what}; DMARC needs exactly one.", disposition="reject"
        )
    return await judge_methods(authors[0], _methods(signatures, spf), asker)


async def judge_methods(domain: str, methods: Sequence[Method], asker: Asker) -> DmarcResult:
    """Return what DMARC makes of a message of ``domain`` that DKIM and SPF came to this for."""
    author, others, organizational, itself = await asyncio.gather(
        walk(domain, asker),
        _walks({name for _, name, _ in methods if name != domain}, asker),
        asker.ask(f"_dmarc.{organizational_for_7489(domain)}", "TXT"),
        asker.ask(domain, "TXT"),
    )
    exists = not (itself.status is AnswerStatus.NXDOMAIN and not itself.cname)
    view = by_tree_walk(domain, author, exists=exists)
    texts = [text for text in organizational.records if is_dmarc(text)]
    above = parse_dmarc(texts[0]) if len(texts) == 1 else None
    older = by_suffix_list(domain, author.steps[0].record, above)
    identifiers = tuple(
        _identifier(method, domain, author, others, view.record or older.record)
        for method in methods
    )
    return replace(
        _judge(domain, author, view, identifiers),
        domain=domain,
        view=view,
        identifiers=identifiers,
        result_7489=_older_result(older, identifiers),
        policy_7489=older.domain.value if older.domain else None,
    )


def _methods(signatures: Sequence[DkimResult], spf: tuple[str, str] | None) -> list[Method]:
    methods = [
        ("dkim", each.signature.domain, each.result) for each in signatures if each.signature.domain
    ]
    # A domain that one signature passed for needs no second mention.
    passed = {domain for _, domain, result in methods if result == "pass"}
    methods = [m for m in methods if m[2] == "pass" or m[1] not in passed]
    if spf is not None:
        methods.append(("spf", *spf))
    return list(dict.fromkeys(methods))


async def _walks(names: set[str], asker: Asker) -> dict[str, Walk]:
    ordered = sorted(names)
    walks = await asyncio.gather(*(walk(name, asker) for name in ordered))
    return dict(zip(ordered, walks, strict=True))


def _identifier(
    method: Method, domain: str, author: Walk, others: dict[str, Walk], record: DmarcRecord | None
) -> Identifier:
    name, identifier, result = method
    strict = record is not None and record.value("adkim" if name == "dkim" else "aspf") == "s"
    own = author if identifier == domain else others[identifier]
    same = identifier == domain
    older = organizational_for_7489(identifier) == organizational_for_7489(domain)
    return Identifier(
        method=name,
        domain=identifier,
        result=result,
        strict=strict,
        organizational=own.organizational,
        aligned=same or (not strict and own.organizational == author.organizational),
        aligned_7489=same or (not strict and older),
    )


def _judge(
    domain: str, author: Walk, view: PolicyView, identifiers: Sequence[Identifier]
) -> DmarcResult:
    """Return result, reason, policy and disposition; the rest is filled in by the caller."""
    policy = view.domain.value if view.domain else None
    if view.record is None or view.domain is None:
        return _without_policy(domain, author, view)
    passing = [i for i in identifiers if i.aligned and i.result == "pass"]
    if passing:
        by = " and ".join(dict.fromkeys(_METHODS[i.method] for i in passing))
        reason = f"{by} passed for a domain that belongs with {domain}."
        return DmarcResult("pass", reason, policy=policy)
    waiting = next((i for i in identifiers if i.aligned and i.result == "temperror"), None)
    if waiting is not None:
        reason = f"{_METHODS[waiting.method]} could not be evaluated for {waiting.domain}."
        return DmarcResult("temperror", reason, policy=policy, disposition="retry")
    disposition = "deliver" if view.domain is Policy.NONE else view.domain.value
    return DmarcResult(
        "fail", _why_failed(domain, identifiers), policy=policy, disposition=disposition
    )


_METHODS = {"dkim": "DKIM", "spf": "SPF"}


def _without_policy(domain: str, author: Walk, view: PolicyView) -> DmarcResult:
    for step in author.steps:
        if view.record is None and not step.answer.conclusive and not _is_suffix(step.name, domain):
            why = step.answer.reason or "The name server gave no answer."
            reason = f"The policy at _dmarc.{step.name} could not be asked for. {visible(why)}"
            return DmarcResult("temperror", reason, disposition="retry")
    several = next((step for step in author.steps if len(step.texts) > 1), None)
    reason = view.note or f"{domain} publishes no DMARC policy."
    if view.record is None and several is not None:
        reason = f"{several.name} publishes {len(several.texts)} DMARC records, so none counts."
    return DmarcResult("none", reason)


def _is_suffix(name: str, domain: str) -> bool:
    return name != domain and is_public_suffix(name)


def _why_failed(domain: str, identifiers: Sequence[Identifier]) -> str:
    passed = [i for i in identifiers if i.result == "pass"]
    if passed:
        named = ", ".join(dict.fromkeys(f"{_METHODS[i.method]} for {i.domain}" for i in passed))
        how = "is not" if len(passed) == 1 else "are not"
        strict = " exactly (strict alignment)" if any(i.strict for i in passed) else ""
        return f"What passed, {named}, {how} of {domain}{strict}."
    aligned = [i for i in identifiers if i.aligned]
    if aligned:
        told = " and ".join(dict.fromkeys(f"{_METHODS[i.method]} to {i.result}" for i in aligned))
        return f"For {domain} {told.replace(' to ', ' came to ', 1)}."
    return f"Neither DKIM nor SPF passed for a domain that belongs with {domain}."


def _older_result(view: PolicyView, identifiers: Sequence[Identifier]) -> str:
    if view.domain is None:
        return "none"
    passed = any(i.aligned_7489 and i.result == "pass" for i in identifiers)
    return "pass" if passed else "fail"

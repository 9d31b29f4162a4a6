"""A received message read and judged: DKIM, ARC, SPF, DMARC, its way, and what is odd about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailgui.domain.arc_verify import ArcResult, verify_arc
from mailgui.domain.dkim_verify import DkimResult, verify_signatures
from mailgui.domain.questions import Asker, Questions
from mailgui.domain.spf import evaluate
from mailgui.domain.spf_request import parse_ip
from mailgui.domain.verify_dmarc import DmarcResult, evaluate_dmarc
from mailgui.domain.verify_findings import (
    arc_findings,
    claim_findings,
    dkim_findings,
    dmarc_findings,
    hop_findings,
    spf_findings,
)
from mailgui.domain.verify_header import header_findings
from mailgui.domain.verify_sender import SenderClues, author_domains, border_hop, find_clues
from mailgui.findings import Finding, Severity
from mailgui.message.authentication_results import (
    AuthenticationResults,
    parse_authentication_results,
)
from mailgui.message.raw_message import RawMessage, read_raw
from mailgui.message.received_hops import Hop, read_hops
from mailgui.net.dns_answer import Answer
from mailgui.transcript import Recorder, visible
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.domain.spf import SpfReport

MAX_SHOWN = 400_000  # octets of a header
_RANK = {Severity.BROKEN: 0, Severity.ATTENTION: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """What SPF says. ``result`` and ``report`` are None where it could not be evaluated."""

    clues: SenderClues
    result: str | None
    reason: str
    report: "SpfReport | None" = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The whole judgement.

    Attributes:
        subject, author: of the message, as they stand in the header; ``header`` is all of that, to
            be shown, cut where it is very long.
        received: when it came in, by its newest Received field; None where that does not tell.
        claims: the Authentication-Results that the file carries, topmost first.
        findings: the gravest first.
        seconds: of DNS, from the start to the last answer.
    """

    subject: str
    author: str
    header: str
    received: datetime | None
    signatures: tuple[DkimResult, ...]
    arc: ArcResult
    spf: SpfVerdict
    dmarc: DmarcResult
    hops: tuple[Hop, ...]
    claims: tuple[AuthenticationResults, ...]
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    seconds: float


async def verify(
    octets: bytes,
    *,
    resolver: Asker,
    ip: str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    recorder: Recorder | None = None,
) -> VerifyReport:
    """Judge a message. What is not given (``mail_from`` "" is the null sender) is guessed from it.

    Raises ValueError with a sentence when ``ip`` is not an address or there is no message.
    """
    address = str(parse_ip(ip)) if ip is not None else None
    message = await asyncio.to_thread(read_raw, octets)
    if not message.fields:
        raise WrongInput("This is not a message: it has no header fields.")
    hops = await asyncio.to_thread(read_hops, message.all("received"))
    received = _received(hops)
    questions = Questions(resolver, recorder)
    clues = find_clues(message, hops, ip=address, helo=helo, mail_from=mail_from)
    async with asyncio.TaskGroup() as group:
        signatures = group.create_task(verify_signatures(message, questions, at=received))
        chain = group.create_task(verify_arc(message, questions, at=received))
        sender = group.create_task(_spf(clues, questions))
    spf = sender.result()
    judged = None if spf.result is None or clues.domain is None else (clues.domain, spf.result)
    dmarc = await evaluate_dmarc(author_domains(message), signatures.result(), judged, questions)
    if dmarc.only_by_spf and clues.mail_from.source.startswith("guessed"):
        guess = "That rests on a guess: the file does not tell the envelope's sender."
        dmarc = replace(dmarc, reason=f"{dmarc.reason} {guess}")
    claims = tuple(
        parse_authentication_results(field.text)
        for field in message.all("authentication-results")[:50]
    )
    return VerifyReport(
        subject=message.first("subject") or "",
        author=message.first("from") or "",
        header=_shown(message),
        received=received,
        signatures=signatures.result(),
        arc=chain.result(),
        spf=spf,
        dmarc=dmarc,
        hops=hops,
        claims=claims,
        findings=_findings(message, signatures.result(), chain.result(), spf, dmarc, hops, claims),
        answers=questions.answers,
        seconds=questions.last_answer,
    )


def _shown(message: RawMessage) -> str:
    octets = b"\n".join(field.raw.replace(b"\r\n", b"\n") for field in message.fields)
    text = octets[:MAX_SHOWN].decode("utf-8", "backslashreplace")
    return visible(text, keep_newlines=True)


def _received(hops: Sequence[Hop]) -> datetime | None:
    """Return when the message came in from outside: what x= is held against (RFC 6376, 3.5)."""
    border = border_hop(hops)
    times = [hop.time for hop in (border, *reversed(hops)) if hop is not None and hop.time]
    now = datetime.now(UTC)
    return next((time for time in times if time <= now), None)


async def _spf(clues: SenderClues, questions: Questions) -> SpfVerdict:
    if clues.ip.value is None:
        return SpfVerdict(clues, None, f"Its client is not known: {clues.ip.source}.")
    if clues.domain is None and clues.mail_from.value == "":
        greeting = f"the name that the client greeted with is not known: {clues.helo.source}"
        return SpfVerdict(clues, None, f"The envelope's sender is null, and {greeting}.")
    if clues.domain is None:
        return SpfVerdict(
            clues, None, f"The envelope's sender is not known: {clues.mail_from.source}."
        )
    report = await evaluate(
        clues.domain,
        resolver=questions,
        ip=clues.ip.value,
        mail_from=clues.mail_from.value,
        helo=clues.helo.value,
    )
    result = report.result.value if report.result else "none"
    said = report.error or (report.outcome.explanation if report.outcome else "") or ""
    where = f"For {clues.ip.value} ({clues.ip.source}) and the sender of {clues.domain}"
    reason = f"{where} ({clues.mail_from.source}): {result}. {said}".strip()
    return SpfVerdict(clues, result, reason, report)


def _findings(
    message: RawMessage,
    signatures: Sequence[DkimResult],
    arc: ArcResult,
    spf: SpfVerdict,
    dmarc: DmarcResult,
    hops: Sequence[Hop],
    claims: Sequence[AuthenticationResults],
) -> tuple[Finding, ...]:
    findings = [
        *dmarc_findings(dmarc),
        *dkim_findings(signatures),
        *spf_findings(spf.result, spf.reason, spf.clues.domain),
        *arc_findings(arc),
        *claim_findings(claims, signatures),
        *header_findings(message, signatures),
        *hop_findings(hops),
    ]
    return tuple(sorted(findings, key=lambda finding: _RANK[finding.severity]))

"""From a transcript to what is worth telling about it."""

import re
from collections.abc import Iterable, Iterator
from string import Template

from mailgui.findings.finding import Finding
from mailgui.findings.knowledge import WHO, Entry, Situation, knowledge
from mailgui.transcript import (
    Direction,
    Kind,
    Outcome,
    RecipientResult,
    Reply,
    Stage,
    Transcript,
    visible,
)

_GOOD = frozenset({Outcome.ACCEPTED, Outcome.COMPLETED})
_NO_ANSWER = frozenset({Outcome.REFUSED, Outcome.TEMPORARY})
_BODY = 4096  # octets of an HTTP answer in which patterns are looked for
_TEXT = 2048  # characters of a reply, so that a hostile one cannot keep the patterns busy
_MAIL_FROM = re.compile(r"MAIL FROM:\s*<([^>]*)>", re.IGNORECASE)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_PEER = re.compile(r"\[?(.*?)\]?(?::(\d+))?")
# Each line of a reply repeats its codes, which would cut sentences in two.
_REPEATED = re.compile(r"(?m)^[245]\.\d{1,3}\.\d{1,3}\s+|\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\s+")
_BLANKS = re.compile(r"\s+")


def diagnose(transcript: Transcript) -> tuple[Finding, ...]:
    """Return the findings for what went wrong, the deciding one first, then those for its notes.

    Recipients that were refused for the same reason share one finding, with their replies as
    evidence.
    """
    wrong = () if transcript.outcome in _GOOD else _situations(transcript)
    return _told(transcript, (*wrong, *_noted(transcript)))


def diagnose_notes(transcript: Transcript) -> tuple[Finding, ...]:
    """Return the findings for a transcript's notes alone."""
    return _told(transcript, tuple(_noted(transcript)))


def _told(
    transcript: Transcript, situations: tuple[tuple[Situation, str, str], ...]
) -> tuple[Finding, ...]:
    found: dict[str, Finding] = {}
    words = _words(transcript) if situations else {}
    for situation, address, evidence in situations:
        entry = knowledge().find(situation)
        if entry is None:
            continue
        known = found.get(entry.id)
        if known is None:
            found[entry.id] = _finding(entry, _for_address(words, address, situation), evidence)
        elif evidence and evidence not in known.evidence:
            found[entry.id] = _with_evidence(known, evidence)
    return tuple(found.values())


def diagnose_all(transcripts: Iterable[Transcript]) -> tuple[Finding, ...]:
    """Return what is worth telling about several conversations, each thing once."""
    found: dict[tuple[str, str], Finding] = {}
    for transcript in transcripts:
        for finding in diagnose(transcript):
            found.setdefault((finding.id, finding.title), finding)
    return tuple(found.values())


def _situations(transcript: Transcript) -> Iterator[tuple[Situation, str, str]]:
    """Yield each distinct situation with the address it concerns and its evidence."""
    import msgspec

    told: set[tuple[int, str]] = set()
    if transcript.outcome is Outcome.UNKNOWN:
        # That it is not known comes first, whatever the fault behind it.
        doubt = _situation(transcript, None)
        yield msgspec.structs.replace(doubt, fault=None, text=""), "", visible(transcript.summary)
    partial = transcript.outcome is Outcome.PARTIAL
    # An API's partial answer has a fault of its own, and may not say whom it is about.
    if not partial or transcript.kind is Kind.HTTP:
        reply = transcript.reply
        if reply:
            told.add((reply.code, reply.text))
        evidence = _show(reply) if reply and not partial else transcript.summary
        address = next((r.address for r in transcript.recipients if r.reply == reply), "")
        yield _situation(transcript, reply), address, visible(evidence)
    for result in transcript.recipients:
        if result.outcome not in _NO_ANSWER or not result.reply:
            continue
        key = (result.reply.code, result.reply.text)
        if key not in told:
            told.add(key)
            evidence = f"{result.address}: {_show(result.reply)}"
            yield _for_recipient(transcript, result), result.address, visible(evidence)


def _noted(transcript: Transcript) -> Iterator[tuple[Situation, str, str]]:
    """Yield a situation for each note: nothing but its slug says what it is."""
    for note in transcript.notes:
        yield Situation(transcript.kind, transcript.outcome, fault=note.slug), "", note.text


def _situation(transcript: Transcript, reply: Reply | None) -> Situation:
    host, port = _peer(transcript.peer)
    text = reply.text[:_TEXT] if reply else ""
    enhanced = reply.enhanced if reply else None
    if enhanced is None and transcript.kind is Kind.SMTP and (lead := _ENHANCED.match(text)):
        enhanced = lead[1]
    if transcript.exchanges:
        body = transcript.exchanges[-1].response_body[:_BODY]
        text = f"{text} {body.decode('utf-8', 'replace')}"
    else:
        text = _REPEATED.sub("", text)
    return Situation(
        kind=transcript.kind,
        outcome=transcript.outcome,
        stage=transcript.stage,
        fault=transcript.fault,
        code=reply.code if reply else None,
        enhanced=enhanced,
        text=_BLANKS.sub(" ", text).strip(),
        host=host,
        port=port,
    )


def _for_recipient(transcript: Transcript, result: RecipientResult) -> Situation:
    import msgspec

    at_end = transcript.stage is Stage.MESSAGE and transcript.outcome is not Outcome.PARTIAL
    return msgspec.structs.replace(
        _situation(transcript, result.reply),
        outcome=result.outcome,
        stage=Stage.MESSAGE if at_end else Stage.RCPT,
        fault=None,
    )


def _finding(entry: Entry, words: dict[str, str], evidence: str) -> Finding:
    def fill(text: str) -> str:
        return Template(text).safe_substitute(words)

    return Finding(
        id=entry.id,
        severity=entry.severity,
        title=fill(entry.title),
        explanation=fill(entry.explanation),
        fix=fill(WHO[entry.who] + entry.fix),
        evidence=(evidence,) if evidence else (),
    )


def _with_evidence(finding: Finding, evidence: str) -> Finding:
    from dataclasses import replace

    return replace(finding, evidence=(*finding.evidence, evidence))


def _words(transcript: Transcript) -> dict[str, str]:
    """Return what the placeholders stand for, in words that fit a sentence where unknown."""
    host, port = _peer(transcript.peer)
    sender = _sender(transcript)
    return {
        "host": visible(host) or "the server",
        "port": str(port or "the port"),
        "address": "the recipient",
        "domain": "the recipient's domain",
        "sender": visible(sender) or "the sender address",
        "sender_domain": visible(sender.rpartition("@")[2]) or "the sender's domain",
        "code": "its answer",
    }


def _for_address(words: dict[str, str], address: str, situation: Situation) -> dict[str, str]:
    changed = dict(words)
    if address:
        changed["address"] = visible(address)
        changed["domain"] = visible(address.rpartition("@")[2])
    if situation.code:
        changed["code"] = " ".join(filter(None, (str(situation.code), situation.enhanced)))
    return changed


def _sender(transcript: Transcript) -> str:
    for event in transcript.events:
        if event.direction is Direction.SENT and (found := _MAIL_FROM.search(event.text)):
            return found[1]
    return ""


def _peer(peer: str) -> tuple[str, int | None]:
    """Split ``host:port`` or ``[v6]:port``; the port is None where there is none."""
    found = _PEER.fullmatch(peer)
    if not found or (peer.count(":") > 1 and not peer.startswith("[")):
        return peer, None
    return found[1], int(found[2]) if found[2] else None


def _show(reply: Reply) -> str:
    enhanced = reply.enhanced if reply.enhanced and reply.enhanced not in reply.text else None
    return " ".join(filter(None, (str(reply.code), enhanced, reply.text)))

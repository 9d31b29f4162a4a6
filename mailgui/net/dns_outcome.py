"""From what a message says to an Answer, and an Answer into a transcript."""

from __future__ import annotations

from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dns_flight import Key
from mailgui.net.dns_message import REFERRAL, ParsedAnswer
from mailgui.transcript import Layer, Recorder, Stage

_STATUS = {
    "NXDOMAIN": AnswerStatus.NXDOMAIN,
    "SERVFAIL": AnswerStatus.SERVFAIL,
    "REFUSED": AnswerStatus.REFUSED,
}
LOOP = "The CNAME records lead in a circle, or too far."


def answer_of(key: Key, parsed: ParsedAnswer, server: str, duration: float) -> Answer:
    """Return what ``server`` said to the question ``key``, which took ``duration`` seconds."""
    return Answer(
        name=key.name,
        rdtype=key.rdtype,
        status=_status(parsed),
        records=parsed.records,
        strings=parsed.strings,
        ttl=parsed.ttl,
        server=server,
        duration=duration,
        ad=parsed.ad,
        cname=parsed.chain,
        ede=parsed.ede,
        reason=_reason(parsed),
        aa=parsed.aa,
        message=parsed.message,
    )


def _status(parsed: ParsedAnswer) -> AnswerStatus:
    if parsed.loop:
        return AnswerStatus.FAILED
    if parsed.rcode == "NOERROR":
        return AnswerStatus.FOUND if parsed.records else AnswerStatus.NODATA
    return _STATUS.get(parsed.rcode, AnswerStatus.FAILED)


def _reason(parsed: ParsedAnswer) -> str:
    if parsed.loop:
        return LOOP
    if parsed.rcode in ("NOERROR", "NXDOMAIN"):
        return ""
    if parsed.rcode == REFERRAL:
        return "The name server is not responsible for this name: it refers to others."
    extended = f" ({'; '.join(parsed.ede)})" if parsed.ede else ""
    return f"The name server answered {parsed.rcode}{extended}."


def record_answer(recorder: Recorder, answer: Answer) -> None:
    """Write one question and its answer into a transcript, as lines in presentation form."""
    question = f"{answer.name} {answer.rdtype}"
    if answer.cached:
        recorder.info(f"{question}: known from before", layer=Layer.DNS, stage=Stage.DNS)
    else:
        recorder.sent(f"{question}?".encode(), layer=Layer.DNS, stage=Stage.DNS)
    for target in answer.cname:
        recorder.received(f"CNAME {target}".encode(), layer=Layer.DNS, stage=Stage.DNS)
    for record in answer.records:
        line = f"{answer.rdtype} {record}".encode("utf-8", "backslashreplace")
        recorder.received(line, layer=Layer.DNS, expected=True, stage=Stage.DNS)
    facts = f"{answer.server}, {answer.duration * 1000:.0f} ms"
    if answer.status is AnswerStatus.FOUND:
        recorder.info(f"{question}: found ({facts}, TTL {answer.ttl})", layer=Layer.DNS)
    elif answer.absent:
        recorder.info(f"{question}: {answer.status.value} ({facts})", layer=Layer.DNS)
    else:
        sentence = f"{question}: {answer.status.value} ({facts}). {answer.reason}".rstrip()
        recorder.error(sentence, layer=Layer.DNS, stage=Stage.DNS)

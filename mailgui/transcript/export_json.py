"""A transcript as one JSON document: the shape that ``mailgui send --json`` promises.

Durations are milliseconds with three decimals; what is not known is null. Fields may be added,
never renamed.
"""

from typing import Any

from mailgui.transcript.model import (
    CertificateSummary,
    EhloAnswer,
    Event,
    Phase,
    RecipientResult,
    Reply,
    TlsSummary,
    Transcript,
)


def to_json_dict(transcript: Transcript) -> dict[str, Any]:
    """Return a transcript as JSON-able values: the ``send`` shape without its findings.

    Events are in the order of their times; a transcript of many messages has them by message.
    """
    return {
        "id": transcript.id,
        "kind": str(transcript.kind),
        "title": transcript.title,
        "peer": transcript.peer,
        "started": transcript.started.isoformat(timespec="milliseconds"),
        "duration_ms": milliseconds(transcript.duration),
        "outcome": str(transcript.outcome),
        "stage": str(transcript.stage) if transcript.stage else None,
        "summary": transcript.summary,
        "fault": transcript.fault,
        "reply": reply_dict(transcript.reply),
        "message_id": transcript.message_id,
        "remote_id": transcript.remote_id,
        "recipients": [_recipient(each) for each in transcript.recipients],
        "tls": tls_dict(transcript.tls),
        "ehlo": [_ehlo(each) for each in transcript.ehlo],
        "phases": [_phase(each) for each in transcript.phases],
        "events": [_event(each) for each in sorted(transcript.events, key=lambda each: each.at)],
    }


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds with three decimals."""
    return round(seconds * 1000, 3)


def reply_dict(reply: Reply | None) -> dict[str, Any] | None:
    """Return a reply as ``{"code", "enhanced", "text"}``, or None."""
    if reply is None:
        return None
    return {"code": reply.code, "enhanced": reply.enhanced, "text": reply.text}


def tls_dict(tls: TlsSummary | None) -> dict[str, Any] | None:
    """Return what a handshake settled, the server's certificates first to last, or None."""
    if tls is None:
        return None
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "key_exchange": tls.key_exchange,
        "verified": tls.verified,
        "server_name": tls.server_name,
        "alpn": tls.alpn,
        "resumed": tls.resumed,
        "fault": tls.fault,
        "chain": [_certificate(each) for each in tls.chain],
    }


def _certificate(certificate: CertificateSummary) -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": list(certificate.names),
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
        "key": certificate.key,
        "signature": certificate.signature,
        "serial": certificate.serial,
        "sha256": certificate.sha256,
    }


def _ehlo(answer: EhloAnswer) -> dict[str, Any]:
    return {
        "tls": answer.tls,
        "greeting": answer.greeting,
        "capabilities": {name: list(words) for name, words in answer.capabilities.items()},
    }


def _recipient(result: RecipientResult) -> dict[str, Any]:
    return {
        "address": result.address,
        "outcome": str(result.outcome),
        "reply": reply_dict(result.reply),
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "name": phase.name,
        "start_ms": milliseconds(phase.start),
        "duration_ms": milliseconds(phase.duration),
        "note": phase.note or None,
        "failed": phase.failed,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "t_ms": milliseconds(event.at),
        "direction": str(event.direction),
        "layer": str(event.layer),
        "tls": event.tls,
        "text": event.text,
        "expected": event.expected,
        "stage": str(event.stage) if event.stage else None,
        "length": event.data_length,
        "sha256": event.data_digest,
    }

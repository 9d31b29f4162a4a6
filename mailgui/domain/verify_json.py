"""The document that ``mailgui verify --json`` prints."""

from mailgui.domain.verify_message import SpfVerdict, VerifyReport
from mailgui.message.received_hops import Hop
from mailgui.transcript import visible


def to_json_dict(report: VerifyReport) -> dict[str, object]:
    """Return the judgement in the shape of the ``verify`` document."""
    return {
        "subject": visible(report.subject),
        "from": visible(report.author),
        "received": _iso(report),
        "dkim": [each.to_json_dict() for each in report.signatures],
        "arc": report.arc.to_json_dict(),
        "spf": _spf(report.spf),
        "dmarc": report.dmarc.to_json_dict(),
        "hops": [_hop(hop) for hop in report.hops],
        "authentication_results": [_shown(claim.to_json_dict()) for claim in report.claims],
        "findings": [finding.to_json_dict() for finding in report.findings],
        "queries": sum(not answer.cached for answer in report.answers),
        "dns_ms": round(report.seconds * 1000, 3),
    }


def _iso(report: VerifyReport) -> str | None:
    return report.received.isoformat() if report.received else None


def _spf(spf: SpfVerdict) -> dict[str, object]:
    clues, report = spf.clues, spf.report
    outcome = report.outcome if report else None
    return {
        "result": spf.result,
        "domain": clues.domain,
        "ip": clues.ip.value,
        "ip_source": clues.ip.source,
        "mail_from": None if clues.mail_from.value is None else visible(clues.mail_from.value),
        "mail_from_source": clues.mail_from.source,
        "helo": None if clues.helo.value is None else visible(clues.helo.value),
        "helo_source": clues.helo.source,
        "reason": visible(spf.reason),
        "explanation": outcome.explanation if outcome else None,
        "record": outcome.record if outcome else None,
        "lookups": outcome.lookups if outcome else None,
        "trace": [node.to_json_dict() for node in outcome.trace] if outcome else [],
    }


def _hop(hop: Hop) -> dict[str, object]:
    return {
        "from": visible(hop.sender) or None,
        "reverse": visible(hop.reverse) or None,
        "ip": hop.ip,
        "by": visible(hop.by) or None,
        "with": visible(hop.protocol) or None,
        "tls": hop.tls,
        "tls_version": hop.tls_version or None,
        "cipher": visible(hop.cipher) or None,
        "id": visible(hop.identifier) or None,
        "for": visible(hop.recipient) or None,
        "time": hop.time.isoformat() if hop.time else None,
        "delay_s": hop.delay,
        "text": visible(hop.text),
    }


def _shown(value: object) -> object:
    """Return a JSON value with every string in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return value

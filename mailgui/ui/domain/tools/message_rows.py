"""A judged message as rows to choose from: a verdict each, a line of words, and what is behind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgui.domain.dkim_verify import DkimResult
from mailgui.domain.verify_findings import dkim_findings
from mailgui.domain.verify_message import VerifyReport
from mailgui.findings import Finding, Verdict
from mailgui.transcript import visible
from mailgui.ui.widgets.formatting import duration, number

_DKIM = {"pass": Verdict.PASS, "temperror": Verdict.UNCHECKED}
_SPF = {
    "pass": Verdict.PASS,
    "none": Verdict.NOT_SET_UP,
    "softfail": Verdict.ATTENTION,
    "neutral": Verdict.ATTENTION,
    "temperror": Verdict.UNCHECKED,
    None: Verdict.UNCHECKED,
}
_DMARC = {"pass": Verdict.PASS, "none": Verdict.NOT_SET_UP, "temperror": Verdict.UNCHECKED}
_ARC = {"pass": Verdict.PASS, "fail": Verdict.ATTENTION, "temperror": Verdict.UNCHECKED}
_ALGORITHMS = {"rsa-sha256": "RSA", "ed25519-sha256": "Ed25519", "rsa-sha1": "RSA with SHA-1"}
_DONE = {
    "deliver": "do nothing about it",
    "quarantine": "put it into the spam folder",
    "reject": "refuse it",
    "retry": "ask the sender to come again",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row and its detail.

    Attributes:
        facts: what is known, as (what, value) pairs.
        record: what stands in the DNS, or the field itself; None without one.
    """

    key: str
    title: str
    verdict: Verdict | None
    summary: str
    sentence: str
    facts: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    findings: tuple[Finding, ...] = ()


def sentence_of_report(report: VerifyReport) -> str:
    """Return what it comes to, for a tired person."""
    domain = visible(report.dmarc.domain or "")
    if report.dmarc.result == "pass":
        return f"This message is from {domain}, as it says: DMARC passes."
    if report.dmarc.result == "none":
        good = any(each.passed for each in report.signatures)
        signed = "A signature holds" if good else "No signature holds"
        return f"{domain} publishes no DMARC policy. {signed}; receivers judge for themselves."
    if report.dmarc.result == "fail":
        done = _DONE[report.dmarc.disposition]
        return (
            f"Nothing shows that this message is from {domain}: DMARC fails, and receivers are "
            f"asked to {done}."
        )
    if report.dmarc.result == "temperror":
        return "It cannot be told yet whether the message is genuine: a name server was silent."
    return f"DMARC cannot judge this message. {report.dmarc.reason}"


def rows_of(report: VerifyReport) -> tuple[Row, ...]:
    """Return the rows, the verdicts first, then the way and the form."""
    rows = [_dmarc(report), *_dkim(report.signatures), _spf(report), _arc(report)]
    if report.hops:
        rows.append(_hops(report))
    rows.append(_header(report))
    if report.claims:
        rows.append(_claims(report))
    rows.append(Row("source", "Source", None, "the header as it stands", ""))
    return tuple(map(_told_once, rows))


def _told_once(row: Row) -> Row:
    """Leave the sentence out where a finding tells the same."""
    told = row.sentence and any(row.sentence in f.explanation for f in row.findings)
    return replace(row, sentence="") if told else row


def _about(report: VerifyReport, *prefixes: str) -> tuple[Finding, ...]:
    starts = tuple(f"verify.{prefix}." for prefix in prefixes)
    return tuple(finding for finding in report.findings if finding.id.startswith(starts))


def _worst(findings: Sequence[Finding]) -> Verdict:
    severities = {finding.severity.value for finding in findings}
    if "broken" in severities:
        return Verdict.BROKEN
    return Verdict.ATTENTION if "attention" in severities else Verdict.PASS


def _dmarc(report: VerifyReport) -> Row:
    dmarc = report.dmarc
    facts = [("Author's domain", visible(dmarc.domain or "–"))]
    if dmarc.view is not None:
        facts.append(("Organizational domain", dmarc.view.organizational))
        facts.append(("Policy", dmarc.policy or "none published"))
        done = "take it as it is" if dmarc.result == "pass" else _DONE[dmarc.disposition]
        facts.append(("A receiver would", done))
    for each in dmarc.identifiers:
        mode = "strict" if each.strict else "relaxed"
        belongs = "aligned" if each.aligned else "not aligned"
        name = each.method.upper()
        facts.append((name, f"{visible(each.domain)}: {each.result}, {belongs} ({mode})"))
    if dmarc.result_7489:
        facts.append(("By RFC 7489", f"{dmarc.result_7489}, policy {dmarc.policy_7489 or 'none'}"))
    record = dmarc.view.record.text if dmarc.view and dmarc.view.record else None
    summary = dmarc.result + (f", policy {dmarc.policy}" if dmarc.policy else "")
    return Row(
        "dmarc",
        "DMARC",
        _DMARC.get(dmarc.result, Verdict.BROKEN),
        summary,
        dmarc.reason,
        tuple(facts),
        record,
        _about(report, "dmarc", "from"),
    )


def _dkim(signatures: Sequence[DkimResult]) -> list[Row]:
    if not signatures:
        findings = tuple(dkim_findings(()))
        return [
            Row("dkim", "DKIM", Verdict.NOT_SET_UP, "not signed", "", (), None, findings),
        ]
    several = len(signatures) > 1
    return [
        _signature(each, f"dkim-{number_}" if several else "dkim")
        for number_, each in enumerate(signatures, 1)
    ]


def _signature(result: DkimResult, key: str) -> Row:
    made = result.signature
    algorithm = _ALGORITHMS.get(made.algorithm, visible(made.algorithm) or "?")
    bits = f" {result.bits}" if result.bits and made.algorithm != "ed25519-sha256" else ""
    fields = ", ".join(visible(name.decode("utf-8", "replace")) for name in made.headers)
    facts = [
        ("Domain", visible(made.domain)),
        ("Selector", visible(made.selector)),
        ("Algorithm", f"{algorithm}{bits}"),
        ("Canonicalisation", made.canonicalization),
        ("Signed fields", fields or "–"),
    ]
    if result.extra_names:
        facts.append(("Signed as absent", ", ".join(result.extra_names)))
    document = result.to_json_dict()
    for words, name in (("Signed", "timestamp"), ("Expires", "expires")):
        if document[name]:
            facts.append((words, str(document[name])))
    if made.length is not None:
        facts.append(("Signed octets", f"{made.length:,}; {result.unsigned_octets:,} are not"))
    if result.record is not None:
        facts.append(("Key at", visible(made.key_name)))
    sentence = " ".join(filter(None, (result.reason, result.hint)))
    return Row(
        key,
        f"DKIM · {visible(made.domain) or 'no domain'}",
        _DKIM.get(result.result, Verdict.BROKEN),
        f"{result.result}, {visible(made.selector) or 'no selector'}, {algorithm}{bits}",
        sentence,
        tuple(facts),
        result.record,
        tuple(dkim_findings([result])),
    )


def _spf(report: VerifyReport) -> Row:
    spf, clues = report.spf, report.spf.clues
    facts = tuple(
        (words, f"{visible(known.value) if known.value else '–'} ({known.source})")
        for words, known in (
            ("Client's address", clues.ip),
            ("Greeting", clues.helo),
            ("Envelope's sender", clues.mail_from),
        )
        if known.value is not None or words != "Greeting"
    )
    outcome = spf.report.outcome if spf.report else None
    summary = f"{spf.result} for {clues.ip.value}" if spf.result else "the client is not known"
    return Row(
        "spf",
        "SPF",
        _SPF.get(spf.result, Verdict.BROKEN),
        summary,
        "" if spf.result else spf.reason,
        facts,
        outcome.record if outcome else None,
        _about(report, "spf"),
    )


def _arc(report: VerifyReport) -> Row:
    arc = report.arc
    facts = []
    for each in arc.instances:
        seal = each.set.seal
        ams = each.message_signature
        told = f"{visible(seal.domain)}: cv={visible(each.set.cv)}, seal {each.seal_result}"
        facts.append((f"Set {each.set.instance}", f"{told}, message signature {ams.result}"))
    if arc.oldest_pass:
        facts.append(("Unchanged since", f"set {arc.oldest_pass}"))
    sets = number(len(arc.instances), "set")
    summary = "no chain" if arc.result == "none" else f"{arc.result}, {sets}"
    return Row(
        "arc",
        "ARC",
        _ARC.get(arc.result),
        summary,
        arc.reason,
        tuple(facts),
        None,
        _about(report, "arc"),
    )


def _hops(report: VerifyReport) -> Row:
    times = [hop.time for hop in report.hops if hop.time]
    took = (max(times) - min(times)).total_seconds() if len(times) > 1 else None
    summary = number(len(report.hops), "hop")
    if took is not None:
        summary += f" in {duration(took) if took >= 1 else 'under 1 s'}"
    findings = _about(report, "hops")
    return Row("hops", "The way it took", _worst(findings), summary, "", findings=findings)


def _header(report: VerifyReport) -> Row:
    findings = _about(report, "header", "form", "doubled", "missing", "unsubscribe", "dkim2")
    summary = number(len(findings), "remark") if findings else "nothing odd"
    facts = (
        ("From", visible(report.author) or "–"),
        ("Subject", visible(report.subject) or "–"),
        ("Received", f"{report.received:%Y-%m-%d %H:%M:%S} UTC" if report.received else "–"),
    )
    return Row("header", "Header", _worst(findings), summary, "", facts, None, findings)


def _claims(report: VerifyReport) -> Row:
    facts = []
    for claim in report.claims:
        told = "; ".join(
            " ".join([f"{r.method}={r.result}", *(f"{k}={v}" for k, v in r.properties)])
            for r in claim.results
        )
        facts.append((visible(claim.server) or "–", visible(told) or "nothing was checked"))
    findings = _about(report, "claims")
    first = report.claims[0]
    summary = visible(", ".join(f"{r.method}={r.result}" for r in first.results)) or "nothing"
    return Row(
        "claims",
        "What servers said",
        Verdict.ATTENTION if findings else None,
        summary,
        "Authentication-Results as they stand in the file, the topmost first. Trust only what your "
        "own server wrote: anyone can send such a field along.",
        tuple(facts),
        None,
        findings,
    )

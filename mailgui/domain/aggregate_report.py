"""A DMARC aggregate report read: RFC 9990, and RFC 7489's appendix C before it."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from mailgui.domain.aggregate_container import ReportProblem, xml_documents
from mailgui.domain.aggregate_xml import Element, parse_xml

_MOST_COUNT = 10**12


@dataclass(frozen=True, slots=True)
class AuthResult:
    """What a receiver found of one SPF or DKIM identity, before alignment."""

    domain: str
    result: str
    selector: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Messages that were alike.

    Attributes:
        disposition: what the receiver did: none, quarantine, reject (or pass, in RFC 9990).
        dkim, spf: whether each passed *and* was aligned with the author's domain.
        reasons: why the receiver did otherwise than the policy asks, such as ``forwarded``.
    """

    source: str
    count: int
    disposition: str
    dkim: bool
    spf: bool
    header_from: str
    envelope_from: str = ""
    envelope_to: str = ""
    reasons: tuple[str, ...] = ()
    dkim_results: tuple[AuthResult, ...] = ()
    spf_results: tuple[AuthResult, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether DMARC passes: one of the two suffices (RFC 9989, section 4.1)."""
        return self.dkim or self.spf


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """One receiver's account of the mail in a domain's name over a span of time.

    Attributes:
        begin, end: in UTC; None where the report does not say.
        policy: the record as the receiver saw it, tag by tag.
        errors: what the receiver could not do.
        skipped: rows that could not be read.
    """

    reporter: str
    report_id: str
    domain: str
    begin: datetime | None
    end: datetime | None
    policy: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    contact: str = ""
    errors: tuple[str, ...] = ()
    skipped: int = 0

    @property
    def messages(self) -> int:
        """How many messages it tells of."""
        return sum(row.count for row in self.rows)


def read_reports(
    octets: bytes, told: Callable[[ReportProblem], None]
) -> tuple[AggregateReport, ...]:
    """Return the reports in a file: XML, gzip, zip, or a message with one of these.

    ``told`` gets what keeps one of them from being read, which is no reason to leave the others.
    """
    reports = []
    try:
        for place, document in xml_documents(octets):
            try:
                reports.append(_report(parse_xml(document)))
            except ReportProblem as problem:
                told(problem.within(place))
    except ReportProblem as problem:  # of what they are packed in
        told(problem)
    return tuple(reports)


def _report(root: Element) -> AggregateReport:
    if root.name != "feedback":
        raise ReportProblem(
            f"The XML is no DMARC aggregate report: it begins with <{root.name[:40]}>."
        )
    published = root.find("policy_published") or Element("policy_published")
    rows = [_row(record) for record in root.all("record")]
    metadata = root.find("report_metadata") or Element("report_metadata")
    return AggregateReport(
        reporter=metadata.value("org_name") or "not named",
        report_id=metadata.value("report_id"),
        domain=published.value("domain").lower(),
        begin=_time(metadata.value("date_range", "begin")),
        end=_time(metadata.value("date_range", "end")),
        policy=tuple((c.name, c.text) for c in published.children if c.name != "domain"),
        rows=tuple(row for row in rows if row is not None),
        contact=metadata.value("email"),
        errors=tuple(error.text for error in metadata.all("error") if error.text),
        skipped=sum(row is None for row in rows),
    )


def _row(record: Element) -> Row | None:
    row = record.find("row") or Element("row")
    identifiers = record.find("identifiers") or record.find("identities") or Element("identifiers")
    count = row.value("count")
    source = _address(row.value("source_ip"))
    if not source or not count.isascii() or not count.isdigit() or int(count[:15]) > _MOST_COUNT:
        return None
    evaluated = row.find("policy_evaluated") or Element("policy_evaluated")
    results = record.find("auth_results") or Element("auth_results")
    return Row(
        source=source,
        count=int(count),
        disposition=evaluated.value("disposition").lower() or "not told",
        dkim=evaluated.value("dkim").lower() == "pass",
        spf=evaluated.value("spf").lower() == "pass",
        header_from=identifiers.value("header_from").lower(),
        envelope_from=identifiers.value("envelope_from").lower(),
        envelope_to=identifiers.value("envelope_to").lower(),
        reasons=tuple(_reason(reason) for reason in evaluated.all("reason")),
        dkim_results=tuple(_result(each) for each in results.all("dkim")),
        spf_results=tuple(_result(each) for each in results.all("spf")),
    )


def _reason(reason: Element) -> str:
    kind, comment = reason.value("type"), reason.value("comment")
    return f"{kind} ({comment})" if comment else kind


def _result(element: Element) -> AuthResult:
    return AuthResult(
        element.value("domain").lower(),
        element.value("result").lower() or "not told",
        element.value("selector"),
        element.value("scope"),
    )


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None

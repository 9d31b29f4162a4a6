"""CAA: which authorities may issue certificates for the domain (RFC 8659, RFC 9495, VMC terms)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

_TAGS = {
    "issue": "certificates for servers",
    "issuewild": "wildcard certificates",
    "issuemail": "certificates for e-mail addresses (S/MIME)",
    "issuevmc": "certificates for logos (BIMI)",
    "iodef": "where to report refused requests",
    "contactemail": "whom to write to",
    "contactphone": "whom to call",
}
_RECORD = re.compile(r'(\d{1,3})\s+([A-Za-z0-9]+)\s+"?(.*?)"?\s*', re.DOTALL)
_MAX = 50


@dataclass(frozen=True, slots=True)
class CaaRecord:
    """One record; ``fault`` says what is wrong with it."""

    flags: int
    tag: str
    value: str
    fault: str = ""

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``caa`` section holds it."""
        return {
            "flags": self.flags,
            "tag": self.tag,
            "value": self.value,
            "meaning": _TAGS.get(self.tag.lower()),
            "fault": self.fault or None,
        }


async def check_caa(domain: str, asker: Asker) -> Section:
    """Return the section on the CAA records that count for ``domain``.

    Where it has none, those of the nearest name above it do (RFC 8659, section 3).
    """
    name, answer = domain, await asker.ask(domain, "CAA")
    while answer.absent and name.count(".") > 1:
        name = name.partition(".")[2]
        answer = await asker.ask(name, "CAA")
    if not answer.conclusive:
        return unchecked("caa", "The CAA records", _reason(answer))
    if answer.absent:
        return Section("caa", Verdict.NOT_SET_UP, "any authority may issue certificates")
    records = tuple(_parse(text) for text in answer.records[:_MAX])
    findings = tuple(_judge(records))
    details = {"name": name, "entries": [record.to_json_dict() for record in records]}
    return Section(
        "caa",
        worst(findings),
        _summary(records),
        tuple(map(visible, answer.records)),
        findings,
        details,
    )


def _reason(answer: Answer) -> str:
    return answer.reason or f"The name server answered {answer.status.value}."


def _parse(text: str) -> CaaRecord:
    match = _RECORD.fullmatch(text)
    if match is None:
        return CaaRecord(0, "", visible(text), "It cannot be read.")
    flags, tag, value = int(match[1]), match[2], visible(match[3])
    fault = ""
    if tag.lower() not in _TAGS and flags & 128:
        fault = f"The tag {tag} is marked critical and not known to any authority: none may issue."
    elif tag.lower() in ("issue", "issuewild", "issuemail", "issuevmc"):
        issuer = value.partition(";")[0].strip()
        if issuer and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", issuer):
            fault = f"“{issuer}” is not the domain of an authority."
    elif tag.lower() == "iodef" and not value.lower().startswith(
        ("mailto:", "http://", "https://")
    ):
        fault = "iodef must hold a mailto: or an https: address."
    return CaaRecord(flags, tag, value, fault)


def _summary(records: Sequence[CaaRecord]) -> str:
    issuers = dict.fromkeys(
        record.value.partition(";")[0].strip()
        for record in records
        if record.tag.lower() == "issue" and not record.fault
    )
    named = [issuer for issuer in issuers if issuer]
    if named:
        return f"only {', '.join(named[:4])}{' and others' if len(named) > 4 else ''} may issue"
    if issuers:
        return "no authority may issue"
    return f"{len(records)} record{'' if len(records) == 1 else 's'}"


def _judge(records: Sequence[CaaRecord]) -> Iterator[Finding]:
    for record in records:
        if record.fault:
            yield Finding(
                "caa.critical" if "critical" in record.fault else "caa.syntax",
                Severity.ATTENTION,
                "A CAA record stops every authority"
                if "critical" in record.fault
                else "A CAA record is wrong",
                record.fault,
                "Correct the record.",
                (f'{record.flags} {record.tag} "{record.value}"',),
            )

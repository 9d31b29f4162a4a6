"""Domains that are broken in one place each: data in ``tests/domain/broken``, and how it is read.

``good.zone`` is a domain in order, a record a line, as ``name_server.Zone`` reads it. Every other
file is a list of cases, each the good domain with one change:

    [spf.multiple] broken, no record
    Two SPF records
    + good.example TXT v=spf1 -all

In the brackets stands the one finding that the change leads to (nothing: none at all), then the
verdict of its section and whether the finding gives a record to publish; further, where it must be
so, ``with FINDING`` (it comes along), ``then FINDING`` (what the record leads to in its turn),
``also SECTION VERDICT``, ``selector NAME``. Next comes what was done, then
the change: ``- text`` takes away the lines that begin so, ``+ line`` adds one, ``= line`` puts one
in the place of those with its name and type (and, for TXT, its ``v=``); ``> words`` must stand in
the finding. Changes before the first case are made to the good domain for all of a file's cases.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import dns.flags
import dns.message

from mailgui.domain.report import DomainReport, check
from mailgui.findings import Finding
from mailgui.net.dns_address import ServerAddress
from mailgui.net.resolver import Resolver
from tests.support.asking import InProcess
from tests.support.name_server import NameServer, Zone

FOLDER = Path(__file__).parent.parent / "domain" / "broken"
DOMAIN = "good.example"
_VERSION = re.compile(r"v\s*=\s*\w{3}", re.IGNORECASE)  # enough to tell SPF from DMARC


@dataclass
class Case:
    """One broken domain; ``edits`` are its changes, ``words`` what its finding says."""

    file: str
    finding: str
    verdict: str
    record: bool
    title: str = ""
    company: set[str] = field(default_factory=set)
    aftermath: set[str] = field(default_factory=set)
    also: dict[str, str] = field(default_factory=dict)
    selectors: list[str] = field(default_factory=list)
    edits: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    before: list[tuple[str, str]] = field(default_factory=list)

    @property
    def section(self) -> str:
        return self.finding.partition(".")[0] or self.file

    def __str__(self) -> str:
        return f"{self.finding or self.file}: {self.title}"


def good() -> list[str]:
    """Return the lines of the domain in order."""
    text = _read_text(FOLDER / "good.zone")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def cases() -> list[Case]:
    """Return every case."""
    files = sorted(path for path in FOLDER.glob("*.zone") if path.name != "good.zone")
    return [case for path in files for case in _read(path)]


def _read_text(path: Path) -> str:
    """Return a file with the keys of ``keys.txt`` in the place of their names (``$RSA2048``)."""
    keys = dict(line.split() for line in (FOLDER / "keys.txt").read_text("utf-8").splitlines())
    return re.sub(r"\$([A-Z0-9]+)", lambda name: keys[name[1]], path.read_text("utf-8"))


def _read(path: Path) -> list[Case]:
    found: list[Case] = []
    before: list[tuple[str, str]] = []
    for line in _read_text(path).splitlines():
        if not line or line.startswith("#"):
            continue
        head = re.fullmatch(r"\[(.*)\] (.*)", line)
        if head:
            found.append(_case(path.stem, *head.groups()))
            found[-1].before = before
            continue
        mark, _, text = line.partition(" ")
        if not found:
            before.append((mark, text))
        elif mark in "+-=":
            found[-1].edits.append((mark, text))
        elif mark == ">":
            found[-1].words.append(text)
        else:
            assert not found[-1].title, f"{path.name}: “{line}” is not understood."
            found[-1].title = line
    return found


def _case(file: str, finding: str, rest: str) -> Case:
    verdict, *options = rest.split(", ")
    case = Case(file, finding, verdict, record="record" in options)
    for option in options:
        word, *arguments = option.split()
        match word, arguments:
            case "with", [other]:
                case.company.add(other)
            case "then", [other]:
                case.aftermath.add(other)
            case "also", [section, its]:
                case.also[section] = its
            case "selector", [name]:
                case.selectors.append(name)
            case _:
                assert option in ("record", "no record"), f"{file}: “{option}” is not understood."
    assert not finding or {"record", "no record"} & set(options), f"{file}: {finding}: record?"
    return case


def changed(lines: list[str], edits: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines with the changes."""
    for mark, text in edits:
        if mark == "-":
            kept = [line for line in lines if not line.startswith(text)]
            assert len(kept) < len(lines), f"No line begins with “{text}”."
            lines = kept
        elif mark == "=":
            lines = _replaced(lines, text)
        else:
            lines = [*lines, text]
    return lines


def published(lines: list[str], finding: Finding) -> list[str]:
    """Return the lines with the finding's record in the place of what it corrects."""
    match = re.fullmatch(r"(\S+)\. IN ([A-Z]+) (.*)", finding.record or "")
    assert match, f"{finding.record} is no record in zone-file form."
    name, rdtype, data = match.groups()
    if rdtype == "TXT":
        data = "".join(re.findall(r'"((?:\\.|[^"])*)"', data)).replace('\\"', '"')
    if rdtype == "MX" and not data.startswith("0 "):
        preference = data.split()[0]
        lines = [line for line in lines if not line.startswith(f"{name} MX {preference} ")]
        return [*lines, f"{name} MX {data}"]
    return _replaced(lines, f"{name} {rdtype} {data}")


def _replaced(lines: list[str], line: str) -> list[str]:
    kept = [other for other in lines if _place(other) != _place(line)]
    return [*kept, line]


def _place(line: str) -> tuple[str, ...]:
    name, rdtype, data = (*line.split(None, 2), "")[:3]
    version = _VERSION.match(data.replace('" "', "").strip('"'))
    kind = version.group().lower().replace(" ", "") if version and rdtype == "TXT" else ""
    if name.count("_domainkey"):
        kind = ""  # a key needs no version
    return name.lower(), rdtype, kind


class ValidatingServer(NameServer):
    """Says that it validated, but for the names with ``@insecure`` in the zone."""

    def respond(self, query: dns.message.Message) -> dns.message.Message:
        response = super().respond(query)
        labels = tuple(label.lower() for label in query.question[0].name.labels[:-1])
        if self.zone.fault(labels, "ANY") != "insecure":
            response.flags |= dns.flags.AD
        return response


def checked(
    lines: list[str], selectors: Iterable[str] = (), servers: list[NameServer] | None = None
) -> DomainReport:
    """Return the report on the domain, by a name server of this process that validates."""
    return checked_zone(Zone("\n".join(lines)), selectors, servers)


def checked_zone(
    zone: Zone, selectors: Iterable[str] = (), servers: list[NameServer] | None = None
) -> DomainReport:
    """Return the same for a zone; the server is added to ``servers`` to be looked at later."""

    async def main() -> DomainReport:
        server = ValidatingServer(zone)
        if servers is not None:
            servers.append(server)
        resolver = Resolver("127.0.0.1", timeout=60)
        transport = InProcess(server)
        transport.address = ServerAddress("udp", "127.0.0.1", 53)
        resolver._transports.append(transport)
        try:
            return await check(
                DOMAIN,
                resolver=resolver,
                selectors=tuple(selectors),
                dns_only=True,
            )
        finally:
            await resolver.close()

    return asyncio.run(main())


def verdicts(report: DomainReport) -> dict[str, str]:
    """Return the verdict of each section."""
    return {section.name: section.verdict.value for section in report.sections}


def ids(report: DomainReport) -> set[str]:
    """Return the findings' ids."""
    return {finding.id for finding in report.findings}

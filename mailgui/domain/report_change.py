"""What has changed between two checks of a domain, from their JSON documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailgui.findings import Verdict
from mailgui.wrong_input import WrongInput

_RANK = {
    Verdict.BROKEN: 0,
    Verdict.UNCHECKED: 1,
    Verdict.NOT_SET_UP: 1,
    Verdict.ATTENTION: 2,
    Verdict.PASS: 3,
}


class NotAReport(WrongInput):
    """A document is no saved report on a domain; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What became of one section.

    Attributes:
        before, now: the verdicts; None where one of the reports lacks the section.
        added, gone: records.
        appeared, settled: the titles of findings.
    """

    name: str
    before: Verdict | None
    now: Verdict | None
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    appeared: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to tell."""
        differs = self.before is not self.now
        return differs or any((self.added, self.gone, self.appeared, self.settled))

    @property
    def direction(self) -> int:
        """1 where the verdict got better, -1 where it got worse, else 0."""
        if self.before is None or self.now is None:
            return 0
        old, new = _RANK[self.before], _RANK[self.now]
        return (new > old) - (new < old)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[SectionChange, ...]:
    """Return what changed, section by section in the order of ``now``. Raises NotAReport.

    Both are documents of ``mailgui check --json``. Another domain's is refused.
    """
    old, new = _sections(before), _sections(now)
    if before.get("domain") != now.get("domain"):
        raise NotAReport(
            f"That report is on {_shown(before.get('domain'))}, not on {_shown(now.get('domain'))}."
        )
    names = [*new, *(name for name in old if name not in new)]
    found = [_change(name, old.get(name), new.get(name)) for name in names]
    return tuple(change for change in found if change.changed)


def _sections(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    if not isinstance(document, Mapping) or not isinstance(document.get("domain"), str):
        raise NotAReport("The file is no report on a domain saved by MailGUI.")
    return {
        name: value
        for name, value in document.items()
        if isinstance(value, Mapping) and value.get("verdict") in set(Verdict)
    }


def _change(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> SectionChange:
    was, now = _records(old), _records(new)
    told, tells = _titles(old), _titles(new)
    return SectionChange(
        name,
        Verdict(old["verdict"]) if old else None,
        Verdict(new["verdict"]) if new else None,
        added=tuple(record for record in now if record not in was),
        gone=tuple(record for record in was if record not in now),
        appeared=tuple(title for key, title in tells.items() if key not in told),
        settled=tuple(title for key, title in told.items() if key not in tells),
    )


def _records(section: Mapping[str, Any] | None) -> list[str]:
    records = section.get("records") if section else None
    return [str(record) for record in records] if isinstance(records, list) else []


def _titles(section: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the findings' titles by id, the id counted where it comes more than once."""
    findings = section.get("findings") if section else None
    titles: dict[str, str] = {}
    for finding in findings if isinstance(findings, list) else []:
        if isinstance(finding, Mapping):
            title = str(finding.get("title", ""))
            titles[f"{finding.get('id')} {title}"] = title
    return titles


def _shown(domain: object) -> str:
    return domain if isinstance(domain, str) else "no domain"

"""One thing worth telling a person, whatever found it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    ATTENTION = "attention"
    BROKEN = "broken"


class Verdict(StrEnum):
    """What a check came to. ``unchecked``: it could not be found out, which is not "absent"."""

    PASS = "pass"
    ATTENTION = "attention"
    BROKEN = "broken"
    NOT_SET_UP = "not_set_up"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth telling a person: plain text throughout, never markup.

    Attributes:
        id: stable, dotted, such as ``smtp.auth.rejected``.
        title: one sentence, no full stop.
        explanation: what it means, for a person under pressure.
        fix: who must do what next; empty where nothing need be done.
        evidence: the replies, events or DNS answers that it rests on.
        record: a DNS record or command to copy, or None.
    """

    id: str
    severity: Severity
    title: str
    explanation: str = ""
    fix: str = ""
    evidence: tuple[str, ...] = ()
    record: str | None = None

    def to_json_dict(self) -> dict[str, object]:
        """Return the finding in the shape that every JSON document of MailGUI uses."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "title": self.title,
            "explanation": self.explanation,
            "fix": self.fix,
            "evidence": list(self.evidence),
            "record": self.record,
        }

"""What an SPF evaluation comes to, and the trace of how it came there."""

from dataclasses import dataclass
from enum import StrEnum


class SpfResult(StrEnum):
    """The results of check_host() (RFC 7208, section 2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


QUALIFIERS = {
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One term, and what came of it.

    Attributes:
        term: as it is written in the record.
        result: ``match``, ``no match``, ``temperror``, ``permerror``, ``used``, ``not used`` or
            ``not reached``; in a tree without an IP address ``resolved``, ``unresolved`` (it
            depends on the message), ``void``, ``loop``.
        lookups: what it took of the ten look-ups, with what is below it.
        void_lookups: likewise of the two void ones; ``void`` says whether it is one itself.
        domain: the name that was asked for, after macro expansion.
        resolved: the networks, addresses or names that it came to.
        children: the terms of the record it led to.
        duration: seconds.
        detail: one sentence where the result does not tell enough.
        record: the record it led to, as text.
    """

    term: str
    result: str
    lookups: int = 0
    void_lookups: int = 0
    domain: str | None = None
    resolved: tuple[str, ...] = ()
    children: tuple["TraceNode", ...] = ()
    duration: float = 0.0
    detail: str = ""
    record: str | None = None
    void: bool = False

    def to_json_dict(self) -> dict[str, object]:
        """Return the node in the shape of the ``spf`` document's ``trace``."""
        return {
            "term": self.term,
            "result": self.result,
            "lookups": self.lookups,
            "void_lookups": self.void_lookups,
            "void": self.void,
            "domain": self.domain,
            "resolved": list(self.resolved),
            "record": self.record,
            "detail": self.detail,
            "duration_ms": round(self.duration * 1000, 3),
            "children": [child.to_json_dict() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class SpfOutcome:
    """What check_host() came to.

    Attributes:
        explanation: what the domain says to senders whose mail fails; None without one.
        lookups, void_lookups: spent in this evaluation.
        error: why it is a temperror or permerror, one sentence.
    """

    result: SpfResult
    explanation: str | None = None
    lookups: int = 0
    void_lookups: int = 0
    trace: tuple[TraceNode, ...] = ()
    record: str | None = None
    error: str | None = None
    duration: float = 0.0

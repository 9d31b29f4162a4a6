"""The knowledge base: what a refusal or a fault means, as data in ``resources/knowledge/*.toml``.

Each file is a list of entries::

    [[entry]]
    id = "smtp.rcpt.unknown_user"       # stable, unique over all files
    severity = "broken"                 # info, attention or broken (which is the default)
    who = "you"                         # who must act; see WHO
    title = "…"                         # one sentence, no full stop
    explanation = "…"                   # what it means
    fix = "…"                           # the next step, addressed to whoever ``who`` names
    examples = ["550 5.1.1 <a@b.example>: Recipient address rejected: User unknown"]

and of conditions, all of which must hold (of several values in one, any)::

    kinds = ["smtp"]                    # the default; else http or dns
    outcomes, stages = […]              # the closed lists of words
    faults = ["refused"]                # slugs of local and network faults
    codes = ["550", "55x", "5xx"]       # reply codes, or the HTTP status
    enhanced = ["5.1.1", "x.1.1"]       # RFC 3463; x stands for any number
    pattern = "user unknown"            # a regular expression found in the reply (or HTTP body)
    hosts = "google\\\\.com$"             # a regular expression found in the peer's name
    ports = [25]
    also = [{ codes = ["401"] }]        # other sets of conditions that will do as well

Where several entries fit, the most specific one is told: conditions count by how much they say
(``_WEIGHTS``). ``rank`` is added where that would tell the wrong one; where all is equal, the first
in the order of the files is told. Texts may hold the PLACEHOLDERS, such as ``${host}``.

An example is a reply, or a table for what is no plain reply:
``{ reply, stage, host, port, fault, outcome, body, kind }``. Every example must find its own entry:
the tests see to it.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mailgui import resources
from mailgui.findings.finding import Severity
from mailgui.transcript import Kind, Outcome, Stage

WHO = {
    "you": "",
    "nobody": "",
    "domain_admin": "Whoever runs ${sender_domain}: ",
    "server_admin": "Whoever runs ${host}: ",
    "network_admin": "Whoever runs your network: ",
    "recipient": "The recipient: ",
    "recipient_admin": "Whoever runs mail for ${domain}: ",
    "provider": "Your provider: ",
}
"""Who must act, and how a fix that is not the reader's own says so."""

PLACEHOLDERS = frozenset({"host", "port", "address", "domain", "sender", "sender_domain", "code"})


class Match(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Conditions, all of which must hold; see the module's text."""

    kinds: tuple[Kind, ...] = (Kind.SMTP,)
    outcomes: tuple[Outcome, ...] = ()
    stages: tuple[Stage, ...] = ()
    faults: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    enhanced: tuple[str, ...] = ()
    pattern: str = ""
    hosts: str = ""
    ports: tuple[int, ...] = ()
    rank: int = 0


class Example(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A recorded situation that an entry must be found for."""

    reply: str = ""
    stage: Stage | None = None
    host: str = "mx.example.net"
    port: int = 25
    fault: str | None = None
    outcome: Outcome | None = None
    body: str = ""
    kind: Kind | None = None


class Entry(Match, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One thing known. ``also`` are other conditions under which it holds."""

    id: str
    who: str
    title: str
    explanation: str
    fix: str
    examples: tuple[str | Example, ...]
    severity: Severity = Severity.BROKEN
    also: tuple[Match, ...] = ()

    def conditions(self) -> tuple[Match, ...]:
        """Return all sets of conditions of which one will do."""
        return (self, *self.also)


class Situation(msgspec.Struct, frozen=True):
    """What a transcript, or one recipient in it, came to: what entries are matched against."""

    kind: Kind
    outcome: Outcome
    stage: Stage | None = None
    fault: str | None = None
    code: int | None = None
    enhanced: str | None = None
    text: str = ""
    host: str = ""
    port: int | None = None


class KnowledgeFault(ValueError):
    """A knowledge file is malformed: a fault of this installation, not of the user."""


# How much each condition says. A text or a host names one product's one case; a fault names one
# case; codes and stages only narrow down.
_WEIGHTS = {"pattern": 40, "hosts": 30, "faults": 30, "ports": 10, "stages": 4, "outcomes": 1}
_EXACT_ENHANCED, _ANY_ENHANCED = 16, 10  # whatever the class, the rest says what it is
_EXACT_CODE, _ANY_CODE = 12, 3


class _Prepared:
    """A set of conditions made ready for matching."""

    def __init__(self, match: Match, entry: Entry) -> None:
        self.entry = entry
        self._match = match
        self._pattern = re.compile(match.pattern, re.IGNORECASE) if match.pattern else None
        self._hosts = re.compile(match.hosts, re.IGNORECASE) if match.hosts else None
        self._codes = _wildcards(match.codes, r"\d")
        self._enhanced = _wildcards(match.enhanced, r"\d+")
        self.weight = match.rank + sum(w for name, w in _WEIGHTS.items() if getattr(match, name))
        if match.enhanced:
            exact = not any("x" in each for each in match.enhanced)
            self.weight += _EXACT_ENHANCED if exact else _ANY_ENHANCED
        if match.codes:
            exact = not any("x" in each for each in match.codes)
            self.weight += _EXACT_CODE if exact else _ANY_CODE

    def fits(self, situation: Situation) -> bool:
        match = self._match
        return (
            situation.kind in match.kinds
            and (not match.outcomes or situation.outcome in match.outcomes)
            and (not match.stages or situation.stage in match.stages)
            and (not match.faults or situation.fault in match.faults)
            and (not match.ports or situation.port in match.ports)
            and _found(self._codes, str(situation.code or ""))
            and _found(self._enhanced, situation.enhanced or "")
            and (not self._hosts or self._hosts.search(situation.host) is not None)
            and (not self._pattern or self._pattern.search(situation.text) is not None)
        )


def _wildcards(values: Sequence[str], digits: str) -> re.Pattern[str] | None:
    if not values:
        return None
    return re.compile("|".join(re.escape(value).replace("x", digits) for value in values))


def _found(pattern: re.Pattern[str] | None, value: str) -> bool:
    return pattern is None or pattern.fullmatch(value) is not None


class Knowledge:
    """All entries, the most specific first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        prepared = [_Prepared(match, entry) for entry in entries for match in entry.conditions()]
        self._prepared = sorted(prepared, key=lambda each: -each.weight)  # stable: files' order

    def find(self, situation: Situation) -> Entry | None:
        """Return the most specific entry that fits, or None."""
        return next((each.entry for each in self._prepared if each.fits(situation)), None)


def read_entries(path: Path) -> tuple[Entry, ...]:
    """Return the entries of one file. Raises KnowledgeFault, naming the file, when malformed."""
    try:
        document: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
        entries = msgspec.convert(document.get("entry", []), tuple[Entry, ...])
        for entry in entries:
            for match in entry.conditions():
                _Prepared(match, entry)
    except (msgspec.ValidationError, msgspec.DecodeError, re.error) as error:
        raise KnowledgeFault(f"{path.name}: {error}") from error
    return entries


@cache
def knowledge() -> Knowledge:
    """Return the knowledge base, read from the resources when first asked for."""
    files = sorted(resources.path("knowledge").glob("*.toml"))
    return Knowledge([entry for path in files for entry in read_entries(path)])

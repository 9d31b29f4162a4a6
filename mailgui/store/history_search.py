"""What to look for in the history, and the SQL that finds it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgui.message.draft import Draft
from mailgui.store.history_rows import fit
from mailgui.transcript import Kind, Outcome, Transcript

_MOST_WORDS = 100  # that are looked for; SQLite has a bound of its own
_MOST_TEXT = 20_000  # characters kept of a transcript to search in


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What to look for; an empty field asks for nothing.

    Attributes:
        text: words that must all be found in title, addresses, subject, ids or replies.
        title: what the conversation was held for, such as the profile's name, exactly.
        since, until: when it began, the first included and the second not.
    """

    text: str = ""
    outcomes: tuple[Outcome, ...] = ()
    kind: Kind | None = None
    title: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether everything is asked for."""
        return self == HistoryFilter()


def where_clause(wanted: HistoryFilter) -> tuple[list[str], list[object]]:
    """Return the conditions, to be joined by AND, and their values."""
    conditions: list[str] = []
    values: list[object] = []
    for word in fit(wanted.text).casefold().split()[:_MOST_WORDS]:
        conditions.append("instr(search, ?) > 0")
        values.append(word)
    if wanted.outcomes:
        conditions.append(f"outcome IN ({', '.join('?' * len(wanted.outcomes))})")
        values += [outcome.value for outcome in wanted.outcomes]
    for column, value in (("kind", wanted.kind), ("title", wanted.title)):
        if value:
            conditions.append(f"{column} = ?")
            values.append(str(value))
    for comparison, moment in ((">=", wanted.since), ("<", wanted.until)):
        if moment is not None:
            conditions.append(f"started {comparison} ?")
            values.append(moment.timestamp())
    return conditions, values


def search_text(transcript: Transcript, draft: Draft | None, findings: Sequence[str]) -> str:
    """Return the words of a transcript that a person may look for, in one case."""
    parts = [transcript.title, transcript.peer, transcript.summary]
    parts += [transcript.message_id or "", transcript.remote_id or "", *findings]
    if transcript.reply is not None:
        parts.append(_reply(transcript.reply))
    for recipient in transcript.recipients:
        parts.append(recipient.address)
        if recipient.reply is not None:
            parts.append(_reply(recipient.reply))
    if draft is not None:
        people = (*draft.to, *draft.cc, *draft.bcc, *draft.reply_to)
        people = (draft.sender, *people) if draft.sender else people
        parts += [draft.subject, *(f"{p.name} {p.address}" for p in people)]
    for exchange in transcript.exchanges:
        parts += [exchange.url, _answer(exchange.response_body)]
    return "\n".join(filter(None, parts)).casefold()[:_MOST_TEXT]


def _reply(reply: object) -> str:
    code, enhanced, text = (getattr(reply, name) for name in ("code", "enhanced", "text"))
    return f"{code} {enhanced or ''} {text}"


def _answer(body: bytes) -> str:
    """Return an API's answer, with what JSON escaped made readable."""
    if len(body) > _MOST_TEXT:
        return ""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text

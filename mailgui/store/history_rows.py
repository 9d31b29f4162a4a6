"""The rows of the history's table: what a list shows of one, and text made fit for the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailgui.transcript import Kind, Outcome, Stage

STORED = (
    "id, started, kind, title, peer, outcome, stage, summary, duration, message_id, remote_id, "
    "octets, subject, recipients"
)
METADATA = f"{STORED}, draft IS NOT NULL"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What a list shows of a transcript; ``octets`` is the size it takes in the file.

    ``subject`` and ``recipients`` are the message's, ``has_draft`` whether it is kept.
    """

    id: str
    started: datetime
    kind: Kind
    title: str
    peer: str
    outcome: Outcome
    stage: Stage | None
    summary: str
    duration: float
    message_id: str | None
    remote_id: str | None
    octets: int
    subject: str = ""
    recipients: str = ""
    has_draft: bool = False


def read_entries(rows: Iterable[tuple[Any, ...]]) -> tuple[HistoryEntry, ...]:
    """Return the entries in rows of METADATA. One that is spoilt is passed over: it must not hide
    the others.
    """
    return tuple(entry for entry in map(_read, rows) if entry is not None)


def fit(text: str) -> str:
    """Return text as a file can hold it: what is pasted may have lone surrogates in it."""
    return text.encode("utf-8", "replace").decode()


def _read(row: tuple[Any, ...]) -> HistoryEntry | None:
    texts = (row[0], row[3], row[4], row[7], row[9] or "", row[10] or "", row[12], row[13])
    if not all(isinstance(text, str) for text in texts):
        return None
    try:
        return HistoryEntry(
            row[0],
            datetime.fromtimestamp(row[1], UTC),
            Kind(row[2]),
            row[3],
            row[4],
            Outcome(row[5]),
            Stage(row[6]) if row[6] else None,
            summary=row[7],
            duration=float(row[8]),
            message_id=row[9],
            remote_id=row[10],
            octets=int(row[11]),
            subject=row[12],
            recipients=row[13],
            has_draft=bool(row[14]),
        )
    except (ValueError, TypeError, OverflowError, OSError):
        return None

"""The history: every transcript with its findings, in SQLite, bounded in number and in size."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from mailgui.findings import Finding
from mailgui.message.draft import Draft
from mailgui.store import paths
from mailgui.store.files import StoreProblem
from mailgui.store.history_database import Opened, begin_anew, is_damage, open_database
from mailgui.store.history_rows import METADATA, STORED, HistoryEntry, fit, read_entries
from mailgui.store.history_search import HistoryFilter, search_text, where_clause
from mailgui.store.kept_draft import KeptDraft, pack_draft, unpack_draft
from mailgui.store.serial_thread import SerialThread
from mailgui.transcript import Transcript
from mailgui.transcript.codec import decode, encode

_Result = TypeVar("_Result")
MOST_ENTRIES = 100_000

_MOST_DAYS = 36_500
_MOST_WORDS = 1_000  # characters of a subject or of recipients that a list may show


@dataclass(frozen=True, slots=True)
class Remembered:
    """A transcript from the history with the findings that were made of it.

    ``kept`` is the message that was sent, where it was kept.
    """

    transcript: Transcript
    findings: tuple[Finding, ...] = ()
    kept: KeptDraft | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is remembered: so many conversations, so many days; 0 days is no bound."""

    entries: int
    days: int = 0


class History:
    """Keeps transcripts. Its methods belong to one event loop; SQLite has a thread of its own.

    Opening never fails (see ``problems``); the methods raise StoreProblem with a sentence when the
    disk does.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        max_entries: int = 5_000,
        max_octets: int = 256 * 1024 * 1024,
    ) -> None:
        """Beyond ``max_entries`` or ``max_octets`` the oldest transcripts are forgotten."""
        self._path = path or paths.history_file()
        self._max_entries = max_entries
        self._max_octets = max_octets
        self._thread = SerialThread("mailgui-history")
        self._opened: Opened | None = None
        self._ended = False
        self._watchers: list[Callable[[], None]] = []

    def watch(self, changed: Callable[[], None]) -> None:
        """Let ``changed`` be called, on the loop, whenever something was added or forgotten."""
        self._watchers.append(changed)

    async def problems(self) -> tuple[str, ...]:
        """Return a sentence for each thing that was wrong with the file when it was opened."""
        return await self._run(lambda _: self._opened.problems if self._opened else ())

    async def append(
        self,
        transcript: Transcript,
        findings: Sequence[Finding] = (),
        *,
        draft: Draft | None = None,
    ) -> None:
        """Remember a transcript, with the message that it was about; one of the same id is
        replaced.
        """
        await self._run(lambda connection: self._append(connection, transcript, findings, draft))
        self._changed()

    async def get(self, transcript_id: str) -> Remembered | None:
        """Return the transcript of that id, or None when it is not remembered."""

        def read(connection: sqlite3.Connection) -> Remembered | None:
            row = connection.execute(
                "SELECT body, findings, draft FROM transcript WHERE id = ?", (transcript_id,)
            ).fetchone()
            return _remembered(*row) if row else None

        return await self._run(read)

    async def find_by_message_id(self, message_id: str) -> tuple[HistoryEntry, ...]:
        """Return what is remembered of a message, newest first.

        ``message_id`` is its Message-ID (angle brackets do not matter), or the id that the server
        or the API gave it.
        """
        bare = message_id.strip().removeprefix("<").removesuffix(">")
        return await self._run(
            lambda connection: _entries(
                connection,
                "WHERE message_id IN (?1, ?2) OR remote_id IN (?1, ?2)",
                (bare, f"<{bare}>"),
            )
        )

    async def search(
        self,
        wanted: HistoryFilter,
        limit: int = 200,
        *,
        before: HistoryEntry | None = None,
    ) -> tuple[HistoryEntry, ...]:
        """Return at most ``limit`` entries that fit, newest first; those older than ``before`` to
        go on from there.
        """
        conditions, values = where_clause(wanted)
        if before is not None:
            conditions.append("(started, id) < (?, ?)")
            values += [before.started.timestamp(), before.id]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        return await self._run(lambda c: _entries(c, where, tuple(values), limit))

    async def count(self, wanted: HistoryFilter) -> int:
        """Return how many transcripts fit."""
        conditions, values = where_clause(wanted)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"SELECT count(*) FROM transcript {where}"  # noqa: S608 - constants only
        return await self._run(lambda c: int(c.execute(query, values).fetchone()[0]))

    async def titles(self) -> tuple[str, ...]:
        """Return what conversations were held for, such as profiles' names, by the alphabet."""
        query = "SELECT DISTINCT title FROM transcript ORDER BY title COLLATE NOCASE LIMIT 200"
        return await self._run(lambda c: tuple(row[0] for row in c.execute(query)))

    async def retention(self) -> Retention:
        """Return how much is remembered."""
        return await self._run(self._retention)

    async def set_retention(self, retention: Retention) -> None:
        """Remember so much from now on, and forget at once what is beyond it."""

        def change(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
                    [
                        ("entries", _between(1, retention.entries, MOST_ENTRIES)),
                        ("days", _between(0, retention.days, _MOST_DAYS)),
                    ],
                )
                self._forget_oldest(connection, "")

        await self._run(change)
        self._changed()

    async def newest(
        self, limit: int = 200, *, before: HistoryEntry | None = None
    ) -> tuple[HistoryEntry, ...]:
        """Return at most ``limit`` entries, newest first, metadata only; those older than
        ``before`` to go on from there.
        """

        def read(connection: sqlite3.Connection) -> tuple[HistoryEntry, ...]:
            if before is None:
                return _entries(connection, "", (), limit)
            since = before.started.timestamp()
            return _entries(connection, "WHERE (started, id) < (?, ?)", (since, before.id), limit)

        return await self._run(read)

    async def delete(self, transcript_id: str) -> bool:
        """Forget a transcript; return whether there was one."""
        there = await self._run(
            lambda connection: (
                connection.execute("DELETE FROM transcript WHERE id = ?", (transcript_id,)).rowcount
                > 0
            )
        )
        self._changed()
        return there

    async def clear(self) -> None:
        """Forget all transcripts."""
        await self._run(lambda connection: connection.execute("DELETE FROM transcript").rowcount)
        self._changed()

    async def close(self) -> None:
        """Finish what was begun and close the file; a later call opens it for itself alone.

        When MailGUI ends, the last conversation may be kept only after that.
        """
        self._ended = True
        if self._opened is not None:
            await self._thread.run(self._close)
        await self._thread.close()

    def _changed(self) -> None:
        for changed in self._watchers:
            changed()

    async def _run(self, function: Callable[[sqlite3.Connection], _Result]) -> _Result:
        def work() -> _Result:
            if self._opened is None:
                self._opened = open_database(self._path)
            try:
                return function(self._opened.connection)
            except sqlite3.Error as fault:
                if not is_damage(fault):
                    raise
                self._opened.connection.close()
                self._opened = begin_anew(self._path, fault)
                return function(self._opened.connection)
            finally:
                if self._ended:
                    self._close()

        try:
            return await self._thread.run(work)
        except (sqlite3.Error, msgspec.DecodeError, ValueError, TypeError, OverflowError) as fault:
            raise StoreProblem(f"The history in {self._path} failed: {fault}.") from fault

    # What follows runs in the history's thread.

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.connection.close()
            self._opened = None

    def _append(
        self,
        connection: sqlite3.Connection,
        transcript: Transcript,
        findings: Sequence[Finding],
        draft: Draft | None,
    ) -> None:
        kept = pack_draft(draft) if draft is not None else None
        addresses = [recipient.address for recipient in transcript.recipients]
        if draft is not None:
            addresses = [a.address for a in (*draft.to, *draft.cc, *draft.bcc)] or addresses
        body = encode(transcript)
        found = msgspec.json.encode(tuple(findings))
        row = (
            transcript.id,
            transcript.started.timestamp(),
            transcript.kind.value,
            fit(transcript.title),
            fit(transcript.peer),
            transcript.outcome.value,
            transcript.stage.value if transcript.stage else None,
            fit(transcript.summary),
            transcript.duration,
            fit(transcript.message_id) if transcript.message_id else None,
            fit(transcript.remote_id) if transcript.remote_id else None,
            len(body) + len(found) + len(kept or b""),
            fit(draft.subject[:_MOST_WORDS]) if draft else "",
            fit(", ".join(addresses)[:_MOST_WORDS]),
            body,
            found,
            fit(search_text(transcript, draft, [finding.title for finding in findings])),
            kept,
        )
        with _transaction(connection):
            columns = f"{STORED}, body, findings, search, draft"
            places = ", ".join("?" * len(row))
            connection.execute(
                f"INSERT OR REPLACE INTO transcript ({columns}) VALUES ({places})",  # noqa: S608
                row,
            )
            self._forget_oldest(connection, transcript.id)

    def _retention(self, connection: sqlite3.Connection) -> Retention:
        told = dict(connection.execute("SELECT name, value FROM setting"))
        return Retention(
            _between(1, told.get("entries", self._max_entries), MOST_ENTRIES),
            _between(0, told.get("days", 0), _MOST_DAYS),
        )

    def _forget_oldest(self, connection: sqlite3.Connection, newest_id: str) -> None:
        """Delete what is beyond the bounds, oldest first, but never the one just added."""
        bounds = self._retention(connection)
        connection.execute(
            """
            DELETE FROM transcript WHERE id <> ?1 AND id IN (
                SELECT id FROM (
                    SELECT id, row_number() OVER newest_first AS place,
                        sum(octets) OVER newest_first AS octets_so_far
                    FROM transcript WINDOW newest_first AS (ORDER BY started DESC, id DESC)
                ) WHERE place > ?2 OR octets_so_far > ?3
            )
            """,
            (newest_id, bounds.entries, self._max_octets),
        )
        if bounds.days:
            oldest = datetime.now(UTC) - timedelta(days=bounds.days)
            connection.execute(
                "DELETE FROM transcript WHERE id <> ? AND started < ?",
                (newest_id, oldest.timestamp()),
            )


class _transaction:  # noqa: N801 - reads as a statement
    """Run the block as one transaction of a connection in autocommit mode."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # a full disk may have ended it already, or not
                self._connection.execute("ROLLBACK")


def _between(least: int, value: object, most: int) -> int:
    """Return a number within bounds; what is none, as in a spoilt file, is the most."""
    return max(least, min(value, most)) if isinstance(value, int) else most


def _entries(
    connection: sqlite3.Connection, where: str, values: tuple[object, ...], limit: int = -1
) -> tuple[HistoryEntry, ...]:
    query = f"SELECT {METADATA} FROM transcript {where} "  # noqa: S608 - constants only
    rows = connection.execute(
        query + f"ORDER BY started DESC, id DESC LIMIT {limit:d}",
        values,
    )
    return read_entries(rows)


def _remembered(body: bytes, findings: bytes, draft: bytes | None) -> Remembered:
    try:
        kept = unpack_draft(draft) if draft else None
    except ValueError:  # the conversation is still worth showing
        kept = None
    return Remembered(decode(body), msgspec.json.decode(findings, type=tuple[Finding, ...]), kept)

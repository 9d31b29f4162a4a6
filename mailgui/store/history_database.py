"""The SQLite file under the history: its schema, how it is opened, and what happens to a bad one.

Used from one thread, that of ``history.History``. Times are Unix seconds.
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mailgui.store.files import StoreProblem, aside_name, locked, private_folder

SCHEMA_VERSION = 2

_SCHEMA = """
CREATE TABLE transcript (
    id TEXT PRIMARY KEY,
    started REAL NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    peer TEXT NOT NULL,
    outcome TEXT NOT NULL,
    stage TEXT,
    summary TEXT NOT NULL,
    duration REAL NOT NULL,
    message_id TEXT,
    remote_id TEXT,
    octets INTEGER NOT NULL,
    body BLOB NOT NULL,
    findings BLOB NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    recipients TEXT NOT NULL DEFAULT '',
    search TEXT NOT NULL DEFAULT '',
    draft BLOB
);
CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE INDEX transcript_started ON transcript (started DESC, id);
CREATE INDEX transcript_message_id ON transcript (message_id);
CREATE INDEX transcript_remote_id ON transcript (remote_id);
"""

# What version 1 lacked. What could be searched for is filled in as far as the columns tell.
_SECOND = """
ALTER TABLE transcript ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE transcript ADD COLUMN recipients TEXT NOT NULL DEFAULT '';
ALTER TABLE transcript ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE transcript ADD COLUMN draft BLOB;
CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
UPDATE transcript SET search = lower(title || char(10) || peer || char(10) || summary
    || char(10) || coalesce(message_id, '') || char(10) || coalesce(remote_id, ''))
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database, and a sentence for each thing that was wrong with the file."""

    connection: sqlite3.Connection
    problems: tuple[str, ...] = ()


def open_database(path: Path) -> Opened:
    """Open the database at ``path``; never fails.

    A file is not read through for that: damage deep inside shows later (``is_damage``). A damaged
    file is kept aside under a dated name and a new one begun. Where none can be written, or it is
    a newer MailGUI's, a history in memory takes its place and the file is left alone.
    """
    try:
        # Switching to WAL does not wait for another MailGUI that is opening the same file.
        with locked(path):
            return _open_locked(path)
    except (OSError, StoreProblem) as fault:
        return _in_memory(_cannot(path, str(fault)))


def _open_locked(path: Path) -> Opened:
    try:
        return Opened(_open(path))
    except _Newer:
        return _in_memory(
            f"The history in {path} was written by a newer MailGUI and is left alone; what is sent "
            "now is remembered until MailGUI is closed."
        )
    except sqlite3.Error as fault:
        return (
            begin_anew(path, fault) if is_damage(fault) else _in_memory(_cannot(path, str(fault)))
        )
    except OSError as fault:
        return _in_memory(_cannot(path, fault.strerror or str(fault)))


def is_damage(fault: sqlite3.Error) -> bool:
    """Return whether ``fault`` says that the file is spoilt, or no database of ours."""
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    return str(fault).startswith(("no such table", "no such column", "table transcript has"))


def begin_anew(path: Path, damage: sqlite3.Error) -> Opened:
    """Keep the file at ``path`` (closed before) aside and begin a new one; never fails."""
    aside = aside_name(path)
    try:
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        connection = _open(path)
    except (OSError, sqlite3.Error) as fault:
        return _in_memory(_cannot(path, str(fault)))
    sentence = (
        f"The history was damaged ({damage}). It is kept as {aside}, and a new one has begun."
    )
    return Opened(connection, (sentence,))


def _in_memory(sentence: str) -> Opened:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection)
    return Opened(connection, (sentence,))


def _cannot(path: Path, why: str) -> str:
    return (
        f"The history in {path} cannot be used ({why}); what is sent now is remembered until "
        "MailGUI is closed."
    )


class _Newer(Exception):
    """The schema is of a later version than this one knows."""


def _open(path: Path) -> sqlite3.Connection:
    private_folder(path.parent)
    # SQLite gives its journals the mode of the database: 0600 before the first octet.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.text_factory = lambda octets: octets.decode("utf-8", "replace")
    connection.execute("BEGIN IMMEDIATE")  # two MailGUIs may start at once
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise _Newer
        if version < SCHEMA_VERSION:
            for statement in (_SCHEMA if version == 0 else _SECOND).split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("SELECT id, started, octets, search FROM transcript LIMIT 0")
    # Ours has neither; in a file that somebody made, they would run with every look at it.
    own = connection.execute("SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'trigger')")
    if own.fetchone():
        raise sqlite3.DatabaseError("no such table of ours: there are views or triggers in it")

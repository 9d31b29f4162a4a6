import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgui.findings import Finding, Severity
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.store.history import History, Retention
from mailgui.store.history_search import HistoryFilter
from mailgui.store.kept_draft import MAX_PASTED, pack_draft, unpack_draft
from mailgui.transcript import (
    HttpExchange,
    Kind,
    Outcome,
    RecipientResult,
    Reply,
    Transcript,
)

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
DRAFT = Draft(
    sender=Address("ann@good.example", "Ann"),
    to=(Address("bob@example.org"),),
    subject="Grüße aus Köln",
    text="Hello",
)


def transcript(number: int, **fields: object) -> Transcript:
    plain = Transcript(
        id=f"t{number:04}",
        kind=Kind.SMTP,
        started=START + timedelta(minutes=number),
        title="Work",
        peer="mail.example:25",
        outcome=Outcome.ACCEPTED,
        message_id=f"<{number}@mail.example>",
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def run(path: Path, work, **bounds: int):
    async def main():
        history = History(path, **bounds)
        try:
            return await work(history)
        finally:
            await history.close()

    return asyncio.run(main())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.sqlite3"

    async def fill(history: History) -> None:
        await history.append(transcript(1), draft=DRAFT)
        refused = (
            RecipientResult("carol@else.example", Outcome.REFUSED, Reply(550, "No 100% such_user")),
        )
        await history.append(
            transcript(2, outcome=Outcome.REFUSED, recipients=refused, title="Other"),
            [Finding("x", Severity.BROKEN, "The mailbox does not exist")],
        )
        exchange = HttpExchange(
            "POST", "https://api.example/send", (), b"", response_body=b'{"error":"b\\u00fcro"}'
        )
        await history.append(transcript(3, kind=Kind.HTTP, exchanges=(exchange,), title="API"))

    run(path, fill)
    return path


def found(path: Path, **fields: object) -> list[str]:
    wanted = HistoryFilter(**fields)  # type: ignore[arg-type]

    async def work(history: History) -> list[str]:
        entries = await history.search(wanted)
        assert await history.count(wanted) == len(entries)
        return [entry.id for entry in entries]

    return run(path, work)


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({}, ["t0003", "t0002", "t0001"]),
        ({"text": "GRÜSSE köln"}, ["t0001"]),  # the sharp s folds to ss
        ({"text": "grüße KÖLN"}, ["t0001"]),
        ({"text": "bob@example.org ann"}, ["t0001"]),
        ({"text": "bob carol"}, []),
        ({"text": "such_user"}, ["t0002"]),
        ({"text": "100%"}, ["t0002"]),
        ({"text": "such%user"}, []),
        ({"text": "\\"}, []),
        ({"text": "mailbox does"}, ["t0002"]),
        ({"text": "büro"}, ["t0003"]),
        ({"text": "<2@mail.example>"}, ["t0002"]),
        ({"outcomes": (Outcome.REFUSED, Outcome.FAILED)}, ["t0002"]),
        ({"kind": Kind.HTTP}, ["t0003"]),
        ({"title": "Work"}, ["t0001"]),
        ({"since": START + timedelta(minutes=2)}, ["t0003", "t0002"]),
        ({"until": START + timedelta(minutes=2)}, ["t0001"]),
        ({"text": "mail.example", "title": "Other"}, ["t0002"]),
    ],
)
def test_what_is_found(path, fields, ids):
    assert found(path, **fields) == ids


def test_pages_go_on_from_the_last_entry(path):
    async def work(history: History) -> list[str]:
        first = await history.search(HistoryFilter(), 2)
        rest = await history.search(HistoryFilter(), 2, before=first[-1])
        return [entry.id for entry in (*first, *rest)]

    assert run(path, work) == ["t0003", "t0002", "t0001"]


def test_titles(path):
    assert run(path, lambda history: history.titles()) == ("API", "Other", "Work")


def test_an_entry_tells_of_its_message(path):
    async def work(history: History):
        return await history.newest(), await history.get("t0001"), await history.get("t0002")

    entries, first, second = run(path, work)
    assert (entries[2].subject, entries[2].recipients) == ("Grüße aus Köln", "bob@example.org")
    assert (first.kept.draft, first.kept.lost) == (DRAFT, ())
    assert second.kept is None


def test_whoever_watches_is_told(path):
    async def work(history: History) -> int:
        told: list[int] = []
        history.watch(lambda: told.append(1))
        await history.append(transcript(9))
        await history.delete("t0009")
        await history.set_retention(Retention(10))
        await history.clear()
        return len(told)

    assert run(path, work) == 4


def test_retention_by_number_is_kept(path):
    async def change(history: History) -> None:
        assert await history.retention() == Retention(5_000, 0)
        await history.set_retention(Retention(2, 0))

    async def look(history: History):
        await history.append(transcript(4))
        return await history.retention(), [entry.id for entry in await history.newest()]

    run(path, change)
    assert run(path, look) == (Retention(2, 0), ["t0004", "t0003"])


def test_retention_by_age(path):
    async def work(history: History) -> list[str]:
        await history.append(transcript(8, started=datetime.now(UTC)))
        await history.append(transcript(7, started=datetime.now(UTC) - timedelta(days=3)))
        await history.set_retention(Retention(100, 2))
        return [entry.id for entry in await history.newest()]

    assert "t0007" not in run(path, work)


def test_a_history_of_the_first_version_is_taken_over(tmp_path):
    path = tmp_path / "old.sqlite3"

    async def fill(history: History) -> None:
        await history.append(transcript(1, title="Old One"))

    run(path, fill)
    connection = sqlite3.connect(path)
    for column in ("subject", "recipients", "search", "draft"):
        connection.execute(f"ALTER TABLE transcript DROP COLUMN {column}")
    connection.execute("DROP TABLE setting")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert found(path, text="old one mail.example") == ["t0001"]

    async def problems(history: History) -> tuple[str, ...]:
        return await history.problems()

    assert run(path, problems) == ()


def test_a_draft_comes_back_without_what_was_too_large(tmp_path):
    file = tmp_path / "a.txt"
    small = Attachment("small.bin", data=b"\x00\xff")
    large = Attachment("large.bin", data=b"x" * (MAX_PASTED + 1))
    draft = replace(DRAFT, attachments=(Attachment("a.txt", path=file), small, large))
    kept = unpack_draft(pack_draft(draft) or b"")
    assert kept.lost == ("large.bin",)
    assert kept.draft.attachments == (Attachment("a.txt", path=file), small)


@pytest.mark.parametrize("octets", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_what_is_no_draft(octets):
    with pytest.raises(ValueError, match=r".+"):
        unpack_draft(octets)

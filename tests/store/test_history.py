import asyncio
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgui.findings import Finding, Severity
from mailgui.store.files import StoreProblem
from mailgui.store.history import History, Remembered
from mailgui.transcript import Direction, Event, Kind, Layer, Outcome, Reply, Stage, Transcript

START = datetime(2026, 11, 24, 6, 0, 0, 123456, tzinfo=UTC)
FINDING = Finding("smtp.refused", Severity.BROKEN, "Refused", "Because.", "Ask.", ("550 no",))


def transcript(number: int = 0, **fields: object) -> Transcript:
    plain = Transcript(
        id=f"t{number:04}",
        kind=Kind.SMTP,
        started=START + timedelta(minutes=number),
        title=f"Message {number}",
        peer="mail.example:25",
        outcome=Outcome.REFUSED,
        stage=Stage.RCPT,
        reply=Reply(550, "no such user", "5.1.1"),
        events=(Event(0.1, Direction.SENT, Layer.SMTP, "EHLO x", b"EHLO x\r\n"),),
        message_id=f"<{number}@mail.example>",
        remote_id=f"Q{number}",
        summary="The server refused the recipient.",
        duration=0.25,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


def use(path: Path, work: Callable[[History], Awaitable[None]], **bounds: int) -> None:
    """Run ``work`` with a history that is closed afterwards."""

    async def main() -> None:
        history = History(path, **bounds)
        try:
            await work(history)
        finally:
            await history.close()

    asyncio.run(main())


def test_a_transcript_comes_back_whole_after_a_restart(path: Path) -> None:
    async def write(history: History) -> None:
        await history.append(transcript(1), [FINDING])
        assert await history.problems() == ()

    async def read(history: History) -> None:
        assert await history.get("t0001") == Remembered(transcript(1), (FINDING,))
        assert await history.get("t0002") is None

    use(path, write)
    use(path, read)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    names = {p.name for p in path.parent.iterdir()}
    assert names == {path.name, f".{path.name}.lock"}  # the journals are gone


def test_the_journal_is_private_too(path: Path) -> None:
    async def work(history: History) -> None:
        await history.append(transcript())
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
        assert set(modes.values()) == {0o600}
        assert f"{path.name}-wal" in modes

    use(path, work)


def test_found_by_message_id_or_the_server_s_own(path: Path) -> None:
    async def work(history: History) -> None:
        await history.append(transcript(1))
        await history.append(transcript(2))
        await history.append(transcript(3, message_id="<1@mail.example>", remote_id=None))
        for message_id in ("<1@mail.example>", "1@mail.example"):
            found = await history.find_by_message_id(message_id)
            assert [entry.id for entry in found] == ["t0003", "t0001"]
        assert [e.id for e in await history.find_by_message_id("Q2")] == ["t0002"]
        assert await history.find_by_message_id("<nobody@mail.example>") == ()

    use(path, work)


def test_the_list_is_newest_first_and_can_be_paged(path: Path) -> None:
    async def work(history: History) -> None:
        for number in (3, 1, 4, 2, 5):
            await history.append(transcript(number))
        await history.append(transcript(6, started=START + timedelta(minutes=5)))
        first = await history.newest(2)
        second = await history.newest(3, before=first[-1])
        last = await history.newest(3, before=second[-1])
        ids = [entry.id for entry in (*first, *second, *last)]
        assert ids == ["t0006", "t0005", "t0004", "t0003", "t0002", "t0001"]
        entry = last[-1]
        expected = transcript(1)
        for name in ("started", "kind", "title", "peer", "outcome", "stage", "summary"):
            assert getattr(entry, name) == getattr(expected, name)
        assert (entry.duration, entry.message_id, entry.remote_id) == (
            0.25,
            "<1@mail.example>",
            "Q1",
        )
        assert entry.octets > 100

    use(path, work)


def test_deleting(path: Path) -> None:
    async def work(history: History) -> None:
        await history.append(transcript(1))
        await history.append(transcript(2))
        assert await history.delete("t0001") is True
        assert await history.delete("t0001") is False
        assert [e.id for e in await history.newest()] == ["t0002"]
        await history.clear()
        assert await history.newest() == ()

    use(path, work)


def test_the_same_id_replaces(path: Path) -> None:
    async def work(history: History) -> None:
        await history.append(transcript(1))
        await history.append(transcript(1, title="again"), [FINDING])
        (entry,) = await history.newest()
        assert entry.title == "again"

    use(path, work)


def test_the_oldest_go_when_there_are_too_many(path: Path) -> None:
    async def work(history: History) -> None:
        for number in range(6):
            await history.append(transcript(number))
        assert [e.id for e in await history.newest()] == ["t0005", "t0004", "t0003"]

    use(path, work, max_entries=3)


def test_the_oldest_go_when_they_are_too_big_but_never_the_new_one(path: Path) -> None:
    big = transcript(9, summary="x" * 30_000)

    async def work(history: History) -> None:
        for number in range(3):
            await history.append(transcript(number, summary="x" * 5_000))
        assert [e.id for e in await history.newest()] == ["t0002", "t0001"]
        await history.append(big)
        assert [e.id for e in await history.newest()] == ["t0009"]

    use(path, work, max_octets=12_000)


@pytest.mark.parametrize("content", [b"this is no database at all" * 40, b"SQLite format 3\0junk"])
def test_a_damaged_file_is_kept_aside_and_reported(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    async def work(history: History) -> None:
        await history.append(transcript(1))
        (problem,) = await history.problems()
        (aside,) = path.parent.glob("history.damaged-*.sqlite3")
        assert aside.read_bytes() == content
        assert problem.startswith("The history was damaged (")
        assert str(aside) in problem
        assert [e.id for e in await history.newest()] == ["t0001"]

    use(path, work)


def test_damage_deep_inside_is_found_when_it_is_met(path: Path) -> None:
    async def fill(history: History) -> None:
        for number in range(50):
            await history.append(transcript(number, summary="y" * 2000))

    async def work(history: History) -> None:
        await history.append(transcript(99))
        for number in range(50):
            await history.get(f"t{number:04}")
        (problem,) = await history.problems()
        assert problem.startswith("The history was damaged (")

    use(path, fill)
    octets = bytearray(path.read_bytes())
    octets[8192:] = b"\xee" * (len(octets) - 8192)
    path.write_bytes(octets)
    use(path, work)
    (aside,) = path.parent.glob("history.damaged-*.sqlite3")
    assert aside.stat().st_size >= len(octets)


def test_a_foreign_database_is_kept_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE transcript (x)")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    async def work(history: History) -> None:
        await history.append(transcript(1))
        assert len(await history.newest()) == 1
        assert "damaged" in (await history.problems())[0]

    use(path, work)


def test_a_newer_history_is_left_alone(path: Path) -> None:
    async def write(history: History) -> None:
        await history.append(transcript(1))

    async def work(history: History) -> None:
        assert await history.newest() == ()
        await history.append(transcript(2))
        assert [e.id for e in await history.newest()] == ["t0002"]
        assert "newer MailGUI" in (await history.problems())[0]

    use(path, write)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    use(path, work)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT id FROM transcript").fetchall() == [("t0001",)]
    connection.close()


def test_a_folder_that_cannot_be_written_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    async def work(history: History) -> None:
        await history.append(transcript(1))
        assert len(await history.newest()) == 1
        assert "cannot be used" in (await history.problems())[0]

    use(tmp_path / "file" / "history.sqlite3", work)


def test_a_record_that_cannot_be_read_is_a_sentence(path: Path) -> None:
    async def write(history: History) -> None:
        await history.append(transcript(1))

    async def read(history: History) -> None:
        with pytest.raises(StoreProblem) as caught:
            await history.get("t0001")
        assert caught.value.sentence.startswith("The history in ")
        assert len(await history.newest()) == 1

    use(path, write)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE transcript SET body = x'00'")
    connection.commit()
    connection.close()
    use(path, read)


def test_two_histories_of_one_file(path: Path) -> None:
    async def main() -> None:
        one, other = History(path), History(path)
        await asyncio.gather(
            *(
                history.append(transcript(2 * n + i))
                for n in range(20)
                for i, history in enumerate((one, other))
            )
        )
        assert len(await one.newest()) == len(await other.newest()) == 40
        await one.close()
        await other.close()

    asyncio.run(main())


def test_after_close_a_call_opens_it_for_itself_alone(path: Path) -> None:
    journal = path.with_name(f"{path.name}-wal")  # there while the database is open

    async def main() -> None:
        history = History(path)
        await history.append(transcript(1))
        assert journal.exists()
        await history.close()
        assert not journal.exists()
        await history.append(transcript(2))
        assert not journal.exists()
        assert len(await history.newest()) == 2
        assert not journal.exists()

    asyncio.run(main())

"""A history whose file somebody has been at, and searches that mean it ill."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgui.message.draft import Address, Draft
from mailgui.store.files import StoreProblem
from mailgui.store.history import History, Retention
from mailgui.store.history_database import _SCHEMA
from mailgui.store.history_search import HistoryFilter
from mailgui.transcript import Kind, Outcome, Recorder, Transcript

VERSION = "PRAGMA user_version = 2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


def made(title: str = "Good") -> Transcript:
    return Recorder(Kind.SMTP, title, peer="127.0.0.1:25").finish(Outcome.ACCEPTED, summary="s")


def use(path: Path, work: Callable[[History], Awaitable[None]]) -> None:
    async def main() -> None:
        history = History(path)
        try:
            async with asyncio.timeout(60):
                await work(history)
        finally:
            await history.close()

    asyncio.run(main())


def spoil(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "text",
    ["%", "_", "\\", "'", '"', "' OR 1=1 --", "*", "a* NEAR b", "\0", "\ud800", "a" * 100_000,
     " ".join(["x"] * 40_000), "%" * 60_000, "_" * 5_000, ") --"],
)  # fmt: skip
def test_a_search_finds_what_is_there_and_nothing_else(path: Path, text: str) -> None:
    async def work(history: History) -> None:
        await history.append(made("Good"))
        assert await history.search(HistoryFilter(text=text)) == ()
        assert await history.count(HistoryFilter(text=text)) == 0
        assert len(await history.search(HistoryFilter(text="gOOD 127.0.0.1"))) == 1

    use(path, work)


def test_each_sign_is_found_as_itself(path: Path) -> None:
    async def work(history: History) -> None:
        for title in ("100%", "a_b", "back\\slash", "it's", "GRÖSSE"):
            await history.append(made(title))
        for text in ("0%", "a_b", "k\\s", "t's", "größe".replace("ß", "ss")):
            assert len(await history.search(HistoryFilter(text=text))) == 1

    use(path, work)


def test_half_characters_are_remembered_somehow(path: Path) -> None:
    """What is pasted may hold lone surrogates, which no file takes."""

    async def work(history: History) -> None:
        draft = Draft(
            Address("a@b.example", "\ud800"), (Address("c@d.example"),), subject="x\udfff"
        )
        await history.append(made(), draft=draft)
        (entry,) = await history.newest()
        assert entry.subject.startswith("x")
        entry.subject.encode()

    use(path, work)


# In the order of the table's columns.
ROWS = [
    "(1, 'x', 'k', x'00', 5, 'nonsense', 'zz', 9, 'd', 1, 1, 'o', 5, 6, 7, 8, 9, 10)",
    "('1', 1e300, 'smtp', 't', 'p', 'accepted', NULL, '', 0, 1, 1, 1, x'00', x'', '', '', '', x'')",
    "('1', 2, 'smtp', 't', 'p', 'accepted', NULL, 's', 'd', NULL, NULL, 1, 5, 6, '', '', '', 7)",
    "('1', 2, 'smtp', CAST(x'ff61' AS TEXT), '', 'failed', 1, '', 1, 1, 1, 1, 1, 1, '', '', '', 1)",
    "('1', 2, 'smtp', x'ff', x'ff', '', 1, x'ff', 1, x'ff', 1, 1, x'', x'', x'ff', x'ff', '', 1)",
]


@pytest.mark.parametrize("row", ROWS)
def test_a_spoilt_row_spoils_no_other(path: Path, row: str) -> None:
    spoil(
        path,
        *filter(str.strip, _SCHEMA.split(";")),
        VERSION,
        f"INSERT INTO transcript VALUES {row}",
    )

    async def work(history: History) -> None:
        await history.append(made())
        assert "Good" in {entry.title for entry in await history.newest()}
        assert len(await history.search(HistoryFilter(text="good"))) == 1
        await history.titles()
        with pytest.raises(StoreProblem):
            await history.get("1")
        await history.set_retention(Retention(1))
        await history.clear()
        assert await history.count(HistoryFilter()) == 0

    use(path, work)


@pytest.mark.parametrize(
    "values",
    ["('entries', 'many'), ('days', 'none')",
     "('entries', 9223372036854775807), ('days', 9223372036854775807)",
     "('entries', -5), ('days', -5)", "('entries', x'ff'), ('days', 1e300)"],
)  # fmt: skip
def test_spoilt_settings(path: Path, values: str) -> None:
    schema = filter(str.strip, _SCHEMA.split(";"))
    spoil(path, *schema, VERSION, f"INSERT INTO setting VALUES {values}")

    async def work(history: History) -> None:
        await history.append(made())
        retention = await history.retention()
        assert retention.entries >= 1
        assert 0 <= retention.days <= 36_500
        assert len(await history.newest()) == 1

    use(path, work)


ENDLESS = (
    "CREATE VIEW transcript AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
    "SELECT x AS id, x AS started, 0 AS octets, '' AS search FROM c"
)


@pytest.mark.parametrize(
    "statements",
    [
        (ENDLESS, "CREATE TABLE setting (name, value)", VERSION),
        (
            *_SCHEMA.split(";")[:2],
            "CREATE TRIGGER t AFTER INSERT ON transcript BEGIN DELETE FROM transcript; END",
            VERSION,
        ),
    ],
)
def test_what_would_run_by_itself_is_kept_aside(path: Path, statements: tuple[str, ...]) -> None:
    spoil(path, *statements)

    async def work(history: History) -> None:
        await history.append(made())
        assert len(await history.newest()) == 1
        (problem,) = await history.problems()
        assert "kept as" in problem

    use(path, work)


def test_a_failed_commit_leaves_the_next_one_alone(path: Path) -> None:
    """As when the disk is full for a while."""

    async def work(history: History) -> None:
        await history.append(made("first"))
        await history._run(lambda c: c.execute("PRAGMA max_page_count = 20"))
        draft = Draft(Address("a@b.example"), text="".join(map(chr, range(256, 30_000))))
        with pytest.raises(StoreProblem, match="full"):
            await history.append(made("big"), draft=draft)
        await history._run(lambda c: c.execute("PRAGMA max_page_count = 1000000"))
        await history.append(made("last"))
        assert (await history.newest())[0].title == "last"
        assert datetime.now(UTC) >= (await history.newest())[0].started

    use(path, work)

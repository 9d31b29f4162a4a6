"""A comparison as text: for the terminal, and to copy."""

from typing import Any

from mailgui.findings.as_text import findings_text
from mailgui.jobs.compare import Comparison
from mailgui.jobs.compare_numbers import Side, Spread


def comparison_text(result: "Comparison") -> str:
    """Return the comparison as a table and its advice, for a terminal."""
    rows = [("", *(side.name for side in result.sides)), *_rows(result)]
    width = max(len(row[0]) for row in rows)
    columns = [max(len(row[n]) for row in rows) for n in (1, 2)]
    lines = [
        f"{name:<{width}}  {a:>{columns[0]}}  {b:>{columns[1]}}".rstrip() for name, a, b in rows
    ]
    return "\n".join([*lines, "", findings_text(result.advice)])


def _rows(result: "Comparison") -> list[tuple[str, str, str]]:
    sides = result.sides
    known = [side.phases() for side in sides]
    names = list(dict.fromkeys(name for phases in known for name in phases))
    rows = [
        _row("messages taken", [f"{len(s.taken):,} of {len(s.samples):,}" for s in sides]),
        _row("opening a connection", [_time(side.opening) for side in sides]),
        _row("one message after that", [_time(side.delivery) for side in sides]),
        _row("95 % of them within", [_time(side.delivery, "p95") for side in sides]),
    ]
    rows += [_row(f"  {name}", [_time(phases.get(name)) for phases in known]) for name in names]
    rows.append(_row("messages a second", [f"{s.messages_per_second:,.1f}" for s in sides]))
    for words, name in (
        ("octets sent a message", "sent"),
        ("octets received a message", "received"),
        ("round trips a message", "round_trips"),
    ):
        rows.append(_row(words, [_number(side, name) for side in sides]))
    return rows


def _row(words: str, cells: list[str]) -> tuple[str, str, str]:
    return words, cells[0], cells[1]


def _time(known: "Spread | None", which: str = "median") -> str:
    return f"{getattr(known, which):,.2f} ms" if known else "-"


def _number(side: "Side", name: str) -> str:
    value: Any = side.per_message(name)
    return "-" if value is None else f"{value:,.0f}"

"""The table of providers in README.md is made from their files, and is current."""

from pathlib import Path

import pytest

from mailgui.api.matrix import BEGIN, END, table, written_into
from mailgui.api.provider import load_providers

README = Path(__file__).parents[2] / "README.md"


def test_the_table_in_the_readme_is_current():
    text = README.read_text("utf-8")
    current = written_into(text, table(load_providers().values()))
    assert text == current, "run: python -m mailgui.api.matrix"


def test_a_row_says_what_the_file_says():
    rows = table(load_providers().values()).splitlines()
    resend = next(row for row in rows if row.startswith("| **Resend**")).split(" | ")
    heads = rows[0].split(" | ")
    cell = dict(zip(heads, resend, strict=True))
    assert cell["schedule"] == "✓"
    assert cell["metadata"] == "–"
    assert cell["batch"] == "✓ 100"
    brevo = next(row for row in rows if row.startswith("| **Brevo**")).split(" | ")
    assert dict(zip(heads, brevo, strict=True))["idempotency"] == "✓?"
    assert len(rows) == 2 + len(load_providers()) + 2


def test_missing_marks_are_said():
    with pytest.raises(ValueError, match="marks are missing"):
        written_into("nothing here", "table")
    assert written_into(f"a {BEGIN} old {END} b", "new") == f"a {BEGIN}\nnew\n{END} b"

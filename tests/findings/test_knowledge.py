import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgui.findings.diagnose import diagnose
from mailgui.findings.knowledge import (
    PLACEHOLDERS,
    WHO,
    Entry,
    Example,
    Knowledge,
    KnowledgeFault,
    Situation,
    knowledge,
    read_entries,
)
from mailgui.transcript import Kind, Outcome, Stage, Transcript

ENTRIES = knowledge().entries
CASES = [(entry, example) for entry in ENTRIES for example in entry.examples]


@pytest.mark.parametrize(
    ("entry", "example"), CASES, ids=[f"{e.id}-{n}" for n, (e, _) in enumerate(CASES)]
)
def test_every_recorded_reply_finds_its_entry(
    entry: Entry,
    example: str | Example,
    of_example: Callable[[Entry, str | Example], Transcript],
) -> None:
    found = diagnose(of_example(entry, example))
    assert [finding.id for finding in found] == [entry.id]
    assert "${" not in found[0].title + found[0].explanation + found[0].fix


def test_there_are_many_and_no_two_alike() -> None:
    assert len(ENTRIES) >= 150
    for what in ("id", "explanation"):
        repeated = [k for k, n in Counter(getattr(e, what) for e in ENTRIES).items() if n > 1]
        allowed = 3 if what == "explanation" else 0  # DMARC and SPF say the same whoever checks
        assert len(repeated) <= allowed, repeated


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
def test_each_says_what_it_means_who_must_act_and_what_to_do(entry: Entry) -> None:
    assert entry.who in WHO
    assert entry.examples
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9_]+)+", entry.id)
    assert not entry.title.endswith(".")
    for text in (entry.explanation, entry.fix):
        assert text.endswith("."), text
        assert (
            text[0].isupper() or text[0].isdigit() or text.startswith(("${", "“", "iCloud", "smtp"))
        ), text
    for text in (entry.title, entry.explanation, entry.fix):
        assert set(re.findall(r"\$\{(\w+)\}", text)) <= PLACEHOLDERS
        assert "  " not in text
        assert text.isprintable()
    assert entry.outcomes or entry.faults or entry.codes or entry.enhanced or entry.pattern


def situation(**fields: object) -> Situation:
    return Situation(kind=Kind.SMTP, outcome=Outcome.REFUSED, **fields)  # type: ignore[arg-type]


def entry(ident: str, **conditions: object) -> Entry:
    return Entry(id=ident, who="you", title="", explanation="", fix="", examples=(), **conditions)  # type: ignore[arg-type]


def test_the_most_specific_entry_is_found() -> None:
    base = Knowledge(
        [
            entry("any", codes=("5xx",)),
            entry("code", codes=("550",)),
            entry("exact", enhanced=("5.1.1",)),
            entry("stage", codes=("550",), stages=(Stage.RCPT,)),
            entry("enhanced", enhanced=("x.1.1",)),
            entry("text", pattern="no such"),
            entry("host", pattern="no such", hosts=r"example\.com$"),
        ]
    )
    full = {"code": 550, "stage": Stage.RCPT, "enhanced": "5.1.1", "text": "No such user"}
    for ident, taken_away in (
        ("host", {"host": "mx.example.com"}),
        ("text", {}),
        ("exact", {"text": ""}),
        ("enhanced", {"text": "", "enhanced": "4.1.1", "code": 450}),
        ("stage", {"text": "", "enhanced": None}),
        ("code", {"text": "", "enhanced": None, "stage": Stage.MAIL}),
        ("any", {"text": "", "enhanced": None, "code": 551}),
    ):
        found = base.find(situation(**{**full, **taken_away}))
        assert found is not None
        assert found.id == ident
    assert base.find(situation(code=450)) is None


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "[[entry]]\nid = 'x.y'",
        "[[entry]]\nid='x.y'\nwho='you'\ntitle=''\nexplanation=''\nfix=''\nexamples=[]\nsurprise=1",
        "[[entry]]\nid='x.y'\nwho='you'\ntitle=''\nexplanation=''\nfix=''\nexamples=[]\npattern='('",
        "[[entry]]\nid='x.y'\nwho='you'\ntitle=''\nexplanation=''\nfix=''\nexamples=[]\nstages=['x']",
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(KnowledgeFault, match=r"bad\.toml"):
        read_entries(path)

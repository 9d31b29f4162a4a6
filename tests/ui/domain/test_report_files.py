import json

import pytest

from mailgui.ui.domain.page import DomainPage

PATIENCE = 30_000


@pytest.fixture
def page(bridge, services, show, qtbot):
    made = show(DomainPage(bridge, services, {"ask": "sandbox"}), 1180, 760)
    made.check("good.example")
    qtbot.waitUntil(lambda: made.report is not None, timeout=PATIENCE)
    return made


@pytest.fixture
def saved(page, tmp_path, monkeypatch, qtbot):
    """Save the report under a name, with a filter chosen; returns the text of what was written."""

    def save(name, chosen, written):
        monkeypatch.setattr(
            "mailgui.ui.domain.report_files.save_file", lambda *_: (tmp_path / name, chosen)
        )
        page.bar.save_asked.emit()
        target = tmp_path / written
        qtbot.waitUntil(target.exists, timeout=PATIENCE)
        qtbot.waitUntil(lambda: "Saved as" in page.notice.sentence, timeout=PATIENCE)
        return target.read_text("utf-8")

    return save


@pytest.mark.parametrize(
    ("name", "chosen", "written", "begins"),
    [
        ("r.json", "JSON (*.json)", "r.json", "{"),
        ("r", "Markdown (*.md)", "r.md", "# good"),
        ("r.html", "JSON (*.json)", "r.html", "<!DOCTYPE html>"),
        ("good.example", "Web page (*.html)", "good.example.html", "<!DOCTYPE html>"),
    ],
)
def test_it_is_saved_as_the_name_or_the_filter_says(saved, name, chosen, written, begins):
    assert saved(name, chosen, written).startswith(begins)


def test_markdown_is_copied(page, clipboard):
    page.bar.markdown_asked.emit()
    assert clipboard().startswith("# good\\.example") or clipboard().startswith("# good.example")


def test_a_saved_report_is_compared_with_todays(page, saved, tmp_path, qtbot):
    document = json.loads(saved("r.json", "JSON (*.json)", "r.json"))
    document["spf"]["records"] = ["v=spf1 +all"]
    document["spf"]["verdict"] = "broken"
    old = tmp_path / "old.json"
    old.write_text(json.dumps(document))
    page.files.compare_with(old, page.report)
    qtbot.waitUntil(page.changes.isVisible, timeout=PATIENCE)
    (card,) = page.changes.cards
    assert card.accessibleName() == "SPF: broken before, pass now, which is better"
    assert card.change.gone == ("v=spf1 +all",)
    page.changes.closed.emit()
    assert page.checks.isVisible()


def test_nothing_changed_is_said(page, saved, tmp_path, qtbot):
    saved("r.json", "JSON (*.json)", "r.json")
    page.files.compare_with(tmp_path / "r.json", page.report)
    qtbot.waitUntil(page.changes.isVisible, timeout=PATIENCE)
    assert page.changes.cards == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("nonsense", "no report"), ('{"domain": "a.example"}', "a.example"), ("[]", "no report")],
)
def test_what_is_no_report_on_the_domain_is_said_so(page, tmp_path, qtbot, text, words):
    path = tmp_path / "x.json"
    path.write_text(text)
    page.files.compare_with(path, page.report)
    qtbot.waitUntil(lambda: words in page.notice.sentence, timeout=PATIENCE)

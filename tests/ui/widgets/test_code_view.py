import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import Choice, tokens
from mailgui.ui.widgets.code_view import MOST_SHOWN, CodeView
from mailgui.ui.widgets.lexers import LEXERS, Kind, html, http, json, smtp


def pieces(lexer, text):
    """Return the pieces of a text of several lines as (words, kind)."""
    state, found = 0, []
    for line in text.split("\n"):
        cut, state = lexer(line, state)
        found += [(line[start : start + length], kind) for start, length, kind in cut]
    return found


def test_html():
    found = pieces(html, '<a href="x>y" data-n=5>Hi &amp; {{ name }}</a><!-- c\nd --><br/>')
    assert ("<a", Kind.NAME) in found
    assert ("href", Kind.ATTRIBUTE) in found
    assert ('x>y"', Kind.STRING) in found
    assert ("5", Kind.STRING) in found
    assert ("&amp;", Kind.ATTRIBUTE) in found
    assert ("{{ name }}", Kind.TEMPLATE) in found
    assert ("</a", Kind.NAME) in found
    assert (" c", Kind.COMMENT) in found
    assert ("d -->", Kind.COMMENT) in found
    assert ("<br", Kind.NAME) in found


def test_html_values_go_on_over_lines():
    found = pieces(html, "<p title='one\ntwo'>three<!doctype html>")
    assert ("two'", Kind.STRING) in found
    assert ("<!doctype html>", Kind.NAME) in found
    assert all("three" not in words for words, _kind in found)


def test_json():
    found = pieces(json, '{"key": "va\\"lue", "n": -1.5e3, "t": true}')
    assert found == [
        ('"key"', Kind.NAME),
        ('"va\\"lue"', Kind.STRING),
        ('"n"', Kind.NAME),
        ("-1.5e3", Kind.ATTRIBUTE),
        ('"t"', Kind.NAME),
        ("true", Kind.ATTRIBUTE),
    ]


def test_http():
    found = pieces(http, 'POST /v1 HTTP/1.1\nHost: x\n\n{"a": 1}')
    assert found[0] == ("POST", Kind.ATTRIBUTE)
    assert ("/v1", Kind.NAME) in found
    assert ("Host:", Kind.NAME) in found
    assert ('"a"', Kind.NAME) in found
    assert ("401", Kind.WRONG) in pieces(http, "HTTP/2 401 Unauthorized")
    assert ("200", Kind.STRING) in pieces(http, "HTTP/1.1 200 OK")


def test_smtp():
    assert pieces(smtp, "<-  250-SIZE 1") == [("250-", Kind.STRING)]
    assert pieces(smtp, "550 5.7.1 no") == [("550 5.7.1", Kind.WRONG)]
    assert pieces(smtp, " -> EHLO desk") == [("EHLO", Kind.NAME)]
    assert pieces(smtp, "=== connected")[0][1] is Kind.COMMENT
    assert pieces(smtp, "*** lost")[0][1] is Kind.WRONG


@pytest.mark.parametrize("name", LEXERS)
@given(text=st.text(alphabet=st.sampled_from(list("<>!-=\"'/ab{}%&;:0 \n😀é")), max_size=80))
def test_lexers_end_and_stay_inside_the_line(name, text):
    state = 0
    for line in text.split("\n"):
        cut, state = LEXERS[name](line, state)
        assert all(start >= 0 and start + length <= len(line) for start, length, _ in cut)
        assert all(length > 0 for _, length, _ in cut if line)


def colours(view):
    found = {}
    block = view.document().begin()
    while block.isValid():
        for span in block.layout().formats():
            raw = block.text().encode("utf-16-le")
            words = raw[2 * span.start : 2 * (span.start + span.length)].decode("utf-16-le")
            found[words] = span.format.foreground().color().name().upper()
        block = block.next()
    return found


def test_colours_follow_the_scheme(show, theme):
    view = show(CodeView(name="c", accessible="HTML", language="html"))
    view.set_text('😀<a href="x">')
    assert colours(view)["<a"] == tokens().sent
    assert colours(view)["href"] == tokens().attention
    before = tokens().sent
    theme.set_choice(Choice.DARK)
    assert colours(view)["<a"] == tokens().sent != before


def test_language_can_change(show):
    view = show(CodeView(name="c", accessible="x", language="html"))
    view.set_text('{"a": 1}')
    view.set_language("json")
    assert colours(view)['"a"'] == tokens().sent
    view.set_language("")
    assert colours(view) == {}


def test_a_huge_text_is_cut_for_the_eye_only(show):
    view = show(CodeView(name="c", accessible="x", language="json"))
    text = "x" * (MOST_SHOWN + 5)
    view.set_text(text)
    assert view.truncated
    assert view.whole_text() == text
    assert "5 more characters" in view.toPlainText()
    assert view._highlighter is None
    longest = max(len(line) for line in view.toPlainText().split("\n"))
    assert longest <= 10_000
    view.set_text("{}")
    assert not view.truncated
    assert view._highlighter is not None


def test_read_only_by_keyboard(show, qtbot):
    view = show(CodeView(name="c", accessible="x"))
    view.set_text("one")
    qtbot.keyClicks(view, "two")
    assert view.whole_text() == "one"
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.textCursor().selectedText() == "one"


@pytest.fixture
def editor(show):
    box = QWidget()
    layout = QVBoxLayout(box)
    view = CodeView(name="c", accessible="x", language="html", editable=True, numbers=True)
    view.other = QLineEdit()
    layout.addWidget(view)
    layout.addWidget(view.other)
    show(box)
    box.activateWindow()
    view.setFocus()
    yield view
    box.close()


def test_writing_indents(editor, qtbot):
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    qtbot.keyClicks(editor, "<p>")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "x")
    assert editor.whole_text() == "  <p>\n  x"
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.whole_text() == "    <p>\n    x"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.whole_text() == "<p>\nx"
    editor.undo()
    assert editor.whole_text() == "  <p>\n  x"


def test_the_keyboard_can_leave_the_editor(editor, qtbot):
    qtbot.waitUntil(editor.hasFocus)
    qtbot.keyClick(editor, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(editor.other.hasFocus)


def test_line_numbers_grow_with_lines_and_font(editor, theme):
    few = editor.numbers_width()
    editor.set_text("\n" * 2000)
    many = editor.numbers_width()
    assert many > few
    theme.set_base_px(BASE_PX * 2)
    assert editor.numbers_width() > many
    editor.moveCursor(QTextCursor.MoveOperation.End)
    assert not editor.grab().isNull()

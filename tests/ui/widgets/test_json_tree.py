import json as standard_json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtTest import QAbstractItemModelTester

from mailgui.ui.widgets.json_document import (
    Members,
    Number,
    matches,
    parse,
    path_words,
    plain,
    to_text,
    walk,
    words,
)
from mailgui.ui.widgets.json_model import STEP, JsonModel
from mailgui.ui.widgets.json_tree import JsonTree

DOCUMENT = (
    '{"id": 12345678901234567890123, "to": ["a@x", "b@x"], "n": 0.10, "deep": {"x-y": {"z": null}}}'
)


@pytest.fixture
def tree(show):
    return show(JsonTree(), 500, 400)


def test_numbers_keep_every_digit():
    value = parse(DOCUMENT)
    assert value[0] == ("id", "12345678901234567890123")
    assert isinstance(value[0][1], Number)
    assert plain(value[2][1]) == "0.10"
    assert plain(parse("9" * 5000)) == "9" * 5000


def test_double_keys_and_order_are_kept():
    assert parse('{"b": 1, "a": 2, "b": 3}') == [("b", "1"), ("a", "2"), ("b", "3")]


def test_octets_that_are_no_utf8_are_shown_too():
    assert parse(b'\xef\xbb\xbf{"a": "x"}') == [("a", "x")]
    with pytest.raises(ValueError, match="This is not JSON"):
        parse(b'{"a": "\xff')


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "There is nothing here."),
        ("<html>", "This is not JSON: expecting value in line 1, column 1."),
        ('{"a":\n x}', "This is not JSON: expecting value in line 2, column 2."),
        ("[" * 200_000, "This JSON is nested too deeply to be shown as a tree."),
    ],
)
def test_what_is_no_json_is_said_in_a_sentence(source, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(source)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(VALUES)
def test_text_of_a_value_is_the_same_json(value):
    text = standard_json.dumps(value)
    assert standard_json.loads(to_text(parse(text))) == value


@given(VALUES)
def test_walking_meets_everything_once_in_order(value):
    root = parse(standard_json.dumps(value))
    paths = [path for path, _key, _value in walk(root)]
    assert paths == sorted(set(paths))


def test_paths_are_json_paths():
    root = parse(DOCUMENT)
    assert path_words(root, ()) == "$"
    assert path_words(root, (1, 0)) == "$.to[0]"
    assert path_words(root, (3, 0, 0)) == "$.deep['x-y'].z"
    assert path_words(parse('{"a\'b": 1}'), (0,)) == "$['a\\'b']"


def test_words():
    assert words(Members()) == "{}"
    assert words(parse("[1,2]")) == "[2]"
    assert words(parse('"<b>\\u202e"')) == '"<b>\\u202e"'
    assert words("x" * 1000).endswith("… (1,000 characters)")
    assert words(None) == "null"


def test_matching():
    assert matches("Key", None, "key")
    assert matches(None, "Value", "val")
    assert matches(0, True, "tru")
    assert not matches("a", ["needle"], "needle")


def test_the_model_keeps_qts_rules(qtbot):
    model = JsonModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setUseFetchMore(False)  # it would fetch in the middle of a reset
    for source in (DOCUMENT, "[]", "7", standard_json.dumps(list(range(STEP + 20)))):
        model.set_value(parse(source))
        while model.canFetchMore(QModelIndex()):
            model.fetchMore(QModelIndex())
        for row in range(min(5, model.rowCount())):
            index = model.index(row, 0)
            while model.canFetchMore(index):
                model.fetchMore(index)
    assert tester.model() is model


def test_rows_come_in_steps(tree):
    tree.set_json(standard_json.dumps(list(range(10_000))))
    assert tree.model.rowCount() <= 2 * STEP
    index = tree.model.index_of((7777,))
    assert index.data() == "7777: 7777"


def test_a_single_value_is_a_row_of_its_own(tree, clipboard):
    tree.set_json('"just text"')
    assert tree.model.rowCount() == 1
    index = tree.model.index(0, 0)
    assert index.data() == '"just text"'
    tree.tree.setCurrentIndex(index)
    assert tree.current_path() == "$"
    tree.copy_value()
    assert clipboard() == "just text"
    tree.set_json("{}")
    assert tree.model.index(0, 0).data() == "{}"


def test_copying(tree, clipboard, qtbot):
    tree.set_json(DOCUMENT)
    tree.tree.setCurrentIndex(tree.model.index_of((1,)))
    qtbot.keyClick(tree.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert standard_json.loads(clipboard()) == ["a@x", "b@x"]
    tree.tree.setCurrentIndex(tree.model.index_of((1, 1)))
    tree.copy_path()
    assert clipboard() == "$.to[1]"
    tree.tree.setCurrentIndex(tree.model.index_of((0,)))
    tree.copy_value()
    assert clipboard() == "12345678901234567890123"


def test_what_is_no_json_stands_there_as_it_came(tree):
    tree.set_json("<html>\x1b[31m</html>")
    assert tree.problem.startswith("This is not JSON")
    assert tree._notice.isVisible()
    assert tree._raw.whole_text() == "<html>\\x1b[31m</html>"
    assert tree.text() == "<html>\x1b[31m</html>"
    tree.set_json("{}")
    assert tree.problem == ""
    assert not tree._notice.isVisible()


def test_folding(tree):
    tree.set_json(DOCUMENT)
    tree.unfold_all()
    assert tree.tree.isExpanded(tree.model.index_of((3, 0)))
    tree._fold.click()
    assert not tree.tree.isExpanded(tree.model.index_of((3,)))
    assert not tree.grab().isNull()


def search(tree, qtbot, needle):
    tree._search.setText(needle)
    qtbot.keyClick(tree._search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not tree.searching)


def test_finding(tree, qtbot):
    tree.set_json(DOCUMENT)
    search(tree, qtbot, "@X")
    assert tree._count.text() == "1 of 2"
    assert tree.current_path() == "$.to[0]"
    qtbot.keyClick(tree._search, Qt.Key.Key_Return)
    assert tree.current_path() == "$.to[1]"
    assert tree._count.text() == "2 of 2"
    tree.find_next()
    assert tree.current_path() == "$.to[0]"
    tree.find_previous()
    assert tree.current_path() == "$.to[1]"
    search(tree, qtbot, "z")
    assert tree.current_path() == "$.deep['x-y'].z"
    search(tree, qtbot, "nowhere")
    assert tree._count.text() == "No match"
    search(tree, qtbot, "")
    assert tree._count.text() == ""


def test_ten_megabytes_do_not_make_the_window_wait(tree, qtbot):
    rows = [{"id": n, "email": f"person{n}@example.net", "text": "x" * 40} for n in range(110_000)]
    source = standard_json.dumps(rows)
    assert len(source) > 10_000_000
    del rows
    ticks = []
    heartbeat = QTimer(interval=0)
    heartbeat.timeout.connect(lambda: ticks.append(tree.model.rowCount()))
    with qtbot.waitSignal(tree.ready, timeout=60_000):
        tree.set_json(source)
        heartbeat.start()
    # The window had a turn while the document was read in another thread.
    assert ticks.count(0) + ticks.count(1) > 0
    assert tree.model.rowCount() <= 2 * STEP  # the view may ask for one step more
    ticks.clear()
    tree._search.setText("person109999@")
    tree._start_search()
    qtbot.waitUntil(lambda: not tree.searching, timeout=60_000)
    assert len(ticks) > 10
    heartbeat.stop()
    assert tree.current_path() == "$[109999].email"


def test_a_later_document_wins_over_one_still_being_read(tree, qtbot):
    with qtbot.waitSignal(tree._reader.read, timeout=60_000):
        tree.set_json(standard_json.dumps(["old"] * 60_000))
        tree.set_json('["new"]')
    assert tree.model.index(0, 0).data() == '0: "new"'

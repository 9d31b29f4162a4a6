import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.template import NOTHING, fill, parse_path, placeholders, put


def test_a_lone_placeholder_keeps_the_type_of_its_value():
    assert fill({"n": "{value}", "s": "<{value}>"}, {"value": 7}) == {"n": 7, "s": "<7>"}


def test_what_an_empty_placeholder_is_part_of_is_left_out():
    template = {"email": "{address}", "name": "{name}", "sub": {"to": "{name}"}, "x": ["{name}"]}
    assert fill(template, {"address": "a@b", "name": None}) == {"email": "a@b"}
    assert fill("cid:{cid}", {"cid": None}) is NOTHING


def test_constants_stay_even_when_they_are_empty():
    assert fill({"a": {}, "b": []}, {}) == {"a": {}, "b": []}


def test_values_are_never_read_as_templates():
    assert fill("{a}", {"a": "{b}", "b": "no"}) == "{b}"
    assert fill("x{a}", {"a": "{b}", "b": "no"}) == "x{b}"


def test_placeholders_are_found_everywhere():
    assert sorted(placeholders({"a": ["{x}", {"b": "{y}{z}"}], "c": 1})) == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b-c.d", ("a", "b-c", "d")),
        ("a[0].b", ("a", 0, "b")),
        ("a[]", ("a", None)),
        ("[0]._id", (0, "_id")),
        ("o:tag", ("o:tag",)),
    ],
)
def test_positions_are_read(path, steps):
    assert parse_path(path) == steps


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a]"])
def test_malformed_positions_are_refused(path):
    with pytest.raises(ValueError, match="position"):
        parse_path(path)


@given(st.text("ab.[]0", max_size=12))
def test_reading_a_position_never_fails_otherwise(path):
    sentence = "."
    try:
        parse_path(path)
    except ValueError as fault:
        sentence = str(fault)
    assert sentence.endswith(".")


def test_lists_and_objects_join_what_is_there():
    root = {}
    put(root, "to", [1])
    put(root, "to", [2])
    put(root, "content.headers", {"A": "1"})
    put(root, "content.headers.B", "2")
    put(root, "content.headers", {"C": "3"})
    put(root, "p[0].to", ["x"])
    put(root, "p[0].cc", ["y"])
    put(root, "parts[]", {"t": 1})
    put(root, "parts[]", {"t": 2})
    assert root == {
        "to": [1, 2],
        "content": {"headers": {"A": "1", "B": "2", "C": "3"}},
        "p": [{"to": ["x"], "cc": ["y"]}],
        "parts": [{"t": 1}, {"t": 2}],
    }

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.transcript import octets_to_text, visible


@given(st.text())
def test_nothing_invisible_or_steering_is_left(text: str) -> None:
    shown = visible(text)
    for char in shown:
        assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(char) not in ("LRO", "RLO", "LRE", "RLE", "PDF", "LRI")
    shown.encode()


@given(st.binary())
def test_any_octets_can_be_shown(octets: bytes) -> None:
    octets_to_text(octets).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII", "plain ASCII"),
        ("grün 日本 🎉", "grün 日本 🎉"),
        ("\x1b[2J\0", r"\x1b[2J\x00"),
        ("a\r\nb\tc", r"a\x0d\x0ab\x09c"),
        ("gpj\u202exe", r"gpj\u202exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("so\xadft", r"so\xadft"),
    ],
)
def test_what_is_made_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_line_feeds_and_tabs_may_be_kept() -> None:
    assert visible("a\tb\nc\rd\u202e", keep_newlines=True) == "a\tb\nc\\x0dd\\u202e"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"250 ok\r\n", "250 ok"),
        (b"250 ok\n", "250 ok"),
        (b"250 ok\r", r"250 ok\x0d"),
        (b"\r\n\r\n", r"\x0d\x0a"),
        (b"caf\xe9", r"caf\xe9"),
        ("café".encode(), "café"),
        (b"", ""),
    ],
)
def test_octets_as_text(octets: bytes, expected: str) -> None:
    assert octets_to_text(octets) == expected

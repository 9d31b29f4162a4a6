"""Steps as words, and lines of one's own as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.plan import Plan
from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.smtp.settings import TlsMode
from mailgui.smtp.step_words import WORDS, escape, misplaced, parse, purpose, title, unescape
from mailgui.smtp.steps import Connect, Greet, Handshake, Line, Part, Quit, XClient
from mailgui.transcript import Stage

PLAN = Plan(xclient=(XClient((("NAME", "x.example"),)),), proxy=ProxyHeader(1, local=True))


@given(st.binary(max_size=80))
def test_octets_survive_being_written_out(octets):
    text = escape(octets)
    assert unescape(text) == octets
    assert text.isprintable()


@given(st.text(max_size=40))
def test_any_text_is_a_line_or_a_sentence_about_it(text):
    problem = ""
    steps = ()
    try:
        steps = parse(text, PLAN)
    except ValueError as error:
        problem = str(error)
    assert steps or problem.endswith(".")


def test_each_word_has_its_step_title_and_purpose():
    for word in WORDS:
        for step in parse(word, PLAN):
            assert not isinstance(step, Line)
            assert title(step)
            assert purpose(step)


@pytest.mark.parametrize(
    ("text", "octets", "stage"),
    [
        ("NOOP", b"NOOP\r\n", Stage.EHLO),
        ("MAIL FROM:<>", b"MAIL FROM:<>\r\n", Stage.MAIL),
        ("rcpt to:<a@b>", b"rcpt to:<a@b>\r\n", Stage.RCPT),
        (r"DATA\n", b"DATA\n", Stage.DATA),
        (r"HELP\c", b"HELP", Stage.EHLO),
        (r"\xff\0", b"\xff\0\r\n", Stage.EHLO),
        ("EHLO ümlaut", "EHLO ümlaut\r\n".encode(), Stage.EHLO),
    ],
)
def test_lines_of_ones_own(text, octets, stage):
    assert parse(text, PLAN) == (Line(octets, stage),)


@pytest.mark.parametrize("text", ["\\q", "ends\\", "\\\\\\"])
def test_what_stands_for_nothing_is_refused(text):
    with pytest.raises(ValueError, match=r"\.$"):
        parse(text, PLAN)


def test_the_usual_orders_are_in_order():
    for tls in TlsMode:
        assert misplaced(PLAN.walk(tls, sign_in=True, deliver=True)) == {}


def test_what_is_unusual_is_told():
    steps = (Greet(), Connect(), Handshake(), Part(Stage.RCPT), Quit(), Part(Stage.MESSAGE))
    assert misplaced(steps) == {
        0: "nothing to talk to before Connect",
        3: "before MAIL FROM",
        4: "nothing is done after this",
        5: "before MAIL FROM",
    }

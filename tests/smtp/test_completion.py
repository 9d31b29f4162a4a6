"""What the console offers while a person types."""

import pytest

from mailgui.message.outgoing import Envelope
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.completion import completions
from mailgui.transcript import EhloAnswer

OFFERS = Capabilities(
    EhloAnswer(
        True,
        "mx",
        {
            "SIZE": ("1000",),
            "DSN": (),
            "AUTH": ("PLAIN", "NTLM"),
            "CHUNKING": (),
            "XCLIENT": ("NAME", "ADDR"),
            "X-ODD": (),
        },
    )
)
NOTHING = Capabilities()
ENVELOPE = Envelope("ann@good.example", ("bob@good.example", "eve@good.example"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("b", "BDAT "),
        ("q", "QUIT"),
        ("auth ", "AUTH PLAIN"),
        ("AUTH SCR", "AUTH SCRAM-SHA-256-PLUS"),
        ("MAIL FROM:<a@b> ", "MAIL FROM:<a@b> SIZE="),
        ("MAIL FROM:<a@b> SIZE=5 R", "MAIL FROM:<a@b> SIZE=5 RET=HDRS"),
        ("RCPT TO:<a@b> N", "RCPT TO:<a@b> NOTIFY=SUCCESS,FAILURE,DELAY"),
        ("XCLIENT NAME=x ", "XCLIENT NAME=x ADDR="),
        ("BDAT 12", "BDAT 12 LAST"),
    ],
)
def test_the_likeliest_comes_first(text, first):
    assert completions(text, OFFERS)[0] == first


def test_what_is_not_offered_is_not_proposed():
    assert completions("BDAT", NOTHING) == []
    assert completions("STARTTLS", OFFERS) == []
    assert completions("MAIL FROM:<a@b> ", NOTHING) == []


def test_mechanisms_that_are_offered_come_before_the_others():
    found = completions("AUTH ", OFFERS)
    assert found[:2] == ["AUTH PLAIN", "AUTH NTLM"]
    assert "AUTH SCRAM-SHA-256" in found


def test_the_drafts_addresses():
    assert completions("MAIL", OFFERS, envelope=ENVELOPE)[0] == "MAIL FROM:<ann@good.example>"
    assert completions("rcpt", OFFERS, envelope=ENVELOPE)[:2] == [
        "RCPT TO:<bob@good.example>",
        "RCPT TO:<eve@good.example>",
    ]


def test_a_parameter_is_proposed_once():
    found = completions("MAIL FROM:<a@b> RET=FULL ", OFFERS)
    assert not any("RET=HDRS" in line for line in found)


def test_a_finished_line_proposes_nothing_more():
    assert completions("QUIT", OFFERS) == []
    assert completions("complete nonsense", OFFERS) == []


def test_the_name_to_greet_with():
    assert completions("EH", OFFERS, name="me.example")[0] == "EHLO me.example"

"""What may stand in a command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.arguments import check_address, check_argument, check_word, xtext
from mailgui.smtp.commands import mail, rcpt
from mailgui.smtp.faults import SmtpFault
from mailgui.transcript import Stage


@given(st.text(), st.text())
def test_what_passes_stays_in_its_line_and_brackets(sender, recipient):
    try:
        check_address(sender, "sender's", Stage.MAIL)
        check_address(recipient, "recipient's", Stage.RCPT)
    except SmtpFault:
        return
    for command in (mail(sender), rcpt(recipient)):
        assert command.octets.count(b"\r") == command.octets.count(b"\n") == 1
        assert command.octets.endswith(b">\r\n")


@pytest.mark.parametrize("address", ["", "a@b", '"a b"@c', '"a>b\\" c"@d', "jös@exämple", "root"])
def test_good_addresses(address):
    check_address(address, "sender's", Stage.MAIL)


@pytest.mark.parametrize("word", ["", "a b", "a\tb", "a>", "<a", "\x7f"])
def test_words(word):
    with pytest.raises(SmtpFault) as caught:
        check_word(word, "name", Stage.EHLO)
    assert caught.value.slug == "malformed_argument"


@given(st.text())
def test_xtext_is_printable_ascii_without_blanks(value):
    encoded = xtext(value)
    assert encoded.isascii()
    assert " " not in encoded
    assert "=" not in encoded
    check_argument(encoded, "value", Stage.MAIL)


def test_xtext():
    assert xtext("a+b=c d") == "a+2Bb+3Dc+20d"

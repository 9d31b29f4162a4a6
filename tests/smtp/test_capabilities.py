"""EHLO answers, well and badly written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.capabilities import Capabilities, difference, parse_ehlo
from mailgui.smtp.reply import ServerReply


def offers(*lines: bytes) -> Capabilities:
    return Capabilities(parse_ehlo(ServerReply(250, (b"mx", *lines)), tls=False))


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        (b"SIZE 1000", 1000),
        (b"SIZE=1000", 1000),
        (b"  size   1000  ", 1000),
        (b"SIZE", None),
        (b"SIZE 0", None),
        (b"SIZE many", None),
        (b"SIZE -5", None),
        ("SIZE ١٢".encode(), None),
        (b"SIZE " + b"9" * 5000, int("9" * 20)),
    ],
)
def test_size(line, limit):
    assert offers(line).size_limit == limit


def test_auth_old_and_new_style_together():
    mechanisms = offers(b"AUTH=LOGIN plain", b"AUTH PLAIN CRAM-MD5").auth_mechanisms
    assert mechanisms == ("LOGIN", "PLAIN", "CRAM-MD5")


def test_nothing_is_offered_without_an_answer():
    assert "SIZE" not in Capabilities()
    assert Capabilities().parameters("AUTH") == ()


def test_difference():
    before = parse_ehlo(ServerReply(250, (b"mx", b"STARTTLS", b"SIZE 5", b"X")), tls=False)
    after = parse_ehlo(ServerReply(250, (b"mx", b"AUTH PLAIN", b"SIZE 6")), tls=True)
    assert difference(before, after) == (
        "What the server offers inside TLS differs; new: AUTH; no longer: X; changed: SIZE."
    )
    assert difference(before, before) == ""


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=10))
def test_any_octets_can_be_read(texts):
    capabilities = Capabilities(parse_ehlo(ServerReply(250, tuple(texts)), tls=False))
    assert capabilities.size_limit is None or capabilities.size_limit > 0

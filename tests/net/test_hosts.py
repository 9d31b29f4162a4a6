"""Host names and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.hosts import ascii_host, is_loopback


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]"]
)
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["localhost.example", "127.0.0.1.example", "10.0.0.1", "", "::2", "0.0.0.0", "2130706433"],
)
def test_not_loopback(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mail.example.", "mail.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("_mta-sts.example", "_mta-sts.example"),
    ],
)
def test_host_names_as_they_are_asked_for(host, expected):
    assert ascii_host(host) == expected


@pytest.mark.parametrize(
    "host", ["", " ", ".", "a..b", "a b", "a\r\nb", "a\0b", "x" * 64, "a." * 130, "ü\u200b..x"]
)
def test_what_is_no_host_name(host):
    with pytest.raises(ValueError, match=r"\.$"):
        ascii_host(host)


@given(st.text())
def test_whatever_comes_is_a_plain_ascii_name_or_refused(host):
    try:
        name = ascii_host(host)
    except ValueError:
        return
    assert name.isascii()
    assert name.isprintable()

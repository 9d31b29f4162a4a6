"""A proxy's password never stands in its address, except on the way to the proxy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.proxy import parse_proxy
from mailgui.net.proxy_address import names_proxy_user, with_password, without_password
from mailgui.smtp.reach import connect_settings
from mailgui.smtp.settings import SmtpSettings


@given(st.text(min_size=1, max_size=20))
def test_a_password_comes_back_as_it_was(password):
    address = with_password("socks5://ann@proxy.example:1080", password)
    assert parse_proxy(address).password == password
    assert without_password(address) == ("socks5://ann@proxy.example:1080", password)


def test_without_a_user_there_is_no_password():
    assert with_password("socks5://proxy.example", "secret") == "socks5://proxy.example"
    assert not names_proxy_user("socks5://proxy.example")
    assert not names_proxy_user("socks5://[")


@pytest.mark.parametrize("address", ["", "proxy.example:1080", "ftp://x", "socks5://[::1"])
def test_what_is_no_proxy_is_said_without_repeating_it(address):
    with pytest.raises(ValueError, match=r"\.$") as told:
        without_password(address)
    assert not address or address not in str(told.value)


def test_neither_shows_the_password():
    settings = SmtpSettings("mail.example", proxy="socks5://ann@proxy.example")
    connect = connect_settings(settings, "pr0xy-s3cret")
    assert "pr0xy" not in repr(connect).replace("proxy", "")
    assert parse_proxy(connect.proxy or "").password == "pr0xy-s3cret"

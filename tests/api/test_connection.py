"""Which proxy a request goes through."""

import pytest

from mailgui.api.connection import http_settings, proxy_for
from mailgui.api.settings import ApiSettings

URL = "https://api.example.com/v1"
ASKING = ApiSettings("resend", proxy_from_environment=True)


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_environment_is_asked_only_when_the_account_says_so(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:8080")
    assert proxy_for(ApiSettings("resend"), URL) is None
    assert proxy_for(ASKING, URL) == "http://proxy:8080"
    own = ApiSettings("resend", proxy="socks5://own:1080", proxy_from_environment=True)
    assert proxy_for(own, URL) == "socks5://own:1080"


def test_each_scheme_has_a_variable_of_its_own(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://from-a-header:1")  # CVE-2016-5385
    monkeypatch.setenv("http_proxy", "plain:3128")
    assert proxy_for(ASKING, URL) is None
    assert proxy_for(ASKING, "http://127.0.0.1/") == "http://plain:3128"
    monkeypatch.setenv("ALL_PROXY", "socks5://all:1080")
    assert proxy_for(ASKING, URL) == "socks5://all:1080"


@pytest.mark.parametrize(
    ("exceptions", "direct"),
    [
        ("api.example.com", True),
        (".example.com", True),
        ("example.com", True),
        ("*.example.com", True),
        ("other.com, api.example.com:443", False),
        ("api.example.com:8443", True),
        ("ample.com", False),
        ("*", True),
        ("", False),
    ],
)
def test_exceptions(monkeypatch, exceptions, direct):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:8080")
    monkeypatch.setenv("NO_PROXY", exceptions)
    url = "https://api.example.com:8443/"
    assert (proxy_for(ASKING, url) is None) is direct


def test_the_password_joins_the_user_only_on_the_way():
    settings = ApiSettings("resend", proxy="http://ann@proxy:8080", http2=True)
    made = http_settings(settings, URL, {"proxy_password": "s3cret/"})
    assert made.proxy == "http://ann:s3cret%2F@proxy:8080"
    assert "s3cret" not in repr(made)
    assert made.http2
    assert http_settings(settings, URL).proxy == "http://ann@proxy:8080"

"""Who may carry a password."""

import pytest

from mailgui.net.credentials import may_carry_credentials, url_may_carry_credentials
from mailgui.transcript import TlsSummary

VERIFIED = TlsSummary("TLSv1.3", "x", verified=True, server_name="mx.example")
UNVERIFIED = TlsSummary("TLSv1.3", "x", verified=False, server_name="mx.example")


@pytest.mark.parametrize(
    ("host", "tls", "options", "allowed"),
    [
        ("mx.example", VERIFIED, {}, True),
        ("mx.example", UNVERIFIED, {}, False),
        ("mx.example", None, {}, False),
        ("mx.example", None, {"allow_insecure": True}, True),
        ("mx.example", UNVERIFIED, {"allow_insecure": True}, True),
        ("localhost", None, {}, True),
        ("127.0.0.1", UNVERIFIED, {}, True),
        ("localhost", None, {"proxied": True}, False),
        ("mx.example", VERIFIED, {"proxied": True}, True),
    ],
)
def test_connections(host, tls, options, allowed):
    assert may_carry_credentials(host, tls, **options) is allowed


@pytest.mark.parametrize(
    ("url", "options", "allowed"),
    [
        ("https://api.example/v1", {}, True),
        ("https://api.example/v1", {"verify": False}, False),
        ("http://api.example/v1", {}, False),
        ("http://api.example/v1", {"allow_insecure": True}, True),
        ("http://127.0.0.1:8080/", {}, True),
        ("http://[::1]:8080/", {}, True),
        ("http://localhost:8080/", {"proxied": True}, False),
        ("http://localhost@api.example/", {}, False),
        ("ftp://api.example/", {}, False),
        ("nonsense", {}, False),
    ],
)
def test_urls(url, options, allowed):
    assert url_may_carry_credentials(url, **options) is allowed

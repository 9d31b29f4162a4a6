"""Against the examples that AWS publishes (the "Signature Version 4 test suite" and IAM's)."""

from datetime import UTC, datetime

import pytest

from mailgui.api.sigv4 import canonical_request, sign

KEYS = {
    "access_key": "AKIDEXAMPLE",
    "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "session_token": None,
    "region": "us-east-1",
    "now": datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
}
HOST = "https://example.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "url", "headers", "signature"),
    [
        ("GET", HOST + "/", [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "POST",
            HOST + "/",
            [],
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "GET",
            HOST + "/?Param2=value2&Param1=value1",
            [],
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_published_signatures(method, url, headers, signature):
    added = dict(sign(method, url, headers, b"", service="service", **KEYS))
    assert added["X-Amz-Date"] == "20150830T123600Z"
    assert added["Authorization"].endswith(f"Signature={signature}")
    assert (
        "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request" in (added["Authorization"])
    )


def test_the_example_of_iam_with_a_content_type():
    added = dict(
        sign(
            "GET",
            "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
            [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            b"",
            service="iam",
            **KEYS,
        )
    )
    assert added["Authorization"].endswith(
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


def test_a_session_token_is_sent_and_signed():
    keys = {**KEYS, "session_token": "tok"}
    added = dict(sign("POST", HOST + "/", [], b"{}", service="ses", **keys))
    assert added["X-Amz-Security-Token"] == "tok"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in added["Authorization"]


def test_a_port_belongs_to_the_host():
    _, request = canonical_request("POST", "http://127.0.0.1:8025/v2/a b", [], b"")
    assert "host:127.0.0.1:8025" in request
    assert "/v2/a%20b" in request


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://email.us-east-1.amazonaws.com:443/v2", "email.us-east-1.amazonaws.com"),
        ("http://127.0.0.1:80/v2", "127.0.0.1"),
        ("http://127.0.0.1:443/v2", "127.0.0.1:443"),
        ("https://[::1]/v2", "[::1]"),
    ],
)
def test_the_scheme_s_own_port_does_not(url, host):
    _, request = canonical_request("POST", url, [], b"")
    assert f"\nhost:{host}\n" in request

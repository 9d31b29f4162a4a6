"""Requests made fit for the wire."""

import pytest

from mailgui.net.errors import NetworkFault
from mailgui.net.http_request import build, parse_target, redirected
from mailgui.transcript import HttpExchange


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://api.example", "api.example", "/"),
        ("https://api.example:443/v1?a=b&c=%20#frag", "api.example", "/v1?a=b&c=%20"),
        ("http://127.0.0.1:8080/x y", "127.0.0.1:8080", "/x%20y"),
        ("http://[::1]/é", "[::1]", "/%C3%A9"),
        ("http://[::1]:81/", "[::1]:81", "/"),
        ("https://bücher.example/", "xn--bcher-kva.example", "/"),
    ],
)
def test_where_an_address_leads(url, authority, path):
    target = parse_target(url)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "url",
    [
        "api.example/v1",
        "ftp://api.example/",
        "https:///v1",
        "https://user:pw@api.example/",
        "https://api.example:x/",
        "https://[::1/",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_are_refused(url):
    with pytest.raises(NetworkFault) as caught:
        parse_target(url)
    assert caught.value.kind == "http_malformed"
    assert "pw" not in caught.value.sentence


def test_only_host_and_length_are_added():
    request = build("POST", "https://api.example/", [("X-A", "1")], b"abc")
    assert request.headers == (("Host", "api.example"), ("X-A", "1"), ("Content-Length", "3"))
    assert build("GET", "https://api.example/", [], b"").headers == (("Host", "api.example"),)
    assert ("Content-Length", "0") in build("POST", "https://api.example/", [], b"").headers


def test_what_is_given_stays():
    headers = [("host", "other.example"), ("content-length", "3")]
    assert build("PUT", "https://api.example/", headers, b"abc").headers == tuple(headers)


@pytest.mark.parametrize(
    ("method", "url", "header"),
    [
        ("GET\r\nX: y", "https://api.example/", ("A", "b")),
        ("GET /", "https://api.example/", ("A", "b")),
        ("", "https://api.example/", ("A", "b")),
        ("GET", "https://api.example/\r\nX: y", ("A", "b")),
        ("GET", "https://api.example/", ("A\nB", "b")),
        ("GET", "https://api.example/", ("A", "b\r\nX: y")),
        ("GET", "https://api.example/", ("A", "b\0")),
    ],
)
def test_line_breaks_never_reach_the_wire(method, url, header):
    with pytest.raises(NetworkFault):
        build(method, url, [header], b"")


def answer(status, location):
    headers = (("Location", location),) if location is not None else ()
    return HttpExchange("POST", "", (), b"", status=status, response_headers=headers)


@pytest.mark.parametrize(
    ("status", "method", "content"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"x"),
        (308, "POST", b"x"),
    ],
)
def test_redirects_within_a_server(status, method, content):
    request = build("POST", "https://api.example/a/b?q", [("Content-Type", "text/plain")], b"x")
    following = redirected(request, answer(status, "../c"))
    assert (following.method, following.content) == (method, content)
    assert following.url == "https://api.example/c"
    names = {name.lower() for name, _ in following.headers}
    assert ("content-type" in names) is bool(content)


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/", "http://api.example/", "https://api.example:444/", "//evil.example/"],
)
def test_redirects_elsewhere_are_refused(location):
    request = build("POST", "https://api.example/", [], b"x")
    with pytest.raises(NetworkFault) as caught:
        redirected(request, answer(307, location))
    assert caught.value.kind == "http_redirect"


@pytest.mark.parametrize(("status", "location"), [(200, "/x"), (302, None), (304, "/x")])
def test_what_is_no_redirect(status, location):
    assert (
        redirected(build("GET", "https://api.example/", [], b""), answer(status, location)) is None
    )

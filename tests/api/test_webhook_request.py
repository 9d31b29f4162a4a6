import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.webhook_request import (
    MAX_OCTETS,
    BodyProblem,
    RequestProblem,
    WebhookRequest,
    form_pairs,
    parse_pasted,
    read_body,
    value_at,
)

BODY = '{"a": {"b": 1}}'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_whole_request(end):
    text = end.join(("POST /in?x=1 HTTP/1.1", "Host: hooks.example", "X-Sign:  abc ", "", BODY))
    request = parse_pasted(text)
    assert (request.method, request.url) == ("POST", "https://hooks.example/in?x=1")
    assert request.header("x-sign") == "abc"
    assert request.body == BODY.encode()


def test_headers_and_body_without_a_first_line():
    request = parse_pasted(f"X-Sign: abc\n\n{BODY}", "https://known.example/")
    assert (request.method, request.url) == ("POST", "https://known.example/")
    assert request.body == BODY.encode()


@pytest.mark.parametrize("text", [BODY, "[1]", f"\n\n{BODY}", "a=1&b=%20", "mandrill_events=[]"])
def test_a_body_alone(text):
    request = parse_pasted(text)
    assert request.headers == ()
    assert request.body == text.lstrip().encode()


@pytest.mark.parametrize("text", ["", " \r\n", "x" * (MAX_OCTETS + 1), "A: 1\nno header\n\n{}"])
def test_what_is_none(text):
    with pytest.raises(RequestProblem):
        parse_pasted(text)


@given(st.text(max_size=300))
def test_any_text_is_a_request_or_a_problem(text):
    with contextlib.suppress(RequestProblem):
        assert parse_pasted(text).method


def test_values_in_headers_and_body():
    request = WebhookRequest("POST", "", (("X-A", " 1 "),), BODY.encode())
    assert value_at(request, "header:x-a") == "1"
    assert value_at(request, "a.b") == "1"
    assert value_at(request, "a") == value_at(request, "") == value_at(request, "header:none") == ""
    broken = WebhookRequest("POST", "", (), b"{")
    assert value_at(broken, "a.b") == ""


def test_forms():
    request = WebhookRequest("POST", "", (), b"b=%C3%A9&a=%5B1%5D&a=2")
    assert form_pairs(request) == [("b", "é"), ("a", "[1]"), ("a", "2")]
    with pytest.raises(BodyProblem):
        read_body(request, "missing")
    for body in (b"\xff", b"&".join(b"a=1" for _ in range(2_000)), b"a=%FF"):
        with pytest.raises(BodyProblem):
            form_pairs(WebhookRequest("POST", "", (), body))


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        '{"a": "\ud83d"}',
        "a: b\n\n\ud800",
        "POST //[x HTTP/1.1\na: b\n\n{}",
        "GET http://[::1 HTTP/1.1\na: b\n\n",
    ],
)
def test_what_cannot_have_been_a_request_is_a_sentence(text):
    with pytest.raises(RequestProblem, match=r"\.$"):
        parse_pasted(text)

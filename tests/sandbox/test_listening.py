import socket

import pytest

from mailgui.net.stream import Endpoint
from mailgui.sandbox.listening import bind, bound_to, parse_listening


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:2525", Endpoint("127.0.0.1", 2525)),
        ("127.0.0.1", Endpoint("127.0.0.1", 0)),
        ("localhost:0", Endpoint("127.0.0.1", 0)),
        (" 127.3.2.1:25 ", Endpoint("127.3.2.1", 25)),
        ("[::1]:2525", Endpoint("::1", 2525)),
        ("[::1]", Endpoint("::1", 0)),
        ("::1", Endpoint("::1", 0)),
    ],
)
def test_loopback_addresses(text: str, expected: Endpoint) -> None:
    assert parse_listening(text, "SMTP") == expected


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0:25", "192.0.2.1:25", "[::]:25", "example.com:25", ":25", "", "[2001:db8::1]:1"],
)
def test_other_addresses_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a loopback address\. Use 127\.0\.0\.1"):
        parse_listening(text, "SMTP")


@pytest.mark.parametrize("text", ["127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1", "[::1]:²"])
def test_ports_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a port for the sandbox's DNS server"):
        parse_listening(text, "DNS")


def test_a_taken_port_is_said_with_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"in use.*127\.0\.0\.1:{port}"):
            bind(Endpoint("127.0.0.1", port))


def test_port_0_is_a_free_one() -> None:
    with bind(Endpoint("127.0.0.1", 0)) as bound:
        assert bound_to(bound).host == "127.0.0.1"
        assert bound_to(bound).port > 0

"""The PROXY protocol's headers, read back by a reader of the tests' own."""

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.proxy_header import ProxyHeader

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)
PORT = st.integers(0, 65535)
PAIR = st.one_of(st.tuples(V4, V4), st.tuples(V6, V6))


@given(PAIR, PORT, PORT)
def test_version_1_is_one_line(pair, source_port, destination_port):
    source, destination = pair
    octets = ProxyHeader(1, source, source_port, destination, destination_port).octets
    assert octets.endswith(b"\r\n")
    assert len(octets) <= 107  # section 2.1: what a receiver must be ready to read
    word, family, *rest = octets.decode("ascii").rstrip("\r\n").split(" ")
    assert (word, family) == ("PROXY", "TCP6" if ":" in source else "TCP4")
    assert rest == [source, destination, str(source_port), str(destination_port)]


@given(PAIR, PORT, PORT)
def test_version_2_says_its_own_length(pair, source_port, destination_port):
    source, destination = pair
    octets = ProxyHeader(2, source, source_port, destination, destination_port).octets
    assert octets[:12] == b"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"
    command, family, length = struct.unpack("!BBH", octets[12:16])
    assert command == 0x21
    width = {0x11: 4, 0x21: 16}[family]
    block = octets[16:]
    assert length == len(block) == 2 * width + 4
    assert ipaddress.ip_address(block[:width]) == ipaddress.ip_address(source)
    assert ipaddress.ip_address(block[width : 2 * width]) == ipaddress.ip_address(destination)
    assert struct.unpack("!HH", block[2 * width :]) == (source_port, destination_port)


def test_the_proxy_itself():
    assert ProxyHeader(1, local=True).octets == b"PROXY UNKNOWN\r\n"
    assert ProxyHeader(2, local=True).octets[12:] == b"\x20\x00\x00\x00"


def test_octets_of_ones_own():
    assert ProxyHeader(1, raw=b"TCP9 x").octets == b"PROXY TCP9 x\r\n"
    assert ProxyHeader(2, raw=b"\xff").octets[12:] == b"\xff"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((3,), "versions 1 and 2"),
        ((1, "here", 1, "192.0.2.1", 2), "source “here”"),
        ((1, "192.0.2.1", 1, "", 2), "destination “”"),
        ((2, "192.0.2.1", 1, "2001:db8::1", 2), "one IP version"),
        ((2, "192.0.2.1", 70000, "192.0.2.2", 2), "not a port"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields, words):
    with pytest.raises(ValueError, match=words):
        ProxyHeader(*fields)

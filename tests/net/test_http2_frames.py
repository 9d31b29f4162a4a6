"""HTTP/2's frames as they are recorded, judged by the library that makes them."""

from itertools import pairwise

import h2.config
import h2.connection
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.http2_frames import FrameReader


def client_octets():
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    state.initiate_connection()
    headers = [(":method", "POST"), (":scheme", "https"), (":authority", "x"), (":path", "/")]
    state.send_headers(1, headers)
    for _ in range(3):
        state.send_data(1, bytes(1000))
    state.send_data(1, b"end", end_stream=True)
    state.ping(b"12345678")
    return state.data_to_send()


EXPECTED = ["SETTINGS, connection", "HEADERS, stream 1", "4 × DATA, stream 1", "PING, connection"]


def read(octets, cuts=()):
    reader, places = FrameReader(), [0, *sorted(cuts), len(octets)]
    frames = [f for a, b in pairwise(places) for f in reader.feed(octets[a:b])]
    return [*frames, *reader.flush()]


def test_frames_are_named_and_runs_of_data_told_as_one():
    frames = read(client_octets())
    for frame, words in zip(frames, EXPECTED, strict=True):
        assert str(frame).startswith(words)
    assert frames[2].length == 3003
    assert str(frames[2]).endswith("3,003 octets, END_STREAM")
    assert "END_HEADERS" in str(frames[1])


@given(st.lists(st.integers(0, 3300), max_size=12))
def test_however_the_octets_are_cut(cuts):
    octets = client_octets()
    cuts = [min(cut, len(octets)) for cut in cuts]
    assert read(octets, cuts) == read(octets)


@given(st.binary(max_size=300))
def test_any_octets_are_read_without_a_fault(octets):
    for frame in read(octets):
        assert str(frame)


@pytest.mark.parametrize("cut", range(1, 30))
def test_data_of_two_streams_is_not_told_as_one(cut):
    def data(stream):
        return bytes([0, 0, 1, 0, 0]) + stream.to_bytes(4, "big") + b"x"

    octets = data(1) + data(3) + data(3)
    assert [(f.stream, f.count) for f in read(octets, [cut])] == [(1, 1), (3, 2)]

"""Compression undone, within bounds."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.errors import NetworkFault
from mailgui.net.http_decode import BodyDecoder


def raw_deflate(octets):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(octets) + compressor.flush()


ENCODERS = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    " X-GZIP ": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
}


def decode(encoding, body, *, limit=1 << 20, pieces=1 << 16):
    decoder = BodyDecoder(encoding, limit, "api.example port 443")
    for start in range(0, len(body), pieces):
        decoder.feed(body[start : start + pieces])
    return decoder.finish()


@pytest.mark.parametrize("encoding", ENCODERS)
@given(body=st.binary(max_size=2000), pieces=st.integers(1, 50))
def test_every_encoding_in_pieces(encoding, body, pieces):
    assert decode(encoding, ENCODERS[encoding](body), pieces=pieces) == body


def test_a_gzip_body_may_have_several_members():
    body = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two")
    assert decode("gzip", body) == decode("gzip", body, pieces=1) == b"one two"


def test_an_unknown_encoding_is_left_alone():
    decoder = BodyDecoder("br", 100, "p")
    decoder.feed(b"\x01\x02")
    assert decoder.unknown
    assert decoder.finish() == b"\x01\x02"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "Deflate"])
def test_a_bomb_is_stopped_at_the_limit(encoding):
    bomb = ENCODERS[encoding](bytes(50_000_000))
    assert len(bomb) < 60_000
    with pytest.raises(NetworkFault, match="larger than 1,048,576 octets") as caught:
        decode(encoding, bomb)
    assert caught.value.kind == "http_too_large"


def test_a_plain_body_is_stopped_at_the_limit():
    assert decode("", b"x" * 10, limit=10) == b"x" * 10
    with pytest.raises(NetworkFault, match="larger than 10 octets"):
        decode("", b"x" * 11, limit=10)


def test_empty_members_do_not_go_on_for_ever():
    with pytest.raises(NetworkFault) as caught:
        decode("gzip", gzip.compress(b"", mtime=0) * 1000, limit=10_000)
    assert caught.value.kind == "http_too_large"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"this is not gzip", "http_encoding"),
        (gzip.compress(b"hello" * 100, mtime=0)[:-9], "http_truncated"),
        (gzip.compress(b"hello", mtime=0)[:5], "http_truncated"),
    ],
)
def test_what_is_not_compressed_as_it_says(body, kind):
    with pytest.raises(NetworkFault) as caught:
        decode("gzip", body)
    assert caught.value.kind == kind


def test_an_empty_body_needs_no_compression():
    assert decode("gzip", b"") == b""

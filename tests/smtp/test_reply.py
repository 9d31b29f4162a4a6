"""The reply parser: any split of any stream gives the same items, and nothing hangs it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.reply import (
    MAX_LINE,
    MAX_REPLY,
    ProtocolFault,
    Remark,
    ReplyLine,
    ReplyParser,
    ServerReply,
)

lines = st.one_of(
    st.from_regex(rb"[2-5][0-9]{2}[ -][ -~]{0,20}\r?\n", fullmatch=True),
    st.sampled_from(
        [b"250\r\n", b"250 \r\n", b"220 mx\n", b"2", b"\r\n", b"\x16\x03\n", b"999 x\n"]
    ),
    st.binary(max_size=12),
)
streams = st.lists(lines, max_size=12).map(b"".join)


def parse(pieces):
    parser = ReplyParser()
    return [item for piece in pieces for item in parser.feed(piece)]


@given(streams, st.data())
def test_the_split_does_not_matter(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    bounds = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(bounds)]
    whole = parse([stream])
    assert parse(pieces) == whole
    assert parse([stream[i : i + 1] for i in range(len(stream))]) == whole


@given(st.lists(st.binary(max_size=3000), max_size=40))
def test_nothing_is_kept_beyond_the_caps(pieces):
    parser = ReplyParser()
    items = [item for piece in pieces for item in parser.feed(piece)]
    faults = [item for item in items if isinstance(item, ProtocolFault)]
    assert len(faults) <= 1
    assert not faults or items[-1] is faults[0]
    assert faults or len(parser.waiting) <= MAX_LINE


@given(
    st.integers(200, 599),
    st.lists(
        st.binary(max_size=40).filter(lambda b: b"\n" not in b and not b.endswith(b"\r")),
        min_size=1,
        max_size=6,
    ),
)
def test_a_well_formed_reply_comes_out_as_it_went_in(code, texts):
    last = len(texts) - 1
    stream = b"".join(
        b"%d%s%s\r\n" % (code, b" " if i == last else b"-", text) for i, text in enumerate(texts)
    )
    items = parse([stream])
    assert items[-1] == ServerReply(code, tuple(texts))
    assert sum(isinstance(i, ReplyLine) for i in items) == len(texts)


def test_caps():
    (fault,) = parse([b"250 " + b"x" * MAX_LINE])
    assert fault.slug == "reply_line_too_long"
    items = parse([b"250-" + b"x" * 1000 + b"\r\n"] * 40)
    assert items[-1].slug == "endless_reply"
    assert sum(len(i.octets) for i in items if isinstance(i, ReplyLine)) < MAX_REPLY + MAX_LINE
    longest = b"250 " + b"x" * (MAX_LINE - 6) + b"\r\n"
    assert isinstance(parse([longest])[-1], ServerReply)


def test_remarks_come_once():
    remarks = [i.slug for i in parse([b"250\n", b"250\n"]) if isinstance(i, Remark)]
    assert remarks == ["bare_lf", "bare_code"]


@pytest.mark.parametrize(
    ("stream", "slug"),
    [
        (b"250-a\r\n550 b\r\n", "mixed_reply_codes"),
        (b"25\r\n", "malformed_reply"),
        (b"250:a\r\n", "malformed_reply"),
        (b"\xb2\xb3\xb9 a\r\n", "malformed_reply"),
        (b"HTTP/1.1 400 Bad Request\r\n", "not_smtp"),
        (b"\x15", "tls_on_plain_port"),
    ],
)
def test_faults(stream, slug):
    fault = parse([stream])[-1]
    assert isinstance(fault, ProtocolFault)
    assert fault.slug == slug
    assert fault.sentence.endswith(".")


def test_after_a_fault_nothing_is_read():
    parser = ReplyParser()
    parser.feed(b"nonsense\r\n")
    assert parser.feed(b"250 ok\r\n") == []


def test_secrets_are_masked_before_a_quotation_is_cut():
    parser = ReplyParser(lambda octets: octets.replace(b"secret" * 20, b"*"))
    (fault,) = parser.feed(b"x" + b"secret" * 20 + b"\r\n")
    assert "secret" not in fault.sentence


def test_as_a_reply():
    reply = ServerReply(550, (b"5.1.1 First", b"5.1.1  second ", b"")).to_reply()
    assert (reply.code, reply.enhanced, reply.text) == (550, "5.1.1", "First second")

"""Dot-stuffing whatever the chunks."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.content import BATCH, Content, DotStuffer, Rewriter, describe
from tests.support.hostile import Octets

tricky = st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"\r\n."]), max_size=30).map(
    b"".join
)


def reference(message: bytes) -> bytes:
    """RFC 5321, section 4.5.2, one line at a time."""
    lines = message.split(b"\r\n")
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return stuffed if not message or message.endswith(b"\r\n") else stuffed + b"\r\n"


@given(tricky, st.data())
def test_the_chunks_do_not_matter(message, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(message)), max_size=10)))
    bounds = [0, *cuts, len(message)]
    stuffer = DotStuffer()
    chunks = [message[a:b] for a, b in itertools.pairwise(bounds)]
    assert b"".join([*map(stuffer.feed, chunks), stuffer.end()]) == reference(message)


@given(tricky)
def test_octet_by_octet(message):
    stuffer = DotStuffer()
    pieces = [stuffer.feed(message[i : i + 1]) for i in range(len(message))]
    assert b"".join([*pieces, stuffer.end()]) == reference(message)


def test_batches_are_bounded_and_complete():
    async def read():
        content = Content(Octets(b"x" * (3 * BATCH + 5)), stuff=False)
        batches = []
        while not content.complete:
            batches.append(await content.next())
        return batches, content

    batches, content = asyncio.run(read())
    assert [len(b) for b in batches] == [BATCH, BATCH, BATCH, 5]
    assert content.length == 3 * BATCH + 5


def test_giving_up_closes_the_source():
    closed = []

    class Source(Octets):
        def chunks(self):
            try:
                while True:
                    yield b"x" * BATCH
            finally:
                closed.append(True)

    async def run():
        content = Content(Source(), stuff=True)
        await content.next()
        content.close()
        await asyncio.get_running_loop().shutdown_default_executor()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert closed == [True]


@pytest.mark.parametrize(
    ("length", "lines", "text"),
    [
        (0, 0, "[message: 0 octets, 0 lines]"),
        (24, 1, "[message: 24 octets, 1 line]"),
        (1500, 20, "[message: 1.5 KB, 20 lines]"),
        (271_000, 3612, "[message: 271 KB, 3,612 lines]"),
        (25_400_000, 1, "[message: 25.4 MB, 1 line]"),
    ],
)
def test_described(length, lines, text):
    assert describe(length, lines) == text


@given(tricky, st.lists(st.integers(0, 60)), st.booleans())
def test_rewriting_does_not_depend_on_where_chunks_end(octets, cuts, bare_lf):
    whole = Rewriter(bare_lf=bare_lf)
    expected = whole.feed(octets) + whole.end()
    parts = Rewriter(bare_lf=bare_lf)
    edges = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    got = b"".join(parts.feed(octets[a:b]) for a, b in itertools.pairwise(edges)) + parts.end()
    assert got == expected
    plain = octets.removesuffix(b"\r\n")
    assert got == (plain.replace(b"\r\n", b"\n") if bare_lf else plain)

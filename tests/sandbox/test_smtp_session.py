import asyncio
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.sandbox import smtp_session
from mailgui.sandbox.mailbox import Mailbox
from mailgui.sandbox.smtp_handler import Account, SmtpHandler
from mailgui.sandbox.smtp_session import SandboxSmtp


def read(stuffed: bytes, pieces: int = 1) -> tuple[bytes | str, bytes]:
    """Return the message (or the refusal) that a session reads, and what it leaves unread."""

    async def main() -> tuple[bytes | str, bytes]:
        handler = SmtpHandler(Mailbox(), Account("u", "p"), 0)
        session = SandboxSmtp(handler, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        reader = asyncio.StreamReader(limit=64 * 1024)
        session._reader = reader
        session._reset_timeout = lambda *_: None  # type: ignore[method-assign]

        async def feed() -> None:
            size = max(1, len(stuffed) // pieces)
            for start in range(0, len(stuffed), size):
                reader.feed_data(stuffed[start : start + size])
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            group.create_task(feed())
            task = group.create_task(session._read_message(handler.budget.share()))
        reader.feed_eof()
        return task.result(), await reader.read()

    return asyncio.run(main())


def stuff(message: bytes) -> bytes:
    """Dot-stuff as RFC 5321 says, line by line."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


fragments = st.sampled_from(
    [b".", b"..", b"\r\n", b"\r", b"\n", b"a", b".\r\n", b"\0\xff", b"x" * 70]
)


@given(st.lists(fragments, max_size=20).map(b"".join), st.integers(1, 8))
def test_any_message_comes_out_as_it_went_in(message: bytes, pieces: int) -> None:
    message += b"\r\n"
    taken, rest = read(stuff(message) + b".\r\nNOOP\r\n", pieces)
    assert taken == message
    assert rest == b"NOOP\r\n"


def test_an_empty_message() -> None:
    assert read(b".\r\nQUIT\r\n") == (b"", b"QUIT\r\n")


def test_only_crlf_dot_crlf_ends_a_message() -> None:
    smuggled = b"a\n.\nb\r\n.\nc\n.\r\nd\r.\r\r\n"
    taken, rest = read(smuggled + b".\r\n")
    assert taken == b"a\n.\nb\r\n\nc\n.\r\nd\r.\r\r\n"
    assert rest == b""


def test_long_lines_pass_and_big_messages_are_read_to_their_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = b"x" * 300_000 + b"\r\n"
    assert read(line + b".\r\n") == (line, b"")
    monkeypatch.setattr(smtp_session, "MAX_MESSAGE", 300_000)
    refusal, rest = read(line + b".\r\nRSET\r\n")
    assert str(refusal).startswith("552 5.3.4 ")
    assert rest == b"RSET\r\n"
    monkeypatch.setattr(smtp_session, "MAX_MESSAGE", len(line))
    assert read(line + b".\r\n") == (line, b"")

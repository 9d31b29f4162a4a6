"""A secret scattered over several lines or replies: in none of them is it to be found as a whole.

The lines of a reply to a sign-in are held back until it is whole, so that nothing of it shows. Over
several replies it shows only with the last piece; then all of them are hidden in what is kept. Who
watches has seen the first by then, and a server that knows a secret can always tell it in a way
that nobody foresees: this keeps honest, odd servers from spoiling a record, no more.
"""

from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from mailgui.smtp.protocol import LineReceived
from mailgui.smtp.reply import ServerReply
from mailgui.transcript import MASK

_CODE = 4  # octets before a line's text
_HIDDEN = MASK.encode()
_LINES = 8  # of the past that are kept in mind
_LONGEST = 256  # octets of each
_SHORTEST = 4  # octets of a piece below which hiding it would hit innocent text


class HeldLines:
    """Lines of a reply to a sign-in, held back until the reply is whole."""

    def __init__(self, mask: Callable[[bytes], bytes]) -> None:
        self._mask = mask
        self._lines: list[LineReceived] = []

    def hold(self, line: LineReceived) -> None:
        """Take one more line."""
        self._lines.append(line)

    def release(self) -> list[LineReceived]:
        """Return the lines held: without their text where a secret lies scattered over them."""
        lines, self._lines = self._lines, []
        if not _scattered(self._mask, [line.octets[_CODE:].strip() for line in lines]):
            return lines
        return list(map(hidden, lines))

    def cleaned(self, reply: ServerReply) -> ServerReply:
        """Return a reply without its text where a secret lies scattered over its lines."""
        if not _scattered(self._mask, [text.strip() for text in reply.texts]):
            return reply
        return without_text(reply)


class Trail:
    """The last lines received, to see when a secret is complete that was begun in an earlier one.

    ``mask`` is to hide all secrets known by then.
    """

    def __init__(self, mask: Callable[[bytes], bytes]) -> None:
        self._mask = mask
        self._texts: deque[bytes] = deque(maxlen=_LINES)

    def completed_by(self, line: LineReceived) -> list[bytes]:
        """Return the pieces of a secret that ``line`` completes, its own last; none mostly.

        Pieces that are too short to be hidden everywhere are left out.
        """
        texts = [*self._texts, line.octets[_CODE:].strip()[:_LONGEST]]
        if not _scattered(self._mask, texts):
            self._texts.append(texts[-1])
            return []
        self._texts.clear()
        begun = next(
            start
            for start in range(len(texts) - 1, -1, -1)
            if _scattered(self._mask, texts[start:])
        )
        pieces = {piece for text in texts[begun:] for piece in (text, _without_code(text))}
        return [piece for piece in pieces if len(piece) >= _SHORTEST]


def hidden(line: LineReceived) -> LineReceived:
    """Return a line without its text."""
    return msgspec.structs.replace(line, octets=line.octets[:_CODE] + _HIDDEN + b"\r\n")


def without_text(reply: ServerReply) -> ServerReply:
    """Return a reply without its text."""
    return msgspec.structs.replace(reply, texts=(_HIDDEN,))


def _scattered(mask: Callable[[bytes], bytes], texts: Sequence[bytes]) -> bool:
    """Whether a secret shows only where the texts are put together, as they are or without the
    enhanced codes that each begins with.
    """
    if len(texts) < 2:
        return False
    bare = [_without_code(text) for text in texts]
    return any(
        mask(b"".join(each)).count(_HIDDEN) > mask(b"\n".join(each)).count(_HIDDEN)
        for each in (texts, bare)
    )


def _without_code(text: bytes) -> bytes:
    first, _, rest = text.partition(b" ")
    return rest.strip() if first.count(b".") == 2 and first[:1].isdigit() else text

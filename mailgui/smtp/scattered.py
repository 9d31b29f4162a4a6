"""A secret scattered over the lines of one reply: in none of them is it to be found as a whole."""

from collections.abc import Callable, Sequence

import msgspec

from mailgui.smtp.protocol import LineReceived
from mailgui.smtp.reply import ServerReply
from mailgui.transcript import MASK

_CODE = 4  # octets before a line's text
_HIDDEN = MASK.encode()


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
        if not self._scattered([line.octets[_CODE:].strip() for line in lines]):
            return lines
        return [
            msgspec.structs.replace(line, octets=line.octets[:_CODE] + _HIDDEN + b"\r\n")
            for line in lines
        ]

    def cleaned(self, reply: ServerReply) -> ServerReply:
        """Return a reply without its text where a secret lies scattered over its lines."""
        if not self._scattered([text.strip() for text in reply.texts]):
            return reply
        return msgspec.structs.replace(reply, texts=(_HIDDEN,))

    def _scattered(self, texts: Sequence[bytes]) -> bool:
        """Whether a secret shows only where the texts are put together, as they are or without
        the enhanced codes that each begins with.
        """
        if len(texts) < 2:
            return False
        bare = [_without_code(text) for text in texts]
        return any(
            self._mask(b"".join(each)).count(_HIDDEN) > self._mask(b"\n".join(each)).count(_HIDDEN)
            for each in (texts, bare)
        )


def _without_code(text: bytes) -> bytes:
    first, _, rest = text.partition(b" ")
    return rest.strip() if first.count(b".") == 2 and first[:1].isdigit() else text

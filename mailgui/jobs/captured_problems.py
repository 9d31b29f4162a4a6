"""What is wrong with a captured message in plain words, and what can be read of it all the same."""

from collections.abc import Iterable, Iterator, Mapping
from email.message import Message

from mailgui.message.parse import parse_headers
from mailgui.transcript import visible

Pair = tuple[str, str]

_MOST_HEADERS = 1_000
_MOST_HEAD = 64 * 1024  # octets
_MOST_VALUE = 2_000  # characters
_MOST_SENTENCES = 3
_BASE64 = "A part says that it is base64 and is none, or a damaged one."
_WORDS: Mapping[str, str] = {
    "NoBoundaryInMultipartDefect": (
        "It says that it has several parts, and names no boundary between them."
    ),
    "StartBoundaryNotFoundDefect": "The boundary that its header names is nowhere in it.",
    "CloseBoundaryNotFoundDefect": "Its closing boundary is missing: it may have been cut short.",
    "FirstHeaderLineIsContinuationDefect": "Its first line continues a header that is not there.",
    "MisplacedEnvelopeHeaderDefect": "A mailbox file's “From ” line stands among its headers.",
    "MissingHeaderBodySeparatorDefect": (
        "A line among its headers is no header: from there on all was taken for its text."
    ),
    "MultipartInvariantViolationDefect": "It says that it has several parts, and has none.",
    "InvalidMultipartContentTransferEncodingDefect": (
        "It has several parts and an encoding that such a message cannot have."
    ),
    "UndecodableBytesDefect": "Octets of it are no text in the character set that it names.",
    "InvalidBase64PaddingDefect": _BASE64,
    "InvalidBase64CharactersDefect": _BASE64,
    "InvalidBase64LengthDefect": _BASE64,
}
_SHOWN = "What could be read is shown; the source is as it came."


def defects_sentence(parts: Iterable[Message]) -> str:
    """Return what the parser remarked on, "" where all is as it should be. Decode parts first: some
    defects show only then.
    """
    names = dict.fromkeys(type(defect).__name__ for part in parts for defect in part.defects)
    said = dict.fromkeys(_WORDS.get(name, f"It is malformed ({name}).") for name in names)
    return " ".join((*list(said)[:_MOST_SENTENCES], _SHOWN)) if said else ""


def salvage(octets: bytes) -> tuple[tuple[Pair, ...], str]:
    """Return the headers and the text of a message that no parser reads; never raises.

    The text is everything behind the first empty line, undecoded.
    """
    lines_end = b"\r\n" if b"\r\n" in octets[:_MOST_HEAD] else b"\n"
    head, _, rest = octets.partition(lines_end * 2)
    head = head[:_MOST_HEAD]
    pairs = parse_headers(head + b"\r\n\r\n") or tuple(_plain_headers(head))
    shown = tuple(
        (visible(name), visible(" ".join(value[:_MOST_VALUE].split())))
        for name, value in pairs[:_MOST_HEADERS]
    )
    return shown, rest.decode("utf-8", "backslashreplace")


def unreadable_sentence(reason: str) -> str:
    """Return why a message is shown by ``salvage`` only."""
    return f"{reason} {_SHOWN}"


def _plain_headers(head: bytes) -> Iterator[Pair]:
    """Yield what looks like a header, as it is written, with the lines that continue it."""
    name, value, count = "", "", 0
    for line in head.decode("utf-8", "backslashreplace").splitlines():
        if line[:1] in {" ", "\t"} and name:
            value += line
            continue
        if name:
            yield name, value
            count += 1
        name, colon, value = line.partition(":")
        if not colon or not name.isascii() or " " in name or count >= _MOST_HEADERS:
            name = ""
    if name:
        yield name, value

"""The tree of a message's parts, and the octets it makes: RFC 2045, 2046, 2183, 2387, 2392.

Texts are encoded here and now; files stay where they are, as segments that are read when sent.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailgui.message import headers
from mailgui.message.attachments import charset_of, check_attachment, safe_type
from mailgui.message.draft import Attachment, Draft, DraftProblem
from mailgui.message.encoders import base64_length, encode_text


@dataclass(frozen=True, slots=True)
class FileSegment:
    """A file's place in the message: ``length`` octets of it, in base64 lines."""

    attachment: Attachment
    length: int

    @property
    def size(self) -> int:
        """How many octets its base64 takes in the message."""
        return base64_length(self.length)


Segment = bytes | FileSegment


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts: its MIME headers and its encoded body or file."""

    header: bytes
    body: Segment
    encoding: str


@dataclass(frozen=True, slots=True)
class Multipart:
    """A part made of parts. ``subtype`` is ``alternative``, ``related`` or ``mixed``."""

    subtype: str
    parts: tuple["Node", ...]


Node = Leaf | Multipart


def build(draft: Draft, *, allow_8bit: bool) -> Node:
    """Return the tree for a draft's bodies and attachments.

    Text and HTML are alternatives; inline images are related to the HTML; all else is mixed in.
    Raises DraftProblem.
    """
    texts = [
        _text(text, subtype, allow_8bit)
        for text, subtype in ((draft.text, "plain"), (draft.html, "html"))
        if text is not None
    ]
    _check_content_ids(draft.attachments)
    related = [a for a in draft.attachments if a.inline and draft.html is not None]
    files = [_file(a) for a in draft.attachments if a not in related]
    if related:
        texts[-1] = Multipart("related", (texts[-1], *map(_file, related)))
    body = [Multipart("alternative", tuple(texts))] if len(texts) > 1 else texts
    if files:
        return Multipart("mixed", (*body, *files))
    return body[0] if body else _text("", "plain", allow_8bit)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the parts without parts, in the order they are written."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


def boundary_seed(node: Node, seed: str) -> str:
    """Return what to make boundaries from, so that none of them occurs in a body.

    ``=_`` occurs in neither quoted-printable nor base64 (RFC 2045 section 6.7), so only texts
    that travel as they are need looking at.
    """
    literal = [
        leaf.body
        for leaf in leaves(node)
        if isinstance(leaf.body, bytes) and leaf.encoding in ("7bit", "8bit")
    ]
    counter = 0
    while True:
        digest = hashlib.sha256(f"{counter} {seed}".encode()).hexdigest()[:24]
        if not any(b"--=_" + digest.encode() in body for body in literal):
            return digest
        counter += 1


def header_of(node: Node, seed: str, place: str = "0") -> bytes:
    """Return a node's MIME headers. ``seed`` comes from ``boundary_seed``."""
    if isinstance(node, Leaf):
        return node.header
    pairs = [("boundary", _boundary(seed, place))]
    if node.subtype == "related":
        pairs.insert(0, ("type", "text/html"))
    return headers.parameters("Content-Type", f"multipart/{node.subtype}", pairs)


def body_of(node: Node, seed: str, place: str = "0") -> Iterator[Segment]:
    """Yield a node's body, the blank line before it first."""
    yield b"\r\n"
    if isinstance(node, Leaf):
        yield node.body
        return
    delimiter = b"--" + _boundary(seed, place).encode()
    for index, part in enumerate(node.parts):
        yield delimiter + b"\r\n"
        inner = f"{place}{index}"
        yield header_of(part, seed, inner)
        yield from body_of(part, seed, inner)
        # The line end before a delimiter belongs to it; a body of whole lines needs one more.
        yield b"\r\n"
    yield delimiter + b"--\r\n"


def _boundary(seed: str, place: str) -> str:
    # The full stop keeps any boundary from being the beginning of another.
    return f"=_{seed}_{place}."


def _text(text: str, subtype: str, allow_8bit: bool) -> Node:
    try:
        encoding, octets = encode_text(text, allow_8bit=allow_8bit)
    except UnicodeEncodeError:
        raise DraftProblem(
            "message", "The message holds half a character (a lone surrogate); take it out."
        ) from None
    header = headers.parameters("Content-Type", f"text/{subtype}", [("charset", "utf-8")])
    return Leaf(header + _encoding(encoding), octets, encoding)


def _file(attachment: Attachment) -> Leaf:
    length = check_attachment(attachment)
    charset = charset_of(attachment)
    header = headers.content_type_of_file(
        safe_type(attachment.content_type),
        attachment.filename,
        ("charset", charset) if charset else None,
    )
    header += _encoding("base64")
    disposition = "inline" if attachment.inline else "attachment"
    header += headers.parameters(
        "Content-Disposition", disposition, [("filename", attachment.filename)]
    )
    if attachment.content_id:
        header += headers.fold("Content-ID", [f"<{attachment.content_id}>"], headers.ASCII)
    return Leaf(header, FileSegment(attachment, length), "base64")


def _encoding(encoding: str) -> bytes:
    return f"Content-Transfer-Encoding: {encoding}\r\n".encode()


def _check_content_ids(attachments: Sequence[Attachment]) -> None:
    seen: set[str] = set()
    for attachment in attachments:
        if attachment.content_id is None:
            continue
        if attachment.content_id in seen:
            raise DraftProblem(
                "attachments", f"Two images have the content id “{attachment.content_id}”."
            )
        seen.add(attachment.content_id)

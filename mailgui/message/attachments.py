"""Files as attachments: what type they are, whether they can be read, how large they are."""

import codecs
import mimetypes
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from mailgui.message.draft import Attachment, DraftProblem
from mailgui.message.encoders import CHUNK, pieces
from mailgui.transcript import visible

_OCTETS = "application/octet-stream"
_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}"
    r"(?:;\s*[A-Za-z0-9!#$&^_.+-]+=(?:\"[ !#-\[\]-~]*\"|[!#-'*+.0-9A-Z^_a-z{|}~-]+))*"
)
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}")  # printable ASCII without blanks and angle brackets
_UNITS = ("KB", "MB", "GB", "TB")


class FileChanged(OSError):
    """A file is no longer as long as it was when the message was composed."""


def attachment_from_path(path: str | os.PathLike[str], *, inline: bool = False) -> Attachment:
    """Return an attachment for a file, its type guessed from its name.

    ``inline`` gives it a Content-ID made from its name, by which HTML can show it.
    Raises DraftProblem (field ``attachments``) when it is missing or cannot be read.
    """
    path = Path(path)
    file_length(path)
    name = path.name
    content_id = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "image" if inline else None
    return Attachment(name, guess_type(name), path=path, content_id=content_id)


def guess_type(filename: str) -> str:
    """Return the media type that a file's name suggests; ``application/octet-stream`` if none."""
    guessed, encoding = mimetypes.guess_type(filename, strict=False)
    if encoding or not guessed:
        packed = {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}
        return packed.get(encoding or "", _OCTETS)
    return safe_type(guessed)


def safe_type(content_type: str) -> str:
    """Return a media type that base64 may carry.

    RFC 2046 sections 5.1 and 5.2 forbid that for ``message/*`` and ``multipart/*``; as a file of
    octets such content arrives unchanged.
    """
    main = content_type.partition("/")[0].lower()
    return _OCTETS if main in ("message", "multipart") else content_type


def human_size(octets: int) -> str:
    """Return a size for people, in decimal units: ``999 octets``, ``1.5 MB``."""
    if octets < 1000:
        return f"{octets} octet{'' if octets == 1 else 's'}"
    size = octets / 1000
    units = iter(_UNITS)
    unit = next(units)
    while round(size, 1) >= 1000 and unit != _UNITS[-1]:
        size, unit = size / 1000, next(units)
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


def check_attachment(attachment: Attachment) -> int:
    """Return an attachment's length in octets. Raises DraftProblem when it cannot be sent."""
    name = visible(attachment.filename)
    if not attachment.filename or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", attachment.filename):
        raise DraftProblem(
            "attachments", f"“{name}” cannot be a file's name; rename the attachment."
        )
    if not _TYPE.fullmatch(attachment.content_type):
        shown = visible(attachment.content_type)
        raise DraftProblem(
            "attachments", f"“{shown}”, the type of {name}, is not a media type such as text/plain."
        )
    if attachment.content_id is not None and not _CONTENT_ID.fullmatch(attachment.content_id):
        raise DraftProblem(
            "attachments",
            f"The content id of {name} must be ASCII without blanks or angle brackets.",
        )
    if attachment.data is not None:
        return len(attachment.data)
    if attachment.path is None:
        raise DraftProblem("attachments", f"{name} has neither a file nor content.")
    return file_length(attachment.path)


def file_length(path: Path) -> int:
    """Return a readable file's length in octets. Raises DraftProblem, with a sentence, if not."""
    shown = visible(str(path))
    try:
        status = path.stat()
        # Opening a pipe could block for ever, so what it is is asked first.
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a file"
            raise DraftProblem("attachments", f"{shown} is {kind}; attach a file.")
        with path.open("rb"):
            return status.st_size
    except DraftProblem:
        raise  # a ValueError too
    except FileNotFoundError:
        sentence = f"There is no file {shown}; it may have been moved. Attach it again."
    except PermissionError:
        sentence = f"The file {shown} may not be read; change its permissions."
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error).rstrip(".")
        sentence = f"The file {shown} cannot be read: {reason}."
    raise DraftProblem("attachments", sentence)


def octets_of(attachment: Attachment, length: int) -> Iterator[bytes]:
    """Yield an attachment's octets in pieces of ``CHUNK``, as long as they still are ``length``.

    Raises FileChanged, or another OSError when the file has gone.
    """
    if attachment.data is not None:
        yield from pieces(attachment.data)
        return
    if attachment.path is None:
        return
    left = length
    with attachment.path.open("rb") as file:
        while True:
            piece = file.read(min(CHUNK, left))
            left -= len(piece)
            if (left and not piece) or (not left and file.read(1)):
                shown = visible(str(attachment.path))
                raise FileChanged(
                    f"The file {shown} changed while it was being sent; send the message again."
                )
            if piece:
                yield piece
            if not left:
                return


def charset_of(attachment: Attachment) -> str | None:
    """Return the charset to declare for a text file, from its beginning; None if unknown.

    Without one, programs read a text as US-ASCII (RFC 2046 section 4.1.2) and show rubbish.
    """
    main, _, rest = attachment.content_type.lower().partition("/")
    if main != "text" or "charset" in rest:
        return None
    if attachment.data is not None:
        beginning = attachment.data[:CHUNK]
    elif attachment.path is not None:
        with attachment.path.open("rb") as file:
            beginning = file.read(CHUNK)
    else:
        return None
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return None
    return "utf-8"

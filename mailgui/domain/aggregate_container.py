"""Gets the XML out of what an aggregate report comes in: gzip, zip, a whole message, or bare.

What it is, its octets tell, not its name. Decompression is bounded: a report of a few kilobytes
may claim to hold gigabytes (RFC 9990, section 5.1, asks receivers to beware).
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message

from mailgui.message.bounded_parser import parse_bounded
from mailgui.wrong_input import WrongInput

MOST_OCTETS = 64 * 1024 * 1024
_MOST_FILES = 50
_MOST_MEMBERS = 100  # of a gzip file; each costs a copy of what follows it
_MOST_NAME = 120  # characters of a packed file's name that are told
_CHUNK = 64 * 1024
_SPOILT_ZIP = "The file looks like zip and cannot be unpacked."
_TYPES = (
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "application/x-zip-compressed",
    "application/xml",
    "text/xml",
    "application/octet-stream",
)


class ReportProblem(WrongInput):
    """A file is no aggregate report that can be read; the text is a sentence for a person."""

    def within(self, place: str) -> "ReportProblem":
        """Return it with the name of the packed file that it is about, where it has one."""
        return ReportProblem(f"{place}: {self}") if place else self


def xml_documents(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the XML documents in ``octets``, unpacked, each with its place; raises ReportProblem.

    The place is the name in an archive or of an attachment; empty for a bare file. The bounds hold
    for all of them together: a message may bring many files.
    """
    left = MOST_OCTETS
    for number, (place, document) in enumerate(_documents(octets)):
        left -= len(document)
        if left < 0:
            raise ReportProblem(_too_large())
        if number >= _MOST_FILES:
            raise ReportProblem(f"It holds over {_MOST_FILES} files.")
        yield place, document


def _documents(octets: bytes) -> Iterator[tuple[str, bytes]]:
    start = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if octets.startswith(b"\x1f\x8b"):
        yield "", _gunzip(octets)
    elif octets.startswith(b"PK\x03\x04"):
        yield from _unzip(octets)
    elif start.startswith(b"<") or octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        if len(octets) > MOST_OCTETS:
            raise ReportProblem(_too_large())
        yield "", octets
    elif octets.startswith(b"PK\x05\x06") or not octets.strip():
        raise ReportProblem("The file is empty.")
    else:
        yield from _from_message(octets)


def _gunzip(octets: bytes) -> bytes:
    unpacked = bytearray()
    rest = octets
    members = 0
    try:
        while rest:  # a gzip file may have several members
            members += 1
            if members > _MOST_MEMBERS:
                raise ReportProblem(f"The gzip file is made of over {_MOST_MEMBERS} pieces.")
            machine = zlib.decompressobj(wbits=31)
            unpacked += machine.decompress(rest, MOST_OCTETS + 1 - len(unpacked))
            if len(unpacked) > MOST_OCTETS:
                raise ReportProblem(_too_large())
            if not machine.eof:
                raise ReportProblem("The file ends in the middle: it was not received whole.")
            rest = machine.unused_data.lstrip(b"\0")
    except zlib.error:
        raise ReportProblem("The file looks like gzip and cannot be unpacked.") from None
    return bytes(unpacked)


def _unzip(octets: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            names = [info for info in archive.infolist() if not info.is_dir()]
            if len(names) > _MOST_FILES:
                raise ReportProblem(f"The zip file holds over {_MOST_FILES} files.")
            left = MOST_OCTETS
            for info in names:
                document = _member(archive, info, left)
                left -= len(document)
                yield info.filename[:_MOST_NAME], document
    except ReportProblem:
        raise
    except NotImplementedError:  # a RuntimeError, too
        raise ReportProblem(_SPOILT_ZIP) from None
    except RuntimeError:  # how zipfile speaks of encryption
        raise ReportProblem("The zip file is locked by a password.") from None
    except Exception:  # noqa: BLE001 - each way of packing has faults of its own
        raise ReportProblem(_SPOILT_ZIP) from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    unpacked = bytearray()
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):  # what it says of its own size is not to be trusted
            unpacked += chunk
            if len(unpacked) > most:
                raise ReportProblem(_too_large())
    return bytes(unpacked)


def _from_message(octets: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        message = parse_bounded(octets)
    except (ValueError, RecursionError):
        raise ReportProblem("The message is too tangled to be read.") from None
    found = False
    for part in message.walk():
        if part.is_multipart() or part.get_content_type() not in _TYPES:
            continue
        content = _content(part)
        if content and not _is_something_else(content):
            found = True
            name = (part.get_filename() or "attachment")[:_MOST_NAME]
            try:
                for place, document in _documents(content):
                    yield f"{name}, {place}" if place else name, document
            except ReportProblem as problem:
                raise problem.within(name) from None
    if not found:
        raise ReportProblem(
            "This is no aggregate report: neither XML, gzip nor zip, nor a message with one."
        )


def _content(part: "Message[str, str]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_something_else(octets: bytes) -> bool:
    """Whether it is neither XML, gzip nor zip. A message in a message is not opened."""
    start = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return not (octets.startswith((b"\x1f\x8b", b"PK\x03\x04")) or start.startswith(b"<"))


def _too_large() -> str:
    return f"The report is larger than {MOST_OCTETS // 1024 // 1024} MB unpacked."

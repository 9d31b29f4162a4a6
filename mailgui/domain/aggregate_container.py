"""Gets the XML out of what an aggregate report comes in: gzip, zip, a whole message, or bare.

What it is, its octets tell, not its name. Decompression is bounded: a report of a few kilobytes
may claim to hold gigabytes (RFC 9990, section 5.1, asks receivers to beware).
"""

import email
import email.policy
import io
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message

MOST_OCTETS = 64 * 1024 * 1024
_MOST_FILES = 50
_CHUNK = 64 * 1024
_TYPES = (
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "application/x-zip-compressed",
    "application/xml",
    "text/xml",
    "application/octet-stream",
)


class ReportProblem(ValueError):
    """A file is no aggregate report that can be read; the text is a sentence for a person."""


def xml_documents(octets: bytes) -> Iterator[bytes]:
    """Yield the XML documents in ``octets``, unpacked; raises ReportProblem."""
    start = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if octets.startswith(b"\x1f\x8b"):
        yield _gunzip(octets)
    elif octets.startswith(b"PK\x03\x04"):
        yield from _unzip(octets)
    elif start.startswith(b"<") or octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        if len(octets) > MOST_OCTETS:
            raise ReportProblem(_too_large())
        yield octets
    elif octets.startswith(b"PK\x05\x06") or not octets.strip():
        raise ReportProblem("The file is empty.")
    else:
        yield from _from_message(octets)


def _gunzip(octets: bytes) -> bytes:
    unpacked = bytearray()
    rest = octets
    try:
        while rest:  # a gzip file may have several members
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


def _unzip(octets: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            names = [info for info in archive.infolist() if not info.is_dir()]
            if len(names) > _MOST_FILES:
                raise ReportProblem(f"The zip file holds over {_MOST_FILES} files.")
            left = MOST_OCTETS
            for info in names:
                document = _member(archive, info, left)
                left -= len(document)
                yield document
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise ReportProblem("The file looks like zip and cannot be unpacked.") from None
    except RuntimeError:  # how zipfile speaks of encryption
        raise ReportProblem("The zip file is locked by a password.") from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    unpacked = bytearray()
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):  # what it says of its own size is not to be trusted
            unpacked += chunk
            if len(unpacked) > most:
                raise ReportProblem(_too_large())
    return bytes(unpacked)


def _from_message(octets: bytes) -> Iterator[bytes]:
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    found = False
    for part in message.walk():
        if part.is_multipart() or part.get_content_type() not in _TYPES:
            continue
        content = _content(part)
        if content and not _is_something_else(content):
            found = True
            yield from xml_documents(content)
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

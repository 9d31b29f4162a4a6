"""Aggregate reports made to fill the memory, or to keep their reader busy."""

import base64
import contextlib
import gzip
import io
import random
import zipfile

import pytest

from mailgui.domain.aggregate_container import ReportProblem, xml_documents
from tests.support.effort import bounded_effort

HEAD = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def attached(octets: bytes) -> bytes:
    fields = b"--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return fields + base64.b64encode(octets) + b"\r\n"


def zipped(method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("a.xml", b"<feedback/>" * 100)
    return made.getvalue()


def read(octets: bytes) -> list[bytes]:
    with bounded_effort():
        return [document for _, document in xml_documents(octets)]


def test_members_without_end() -> None:
    with pytest.raises(ReportProblem, match="pieces"):
        read(gzip.compress(b"", mtime=0) * 1_000_000)


def test_some_members_are_one_document() -> None:
    pieces = b"".join(gzip.compress(piece, mtime=0) for piece in (b"<a>", b"x", b"</a>"))
    assert read(pieces + b"\0\0") == [b"<a>x</a>"]


def test_many_bombs_in_one_message() -> None:
    bomb = gzip.compress(b"<" * (40 * 1024 * 1024))
    with pytest.raises(ReportProblem, match="larger than 64 MB"):
        read(HEAD + attached(bomb) * 300)


def test_many_small_reports_in_one_message() -> None:
    with pytest.raises(ReportProblem, match="over 50"):
        read(HEAD + attached(gzip.compress(b"<a/>")) * 60)


@pytest.mark.parametrize("depth", [40, 90, 3_000])
def test_parts_within_parts(depth: int) -> None:
    octets = b"From: a\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )
    with pytest.raises(ReportProblem):
        read(octets + b"x\r\n" * 300_000)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_spoilt_archives(method: int) -> None:
    chance, whole = random.Random(1), zipped(method)
    for _ in range(1_000):
        spoilt = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        with contextlib.suppress(ReportProblem):
            list(xml_documents(bytes(spoilt)))

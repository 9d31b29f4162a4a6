from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.transcript import Kind, Outcome, Transcript
from mailgui.transcript.codec import decode, encode
from mailgui.transcript.model import CertificateSummary, TlsSummary

WHEN = datetime(2026, 11, 24, 6, 0, 0, 123456, tzinfo=UTC)


def test_nothing_is_lost(smtp_transcript: Transcript, http_transcript: Transcript) -> None:
    for transcript in (smtp_transcript, http_transcript):
        assert decode(encode(transcript)) == transcript


def test_a_certificate_is_kept_whole() -> None:
    certificate = CertificateSummary(
        "CN=x", "CN=y", ("x",), WHEN, WHEN, "RSA 2048", "sha256", "1f", "ab", b"\x30\x00\xff"
    )
    tls = TlsSummary(None, None, False, "x", fault="expired", chain=(certificate,))
    transcript = Transcript("i", Kind.SMTP, WHEN, "t", "p", Outcome.FAILED, tls=tls)
    assert decode(encode(transcript)) == transcript


def test_fields_added_later_take_their_defaults_and_unknown_ones_are_passed_over() -> None:
    import msgspec

    older = {
        "id": "i", "kind": "smtp", "started": WHEN, "title": "t", "peer": "p",
        "outcome": "failed", "from_the_future": [1],
    }  # fmt: skip
    assert decode(msgspec.msgpack.encode(older)) == Transcript(
        "i", Kind.SMTP, WHEN, "t", "p", Outcome.FAILED
    )


@given(st.binary())
def test_other_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored transcript"):
        decode(octets)

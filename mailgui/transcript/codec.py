"""Transcripts as compact octets and back, without loss: how the history keeps them.

MessagePack of the dataclasses by field name: fields added later take their defaults when an older
record is read, and fields unknown to an older version are passed over.
"""

from functools import cache
from typing import Any

from mailgui.transcript.model import Transcript


@cache
def _encoder() -> Any:
    import msgspec

    return msgspec.msgpack.Encoder()


@cache
def _decoder() -> Any:
    import msgspec

    return msgspec.msgpack.Decoder(Transcript)


def encode(transcript: Transcript) -> bytes:
    """Return a transcript as octets."""
    octets: bytes = _encoder().encode(transcript)
    return octets


def decode(octets: bytes) -> Transcript:
    """Return the transcript that ``encode`` made octets of. Raises ValueError for others."""
    import msgspec

    try:
        transcript: Transcript = _decoder().decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"This is not a stored transcript: {error}.") from error
    return transcript

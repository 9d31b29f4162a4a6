"""The record of one conversation with the world: SMTP session, HTTP request, DNS questions."""

from mailgui.transcript.masking import MASK, Masker
from mailgui.transcript.model import (
    CertificateSummary,
    EhloAnswer,
    Event,
    HttpExchange,
    Note,
    Phase,
    RecipientResult,
    Reply,
    TlsSummary,
    Transcript,
)
from mailgui.transcript.recorder import Observer, Recorder
from mailgui.transcript.text import octets_to_text, visible
from mailgui.transcript.vocabulary import Direction, Kind, Layer, Outcome, Stage

__all__ = [
    "MASK",
    "CertificateSummary",
    "Direction",
    "EhloAnswer",
    "Event",
    "HttpExchange",
    "Kind",
    "Layer",
    "Masker",
    "Note",
    "Observer",
    "Outcome",
    "Phase",
    "RecipientResult",
    "Recorder",
    "Reply",
    "Stage",
    "TlsSummary",
    "Transcript",
    "octets_to_text",
    "visible",
]

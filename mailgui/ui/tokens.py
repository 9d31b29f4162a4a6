"""The colours of both schemes, in one frozen table, and what each of them means.

Every pair of text and ground in use has a contrast of 4.5:1 or better; the tests compute it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailgui.findings import Severity, Verdict

if TYPE_CHECKING:  # the frame paints before the transcripts are loaded
    from mailgui.transcript import Outcome


class Tone(StrEnum):
    """What a colour says. It never says it alone: a word or a sign stands with it."""

    PASS = "pass"
    ATTENTION = "attention"
    BROKEN = "broken"
    INFO = "info"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme's colours, each as ``#RRGGBB``."""

    window: str
    base: str
    sunken: str
    border: str
    text: str
    secondary: str
    accent: str
    on_accent: str
    selection: str
    sent: str
    received: str
    passed: str
    pass_ground: str
    attention: str
    attention_ground: str
    broken: str
    broken_ground: str
    info: str
    info_ground: str

    def foreground(self, tone: Tone) -> str:
        """Return the colour of words and signs in ``tone``."""
        return {
            Tone.PASS: self.passed,
            Tone.ATTENTION: self.attention,
            Tone.BROKEN: self.broken,
            Tone.INFO: self.info,
            Tone.NEUTRAL: self.secondary,
        }[tone]

    def ground(self, tone: Tone) -> str:
        """Return the ground that ``foreground(tone)`` and ``text`` stand on."""
        return {
            Tone.PASS: self.pass_ground,
            Tone.ATTENTION: self.attention_ground,
            Tone.BROKEN: self.broken_ground,
            Tone.INFO: self.info_ground,
            Tone.NEUTRAL: self.sunken,
        }[tone]


LIGHT = Tokens(
    window="#F4F6F8",
    base="#FFFFFF",
    sunken="#ECEFF3",
    border="#D6DCE3",
    text="#1A222C",
    secondary="#525D6B",
    accent="#2A5BD7",
    on_accent="#FFFFFF",
    selection="#E4ECFB",
    sent="#1C5FB8",
    received="#17703F",
    passed="#17703F",
    pass_ground="#E3F3E9",
    attention="#825300",
    attention_ground="#FFF2D1",
    broken="#B0231B",
    broken_ground="#FCE6E4",
    info="#3C5A80",
    info_ground="#E6EEF8",
)

DARK = Tokens(
    window="#14181D",
    base="#1A1F25",
    sunken="#101317",
    border="#333C46",
    text="#E7EBF0",
    secondary="#A5AFBB",
    accent="#7DA6FF",
    on_accent="#0C1424",
    selection="#25324A",
    sent="#8DB6FF",
    received="#73D59D",
    passed="#73D59D",
    pass_ground="#15331F",
    attention="#F0C257",
    attention_ground="#3A2E10",
    broken="#FF938A",
    broken_ground="#421F1C",
    info="#A9C4E8",
    info_ground="#1D2B3D",
)

_VERDICTS = {
    Verdict.PASS: (Tone.PASS, "pass"),
    Verdict.ATTENTION: (Tone.ATTENTION, "attention"),
    Verdict.BROKEN: (Tone.BROKEN, "broken"),
    Verdict.NOT_SET_UP: (Tone.INFO, "not set up"),
    Verdict.UNCHECKED: (Tone.NEUTRAL, "could not check"),
}

_SEVERITIES = {
    Severity.INFO: (Tone.INFO, "For information"),
    Severity.ATTENTION: (Tone.ATTENTION, "Attention"),
    Severity.BROKEN: (Tone.BROKEN, "Broken"),
}

_OUTCOMES = {
    "accepted": Tone.PASS,
    "partial": Tone.ATTENTION,
    "temporary": Tone.ATTENTION,
    "refused": Tone.BROKEN,
    "unknown": Tone.ATTENTION,
    "failed": Tone.BROKEN,
    "cancelled": Tone.INFO,
    "completed": Tone.PASS,
}

_SIGNS = {
    Tone.PASS: "check",
    Tone.ATTENTION: "warning",
    Tone.BROKEN: "cross",
    Tone.INFO: "info",
    Tone.NEUTRAL: "question",
}


def verdict_tone(verdict: Verdict) -> Tone:
    """Return the tone of a check's verdict."""
    return _VERDICTS[verdict][0]


def verdict_word(verdict: Verdict) -> str:
    """Return the word that stands on the verdict's badge."""
    return _VERDICTS[verdict][1]


def severity_tone(severity: Severity) -> Tone:
    """Return the tone of a finding."""
    return _SEVERITIES[severity][0]


def severity_word(severity: Severity) -> str:
    """Return the word that a screen reader says for a finding's colour."""
    return _SEVERITIES[severity][1]


def outcome_tone(outcome: "Outcome") -> Tone:
    """Return the tone of how a conversation ended."""
    return _OUTCOMES[outcome.value]


def tone_icon(tone: Tone) -> str:
    """Return the name of the icon that says the same as ``tone``'s colour."""
    return _SIGNS[tone]

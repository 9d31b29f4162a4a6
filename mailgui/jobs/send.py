"""Sending: by SMTP or through an e-mail API, one report for both roads."""

from dataclasses import dataclass

from mailgui.findings import Finding
from mailgui.transcript import Transcript


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a send came to. ``attempts`` are the earlier tries, where there were any."""

    transcript: Transcript
    findings: tuple[Finding, ...]
    attempts: tuple[Transcript, ...] = ()

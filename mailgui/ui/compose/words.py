"""What the banner says and offers, beyond the headline."""

import re
from collections.abc import Sequence
from enum import StrEnum

from mailgui.findings import Finding
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome, Stage, Transcript, visible

PHASES = {
    "dns": "Looking up the name",
    "policy": "Asking for MTA-STS and DANE",
    "connect": "Connecting",
    "banner": "Waiting for the greeting",
    "ehlo": "Asking what the server offers",
    "starttls": "Asking for TLS",
    "tls": "TLS handshake",
    "auth": "Signing in",
    "mail": "Naming the sender",
    "rcpt": "Naming the recipients",
    "data": "Sending the message",
    "message": "Waiting for the verdict on the message",
    "quit": "Saying goodbye",
    "send": "Sending the request",
    "wait": "Waiting for the answer",
    "receive": "Receiving the answer",
}

STOPS = (
    ("", "Full send"),
    ("dns", "DNS"),
    ("connect", "Connect"),
    ("banner", "Banner"),
    ("ehlo", "EHLO"),
    ("starttls", "STARTTLS"),
    ("tls", "TLS"),
    ("auth", "AUTH"),
    ("mail", "MAIL"),
    ("rcpt", "RCPT"),
    ("data", "DATA"),
    ("message", "Message"),
    ("quit", "QUIT"),
)
SENDS = frozenset({"", Stage.MESSAGE.value, Stage.QUIT.value})
"""The stop points at which the message has been sent."""

_DOMAIN = re.compile(
    r"(?!relay\.).*(spf|dkim|dmarc|unauthenticated|auth_checks_failed|alignment|anti_spoofing"
    r"|mimecast\.authentication|bulk_requirements|api\.sender$)"
)
_SIGN_IN = re.compile(
    r"smtp\.auth\.rejected|google\.auth\.(rejected|app_password)|microsoft\.auth\.rejected"
    r"|(yahoo|apple)\.auth\.app_password|protocol\.password_missing|api\.authentication"
    r"|relay\..*(credentials|username)|enhanced\.policy\.account_disabled"
)
_UNREACHED = frozenset({"refused", "timed_out", "unreachable", "proxy", "source_address"})
_GOOD = frozenset({Outcome.ACCEPTED, Outcome.COMPLETED})


class Action(StrEnum):
    """The one thing that a banner can offer."""

    CHECK_DOMAIN = "check_domain"
    ENTER_SECRET = "enter_secret"
    SHOW_CERTIFICATE = "show_certificate"
    OPEN_PROFILE = "open_profile"
    SEND_ANYWAY = "send_anyway"
    SHOW_MATRIX = "show_matrix"


def action_for(
    transcript: Transcript, findings: Sequence[Finding], profile: Profile, domain: str
) -> tuple[Action, str] | None:
    """Return what helps after this outcome and its words, or None.

    ``domain``: the sender's, which a check would be about.
    """
    if transcript.outcome in _GOOD:
        return None
    fault = transcript.fault or ""
    ids = [finding.id for finding in findings]
    if fault.startswith("certificate_") and transcript.tls and transcript.tls.chain:
        return Action.SHOW_CERTIFICATE, "Show certificate"
    if not profile.sandbox and _is_sign_in(transcript, ids):
        what = "key" if profile.road == "api" else "password"
        return Action.ENTER_SECRET, f"Enter {what}…"
    if domain and any(_DOMAIN.match(each) for each in ids):
        return Action.CHECK_DOMAIN, f"Check {visible(domain)}"
    early = transcript.stage in (Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.BANNER)
    if not profile.sandbox and (fault in _UNREACHED or fault.startswith("name_") or early):
        return Action.OPEN_PROFILE, "Open profile"
    return None


def _is_sign_in(transcript: Transcript, ids: Sequence[str]) -> bool:
    refused = transcript.stage is Stage.AUTH and transcript.outcome is Outcome.REFUSED
    return refused or any(_SIGN_IN.match(each) for each in ids)

"""The verdict on a conversation in one sentence, with the facts under it: what a banner says."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailgui.findings.finding import Finding, Severity, Verdict
from mailgui.transcript import Kind, Outcome, Stage, Transcript

ASIDE = "note."  # how the ids of findings begin that are not why it ended so
_VERDICTS = {
    Outcome.ACCEPTED: Verdict.PASS,
    Outcome.COMPLETED: Verdict.PASS,
    Outcome.PARTIAL: Verdict.ATTENTION,
    Outcome.TEMPORARY: Verdict.ATTENTION,
    Outcome.UNKNOWN: Verdict.ATTENTION,
    Outcome.CANCELLED: Verdict.NOT_SET_UP,
    Outcome.REFUSED: Verdict.BROKEN,
    Outcome.FAILED: Verdict.BROKEN,
}
_WHERE = {
    Stage.DNS: "while looking up the name",
    Stage.CONNECT: "while connecting",
    Stage.BANNER: "at the greeting",
    Stage.EHLO: "after EHLO",
    Stage.STARTTLS: "after STARTTLS",
    Stage.TLS: "at the TLS handshake",
    Stage.AUTH: "at the sign-in",
    Stage.MAIL: "after MAIL FROM",
    Stage.RCPT: "after RCPT TO",
    Stage.DATA: "after DATA",
    Stage.MESSAGE: "after the message",
    Stage.QUIT: "after QUIT",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """What to say first. ``verdict`` gives the colour and the sign; ``facts`` is one line."""

    verdict: Verdict
    sentence: str
    facts: str


def duration_words(seconds: float) -> str:
    """Return a duration: "14 ms" under a second, else "1.24 s"."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 0.9995 else f"{seconds:,.2f} s"


def headline(transcript: Transcript, findings: Sequence[Finding] = ()) -> Headline:
    """Return the verdict, the sentence and the facts for a conversation that has ended."""
    verdict = _VERDICTS[transcript.outcome]
    return Headline(verdict, _sentence(transcript, findings), " · ".join(_facts(transcript)))


def _sentence(t: Transcript, findings: Sequence[Finding]) -> str:
    cause = _cause(t, findings)
    took = duration_words(t.duration)
    match t.outcome:
        case Outcome.ACCEPTED:
            taker = "the API" if t.kind is Kind.HTTP else "the server"
            return f"Accepted by {taker} in {took}"
        case Outcome.COMPLETED:
            return t.summary.partition(". ")[0].rstrip(".") or f"Done in {took}"
        case Outcome.PARTIAL:
            accepted = sum(r.outcome is Outcome.ACCEPTED for r in t.recipients)
            return f"Accepted for {accepted} of {len(t.recipients)} recipients"
        case Outcome.TEMPORARY:
            return f"Refused for now: {cause}" if cause else "Refused for now; try again later"
        case Outcome.REFUSED:
            return f"Refused: {cause}" if cause else "Refused by the server"
        case Outcome.UNKNOWN:
            return "Not known whether it was accepted; check before sending again"
        case Outcome.CANCELLED:
            return "Cancelled; the message was not sent"
        case _:
            return f"Not sent: {cause}" if cause else "Not sent"


def _cause(t: Transcript, findings: Sequence[Finding]) -> str:
    """Return the gravest finding's title to follow a colon, or the transcript's summary."""
    causes = [f for f in findings if not f.id.startswith(ASIDE)]
    gravest = [f for f in causes if f.severity is Severity.BROKEN] or causes
    text = gravest[0].title if gravest else t.summary.rstrip(".")
    return _after_colon(text)


def _after_colon(text: str) -> str:
    """Lower the first letter unless the first word is a name, an acronym or an address."""
    first = text.partition(" ")[0]
    plain = first.isalpha() and first[1:].islower()
    return text[:1].lower() + text[1:] if plain and first not in _NAMES else text


_NAMES = frozenset(
    {"Gmail", "Google", "Microsoft", "Yahoo", "Apple", "Outlook", "Resend", "Exchange"}
)


def _facts(t: Transcript) -> list[str]:
    facts: list[str] = []
    if t.reply:
        code = " ".join(filter(None, (str(t.reply.code), t.reply.enhanced)))
        text = " ".join(t.reply.text.split())
        facts.append(f"{code} {text}"[:160].strip())
    if t.stage in _WHERE and t.outcome not in (Outcome.ACCEPTED, Outcome.COMPLETED):
        facts.append(_WHERE[t.stage])
    if len(t.recipients) > 1 and t.outcome is not Outcome.COMPLETED:
        accepted = sum(r.outcome is Outcome.ACCEPTED for r in t.recipients)
        facts.append(f"{accepted} of {len(t.recipients)} recipients")
    if t.remote_id and (not t.reply or t.remote_id not in t.reply.text):
        facts.append(f"id {t.remote_id}")
    facts.append(_protection(t))
    if t.outcome is not Outcome.ACCEPTED:
        facts.append(duration_words(t.duration))
    return [fact for fact in facts if fact]


def _protection(t: Transcript) -> str:
    if t.tls is None:
        return "not encrypted" if any(e.octets for e in t.events) else ""
    if not t.tls.version:
        return ""
    version = t.tls.version.replace("TLSv", "TLS ")
    words = f"encrypted with {version}"
    return words if t.tls.verified else f"{words}, certificate not verified"

"""How the page calls things, and what colours they have."""

from datetime import datetime

from mailgui.api.webhook_verdict import WebhookVerdict
from mailgui.jobs.webhook_record import WebhookRecord
from mailgui.transcript import visible
from mailgui.ui.tokens import Tone

VERDICTS: dict[WebhookVerdict, tuple[str, Tone]] = {
    WebhookVerdict.GENUINE: ("genuine", Tone.PASS),
    WebhookVerdict.FORGED: ("forged", Tone.BROKEN),
    WebhookVerdict.UNCHECKED: ("unchecked", Tone.NEUTRAL),
}

EVENTS: dict[str, Tone] = {
    "accepted": Tone.INFO,
    "delivered": Tone.PASS,
    "deferred": Tone.ATTENTION,
    "bounced": Tone.BROKEN,
    "complained": Tone.BROKEN,
    "opened": Tone.INFO,
    "clicked": Tone.INFO,
    "unsubscribed": Tone.ATTENTION,
    "other": Tone.NEUTRAL,
}

ORIGINS = {
    "received": "Received by the sandbox's server",
    "pasted": "Pasted",
    "simulated": "Sent by the sandbox itself",
}


def road_words(provider_id: str | None, *, short: bool = False) -> str:
    """Return by which road a message came: "SMTP", "API of Resend"; ``short``: "Resend"."""
    from mailgui.jobs.request import providers

    if not provider_id:
        return "SMTP"
    provider = providers().get(provider_id)
    name = visible(provider.name if provider else provider_id)
    return name if short else f"API of {name}"


def clock(moment: datetime) -> str:
    """Return a moment of this day as people here read it."""
    return moment.astimezone().strftime("%H:%M:%S")


def day_and_clock(moment: datetime) -> str:
    """Return a moment with its day."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def headline(record: WebhookRecord) -> str:
    """Return what a webhook says, in a line."""
    found = record.verification
    repeat = " It came before: a second try, or a replay." if found.repeated else ""
    return f"{found.sentence}{repeat}"

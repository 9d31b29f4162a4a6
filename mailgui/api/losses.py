"""What a provider cannot carry, in words: said before sending, so that nothing is lost silently."""

from mailgui.findings import Finding, Severity

# Of each Draft field: what to call it, how bad it is to go without, and what to do.
_FIELDS: dict[str, tuple[str, Severity, str]] = {
    "from": ("a From address", Severity.BROKEN, "Choose another provider."),
    "to": ("To recipients", Severity.BROKEN, "Choose another provider."),
    "cc": ("Cc recipients", Severity.BROKEN, "Address them by To, or send to them separately."),
    "bcc": ("Bcc recipients", Severity.BROKEN, "Send to them separately, or by SMTP."),
    "reply_to": (
        "a Reply-To address",
        Severity.ATTENTION,
        "Send by SMTP if replies must go there.",
    ),
    "envelope_from": (
        "an envelope sender of your own",
        Severity.ATTENTION,
        "Set the return path in the provider's dashboard, or send by SMTP.",
    ),
    "subject": ("a subject", Severity.BROKEN, "Choose another provider."),
    "text": ("a plain-text body", Severity.BROKEN, "Give the message an HTML body."),
    "html": ("an HTML body", Severity.BROKEN, "Give the message a plain-text body."),
    "headers": ("headers of your own", Severity.ATTENTION, "Send by SMTP if they must be there."),
    "template_id": ("templates", Severity.BROKEN, "Write the message out."),
    "variables": ("template variables", Severity.BROKEN, "Write their values into the message."),
    "tags": ("tags", Severity.ATTENTION, "Take the tags out, or choose another provider."),
    "metadata": ("metadata", Severity.ATTENTION, "Take it out, or choose another provider."),
    "send_at": (
        "a time to send at: the message would go out at once",
        Severity.BROKEN,
        "Send it when it is due, or choose a provider that schedules.",
    ),
    "track_opens": (
        "a choice about open tracking for one message",
        Severity.ATTENTION,
        "Set it in the provider's dashboard.",
    ),
    "track_clicks": (
        "a choice about click tracking for one message",
        Severity.ATTENTION,
        "Set it in the provider's dashboard.",
    ),
    "idempotency_key": (
        "an idempotency key: a repeated request may send the message twice",
        Severity.ATTENTION,
        "Do not repeat a request whose outcome is unknown.",
    ),
    "attachments": ("attachments", Severity.BROKEN, "Send by SMTP, or link to the files."),
    "inline": (
        "inline images: they go along as ordinary attachments, and their places stay empty",
        Severity.ATTENTION,
        "Link to the images by https, or send by SMTP.",
    ),
    "attachment_urls": (
        "attachments that it fetches from a URL",
        Severity.BROKEN,
        "Download the files and attach them.",
    ),
    "sandbox": (
        "sandbox mode: the message would really be delivered",
        Severity.BROKEN,
        "Send to MailGUI's own sandbox instead.",
    ),
}

_ONE = {
    "to": "To recipients",
    "reply_to": "Reply-To addresses",
}


def cannot_carry(provider_name: str, field: str) -> Finding:
    """Return the finding that ``field`` has no place in the provider's request."""
    what, severity, fix = _FIELDS[field]
    what, _, consequence = what.partition(": ")
    explanation = f"Its API has no place for {what}, so "
    explanation += consequence or "the message would go out without."
    verb = "has no" if field == "sandbox" else "cannot carry"
    return Finding(
        f"api.unsupported.{field}", severity, f"{provider_name} {verb} {what}", explanation, fix
    )


def too_many(provider_name: str, field: str, limit: int, what_happens: str) -> Finding:
    """Return the finding that the provider takes only ``limit`` of ``field``."""
    what, severity, fix = _FIELDS[field]
    what = _ONE.get(field, what)
    number = "one" if limit == 1 else str(limit)
    return Finding(
        f"api.limit.{field}",
        Severity.ATTENTION if "Cc" in what_happens else severity,
        f"{provider_name} takes only {number} of the {what}",
        what_happens,
        fix,
    )


def left_out(provider_name: str, what: str, why: str, *, slug: str) -> Finding:
    """Return the finding that one particular thing is left out, and why."""
    return Finding(
        f"api.left_out.{slug}", Severity.ATTENTION, f"{provider_name} does not get {what}", why
    )


def unconfirmed(provider_name: str, fields: list[str]) -> Finding:
    """Return the finding that the vendor's documentation does not confirm these fields."""
    names = ", ".join(field.replace("_", " ") for field in fields)
    return Finding(
        "api.unverified",
        Severity.INFO,
        f"The documentation of {provider_name} does not confirm how it takes: {names}",
        "MailGUI writes them as the provider's own examples or libraries do.",
        "Look at what arrives before you rely on it.",
    )

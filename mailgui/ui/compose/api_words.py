"""What the tab API says at its fields, and of what a provider has not."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mailgui.findings import Finding
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

WORDS = {  # in the order in which they stand
    "template_id": "Template",
    "variables": "Template variables, as JSON",
    "send_at": "Send at",
    "idempotency_key": "Idempotency key",
    "sandbox": "Sandbox mode",
    "tags": "Tags",
    "metadata": "Metadata",
    "track_opens": "Open tracking",
    "track_clicks": "Click tracking",
    "attachment_urls": "Attachments by URL",
}
HINTS = {
    "template_id": "Its id there. It takes the place of what the message says itself.",
    "idempotency_key": "The same key twice sends the message once.",
    "attachment_urls": "The provider fetches the file itself.",
}
_MOST_LINES = 3
_GROUPED = re.compile(r"(.+? (?:cannot carry|does not get)) ([^:]+).*")
_UNSURE = "The vendor’s documentation does not confirm how this is taken."


def hint_for(provider: "Provider | None", name: str) -> str:
    """Return what stands below a field: what it does, its limit, what is not confirmed."""
    from mailgui.api.abilities import Support, most, supports

    if provider is None:
        return ""
    hints = [HINTS.get(name, "")]
    if name == "tags":
        hints.append(_tag_hint(provider, most(provider, "tags")))
    if name == "send_at" and provider.fields.send_at and provider.fields.send_at.max_ahead:
        hints.append(f"At most {provider.fields.send_at.max_ahead // 3600} hours ahead.")
    if name == "sandbox" and provider.sandbox:
        hints.append(provider.sandbox.note)
    if name == "idempotency_key" and provider.idempotency_hours:
        hints.append(f"Remembered for {provider.idempotency_hours:g} hours.")
    if name == "variables" and name in provider.template.only:
        hints.append("Only with a template.")
    if supports(provider, name) is Support.GUESS:
        hints.append(_UNSURE)
    return " ".join(filter(None, hints))


def _tag_hint(provider: "Provider", limit: int | None) -> str:
    place = provider.fields.tags
    if limit == 1:
        return f"{provider.name} takes one."
    named = place is not None and "tag_name" in str(place.item)
    return "A tag, or name=value." if named else ""


def lacking(provider: "Provider", held: Sequence[str]) -> str:
    """Return what a provider has not, as quiet sentences; ``held``: what the draft has of it."""
    from mailgui.api.abilities import missing

    words = list(missing(provider))
    sentences = []
    if words:
        sentences.append(f"{provider.name} has no {listed(words)}.")
    if held:
        names = [WORDS[name].partition(",")[0] for name in held]
        kept = listed([name[:1].lower() + name[1:] for name in names])
        sentences.append(f"This draft keeps what it holds of those, but it is not sent: {kept}.")
    return " ".join(sentences)


def losses_words(findings: Sequence[Finding]) -> str:
    """Return what would be lost, as one or some sentences; "" where nothing would."""
    groups: dict[str, list[str]] = {}
    for finding in findings:
        title = visible(finding.title)
        match = _GROUPED.fullmatch(title)
        beginning, what = match.groups() if match else (title, "")
        groups.setdefault(beginning, []).append(what)
    lines = [f"{beginning} {listed(things)}".rstrip() for beginning, things in groups.items()]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES - 1 :] = [f"And {len(lines) - _MOST_LINES + 1} more"]
    return "\n".join(f"{line}." for line in lines)


def listed(things: Sequence[str]) -> str:
    """Return things as people list them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(things[:-1]), things[-1])))

"""What a provider can carry, field by field, as its file says: for the composer and the README."""

from enum import StrEnum

from mailgui.api.definition import Provider
from mailgui.api.fields import AddressPlace, places


class Support(StrEnum):
    """Whether a provider carries something; ``guess``: no page of the vendor's confirms how."""

    YES = "yes"
    GUESS = "guess"
    NO = "no"


FEATURES: dict[str, str] = {
    "template_id": "templates",
    "variables": "template variables",
    "send_at": "scheduling",
    "tags": "tags",
    "metadata": "metadata",
    "track_opens": "open tracking",
    "track_clicks": "click tracking",
    "idempotency_key": "idempotency keys",
    "sandbox": "sandbox mode",
    "attachment_urls": "attachments by URL",
}
"""What only e-mail APIs have, by the name of the Draft's field, and what to call it."""


def supports(provider: Provider, field: str) -> Support:
    """Return whether ``provider`` carries a field of the Draft, its sandbox mode or a batch."""
    if field == "sandbox":
        return Support.YES if provider.sandbox else Support.NO
    if field == "batch":
        if provider.batch is None:
            return Support.NO
        return Support.GUESS if provider.batch.unverified else Support.YES
    found = places(provider.fields, field) or places(provider.template.fields, field)
    if not found:
        return Support.NO
    return Support.GUESS if any(place.unverified for place in found) else Support.YES


def most(provider: Provider, field: str) -> int | None:
    """Return how many values a field may hold; None where the file names no limit."""
    for place in places(provider.fields, field):
        if isinstance(place, AddressPlace) and place.several is False:
            continue  # there is another place for several
        if isinstance(place, AddressPlace) and place.many == "one":
            return place.max or 1
        limit = getattr(place, "max", None)
        if isinstance(limit, int) and field in ("to", "cc", "bcc", "reply_to", "tags", "metadata"):
            return limit
    return None


def missing(provider: Provider) -> tuple[str, ...]:
    """Return the words for those of ``FEATURES`` that ``provider`` has not."""
    return tuple(
        words for field, words in FEATURES.items() if supports(provider, field) is Support.NO
    )

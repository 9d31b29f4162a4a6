"""The Message-ID and the Date of the next send, fixed before it so that they can be shown."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from mailgui.message.addresses import ascii_domain
from mailgui.message.draft import Draft

FRESH = timedelta(minutes=1)


def _now() -> datetime:
    return datetime.now(UTC).astimezone().replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes one sending of a draft that one: half of its Message-ID, and its Date."""

    token: str = field(default_factory=lambda: secrets.token_hex(16))
    date: datetime = field(default_factory=_now)

    def refreshed(self) -> "Stamp":
        """Return this stamp, its date renewed when it is older than a minute."""
        now = _now()
        return self if now - self.date < FRESH else replace(self, date=now)

    def put_on(self, draft: Draft) -> Draft:
        """Return ``draft`` with what it does not say itself: Message-ID and Date."""
        return replace(
            draft,
            message_id=draft.message_id or f"<{self.token}@{_domain_of(draft)}>",
            date=draft.date or self.date,
        )


def _domain_of(draft: Draft) -> str:
    address = draft.sender.address if draft.sender else ""
    domain = address.rpartition("@")[2].strip() if "@" in address else ""
    try:
        domain = ascii_domain(domain)
    except ValueError:
        domain = ""
    usable = domain.isascii() and domain.isprintable() and not set(domain) & set(' <>@"')
    return domain if domain and usable else "localhost"

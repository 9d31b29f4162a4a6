"""What verifying a webhook comes to, as plain data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WebhookVerdict(StrEnum):
    """Whether a request is the provider's."""

    GENUINE = "genuine"
    FORGED = "forged"  # or broken on its way
    UNCHECKED = "unchecked"


class Reason(StrEnum):
    """Why."""

    SIGNED = "signed"
    SHARED_SECRET = "shared_secret"  # the sender knows it; nothing signs the body
    NO_KEY = "no_key"
    NO_SIGNATURE = "no_signature"  # the provider has none
    MISSING_HEADER = "missing_header"
    WRONG_SCHEME = "wrong_scheme"
    MALFORMED = "malformed"  # signature or timestamp
    BAD_KEY = "bad_key"  # the key is of another kind
    WRONG_KEY = "wrong_key"
    ALTERED_BODY = "altered_body"
    REPLAYED = "replayed"  # the signature is another request's
    MISMATCH = "mismatch"  # an altered body or another key: it cannot be told which
    OLD = "old"
    FUTURE = "future"
    BAD_CERTIFICATE = "bad_certificate"
    UNREADABLE = "unreadable"  # what is signed cannot be put together from the body


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict with its reason, and a sentence for people.

    Attributes:
        signed_at: when it was signed, where it says so.
        repeated: the same request has been seen before: a second try of the provider, or a replay.
    """

    verdict: WebhookVerdict
    reason: Reason
    sentence: str
    signed_at: datetime | None = None
    repeated: bool = False

    @property
    def genuine(self) -> bool:
        """Whether it is the provider's."""
        return self.verdict is WebhookVerdict.GENUINE


def forged(reason: Reason, sentence: str, signed_at: datetime | None = None) -> Verification:
    """Return the verdict on a request that is not to be believed."""
    return Verification(WebhookVerdict.FORGED, reason, sentence, signed_at)


def unchecked(reason: Reason, sentence: str) -> Verification:
    """Return that nothing can be said."""
    return Verification(WebhookVerdict.UNCHECKED, reason, sentence)

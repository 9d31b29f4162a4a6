"""An answer understood, as plain data."""

from dataclasses import dataclass
from typing import Any

from mailgui.api.answer_body import shown
from mailgui.api.error_kinds import ErrorKind
from mailgui.api.rate_limit import RateLimit
from mailgui.transcript import Outcome, RecipientResult, Reply


@dataclass(frozen=True, slots=True)
class ApiError:
    """One fault that the provider names: which field it is in ("" if unsaid), and its message."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer understood.

    Attributes:
        fault: ``api.`` and an ErrorKind, ``api.not_json``, ``api.unreadable``, ``api.redirect``, or
            None.
        code: the provider's own name of the error.
        message: what the provider says, fit to be shown.
        request_id: what the provider's support asks for.
        errors: the single faults, where it lists them.
        held: it was accepted, but is not sent on for now; ``summary`` says why.
    """

    outcome: Outcome
    reply: Reply
    summary: str
    kind: ErrorKind | None = None
    fault: str | None = None
    code: str = ""
    message: str = ""
    remote_id: str | None = None
    request_id: str = ""
    recipients: tuple[RecipientResult, ...] = ()
    errors: tuple[ApiError, ...] = ()
    rate_limit: RateLimit | None = None
    held: bool = False


def single_errors(item: Any, field_name: str, message_name: str) -> list[ApiError]:
    """Read one entry of a list of faults, or an object that maps fields to their messages."""
    if isinstance(item, str):
        return [ApiError("", shown(item))]
    if not isinstance(item, dict):
        return []
    if not field_name and not message_name:
        return [
            ApiError(shown(str(name)), shown("; ".join(map(str, texts))))
            for name, texts in list(item.items())[:100]
            if isinstance(texts, list)
        ]
    place, message = item.get(field_name), item.get(message_name)
    if isinstance(place, list):
        place = ", ".join(map(str, place))
    return [ApiError(shown(str(place or "")), shown(str(message or "")))]

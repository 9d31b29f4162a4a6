"""What became of each recipient, where an answer tells."""

from collections.abc import Iterable

from mailgui.api.answer_body import AnswerBody, find_all, shown
from mailgui.api.definition import Provider
from mailgui.transcript import HttpExchange, Outcome, RecipientResult, Reply

_Told = dict[str, tuple[Outcome, str]]  # by address in lower case: the outcome, and why


def recipient_results(
    provider: Provider, exchange: HttpExchange, body: AnswerBody, recipients: tuple[str, ...]
) -> tuple[RecipientResult, ...] | None:
    """Return each recipient's result, or None where the provider's answers do not tell."""
    rules = provider.success.recipients
    if rules.failed:
        told = _refusals(find_all(exchange, body, rules.failed), rules.ignored)
    elif rules.items:
        told = _statuses(provider, find_all(exchange, body, rules.items))
    else:
        return None
    status = exchange.status or 0
    results = []
    for address in recipients:
        outcome, text = told.get(address.lower(), (Outcome.ACCEPTED, ""))
        results.append(RecipientResult(address, outcome, Reply(status, shown(text))))
    return tuple(results)


def partly(
    recipients: tuple[str, ...], refused: Iterable[str], reply: Reply
) -> tuple[RecipientResult, ...]:
    """Return each recipient's result when those ``refused`` are known; unknown if none is."""
    names = {address.lower() for address in refused}
    results = []
    for address in recipients:
        outcome = Outcome.REFUSED if address.lower() in names else Outcome.ACCEPTED
        results.append(RecipientResult(address, outcome if names else Outcome.UNKNOWN, reply))
    return tuple(results)


def _refusals(found: Iterable[object], ignored: Iterable[str]) -> _Told:
    """Read objects that map refused addresses to reasons."""
    passed_over = set(ignored)
    return {
        str(address).lower(): (Outcome.REFUSED, str(reason))
        for failed in found
        if isinstance(failed, dict)
        for address, reason in failed.items()
        if str(reason) not in passed_over
    }


def _statuses(provider: Provider, found: Iterable[object]) -> _Told:
    """Read a list of objects that each name an address and its status."""
    rules = provider.success.recipients
    told: _Told = {}
    for item in found:
        if not isinstance(item, dict):
            continue
        status = str(item.get(rules.status, ""))
        outcome = Outcome.ACCEPTED if status in rules.accepted else Outcome.REFUSED
        reason = item.get(rules.reason)
        text = f"{status}: {reason}" if isinstance(reason, str) else status
        told[str(item.get(rules.address, "")).lower()] = (outcome, text)
    return told

"""What the answer to a batch means: for the whole of it, and for each of its messages."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from mailgui.api.answer import understand
from mailgui.api.answer_body import find_all, find_text, read_body
from mailgui.api.answer_model import Answer
from mailgui.api.definition import Provider, RecipientList
from mailgui.api.render import Member, RenderedRequest
from mailgui.api.template import fill
from mailgui.transcript import HttpExchange, Outcome, RecipientResult, Reply

_REFUSED_STATUS = 422  # stands for the status that a refused message alone would have got
_GOOD = (Outcome.ACCEPTED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What became of one message of a batch."""

    member: Member
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.answer.outcome


def understand_any(rendered: RenderedRequest, exchange: HttpExchange) -> Answer:
    """Return what the answer to a request means, be it for one message or for a batch."""
    if not rendered.members:
        return understand(rendered.provider, exchange, rendered.recipients)
    return whole_answer(rendered, exchange, item_answers(rendered, exchange))


def item_answers(rendered: RenderedRequest, exchange: HttpExchange) -> tuple[ItemAnswer, ...]:
    """Return the answer to each message of the batch ``rendered``, in their order.

    What an answer does not tell of single messages is that of the whole.
    """
    provider, members = rendered.provider, rendered.members
    batch = provider.batch
    assert batch is not None  # noqa: S101 - it was rendered by it
    whole = _without_items(provider, exchange, rendered.recipients)
    results = batch.results
    told = 200 <= (exchange.status or 0) < 300 or results.any_status
    if not told or not (results.items or results.errors):
        return tuple(ItemAnswer(member, _for(whole, member)) for member in members)
    body = read_body(exchange)
    found = find_all(exchange, body, results.items)
    if results.by:
        return tuple(_by_recipient(provider, exchange, member, found) for member in members)
    refused: dict[Any, Any] = {
        error.get(results.index): error
        for error in find_all(exchange, body, results.errors)
        if isinstance(error, dict)
    }
    if not found and not refused:  # a failure of the whole in spite of its status
        whole = understand(provider, exchange, rendered.recipients)
        if whole.outcome not in _GOOD:
            return tuple(ItemAnswer(member, _for(whole, member)) for member in members)
    taken: Iterator[Any] = iter(found)
    answers = []
    for place, member in enumerate(members):
        if place in refused:
            status, item = _REFUSED_STATUS, refused[place]
        elif (item := next(taken, None)) is not None and results.any_status:
            # The items' own words count: a batch of which one was refused has its status.
            alone = _single(provider, exchange, member, item, 200)
            status = 200 if alone.outcome in _GOOD else exchange.status or 0
        else:
            status = exchange.status or 0
        answers.append(_single(provider, exchange, member, item, status))
    return tuple(answers)


def whole_answer(
    rendered: RenderedRequest, exchange: HttpExchange, items: Sequence[ItemAnswer]
) -> Answer:
    """Return one answer for all messages of a batch."""
    provider = rendered.provider
    whole = _without_items(provider, exchange, rendered.recipients)
    outcomes = Counter(item.outcome for item in items)
    if len(outcomes) == 1 and whole.outcome not in _GOOD:
        return replace(whole, recipients=_recipients(items))
    outcome = next(iter(outcomes)) if len(outcomes) == 1 else Outcome.PARTIAL
    taken, count = outcomes[Outcome.ACCEPTED] + outcomes[Outcome.PARTIAL], len(items)
    bad = next((item.answer for item in items if item.outcome is not Outcome.ACCEPTED), None)
    if bad is None:
        sentence = f"{provider.name} accepted all {count} messages of the batch."
        if count == 1:
            sentence = f"{provider.name} accepted the one message of the batch."
    else:
        number = next(i.member.number for i in items if i.outcome is not Outcome.ACCEPTED) + 1
        sentence = f"{provider.name} accepted {taken} of {count} messages of the batch. "
        sentence += f"Message {number}: {bad.summary}"
    text = bad.message if bad else whole.message or exchange.reason
    return Answer(
        outcome,
        Reply(exchange.status or 0, text),
        sentence,
        bad.kind if bad else None,
        bad.fault if bad else None,
        bad.code if bad else "",
        text,
        _batch_id(provider, exchange) or whole.remote_id,
        whole.request_id,
        _recipients(items),
        bad.errors if bad else (),
        whole.rate_limit,
        whole.held,
    )


def _without_items(
    provider: Provider, exchange: HttpExchange, recipients: tuple[str, ...]
) -> Answer:
    """Return what the answer means apart from its items, whose own failures are not the whole's."""
    results = provider.batch.results if provider.batch else None
    if results is None or not (results.items or results.errors):
        ids = [] if provider.success.empty_body else provider.success.id
        batch_ids = provider.batch.id if provider.batch else []
        return understand(provider, exchange, recipients, ids=[*batch_ids, *ids])
    if not 200 <= (exchange.status or 0) < 300 or read_body(exchange).problem:
        return understand(provider, exchange, recipients)
    change = msgspec.structs.replace
    bare = change(provider.success, silent_failures=[], recipients=RecipientList())
    return understand(change(provider, success=bare), exchange, recipients, ids=())


def _single(
    provider: Provider, exchange: HttpExchange, member: Member, item: Any, status: int
) -> ItemAnswer:
    """Read what one message got as the answer that it would have got alone."""
    if item is None:
        answer = understand(provider, replace(exchange, response_body=b""), member.recipients)
        sentence = f"{provider.name} does not say what became of this message."
        unknown = tuple(RecipientResult(a, Outcome.UNKNOWN) for a in member.recipients)
        return ItemAnswer(
            member,
            replace(
                answer,
                outcome=Outcome.UNKNOWN,
                summary=sentence,
                recipients=unknown,
                fault="api.unreadable",
                remote_id=None,
            ),
        )
    wrap = provider.batch.results.wrap if provider.batch else "{value}"
    alone = fill(wrap, {"value": item}) if status != _REFUSED_STATUS else item
    headers = (("Content-Type", "application/json"),)
    single = replace(
        exchange,
        status=status,
        reason="",
        response_headers=headers,
        response_body=json.dumps(alone).encode(),
    )
    failures = provider.batch.results.failures if provider.batch else []
    if failures:
        success = msgspec.structs.replace(provider.success, silent_failures=failures)
        provider = msgspec.structs.replace(provider, success=success)
    return ItemAnswer(member, understand(provider, single, member.recipients))


def _by_recipient(
    provider: Provider, exchange: HttpExchange, member: Member, found: Sequence[Any]
) -> ItemAnswer:
    by = provider.batch.results.by if provider.batch else ""
    wanted = {address.lower() for address in member.recipients}
    own = [
        item for item in found if isinstance(item, dict) and str(item.get(by, "")).lower() in wanted
    ]
    return _single(provider, exchange, member, own or None, exchange.status or 0)


def _for(whole: Answer, member: Member) -> Answer:
    """Return the whole's answer as that of one of its messages."""
    by_address = {result.address: result for result in whole.recipients}
    results = tuple(
        by_address.get(a, RecipientResult(a, whole.outcome, whole.reply)) for a in member.recipients
    )
    outcomes = {result.outcome for result in results}
    outcome = outcomes.pop() if len(outcomes) == 1 else whole.outcome
    return replace(whole, outcome=outcome, recipients=results)


def _recipients(items: Sequence[ItemAnswer]) -> tuple[RecipientResult, ...]:
    """Return one result for each address; where messages differ, the worst that happened to it."""
    found: dict[str, RecipientResult] = {}
    for item in items:
        for result in item.answer.recipients:
            before = found.get(result.address)
            if before is None or before.outcome is Outcome.ACCEPTED:
                found[result.address] = result
            if (
                before is not None
                and {before.outcome, result.outcome}
                == {
                    Outcome.ACCEPTED,
                    result.outcome,
                }
                and before.outcome is not result.outcome
            ):
                found[result.address] = replace(result, outcome=Outcome.PARTIAL)
    return tuple(found.values())


def _batch_id(provider: Provider, exchange: HttpExchange) -> str | None:
    paths = provider.batch.id if provider.batch else []
    return find_text(exchange, read_body(exchange), paths) or None

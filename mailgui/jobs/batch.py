"""Many messages by a provider's batch call: few requests, a result for each message."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.api_attempts import Tries, send_rendered
from mailgui.jobs.bulk import BulkReport
from mailgui.message.draft import Draft
from mailgui.smtp.bulk_control import BulkControl, Progress
from mailgui.smtp.bulk_tally import whole_outcome
from mailgui.transcript import (
    Kind,
    Layer,
    Masker,
    Observer,
    Outcome,
    RecipientResult,
    Recorder,
    Reply,
    Stage,
    Transcript,
)

if TYPE_CHECKING:
    from mailgui.api.render import RenderedRequest
    from mailgui.findings import Finding
    from mailgui.net.resolver import Resolver


@dataclass(frozen=True, slots=True)
class BatchItem:
    """What became of one message; ``number`` is its place among all, from 0."""

    number: int
    outcome: Outcome
    recipients: tuple[RecipientResult, ...]
    reply: Reply | None
    remote_id: str | None
    summary: str

    def to_json_dict(self) -> dict[str, Any]:
        """Return it for the ``send`` document."""
        return {
            "index": self.number,
            "outcome": self.outcome.value,
            "recipients": [_result(each) for each in self.recipients],
            "reply": _reply(self.reply),
            "id": self.remote_id,
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class BatchReport(BulkReport):
    """What a batch came to: each message's result, and how many requests it took."""

    items: tuple[BatchItem, ...]
    requests: int

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --batch --json``."""
        document = BulkReport.to_json_dict(self)
        document["requests"] = self.requests
        document["items"] = [item.to_json_dict() for item in self.items]
        return document


def one_each(draft: Draft) -> list[Draft]:
    """Return a draft for each To recipient, who then does not see the others.

    Cc and Bcc go with the first only: they would get a copy of each.
    """
    if len(draft.to) < 2:
        return [draft]
    first, *others = draft.to
    rest = [replace(draft, to=(address,), cc=(), bcc=()) for address in others]
    return [replace(draft, to=(first,)), *rest]


async def send_batch(
    account: Account,
    drafts: Sequence[Draft],
    *,
    control: BulkControl | None = None,
    observer: Observer | None = None,
    resolver: "Resolver | None" = None,
) -> BatchReport:
    """Send ``drafts`` by the batch call of the account's provider.

    Raises DraftProblem where that call cannot send them.
    """
    from mailgui.jobs.request import render_requests

    settings = account.settings
    assert isinstance(settings, ApiSettings)  # noqa: S101 - narrows the type
    requests = await asyncio.to_thread(render_requests, drafts, settings, account.secrets)
    run = _Run(account, settings, control or BulkControl(), observer, requests, len(drafts))
    return await run.report(resolver)


class _Run:
    """One batch under way."""

    def __init__(
        self,
        account: Account,
        settings: ApiSettings,
        control: BulkControl,
        observer: Observer | None,
        requests: Sequence["RenderedRequest"],
        count: int,
    ) -> None:
        self.account, self.settings, self.control = account, settings, control
        self.observer, self.requests, self.count = observer, requests, count
        self.masker = Masker(account.secrets.values())
        self.items: dict[int, BatchItem] = {}
        self.transcripts: list[Transcript] = []
        self.attempts: Tries = ()
        self.began = time.perf_counter()

    async def report(self, resolver: "Resolver | None") -> BatchReport:
        """Send all requests and return what came of them."""
        from mailgui.api.connection import http_settings
        from mailgui.net.http import HttpClient

        several = len(self.requests) > 1
        whole = Recorder(Kind.HTTP, self.account.name, masker=self.masker, observer=self.observer)
        http = http_settings(self.settings, self.requests[0].url, self.account.secrets)
        async with HttpClient(http, resolver=resolver) as client:
            for number, rendered in enumerate(self.requests):
                if not await self.control.turn():
                    break
                if several:
                    words = f"Request {number + 1} of {len(self.requests)}: "
                    words += f"{len(rendered.members)} messages"
                    whole.info(words, layer=Layer.HTTP, stage=Stage.SEND)
                # Of several requests each has a recorder of its own, whose record is taken over.
                observer = None if several else self.observer
                made: list[Recorder] = []

                def make(
                    observer: Observer | None = observer, made: list[Recorder] = made
                ) -> Recorder:
                    name, masker = self.account.name, self.masker.copy()
                    made.append(Recorder(Kind.HTTP, name, masker=masker, observer=observer))
                    return made[-1]

                tries = await send_rendered(
                    rendered,
                    self.settings,
                    self.account.secrets,
                    make,
                    observer=self.observer,
                    cancel=self.control.stopping,
                    client=client,
                )
                self._add(rendered, tries)
                if several:
                    whole.peer = whole.peer or made[-1].peer
                    for recorder in made:
                        whole.take_over(recorder)
        transcript = self._whole(whole) if several else self.transcripts[-1]
        return await self._finish(transcript)

    def _add(self, rendered: "RenderedRequest", tries: Tries) -> None:
        transcript = tries[-1].report
        self.transcripts.append(transcript)
        self.attempts += tries if len(tries) > 1 else ()
        for item in _items(rendered, transcript):
            self.items[item.number] = item
        if self.control.on_progress is not None:
            done, taken = len(self.items), self._taken()
            rate = taken / max(time.perf_counter() - self.began, 1e-9)
            self.control.on_progress(Progress(done, taken, self.count, rate))

    def _taken(self) -> int:
        good = (Outcome.ACCEPTED, Outcome.PARTIAL)
        return sum(item.outcome in good for item in self.items.values())

    def _whole(self, recorder: Recorder) -> Transcript:
        """Return one transcript for several requests."""
        outcomes = [item.outcome for item in self._all_items()]
        decisive = next(
            (t for t in self.transcripts if t.outcome is not Outcome.ACCEPTED),
            self.transcripts[-1] if self.transcripts else None,
        )
        taken, count, requests = self._taken(), self.count, len(self.requests)
        sentence = f"The API accepted {taken:,} of {count:,} messages in {requests} requests."
        if taken == count:
            sentence = f"The API accepted all {count:,} messages in {requests} requests."
        elif decisive is not None:
            sentence += f" {decisive.summary}"
        recorder.info(sentence, layer=Layer.HTTP, stage=Stage.RECEIVE)
        if decisive is None:
            return recorder.finish(whole_outcome(outcomes), summary=sentence)
        return recorder.finish(
            whole_outcome(outcomes),
            stage=decisive.stage,
            reply=decisive.reply,
            summary=sentence,
            recipients=tuple(r for t in self.transcripts for r in t.recipients),
            exchanges=tuple(e for t in self.transcripts for e in t.exchanges),
            fault=decisive.fault,
            remote_id=decisive.remote_id,
            tls=decisive.tls,
        )

    def _all_items(self) -> list[BatchItem]:
        """Return an item for each message; what was never sent counts as cancelled."""
        for rendered in self.requests:
            for member in rendered.members:
                if member.number not in self.items:
                    results = tuple(
                        RecipientResult(a, Outcome.CANCELLED) for a in member.recipients
                    )
                    self.items[member.number] = BatchItem(
                        member.number, Outcome.CANCELLED, results, None, None, "Not sent."
                    )
        return [self.items[number] for number in sorted(self.items)]

    async def _finish(self, transcript: Transcript) -> BatchReport:
        from mailgui.findings.diagnose import diagnose_all

        seconds = time.perf_counter() - self.began
        items = self._all_items()
        bad = [t for t in self.transcripts if t.outcome is not Outcome.ACCEPTED or t.notes]
        findings = await asyncio.to_thread(diagnose_all, bad)
        return BatchReport(
            transcript,
            (*batch_findings(self.requests), *findings),
            Counter(item.outcome for item in items),
            self._taken() / seconds if seconds > 0 else 0.0,
            tuple(items),
            len(self.requests),
            attempts=self.attempts,
        )


def batch_findings(requests: "Sequence[RenderedRequest]") -> "tuple[Finding, ...]":
    """Return what all requests found before they were sent, each thing once."""
    return tuple({f.title: f for request in requests for f in request.findings}.values())


def _items(rendered: "RenderedRequest", transcript: Transcript) -> list[BatchItem]:
    """Return each message's result; without an answer, that of the whole request."""
    from mailgui.api.batch_answer import item_answers

    exchange = transcript.exchanges[-1] if transcript.exchanges else None
    if exchange is None or exchange.status is None:
        outcome = transcript.outcome
        return [
            BatchItem(
                member.number,
                outcome,
                tuple(RecipientResult(a, outcome) for a in member.recipients),
                None,
                None,
                transcript.summary,
            )
            for member in rendered.members
        ]
    return [
        BatchItem(
            item.member.number,
            item.outcome,
            item.answer.recipients,
            item.answer.reply,
            item.answer.remote_id,
            item.answer.summary,
        )
        for item in item_answers(rendered, exchange)
    ]


def _result(result: RecipientResult) -> dict[str, Any]:
    reply = _reply(result.reply)
    return {"address": result.address, "outcome": result.outcome.value, "reply": reply}


def _reply(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {"code": reply.code, "enhanced": reply.enhanced, "text": reply.text}

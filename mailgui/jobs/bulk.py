"""One message many times: by SMTP over several connections, or by request after request."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.jobs.accounts import Account
from mailgui.jobs.reports import SendReport
from mailgui.message.draft import Draft, numbered
from mailgui.message.outgoing import Outgoing
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Masker, Observer, Outcome, Recorder, Transcript

if TYPE_CHECKING:
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.bulk import BulkResult
    from mailgui.smtp.bulk_control import BulkControl

MOST_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class BulkReport(SendReport):
    """What many sends came to.

    Attributes:
        outcomes: how many messages ended how.
        messages_per_second: accepted ones, from the first open connection to the last answer.
        failures: the transcripts of the first messages that were not accepted for everybody.
    """

    outcomes: Counter[Outcome]
    messages_per_second: float
    failures: tuple[Transcript, ...] = field(default=(), kw_only=True)

    @property
    def count(self) -> int:
        """How many messages there were."""
        return self.outcomes.total()

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --count N --json``."""
        # Not super(): a dataclass with slots is made anew, which the bare form does not survive.
        document = SendReport.to_json_dict(self)
        document["count"] = self.count
        document["messages_per_second"] = round(self.messages_per_second, 1)
        document["outcomes"] = {str(outcome): n for outcome, n in self.outcomes.items() if n}
        return document


async def send_many_by_smtp(
    account: Account,
    outgoing: Outgoing,
    *,
    count: int,
    connections: int = 1,
    own_id: bool = True,
    plan: Plan | None = None,
    control: "BulkControl | None" = None,
    observer: Observer | None = None,
    resolver: "Resolver | None" = None,
) -> BulkReport:
    """Send ``outgoing`` ``count`` times over ``connections`` connections.

    ``own_id``: a composed message gets another Message-ID each time. Raises OSError when it
    cannot be read.
    """
    from mailgui.message.copies import copies
    from mailgui.net.proxy_address import PROXY_PASSWORD
    from mailgui.smtp.bulk import send_bulk
    from mailgui.smtp.reach import connect_settings

    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    message = await asyncio.to_thread(copies, outgoing, own_id=own_id)
    masker = Masker(account.secrets.values())
    result = await send_bulk(
        account.settings,
        message,
        count=count,
        connections=connections,
        plan=plan or Plan(),
        password=account.secrets.get("password"),
        recorder=Recorder(Kind.SMTP, account.name, masker=masker, observer=observer),
        control=control,
        resolver=resolver,
        connect=connect_settings(account.settings, account.secrets.get(PROXY_PASSWORD)),
    )
    failures = failures_of(result)
    return BulkReport(
        result.transcript,
        await asyncio.to_thread(findings_of, failures, result.transcript),
        result.outcomes,
        result.messages_per_second,
        failures=failures,
    )


def failures_of(result: "BulkResult") -> tuple[Transcript, ...]:
    """Return the transcripts of what did not go well: the whole, where no message was begun."""
    if not result.failures and result.transcript.outcome is not Outcome.ACCEPTED:
        return (result.transcript,)
    return result.failures


async def send_many_by_api(
    account: Account,
    draft: Draft,
    *,
    count: int,
    connections: int = 1,
    control: "BulkControl | None" = None,
    observer: Observer | None = None,
    resolver: "Resolver | None" = None,
) -> BulkReport:
    """Send ``draft`` ``count`` times, ``connections`` requests at a time over kept-alive ones.

    With HTTP/2 those are streams of one connection. A request that is alike each time is rendered
    once; an idempotency key gets a number behind it. Raises DraftProblem when the draft cannot be
    sent as it stands.
    """
    from mailgui.api.connection import http_settings
    from mailgui.jobs.api_attempts import send_rendered
    from mailgui.jobs.bulk_requests import RequestTally
    from mailgui.jobs.request import render_request
    from mailgui.net.http import HttpClient
    from mailgui.smtp.bulk_control import BulkControl

    settings = account.settings
    assert isinstance(settings, ApiSettings)  # noqa: S101 - narrows the type
    control = control or BulkControl()
    masker = Masker(account.secrets.values())
    whole = Recorder(Kind.HTTP, account.name, masker=masker, observer=observer)
    first = await asyncio.to_thread(render_request, numbered(draft, 1), settings, account.secrets)
    # A raw body holds a Message-ID, which is another one each time.
    alike = draft.extras.idempotency_key is None and first.body_kind != "raw"
    tally = RequestTally(count, whole, control)
    numbers = iter(range(1, count + 1))

    async def work(client: "HttpClient") -> None:
        for number in numbers:
            if not await control.turn():
                return
            rendered = first
            if number > 1 and not alike:
                rendered = await asyncio.to_thread(
                    render_request, numbered(draft, number), settings, account.secrets
                )
            recorders: list[Recorder] = []

            def make(recorders: list[Recorder] = recorders) -> Recorder:
                recorders.append(Recorder(Kind.HTTP, account.name, masker=masker.copy()))
                return recorders[-1]

            tries = await send_rendered(
                rendered,
                settings,
                account.secrets,
                make,
                observer=observer,
                cancel=control.stopping,
                client=client,
            )
            tally.add(tries[-1].report, recorders[-1])

    async with (
        HttpClient(
            http_settings(settings, first.url, account.secrets), resolver=resolver
        ) as client,
        asyncio.TaskGroup() as lanes,
    ):
        for _ in range(min(connections, count)):
            lanes.create_task(work(client))
    transcript = tally.transcript()
    found = await asyncio.to_thread(findings_of, tally.failures, transcript)
    findings = (*first.findings, *found)
    return BulkReport(
        transcript,
        findings,
        tally.outcomes,
        tally.messages_per_second,
        failures=tuple(tally.failures),
    )


def findings_of(failures: Iterable[Transcript], whole: Transcript) -> tuple[Finding, ...]:
    """Return what is worth telling of the failures, and of the whole run's notes."""
    from mailgui.findings.diagnose import diagnose_all, diagnose_notes

    findings = diagnose_all(failures)
    told = {finding.id for finding in findings}
    return (*findings, *(each for each in diagnose_notes(whole) if each.id not in told))

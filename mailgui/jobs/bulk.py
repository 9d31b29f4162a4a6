"""One message many times: by SMTP over several connections, or request after request to an API."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.jobs.accounts import Account
from mailgui.jobs.send import SendReport
from mailgui.message.draft import Draft, numbered
from mailgui.message.outgoing import Outgoing
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Masker, Observer, Outcome, Recorder, Transcript

if TYPE_CHECKING:
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.bulk_control import BulkControl


@dataclass(frozen=True, slots=True)
class BulkReport(SendReport):
    """What many sends came to.

    Attributes:
        outcomes: how many messages ended how.
        messages_per_second: accepted ones, from the first open connection to the last answer.
    """

    outcomes: Counter[Outcome]
    messages_per_second: float

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
    from mailgui.smtp.bulk import send_bulk

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
    )
    failures = result.failures
    if not failures and result.transcript.outcome is not Outcome.ACCEPTED:
        failures = (result.transcript,)
    findings = await asyncio.to_thread(_findings_of, failures)
    return BulkReport(result.transcript, findings, result.outcomes, result.messages_per_second)


async def send_many_by_api(
    account: Account,
    draft: Draft,
    *,
    count: int,
    control: "BulkControl | None" = None,
    observer: Observer | None = None,
) -> BulkReport:
    """Send ``draft`` ``count`` times, one request after the other over one kept-alive connection.

    Each is rendered anew, so that it has a Message-ID of its own; an idempotency key gets a number
    behind it. Raises DraftProblem when the draft cannot be sent as it stands.
    """
    from mailgui.api.session import send
    from mailgui.jobs.bulk_requests import RequestTally
    from mailgui.jobs.request import render_request
    from mailgui.net.http import HttpClient, HttpSettings
    from mailgui.smtp.bulk_control import BulkControl

    settings = account.settings
    assert isinstance(settings, ApiSettings)  # noqa: S101 - narrows the type
    control = control or BulkControl()
    masker = Masker(account.secrets.values())
    whole = Recorder(Kind.HTTP, account.name, masker=masker, observer=observer)
    tally = RequestTally(count, whole, control)
    http = HttpSettings(
        verify=settings.tls_verify, ca_file=settings.tls_ca, timeout=settings.timeout
    )
    before: tuple[Finding, ...] = ()
    async with HttpClient(http) as client:
        for number in range(1, count + 1):
            if not await control.turn():
                break
            rendered = await asyncio.to_thread(
                render_request, numbered(draft, number), settings, account.secrets
            )
            before = before or rendered.findings
            recorder = Recorder(Kind.HTTP, account.name, masker=masker.copy())
            transcript = await send(
                rendered,
                settings,
                secrets=account.secrets,
                recorder=recorder,
                cancel=control.stopping,
                client=client,
            )
            tally.add(transcript, recorder)
    transcript = tally.transcript()
    findings = await asyncio.to_thread(_findings_of, tally.failures)
    return BulkReport(transcript, (*before, *findings), tally.outcomes, tally.messages_per_second)


def _findings_of(transcripts: Iterable[Transcript]) -> tuple[Finding, ...]:
    """Return what is worth telling about failures, each thing once."""
    from mailgui.findings.diagnose import diagnose

    found: dict[tuple[str, str], Finding] = {}
    for transcript in transcripts:
        for finding in diagnose(transcript):
            found.setdefault((finding.id, finding.title), finding)
    return tuple(found.values())

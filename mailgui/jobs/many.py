"""One message many times by a profile, steered while it runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import open_account
from mailgui.jobs.bulk import BulkReport, send_many_by_api, send_many_by_smtp
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.smtp.bulk_control import BulkControl
from mailgui.store.profile import Profile


@dataclass(frozen=True, slots=True)
class ManyOrder:
    """What to send how often.

    Attributes:
        connections: at most so many at once; for an API, requests.
        batch: by the provider's batch call: ``copies`` (``count`` of them) or ``each`` (one message
            to each To); empty for one message a request.
    """

    profile: Profile
    draft: Draft
    count: int
    connections: int = 1
    batch: Literal["", "copies", "each"] = ""


async def send_many(
    services: Services,
    order: ManyOrder,
    control: BulkControl,
    *,
    given: Mapping[str, str] | None = None,
) -> BulkReport:
    """Send ``order.draft`` as often as it says and keep the transcript in the history.

    ``control`` pauses, cancels, limits the rate and tells of the progress. Raises DraftProblem and
    SecretMissing.
    """
    from mailgui.jobs.reports import remembered
    from mailgui.message.compose import compose

    account = await open_account(services, order.profile, given=given)
    report: BulkReport
    if isinstance(account.settings, ApiSettings) and order.batch:
        from mailgui.jobs.batch import one_each, send_batch

        draft, each = order.draft, order.batch == "each"
        drafts = one_each(draft) if each else [draft] * order.count
        report = await send_batch(account, drafts, control=control)
    elif isinstance(account.settings, ApiSettings):
        report = await send_many_by_api(
            account,
            order.draft,
            count=order.count,
            connections=order.connections,
            control=control,
        )
    else:
        outgoing = await asyncio.to_thread(compose, order.draft)
        report = await send_many_by_smtp(
            account,
            outgoing,
            count=order.count,
            connections=order.connections,
            control=control,
        )
    return await remembered(services, report, order.draft)

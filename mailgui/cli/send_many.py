"""``mailgui send --count N``: the same message many times, one report for all."""

import argparse
import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.cli.request import load_draft
from mailgui.cli.resolver_option import chosen_resolver
from mailgui.cli.route_options import over_route, policies_from, via_from
from mailgui.cli.usage import UsageProblem

if TYPE_CHECKING:
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.bulk import BulkReport
    from mailgui.jobs.services import Services
    from mailgui.message.draft import Draft
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.bulk_control import BulkControl
    from mailgui.smtp.plan import Plan


async def send_many(
    options: argparse.Namespace, services: "Services", account: "Account", plan: "Plan"
) -> "BulkReport":
    """Send ``--count`` messages over ``--connections`` connections. Raises UsageProblem."""
    from mailgui.api.settings import ApiSettings
    from mailgui.cli.send_account import outgoing_from
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs import bulk
    from mailgui.smtp.bulk_control import BulkControl
    from mailgui.smtp.settings import SmtpSettings

    connections = options.connections or 1
    if options.stop_after:
        raise UsageProblem("--count sends whole messages: leave --stop-after away.")
    if connections > bulk.MOST_CONNECTIONS:
        raise UsageProblem(f"--connections takes at most {bulk.MOST_CONNECTIONS:,}.")
    control = BulkControl(rate=options.rate)
    resolver = chosen_resolver(options, services)
    if isinstance(account.settings, ApiSettings):
        draft = await asyncio.to_thread(load_draft, options)
        on_interrupt(control.cancel)
        if options.batch:
            if connections > 1:
                raise UsageProblem("A batch is one request: leave --connections away.")
            return await _send_batch(account, draft, options.count, control, resolver)
        return await bulk.send_many_by_api(
            account,
            draft,
            count=options.count,
            connections=connections,
            control=control,
            resolver=resolver,
        )
    if options.batch:
        raise UsageProblem("--batch is for e-mail APIs: SMTP has no batch call.")
    outgoing = await asyncio.to_thread(outgoing_from, options)
    named = any(header.lower().startswith("message-id") for header in options.header)
    on_interrupt(control.cancel)
    if options.mx:
        from mailgui.jobs.direct_bulk import send_many_direct

        assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
        return await send_many_direct(
            replace(account, settings=over_route(account.settings, options)),
            outgoing,
            count=options.count,
            connections=connections,
            own_id=not named,
            plan=plan,
            policies=policies_from(options),
            resolver=services.resolver(options.resolver),
            control=control,
            via=via_from(options),
        )
    return await bulk.send_many_by_smtp(
        account,
        outgoing,
        count=options.count,
        connections=connections,
        own_id=not named,
        plan=plan,
        control=control,
        resolver=resolver,
    )


async def _send_batch(
    account: "Account",
    draft: "Draft",
    count: int | None,
    control: "BulkControl",
    resolver: "Resolver | None",
) -> "BulkReport":
    from mailgui.jobs.batch import one_each, send_batch

    drafts = [draft] * count if count else one_each(draft)
    return await send_batch(account, drafts, control=control, resolver=resolver)

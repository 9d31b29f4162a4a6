"""What MailGUI makes of a server's offers for the draft at hand."""

import asyncio
from collections.abc import Mapping

from mailgui.message.draft import Draft, DraftProblem
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.uses import Circumstances, MessageFacts, Use, uses
from mailgui.transcript import EhloAnswer, TlsSummary


async def uses_of(
    answers: tuple[EhloAnswer, ...],
    settings: SmtpSettings,
    *,
    draft: Draft | None,
    plan: Plan | None,
    tls: TlsSummary | None,
) -> Mapping[str, Use]:
    """Return for each keyword of the answers what MailGUI does with it, and why.

    The last answer is what counts; of what only an earlier one names (STARTTLS), that one.
    """
    facts = await asyncio.to_thread(_facts, draft) if draft is not None else None
    circumstances = Circumstances(settings, plan or Plan(), facts, can_bind=tls is not None)
    found: dict[str, Use] = {}
    for answer in answers:
        found.update(uses(answer, circumstances))
    return found


def _facts(draft: Draft) -> MessageFacts | None:
    from mailgui.message.compose import compose

    try:
        message = compose(draft, envelope_required=False)
    except (DraftProblem, OSError):
        return None
    return MessageFacts(message.size, message.needs_smtputf8, message.needs_8bitmime)

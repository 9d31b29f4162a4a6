"""Code that sends a draft with a stored profile, for the window."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import SecretMissing, open_account
from mailgui.jobs.code import CodeKind, CodeProblem, export_code
from mailgui.jobs.code_secrets import Secrets
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft, DraftProblem
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile

if TYPE_CHECKING:
    from mailgui.smtp.plan import Plan


@dataclass(frozen=True, slots=True)
class Made:
    """Code; or, in a title and a sentence, why there is none."""

    text: str = ""
    title: str = ""
    sentence: str = ""


async def code_of_profile(
    services: Services,
    profile: Profile,
    draft: Draft,
    kind: CodeKind,
    *,
    inline: bool = False,
    plan: "Plan | None" = None,
) -> Made:
    """Return code that sends ``draft`` with ``profile``; see ``code.export_code``.

    A sandbox profile starts the sandbox, so that the code leads somewhere. ``inline`` writes the
    stored secret out. Raises OSError, and UnknownProvider.
    """
    try:
        settings, secrets = await _account(services, profile, inline=inline)
        code = await asyncio.to_thread(export_code, kind, draft, settings, secrets, plan=plan)
        return Made(code)
    except CodeProblem as problem:
        return Made(title="No code of this", sentence=str(problem))
    except DraftProblem as problem:
        return Made(title="The message is not complete", sentence=problem.sentence)
    except SecretMissing as problem:
        return Made(title="The secret is not known", sentence=problem.sentence)


async def _account(
    services: Services, profile: Profile, *, inline: bool
) -> tuple[SmtpSettings | ApiSettings, Secrets]:
    settings, secrets = profile.settings, Secrets()
    if profile.sandbox or inline:
        account = await open_account(services, profile)
        settings = account.settings
        secrets = Secrets(inline=account.secrets if inline else {})
    return settings, secrets

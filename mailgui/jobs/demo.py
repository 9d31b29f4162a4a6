"""The demonstration: a message by SMTP, the same through an API, and two domains checked.

Everything goes to the embedded servers: no account and no network is needed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import open_account
from mailgui.jobs.check import check_domain
from mailgui.jobs.reports import SendReport
from mailgui.jobs.send import send_with_account
from mailgui.jobs.services import Services
from mailgui.message.draft import Address, Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport

DOMAINS = ("good.example", "broken.example")
"""The sandbox's two zones, one in order and one not."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration did."""

    smtp: SendReport
    api: SendReport
    domains: "tuple[DomainReport, ...]"


def sample_draft() -> Draft:
    """Return the message that is sent."""
    return Draft(
        sender=Address("hello@good.example", "Example"),
        to=(Address("first@good.example"), Address("second@good.example")),
        subject="Welcome to Example",
        text="Welcome!\n\nThanks for signing up. This is the plain text of the message.\n",
        html="<h1>Welcome!</h1>\n<p>Thanks for signing up.</p>\n",
    )


async def demonstrate(services: Services) -> Demonstration:
    """Start the sandbox, send by both roads, check its two domains."""
    sandbox = await services.start_sandbox()
    smtp = Profile("Sandbox SMTP", SmtpSettings(host="127.0.0.1"), sandbox=True)
    api = Profile("Sandbox API", ApiSettings(provider="resend"), sandbox=True)
    draft = sample_draft()
    sent = [
        await send_with_account(await open_account(services, profile), draft)
        for profile in (smtp, api)
    ]
    reports = [
        await check_domain(services, domain, server=str(sandbox.dns), dns_only=True)
        for domain in DOMAINS
    ]
    return Demonstration(sent[0], sent[1], tuple(reports))

import pytest

from mailgui.jobs.accounts import Account
from mailgui.jobs.direct import recipients_domain, send_direct
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome, Stage


def draft(*to):
    people = tuple(Address(address) for address in to)
    return Draft(sender=Address("a@good.example"), to=people, text="Hi\n")


def test_recipients_of_two_domains_are_not_sent_directly():
    assert recipients_domain(compose(draft("b@good.example", "c@GOOD.example"))) == "good.example"
    with pytest.raises(DraftProblem, match="one domain"):
        recipients_domain(compose(draft("b@good.example", "b@broken.example")))


def test_a_domain_that_does_not_exist(with_services):
    async def work(services):
        sandbox = await services.start_sandbox()
        return await send_direct(
            Account("MX", SmtpSettings(host="")),
            compose(draft("b@nowhere.good.example")),
            plan=Plan(),
            resolver=services.resolver(str(sandbox.dns)),
        )

    report = with_services(work)
    assert (report.transcript.outcome, report.transcript.stage) == (Outcome.FAILED, Stage.DNS)
    assert "does not exist" in report.findings[0].title

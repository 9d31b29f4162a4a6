import pytest

from mailgui.jobs import direct
from mailgui.jobs.accounts import Account
from mailgui.jobs.direct import recipients_domain, send_direct
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Direction, Outcome, Stage
from tests.support.name_server import NameServer


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


def test_a_server_that_dns_names_gets_no_password(with_services):
    async def work(services):
        sandbox = await services.start_sandbox()
        zone = "good.example MX 10 localhost.\n"
        async with NameServer(zone) as names:
            settings = SmtpSettings(
                "", sandbox.smtp.port, TlsMode.NONE, username="user", auth="PLAIN"
            )
            return await send_direct(
                Account("MX", settings, {"password": "canary-1729"}),
                compose(draft("b@good.example")),
                plan=Plan(),
                resolver=services.resolver(names.address),
            )

    transcript = with_services(work).transcript
    assert transcript.outcome is Outcome.ACCEPTED
    sent = [event.text for event in transcript.with_direction(Direction.SENT)]
    assert not [line for line in sent if line.startswith("AUTH")]


def test_of_endless_exchangers_some_are_tried(with_services, monkeypatch):
    tried = []

    async def send_by_smtp(account, *args, **kwargs):
        tried.append(account.settings.host)
        return await real(account, *args, **kwargs)

    real = direct.send_by_smtp
    monkeypatch.setattr(direct, "send_by_smtp", send_by_smtp)
    zone = "".join(f"many.example MX {n} 127.0.0.1.x{n}.example\n" for n in range(100))

    async def work(services):
        async with NameServer(zone) as names:
            return await send_direct(
                Account("MX", SmtpSettings("", 1, TlsMode.NONE)),
                compose(draft("b@many.example")),
                plan=Plan(),
                resolver=services.resolver(names.address),
            )

    assert with_services(work).transcript.outcome is Outcome.FAILED
    assert len(tried) == 10

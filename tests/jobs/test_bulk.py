"""Many messages as the window asks for them: progress, cancelling, and a report of the whole."""

import asyncio
import base64

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs import bulk
from mailgui.jobs.accounts import Account
from mailgui.jobs.bulk import send_many_by_api, send_many_by_smtp
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Draft
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Masker, Outcome
from tests.support.hostile import GOODBYE, Echo, Hear, Say, Server, hello

DRAFT = Draft(
    sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="Hi", text="Hello"
)


def smtp_account(sandbox):
    return Account("Here", SmtpSettings(sandbox.smtp.host, sandbox.smtp.port, tls=TlsMode.NONE))


def api_account(sandbox):
    settings = ApiSettings("resend", base_url=sandbox.base_url("resend"))
    return Account("API", settings, {"key": sandbox.api_key})


def test_progress_is_told_after_each_message(with_services):
    async def work(services):
        sandbox = await services.start_sandbox()
        seen = []
        report = await send_many_by_smtp(
            smtp_account(sandbox),
            compose(DRAFT),
            count=5,
            connections=2,
            control=BulkControl(on_progress=seen.append),
        )
        return report, seen

    report, seen = with_services(work)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.count == 5
    assert [each.done for each in seen] == [1, 2, 3, 4, 5]
    assert report.messages_per_second > 0


def test_cancelling_in_the_middle_of_requests(with_services):
    async def work(services):
        sandbox = await services.start_sandbox()

        def after_two(progress):
            if progress.done == 2:
                control.cancel()

        control = BulkControl(on_progress=after_two)
        return await send_many_by_api(api_account(sandbox), DRAFT, count=5, control=control)

    report = with_services(work)
    assert report.outcomes == {Outcome.ACCEPTED: 2, Outcome.CANCELLED: 3}
    assert report.transcript.outcome is Outcome.PARTIAL
    assert report.to_json_dict()["count"] == 5


def test_cancelling_in_the_middle_of_a_dialogue(with_services):
    async def work(services):
        sandbox = await services.start_sandbox()

        def after_two(progress):
            if progress.done == 2:
                control.cancel()

        control = BulkControl(on_progress=after_two)
        return await send_many_by_smtp(
            smtp_account(sandbox), compose(DRAFT), count=50, control=control
        )

    report = with_services(work)
    assert report.count == 50
    assert report.transcript.outcome is Outcome.PARTIAL
    assert report.outcomes[Outcome.ACCEPTED] >= 2
    assert report.outcomes[Outcome.CANCELLED] >= 40


@pytest.fixture
def maskers(monkeypatch):
    """The maskers that whole runs are recorded with."""
    made = []

    def make(secrets):
        made.append(Masker(secrets))
        return made[-1]

    monkeypatch.setattr(bulk, "Masker", make)
    return made


def test_what_each_sign_in_derives_is_hidden_and_does_not_add_up(maskers):
    challenge = base64.b64encode(b"<1@good.example>").decode()
    script = [*hello("AUTH CRAM-MD5"), Hear("AUTH"), Say(f"334 {challenge}"), Hear()]
    server = Server([[*script, Echo("535 5.7.8 {}"), *GOODBYE]])

    async def main():
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        settings = SmtpSettings("127.0.0.1", port, TlsMode.NONE, username="me")
        account = Account("Here", settings, {"password": "canary-1729"})
        async with listener:
            report = await send_many_by_smtp(account, compose(DRAFT), count=4, connections=2)
        await asyncio.wait(server.tasks, timeout=5)
        return report

    report = asyncio.run(main())
    assert report.transcript.outcome is Outcome.REFUSED
    answers = [line for line in server.lines if " " not in line and len(line) > 40]
    assert len(answers) == 2
    assert not [answer for answer in answers if answer in repr(report)]
    assert [masker._known for masker in maskers] == [{b"canary-1729"}]


def test_signatures_of_requests_do_not_add_up(with_services, maskers):
    async def work(services):
        sandbox = await services.start_sandbox()
        settings = ApiSettings("amazon_ses", base_url=sandbox.base_url("amazon_ses"))
        secrets = {"access_key": sandbox.api_key, "secret_key": "canary-1729"}
        known = {value.encode() for value in secrets.values()}
        return known, await send_many_by_api(Account("API", settings, secrets), DRAFT, count=3)

    known, report = with_services(work)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [masker._known for masker in maskers] == [known]

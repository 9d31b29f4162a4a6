"""Many messages as the window asks for them: progress, cancelling, and a report of the whole."""

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.bulk import send_many_by_api, send_many_by_smtp
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Draft
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Outcome

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

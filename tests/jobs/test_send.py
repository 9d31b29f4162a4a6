import asyncio

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account, SecretMissing
from mailgui.jobs.send import send_with_profile, try_account, try_connection
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome, Stage

DRAFT = Draft(
    sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="S", text="Hi\n"
)


@pytest.mark.parametrize("name", ["Sandbox SMTP", "Sandbox API"])
def test_both_roads_send_and_are_remembered(with_services, name):
    async def work(services):
        report = await send_with_profile(None, services, services.profiles.get(name), DRAFT)
        entries = await services.history.newest()
        kept = await services.history.get(report.transcript.id)
        return report, entries, kept, services.sandbox.mailbox.list()

    report, entries, kept, received = with_services(work)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [entry.id for entry in entries] == [report.transcript.id]
    assert kept.transcript == report.transcript
    assert len(received) == 1


@pytest.mark.parametrize("provider", ["autosend", "resend", "amazon_ses", "mailjet"])
def test_the_sandbox_answers_for_a_provider(with_services, provider):
    profile = Profile("P", ApiSettings(provider=provider), sandbox=True)

    async def work(services):
        return await send_with_profile(None, services, profile, DRAFT)

    assert with_services(work).transcript.outcome is Outcome.ACCEPTED


def test_a_missing_password_is_asked_for(with_services):
    profile = Profile("Relay", SmtpSettings(host="127.0.0.1", port=1, username="u"))

    async def work(services):
        with pytest.raises(SecretMissing, match="password of Relay"):
            await send_with_profile(None, services, profile, DRAFT)

    with_services(work)


def test_a_draft_that_cannot_be_sent_connects_nowhere(with_services):
    async def work(services):
        with pytest.raises(DraftProblem):
            await send_with_profile(
                None, services, services.profiles.get("Sandbox SMTP"), Draft(text="x")
            )
        return await services.history.newest()

    assert not with_services(work)


@pytest.mark.parametrize(
    ("name", "stage"), [("Sandbox SMTP", Stage.AUTH), ("Sandbox API", Stage.CONNECT)]
)
def test_trying_a_connection_sends_nothing(with_services, name, stage):
    async def work(services):
        report = await try_connection(None, services, services.profiles.get(name))
        return report, len(services.sandbox.mailbox)

    report, received = with_services(work)
    assert (report.transcript.outcome, report.transcript.stage) == (Outcome.COMPLETED, stage)
    assert received == 0


def test_an_api_that_cannot_be_reached(with_services):
    settings = ApiSettings(provider="resend", base_url="http://127.0.0.1:1")

    async def work(services):
        return await try_account(Account("P", settings))

    report = with_services(work)
    assert report.transcript.outcome is Outcome.FAILED
    assert report.findings


def test_a_history_that_fails_is_a_note_and_no_lost_report(with_services, monkeypatch):
    async def work(services):
        async def fail(*_args, **_named):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(services.history, "append", fail)
        return await send_with_profile(None, services, services.profiles.get("Sandbox SMTP"), DRAFT)

    report = with_services(work)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert "could not be kept in the history" in report.note


def test_cancelling_a_slow_server(with_services):
    slow = Draft(sender=Address("a@good.example"), to=(Address("slow@good.example"),), text="Hi\n")

    async def work(services):
        cancel = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, cancel.set)
        return await send_with_profile(
            None, services, services.profiles.get("Sandbox SMTP"), slow, cancel=cancel
        )

    assert with_services(work).transcript.outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://[nonsense", "cannot be read"),
        ("https://127.0.0.1:99999", "cannot be read"),
        ("ftp://127.0.0.1", "https://"),
        ("https://me:canary-1729@127.0.0.1", "does not belong"),
    ],
)
@pytest.mark.parametrize("work", [try_connection, send_with_profile])
def test_a_base_url_that_cannot_be_used(with_services, url, words, work):
    profile = Profile("P", ApiSettings(provider="resend", base_url=url, allow_insecure_auth=True))

    async def main(services):
        await services.secrets.set(profile, "k" * 8, "key")
        more = (DRAFT,) if work is send_with_profile else ()
        return await work(None, services, profile, *more)

    transcript = with_services(main).transcript
    assert transcript.outcome is Outcome.FAILED
    assert words in transcript.summary
    assert "canary" not in repr(transcript)


def test_an_account_option_leads_to_its_own_host(with_services):
    settings = ApiSettings("postal", options={"host": "127.0.0.1:1"})

    async def work(services):
        return await try_account(Account("P", settings))

    assert with_services(work).transcript.peer == "127.0.0.1:1"

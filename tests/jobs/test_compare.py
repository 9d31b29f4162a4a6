import asyncio
import socket

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.compare import compare
from mailgui.jobs.demo import sample_draft
from mailgui.message.draft import Address, replace
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome
from tests.support.sandbox import running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as running:
        yield running


@pytest.fixture
def accounts(sandbox):
    smtp = SmtpSettings(sandbox.smtp.host, sandbox.smtp.port)
    api = ApiSettings("resend", base_url=sandbox.base_url("resend"))
    return Account("one", smtp), Account("two", api, {"key": sandbox.api_key})


def draft_to(address):
    return replace(sample_draft(), to=(Address(address),))


def test_both_sides_send_in_turns_over_one_connection(accounts, sandbox):
    before = len(sandbox.mailbox.list())
    turns = []
    result = asyncio.run(compare(accounts, sample_draft(), count=6, on_turn=turns.append))
    assert [(turn.side, turn.number) for turn in turns] == [
        (side, number) for number in range(1, 7) for side in (0, 1)
    ]
    assert len(sandbox.mailbox.list()) - before == 12
    for side in result.sides:
        assert side.outcomes == {Outcome.ACCEPTED: 6}
        assert [each.opened for each in side.samples] == [True] + [False] * 5
        assert side.messages_per_second > 0
    assert result.sides[0].per_message("round_trips") >= 2
    assert result.sides[1].per_message("round_trips") == 1


def test_the_api_goes_the_way_that_its_account_says(accounts):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and nobody listens
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        api = accounts[1]
        proxied = replace(api, settings=replace(api.settings, proxy=proxy))
        result = asyncio.run(compare((accounts[0], proxied), sample_draft(), count=1))
    assert [side.outcomes for side in result.sides] == [
        {Outcome.ACCEPTED: 1},
        {Outcome.FAILED: 1},
    ]


def test_a_new_connection_each_time_has_its_opening_each_time(accounts):
    result = asyncio.run(compare(accounts, sample_draft(), count=3, fresh=True))
    for side in result.sides:
        assert all(each.opened for each in side.samples)
        assert side.opening is not None
        assert side.opening.least > 0


def test_a_side_that_fails_is_given_up_and_explained(accounts):
    result = asyncio.run(compare(accounts, draft_to("refuse@good.example"), count=50))
    for side in result.sides:
        assert len(side.samples) == 3
        assert side.taken == ()
        assert side.total is None
    ids = [finding.id for finding in result.advice]
    assert "compare.failures.smtp" in ids
    assert "compare.failures.http" in ids
    titles = " ".join(finding.title for finding in result.advice)
    assert "one: " in titles
    assert "two: " in titles


def test_nothing_listens_on_one_side(accounts):
    dead = Account("dead", SmtpSettings("127.0.0.1", 1))
    result = asyncio.run(compare((dead, accounts[1]), sample_draft(), count=5))
    assert result.sides[0].outcomes == {Outcome.FAILED: 3}
    assert result.sides[1].outcomes == {Outcome.ACCEPTED: 5}


def test_cancelling_ends_it_early(accounts):
    async def run():
        cancel = asyncio.Event()
        return await compare(
            accounts, sample_draft(), count=1000, on_turn=lambda _: cancel.set(), cancel=cancel
        )

    result = asyncio.run(run())
    assert result.cancelled
    assert len(result.sides[0].samples) == 1


def test_no_secret_in_the_document(accounts, sandbox):
    result = asyncio.run(compare(accounts, sample_draft(), count=2))
    assert sandbox.api_key not in str(result.to_json_dict())

"""The tab API: what the provider carries is there to be filled in, the rest is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import ApiExtras, Draft
from mailgui.store.drafts import DraftStore
from mailgui.store.profile import Profile
from mailgui.ui.compose.api_tab import ApiTab
from mailgui.ui.compose.api_words import losses_words
from mailgui.ui.compose.moment_field import NotAMoment, read_moment, write_moment
from mailgui.ui.tokens import Tone

FULL = ApiExtras(
    template_id="welcome",
    variables={"name": "Ada", "big": 2**70},
    tags=("spring", "kind=news"),
    metadata={"order": "17"},
    send_at=datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC),
    track_opens=True,
    track_clicks=False,
    idempotency_key="once",
    attachment_urls=("https://files.example.com/a.pdf",),
    sandbox=True,
)


@pytest.fixture
def tab(show):
    return show(ApiTab(), 560, 700)


def shown(tab):
    return {name for name, field in tab.fields.items() if not field.isHidden()}


def lacks(tab):
    return tab._lacks.text()


def test_a_draft_comes_out_as_it_went_in_whatever_the_provider(tab):
    for provider in load_providers().values():
        tab.set_provider(provider)
        tab.show_draft(Draft(extras=FULL))
        assert tab.fill(Draft()).extras == FULL
        assert tab.count() == 10


def test_only_what_the_provider_carries_is_in_sight(tab):
    tab.set_provider(load_providers()["resend"])
    assert shown(tab) == {
        "template_id", "variables", "send_at", "tags", "idempotency_key", "attachment_urls",
    }  # fmt: skip
    assert lacks(tab) == "Resend has no metadata, open tracking, click tracking and sandbox mode."


def test_what_is_kept_and_not_sent_is_said_and_can_be_taken_out(tab, qtbot):
    tab.set_provider(load_providers()["scaleway"])
    tab.show_draft(Draft(extras=ApiExtras(tags=("a",), track_opens=True)))
    assert not shown(tab)
    assert "it is not sent: tags and open tracking." in lacks(tab)
    with qtbot.waitSignal(tab.changed):
        tab.take_out.click()
    assert tab.fill(Draft()).extras == ApiExtras()
    assert tab.take_out.isHidden()


def test_variables_that_are_no_object_are_refused_and_the_last_good_ones_kept(tab):
    tab.set_provider(load_providers()["resend"])
    tab.variables.set_text('{"a": 1}')
    tab.variables.set_text('{"a": ')
    assert "not JSON" in tab.problem().sentence
    assert tab.fields["variables"].problem
    assert tab.fill(Draft()).extras.variables == {"a": 1}
    tab.variables.set_text("[1]")
    assert "object" in tab.problem().sentence
    tab.variables.set_text("")
    assert tab.problem() is None
    assert tab.fill(Draft()).extras.variables == {}


def test_a_new_key_is_another_each_time(tab):
    tab.new_key.click()
    first = tab.key.text()
    tab.new_key.click()
    assert len({first, tab.key.text(), ""}) == 3


def test_moments_are_read_in_this_machine_s_zone_unless_they_name_one():
    local = read_moment("2030-01-02 03:04")
    assert local == datetime(2030, 1, 2, 3, 4).astimezone()
    assert read_moment("2030-01-02T03:04:00Z") == datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
    assert read_moment(" ") is None
    exact = datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    assert read_moment(write_moment(exact)) == exact
    with pytest.raises(NotAMoment, match="not a time"):
        read_moment("tomorrow")


def test_a_moment_that_is_over_is_said(tab):
    tab.set_provider(load_providers()["resend"])
    tab.moment.set_moment(datetime.now(UTC) - timedelta(days=2))
    assert "in the past" in tab.moment.hint
    tab.moment.entry.setText("soon")
    assert tab.problem().field == "send_at"
    assert tab.fields["send_at"].problem


def use_provider(desk, provider, **options):
    base = "http://127.0.0.1:1"
    settings = ApiSettings(provider, base_url=base, options=options)
    desk.services.profiles.add(Profile(f"By {provider}", settings))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find(f"By {provider}") is not None)
    desk.use(f"By {provider}")


def test_the_tab_is_there_for_an_api_only(desk):
    tabs = desk.message.tabs.tabs
    index = tabs._keys.index("api")
    assert not tabs.isTabVisible(index)
    desk.use("Sandbox API")
    assert tabs.isTabVisible(index)
    tabs.set_key("api")
    desk.use("Sandbox SMTP")
    assert not tabs.isTabVisible(index)
    assert tabs.key == "html"


def test_what_would_be_lost_is_said_before_sending_and_kept_with_the_draft(desk):
    use_provider(desk, "scaleway", project_id="p")
    draft = replace(desk.page.draft(), extras=ApiExtras(metadata={"order": "17"}))
    with desk.qtbot.waitSignal(desk.page.autosave.saved, timeout=10_000):
        desk.page.set_draft(draft)
    assert DraftStore().load().draft.extras.metadata == {"order": "17"}
    notice = desk.message.losses
    desk.qtbot.waitUntil(lambda: "cannot carry" in notice.sentence and notice.isVisible())
    assert "metadata" in notice.sentence
    assert notice.tone in (Tone.ATTENTION, Tone.BROKEN)
    notice._action.click()
    assert desk.exchange.findings.findings.cards
    desk.use("Sandbox SMTP")
    desk.qtbot.waitUntil(lambda: not notice.isVisible())


def test_variables_that_cannot_be_read_keep_the_message_here(desk):
    use_provider(desk, "resend")
    desk.message.tabs.api.variables.set_text("{")
    desk.page.send()
    assert desk.banner.sentence == "Nothing was sent"
    assert desk.message.tabs.tabs.key == "api"


def test_titles_that_begin_alike_are_told_together():
    from mailgui.api.losses import cannot_carry, left_out

    findings = [
        cannot_carry("Scaleway", "tags"),
        left_out("Scaleway", "the draft’s HTML", "", slug="html"),
        cannot_carry("Scaleway", "metadata"),
    ]
    assert losses_words(findings) == (
        "Scaleway cannot carry tags and metadata.\nScaleway does not get the draft’s HTML."
    )
    assert losses_words(()) == ""

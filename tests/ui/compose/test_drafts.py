"""The draft: sample at first, saved as it changes, there again at the next start."""

from mailgui.message.draft import Address, Attachment, Draft
from mailgui.store.drafts import DraftStore


def test_the_very_first_start_has_a_sample_that_can_be_sent(desk):
    draft = desk.page.draft()
    assert draft.subject == "Welcome to Example"
    assert draft.to == (Address("recipient@good.example"),)
    assert draft.sender == Address("you@good.example")
    assert "cid:logo" in draft.html
    assert draft.attachments[0].content_id == "logo"
    assert draft.text


def test_a_change_is_saved_and_restored(desk, make_desk):
    full = Draft(
        sender=Address("ada@good.example", "Ada, Countess"),
        to=(Address("one@good.example"),),
        cc=(Address("two@good.example", "Zwei"),),
        bcc=(Address("three@good.example"),),
        reply_to=(Address("four@good.example"),),
        subject="Grüße\tund mehr",
        text="Text\u00a0mit festem Leerzeichen\n",
        html="<p>Hallo</p>",
        attachments=(Attachment("a.bin", data=b"\x00\x01"),),
        headers=(("X-One", "1"), ("X-Two", "zwei")),
    )
    with desk.qtbot.waitSignal(desk.page.autosave.saved, timeout=10_000):
        desk.page.set_draft(full)
    assert desk.page.draft() == full
    again = make_desk()
    assert again.page.draft() == full
    assert not again.message.head.rows["cc"].isHidden()


def test_what_is_malformed_survives_too(desk, make_desk):
    with desk.qtbot.waitSignal(desk.page.autosave.saved, timeout=10_000):
        desk.write_to("not an address", "x@y@z")
    assert [a.address for a in make_desk().page.draft().to] == ["not an address", "x@y@z"]


def test_colours_alone_change_nothing(desk):
    desk.previewed()
    assert not desk.page.autosave.due
    desk.message.tabs.html._highlighter.rehighlight()
    assert not desk.page.autosave.due


def test_closing_saves_at_once(desk):
    with desk.qtbot.waitSignal(desk.page.autosave.saved, timeout=10_000):
        desk.message.head.subject.setText("Almost lost")
        desk.page.save_now()
    assert DraftStore().load().draft.subject == "Almost lost"


def test_a_damaged_draft_is_reported_and_kept_aside(home, make_desk):
    folder = home / "data" / "draft"
    folder.mkdir(parents=True)
    (folder / "draft.json").write_text("{")
    desk = make_desk()
    assert "damaged" in desk.message.notice.sentence
    assert desk.page.draft().sender == Address("you@good.example")


def test_a_damaged_profiles_file_is_reported(home, make_desk):
    folder = home / "config"
    folder.mkdir(parents=True)
    (folder / "profiles.toml").write_text("[[profile")
    desk = make_desk()
    assert "damaged" in desk.message.notice.sentence
    assert desk.bar.road is not None


def test_a_draft_that_cannot_be_saved_is_said_once(desk, monkeypatch):
    from mailgui.store.files import StoreProblem

    def full(_store, _draft):
        raise StoreProblem("The disk is full.")

    monkeypatch.setattr(DraftStore, "save", full)
    with desk.qtbot.waitSignal(desk.page.autosave.failed, timeout=10_000):
        desk.message.head.subject.setText("x")
        desk.page.save_now()
    assert desk.message.notice.sentence == "The disk is full."


def test_what_was_typed_before_the_draft_was_read_is_kept(qtbot, bridge, services, home):
    from mailgui.ui.compose.page import ComposePage

    page = ComposePage(bridge, services, {})
    qtbot.addWidget(page)
    page.message.head.subject.setText("Quick fingers")
    page.show()
    qtbot.waitUntil(lambda: page._opened, timeout=10_000)
    assert page.draft().subject == "Quick fingers"


def test_the_page_remembers_profile_tab_and_sizes(desk, make_desk):
    desk.use("Sandbox API")
    desk.message.tabs.tabs.set_key("text")
    desk.page._splitter.setSizes([700, 487])
    state = desk.page.save_state()
    again = make_desk(state)
    assert again.bar.road.name == "Sandbox API"
    assert again.message.tabs.tabs.key == "text"
    assert abs(again.page._splitter.sizes()[0] - desk.page._splitter.sizes()[0]) <= 2


def test_another_profile_brings_its_sender_unless_one_was_written(desk, services):
    from dataclasses import replace

    from mailgui.smtp.settings import SmtpSettings
    from mailgui.store.profile import Profile

    own = Profile("Relay", SmtpSettings("127.0.0.1", 2525), sender="me@example.com")
    services.profiles.add(own)
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Relay") is not None)
    desk.use("Relay")
    assert desk.page.draft().sender == Address("me@example.com")
    desk.message.head.origin.set_addresses(["written@example.com"])
    desk.use("Sandbox SMTP")
    assert desk.page.draft().sender == Address("written@example.com")
    services.profiles.replace("Relay", replace(own, name="Relay & Söhne"))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Relay & Söhne") is not None)
    assert desk.bar.road.name == "Sandbox SMTP"

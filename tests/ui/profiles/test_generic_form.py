"""A provider that is described in the window, and files of a person's own that are broken."""

import pytest
from PySide6.QtTest import QTest

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.store.paths import config_folder
from mailgui.store.profile import Profile
from mailgui.ui.profiles.editor import Editor
from mailgui.ui.profiles.page import ProfilesPage

BODY = '{"mail": {"subject": "{subject}"}}'


@pytest.fixture
def editor(show):
    made = Editor()
    made.api.set_providers(load_providers())
    return show(made, 700, 900)


def test_it_is_filled_in_without_a_file(editor):
    editor.show_profile(Profile("Own", ApiSettings("generic")))
    assert editor.profile() is None
    assert "whole address" in editor.api.fields["url"].problem
    QTest.keyClicks(editor.api.fields["url"].field, "https://api.example/send")
    editor.api.fields["option-body"].field.set_text(BODY)
    editor.api.set_chosen("option-auth", "header")
    QTest.keyClicks(editor.api.fields["option-auth_header"].field, "X-Key")
    QTest.keyClicks(editor.api.fields["option-id_path"].field, "data.id")
    settings = editor.profile().settings
    assert settings.base_url == "https://api.example/send"
    assert settings.options == {
        "auth": "header", "auth_header": "X-Key", "body": BODY, "id_path": "data.id",
    }  # fmt: skip
    editor.show_profile(Profile("Own", settings))
    assert editor.profile().settings == settings


def test_a_body_that_cannot_be_used_is_said_at_its_field(editor):
    base = ApiSettings("generic", base_url="https://x.example", options={"body": '{"a": "{no}"}'})
    editor.show_profile(Profile("Own", base))
    assert editor.profile() is None
    assert "is no name of a field" in editor.api.fields["option-body"].problem


def test_a_broken_file_of_one_s_own_is_shown_with_its_place(services, bridge, show, qtbot):
    folder = config_folder() / "providers"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('format = 1\nid = "mine"\nname = \n')
    (folder / "other.toml").write_text('format = 1\nid = "other"\nname = "Other"\n')
    page = show(ProfilesPage(bridge, services, {}), 1180, 760)
    qtbot.waitUntil(page.problems.isVisible, timeout=10_000)
    said = page.problems.sentence
    assert "mine.toml: line 3" in said
    assert "other.toml" in said
    assert "urls" in said

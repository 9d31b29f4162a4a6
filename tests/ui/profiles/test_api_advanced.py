"""The Advanced part of an API profile's form."""

import pytest
from PySide6.QtTest import QTest

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.net.proxy_address import PROXY_PASSWORD
from mailgui.store.profile import Profile
from mailgui.store.profile_format import ProfileProblem, read_profile, write_profile
from mailgui.ui.profiles.editor import Editor

FULL = ApiSettings(
    "resend",
    base_url="https://api.example",
    timeout=7.0,
    tls_verify=False,
    tls_ca="/ca.pem",
    allow_insecure_auth=True,
    http2=True,
    proxy="http://ann@proxy.example:8080",
    proxy_from_environment=True,
    client_cert="/c.pem",
    client_key="/k.pem",
    retries=4,
)


@pytest.fixture
def editor(show):
    made = Editor()
    made.api.set_providers(load_providers())
    return show(made, 700, 700)


def enter(editor, key, text):
    field = editor.api.fields[key].field
    field.clear()
    QTest.keyClicks(field, text)


def test_everything_comes_back_as_it_was_shown(editor):
    editor.show_profile(Profile("Full", FULL))
    assert editor.api.fold.open
    assert editor.profile() == Profile("Full", FULL)


def test_and_is_kept_in_the_profiles_file():
    assert read_profile(write_profile(Profile("Full", FULL))) == Profile("Full", FULL)


def test_what_is_usual_stays_folded(editor):
    editor.show_profile(Profile("Plain", ApiSettings("resend")))
    assert not editor.api.fold.open
    assert editor.profile() == Profile("Plain", ApiSettings("resend"))


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("retries", "many", "From 0"),
        ("retries", "21", "From 0"),
        ("api-proxy", "ftp://proxy", "A proxy is written"),
        ("api-proxy", "http://ann:pw@proxy:1", "password out"),
        ("client-key", "/k.pem", "belongs to a certificate"),
    ],
)
def test_what_cannot_be_meant_is_said_at_the_field_and_unfolded(editor, key, text, words):
    editor.show_profile(Profile("Plain", ApiSettings("resend")))
    enter(editor, key, text)
    assert editor.profile() is None
    assert editor.api.fold.open
    assert any(words in field.problem for field in editor.api.fields.values())


def test_the_proxy_s_password_is_a_secret_of_its_own(editor):
    editor.show_profile(Profile("Full", FULL))
    field = editor.secret_fields[PROXY_PASSWORD]
    QTest.keyClicks(field.entry, "pr0xy")
    assert editor.secrets() == {PROXY_PASSWORD: "pr0xy"}


def test_a_file_with_a_proxy_s_password_is_refused():
    table = write_profile(Profile("Full", FULL))
    table["api"]["proxy"] = "http://ann:pw@proxy.example:8080"
    with pytest.raises(ProfileProblem, match="take it out"):
        read_profile(table)


def test_the_sandbox_has_retries_alone(editor):
    editor.show_profile(Profile("Sandbox API", ApiSettings("resend"), sandbox=True))
    shown = {k for k, f in editor.api.advanced.fields.items() if not f.isHidden()}
    assert shown == {"retries"}


def test_what_the_providers_file_tells_stands_at_its_fields(editor):
    def hint(key):
        return editor.api.fields[key].field.accessibleDescription()

    editor.show_profile(Profile("Mine", ApiSettings("amazon_ses")))
    assert "Test addresses: success@simulator" in hint("provider")
    assert hint("provider").endswith("https://aws.amazon.com/ses/")
    assert hint("secret-access_key") == "Begins with “AKIA” or “ASIA”."
    assert hint("secret-secret_key") == ""
    editor.api.fields["provider"].field._chosen("resend")
    assert hint("secret-key") == "Begins with “re_”."

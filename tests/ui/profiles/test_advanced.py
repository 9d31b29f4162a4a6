"""The Advanced part of an SMTP profile's form."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.store.profile_format import read_profile, write_profile
from mailgui.ui.profiles.editor import Editor

FULL = SmtpSettings(
    "mail.example",
    465,
    tls_server_name="other.example",
    tls_minimum="TLSv1.1",
    tls_maximum="TLSv1.2",
    tls_ciphers="HIGH",
    tls_client_cert="/c.pem",
    tls_client_key="/k.pem",
    tls_resume=False,
    channel_binding="tls-unique",
    source="192.0.2.9",
    proxy="socks5://ann@proxy.example:1080",
    unix_socket="/run/lmtp",
    lmtp=True,
    retries=4,
    retry_delay=1.5,
    retry_cap=60.0,
)


@pytest.fixture
def editor(show):
    return show(Editor(), 700, 700)


def enter(editor, key, text):
    field = editor.smtp.fields[key].field
    field.clear()
    QTest.keyClicks(field, text)


def test_everything_comes_back_as_it_was_shown(editor):
    editor.show_profile(Profile("Full", FULL))
    assert editor.smtp.fold.open
    assert editor.profile() == Profile("Full", FULL)


def test_and_is_kept_in_the_profiles_file():
    assert read_profile(write_profile(Profile("Full", FULL))) == Profile("Full", FULL)


def test_folded_unless_something_in_it_is_in_use(editor):
    editor.show_profile(Profile("Plain", SmtpSettings("mail.example")))
    assert not editor.smtp.fold.open
    assert not editor.smtp.advanced.isVisible()
    editor.smtp.fold.head.setFocus()
    QTest.keyClick(editor.smtp.fold.head, Qt.Key.Key_Space)
    assert editor.smtp.advanced.isVisible()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("proxy", "ftp://x"),
        ("proxy", "socks5://ann:secret@host"),
        ("key", "/k.pem"),
        ("retries", "-1"),
        ("retries", "101"),
        ("retry-delay", "soon"),
    ],
)
def test_what_cannot_be_used_is_said_where_it_stands(editor, key, text):
    editor.show_profile(Profile("Plain", SmtpSettings("mail.example")))
    enter(editor, key, text)
    assert editor.profile() is None
    assert editor.smtp.fold.open
    assert editor.smtp.fields["cert" if key == "key" else key].problem


def test_a_socket_needs_no_server(editor):
    editor.show_profile(Profile("Local", SmtpSettings("mail.example")))
    enter(editor, "host", "")
    enter(editor, "socket", "/run/dovecot/lmtp")
    settings = editor.profile().settings
    assert (settings.host, settings.unix_socket) == ("localhost", "/run/dovecot/lmtp")


def test_the_proxys_password_is_a_secret_of_its_own(editor):
    editor.show_profile(Profile("Full", FULL))
    editor.set_stored(("proxy_password",))
    assert editor.smtp.advanced.proxy_password.stored
    assert not editor.smtp.password.stored


def test_the_file_is_no_place_for_the_proxys_password():
    from mailgui.store.profile_format import ProfileProblem, check_profile

    settings = SmtpSettings("mail.example", proxy="socks5://ann:pr0xy-secret@host")
    with pytest.raises(ProfileProblem, match="no place for secrets") as told:
        check_profile(Profile("Full", settings))
    assert "pr0xy-secret" not in str(told.value)


def test_it_never_scrolls_sideways_at_doubled_type(editor, theme, qapp):
    theme.set_base_px(26)
    editor.resize(690, 700)
    editor.show_profile(Profile("Full", FULL))
    for _ in range(4):
        qapp.processEvents()
    assert editor.column.horizontalScrollBar().maximum() == 0

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QToolButton

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome
from mailgui.ui.profiles.page import ProfilesPage

PATIENCE = 30_000
WORK = Profile("Work", SmtpSettings("127.0.0.1", 2526, username="me"), sender="me@good.example")
SECRET = "correct horse"


@pytest.fixture
def make_page(bridge, services, show, qtbot):
    def make(state=None):
        page = show(ProfilesPage(bridge, services, state or {}), 1180, 760)
        qtbot.waitUntil(lambda: bool(page.list.keys), timeout=PATIENCE)
        return page

    return make


@pytest.fixture
def page(make_page):
    return make_page()


@pytest.fixture
def work_page(services, bridge, make_page, qtbot):
    """The page with WORK in the editor, its password stored."""
    services.profiles.load()
    services.profiles.add(WORK)
    bridge.worker.submit(services.secrets.set, WORK, SECRET, "password").result(5)
    page = make_page({"profile": "Work"})
    qtbot.waitUntil(lambda: page.editor.smtp.password.stored, timeout=PATIENCE)
    return page


@pytest.fixture
def save(qtbot):
    def saved(page):
        with qtbot.waitSignal(page.profiles_changed, timeout=PATIENCE):
            page.save()
        qtbot.waitUntil(lambda: not page.bar.save.isEnabled(), timeout=PATIENCE)

    return saved


def known(services, bridge, profile, name="password"):
    return bridge.worker.submit(services.secrets.get, profile, name).result(5)


def type_into(page, form, key, text):
    field = getattr(page.editor, form).fields[key].field
    field.clear()
    QTest.keyClicks(field, text)


def select(page, name, qtbot):
    key = next(k for k, p in page._profiles.items() if p.name == name)
    page.list.set_key(key)


def test_on_first_start_there_are_the_two_sandbox_profiles(page):
    assert len(page.list.keys) == 2
    assert page.list.summary(page.list.keys[0]) == "SMTP · the sandbox"
    assert not page.bar.delete.isEnabled()
    assert not page.editor.smtp.fields["host"].isEnabled()
    assert page.editor.secret_fields == {}


def test_a_new_smtp_profile_with_its_password(page, services, bridge, save, qtbot):
    page.add("smtp")
    assert page.dirty
    type_into(page, "head", "name", "Office")
    type_into(page, "head", "sender", "me@good.example")
    type_into(page, "smtp", "host", "smtp.good.example")
    type_into(page, "smtp", "port", "465")
    type_into(page, "smtp", "username", "me")
    QTest.keyClicks(page.editor.smtp.password.entry, SECRET)
    save(page)
    kept = services.profiles.get("Office")
    assert kept.settings == SmtpSettings("smtp.good.example", 465, username="me")
    assert kept.sender == "me@good.example"
    assert known(services, bridge, kept) == SECRET
    qtbot.waitUntil(lambda: page.editor.smtp.password.stored, timeout=PATIENCE)
    assert page.editor.smtp.password.words == "✓ Stored"
    assert SECRET not in (services.profiles.path).read_text("utf-8")
    assert all(SECRET not in entry.text() for entry in page.findChildren(QLineEdit))


def test_problems_stand_at_the_fields_and_nothing_is_saved(page, services):
    page.add("smtp")
    type_into(page, "head", "sender", "nobody")
    type_into(page, "smtp", "port", "99999")
    type_into(page, "smtp", "timeout", "soon")
    page.save()
    assert page.editor.head.fields["name"].problem
    assert page.editor.head.fields["sender"].problem
    assert page.editor.smtp.fields["host"].problem
    assert page.editor.smtp.fields["port"].problem == "From 1 to 65535."
    assert page.editor.smtp.fields["timeout"].problem
    assert len(services.profiles.load().profiles) == 2


def test_a_name_that_is_taken_is_said_at_the_name(work_page, qtbot):
    type_into(work_page, "head", "name", "sandbox smtp")
    work_page.save()
    field = work_page.editor.head.fields["name"]
    qtbot.waitUntil(lambda: "already a profile" in field.problem, timeout=PATIENCE)
    assert work_page.dirty


def test_ctrl_s_saves_a_change(work_page, services, qtbot):
    type_into(work_page, "smtp", "helo", "client.example")
    work_page.activateWindow()
    with qtbot.waitSignal(work_page.profiles_changed, timeout=PATIENCE):
        QTest.keyClick(
            work_page.editor.smtp.fields["helo"].field,
            Qt.Key.Key_S,
            Qt.KeyboardModifier.ControlModifier,
        )
    assert services.profiles.get("Work").settings.helo == "client.example"


def test_a_renamed_profile_keeps_its_password(work_page, services, bridge, save):
    type_into(work_page, "head", "name", "Job")
    save(work_page)
    kept = services.profiles.get("Job")
    assert services.profiles.get("Work") is None
    assert known(services, bridge, kept) == SECRET
    assert known(services, bridge, WORK) is None


def test_another_server_does_not_get_the_password(work_page, services, bridge, save, qtbot):
    type_into(work_page, "smtp", "port", "2527")
    assert (
        "enter it again" in work_page.editor.smtp.fields["password"].field.accessibleDescription()
    )
    save(work_page)
    assert known(services, bridge, services.profiles.get("Work")) is None
    assert known(services, bridge, WORK) is None
    qtbot.waitUntil(lambda: not work_page.editor.smtp.password.stored, timeout=PATIENCE)


def test_forgetting_waits_for_save_and_can_be_taken_back(work_page, services, bridge, save):
    password = work_page.editor.smtp.password
    password.forget.click()
    assert password.value == ""
    assert known(services, bridge, WORK) == SECRET
    password.undo.click()
    assert password.value is None
    password.forget.click()
    save(work_page)
    assert known(services, bridge, WORK) is None


def test_replacing(work_page, services, bridge, save):
    password = work_page.editor.smtp.password
    password.replace.click()
    assert password.entry.echoMode() is QLineEdit.EchoMode.Password
    assert password.entry.text() == ""
    QTest.keyClicks(password.entry, "another")
    save(work_page)
    assert known(services, bridge, WORK) == "another"


def test_delete_asks_in_the_page(work_page, services, bridge, qtbot):
    work_page.bar.delete.click()
    assert "Delete “Work”" in work_page.notice.sentence
    assert services.profiles.get("Work") is not None
    with qtbot.waitSignal(work_page.profiles_changed, timeout=PATIENCE):
        work_page.findChild(QPushButton, "profiles-notice-action").click()
    assert services.profiles.get("Work") is None
    assert known(services, bridge, WORK) is None


def test_duplicate_takes_no_secret_along(work_page, services, bridge, save):
    work_page.duplicate()
    assert work_page.editor.head.text("name") == "Work copy"
    save(work_page)
    copy = services.profiles.get("Work copy")
    assert copy.settings == WORK.settings
    assert known(services, bridge, copy) is None


def test_unsaved_changes_are_not_lost_by_a_click(work_page, qtbot):
    type_into(work_page, "smtp", "helo", "x.example")
    select(work_page, "Sandbox API", qtbot)
    assert work_page.editor.smtp.text("helo") == "x.example"
    assert "not saved" in work_page.notice.sentence
    work_page.findChild(QPushButton, "profiles-notice-action").click()
    assert work_page.editor.head.text("name") == "Sandbox API"
    assert not work_page.dirty
    select(work_page, "Work", qtbot)
    assert work_page.editor.smtp.text("helo") == ""


def test_an_api_profile_asks_for_what_its_provider_needs(page, services, bridge, save):
    page.add("api")
    form = page.editor.api
    form.fields["provider"].field._chosen("mailgun")
    type_into(page, "head", "name", "Gun")
    page.save()
    assert "Mailgun needs this" in form.fields["option-domain"].problem
    type_into(page, "api", "option-domain", "mg.good.example")
    form.fields["option-region"].field._chosen("eu")
    QTest.keyClicks(form.secrets["key"].entry, SECRET)
    save(page)
    kept = services.profiles.get("Gun")
    assert kept.settings == ApiSettings(
        "mailgun", options={"domain": "mg.good.example", "region": "eu"}
    )
    assert known(services, bridge, kept, "key") == SECRET


def test_a_base_url_that_is_none(page):
    page.add("api")
    type_into(page, "api", "url", "api.example.com")
    page.save()
    assert page.editor.api.fields["url"].problem


def test_warnings_stand_where_protection_is_off(work_page):
    form = work_page.editor.smtp
    assert not form._verify.notice.isVisible()
    form.verify.click()
    form.insecure.click()
    assert form._verify.notice.isVisible()
    assert "read the password" in form._insecure.notice.sentence


def test_the_default_of_encryption_is_explained(page):
    page.add("smtp")
    type_into(page, "smtp", "host", "smtp.good.example")
    field = page.editor.smtp.fields["tls"].field
    assert "Here that is STARTTLS." in field.accessibleDescription()
    type_into(page, "smtp", "port", "465")
    assert "Here that is TLS from the first octet." in field.accessibleDescription()


def wait_for_test(page, qtbot):
    page.bar.test.click()
    assert not page.bar.test.isEnabled()
    qtbot.waitUntil(page.bar.test.isEnabled, timeout=PATIENCE)


def test_the_sandboxs_connection_can_be_tested(page, qtbot):
    wait_for_test(page, qtbot)
    assert page.trial.report.transcript.outcome is Outcome.COMPLETED
    texts = [event.text for event in page.trial.transcript.table.model_.events]
    assert any(text.startswith("235") for text in texts)


@pytest.fixture
def to_sandbox(page, services, bridge):
    """A new profile in the editor, not saved, that leads to the running sandbox."""
    sandbox = bridge.worker.submit(services.start_sandbox).result(10)
    page.add("smtp")
    type_into(page, "head", "name", "Mine")
    type_into(page, "smtp", "host", sandbox.smtp.host)
    type_into(page, "smtp", "port", str(sandbox.smtp.port))
    type_into(page, "smtp", "username", sandbox.username)
    page.editor.smtp.set_chosen("tls", TlsMode.STARTTLS.value)
    type_into(page, "smtp", "ca", str(sandbox.ca_pem_path))
    return sandbox


def test_values_that_are_not_saved_can_be_tested(page, to_sandbox, services, qtbot):
    QTest.keyClicks(page.editor.smtp.password.entry, to_sandbox.password)
    wait_for_test(page, qtbot)
    assert page.trial.report.transcript.outcome is Outcome.COMPLETED
    assert services.profiles.get("Mine") is None


def test_a_wrong_password_is_said_in_plain_words(page, to_sandbox, qtbot):
    QTest.keyClicks(page.editor.smtp.password.entry, "wrong horse")
    wait_for_test(page, qtbot)
    assert page.trial.report.transcript.outcome is Outcome.REFUSED
    assert page.trial.banner.sentence
    assert page.trial.findings.cards
    shown = [event.text for event in page.trial.transcript.table.model_.events]
    assert not any("wrong horse" in text for text in shown)


def test_a_missing_password_is_asked_for(page, to_sandbox, qtbot):
    wait_for_test(page, qtbot)
    assert "Enter the password" in page.trial.banner.sentence
    assert page.trial.report is None


def test_a_damaged_file_is_reported_and_kept(services, make_page):
    services.profiles.path.parent.mkdir(parents=True)
    services.profiles.path.write_text('[[profile]]\nname = "x\n', "utf-8")
    page = make_page()
    assert "damaged" in page.problems.sentence
    assert page.problems.isVisible()


def test_everything_that_takes_the_keyboard_has_a_name(work_page):
    for kind in (QLineEdit, QPushButton, QToolButton):
        for widget in work_page.findChildren(kind):
            if not widget.isVisible() or widget.objectName().startswith("qt_"):
                continue
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()

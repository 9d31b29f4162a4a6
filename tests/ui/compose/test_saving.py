"""What the page shows, as files and on the clipboard."""

import json

import pytest
from PySide6.QtGui import QGuiApplication

from mailgui.ui import dialogs
from mailgui.ui.compose import exports


@pytest.fixture
def choose(monkeypatch):
    """Return a function that lets the person choose a path (and a filter) in the next dialog."""

    def choose(path, chosen=""):
        monkeypatch.setattr(dialogs, "save_file", lambda *_: (path, chosen))

    return choose


def test_the_message_is_saved_as_it_is_sent(desk, choose, tmp_path):
    desk.message.tabs.tabs.set_key("mime")
    desk.previewed(lambda found: found.octets)
    choose(tmp_path / "mail")
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000) as done:
        desk.message.tabs.mime.save_asked.emit()
    assert done.args == [str(tmp_path / "mail.eml")]
    assert (tmp_path / "mail.eml").read_bytes() == desk.message.tabs.mime.octets


def test_a_large_message_is_shown_abridged_and_saved_whole(desk, choose, tmp_path):
    big = tmp_path / "big.bin"
    big.write_bytes(bytes(range(256)) * 2000)
    desk.page.attach([big])
    desk.message.tabs.tabs.set_key("mime")
    found = desk.previewed(lambda found: len(found.files) == 2 and found.octets)
    assert not found.whole
    assert "abridged" in desk.message.tabs.mime._words.text
    choose(tmp_path / "mail.eml")
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000):
        desk.message.tabs.mime.save_asked.emit()
    assert (tmp_path / "mail.eml").stat().st_size == found.size


def test_the_message_is_copied(desk):
    desk.message.tabs.tabs.set_key("mime")
    desk.previewed(lambda found: found.octets)
    QGuiApplication.clipboard().clear()
    desk.message.tabs.mime.copy_asked.emit()
    desk.qtbot.waitUntil(lambda: "Message-ID" in QGuiApplication.clipboard().text())


@pytest.mark.parametrize(
    ("road", "chosen", "suffix"),
    [
        ("Sandbox SMTP", exports.TEXT, ".txt"),
        ("Sandbox SMTP", exports.JSON, ".json"),
        ("Sandbox API", exports.HAR, ".har"),
    ],
)
def test_the_transcript_is_saved(desk, choose, tmp_path, road, chosen, suffix):
    desk.use(road)
    desk.send()
    choose(tmp_path / "talk", chosen)
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000):
        desk.exchange.transcript.save_asked.emit()
    text = (tmp_path / f"talk{suffix}").read_text("utf-8")
    assert "recipient@good.example" in text
    if suffix != ".txt":
        assert json.loads(text)


def test_a_certificate_is_saved_as_pem(desk, choose, tmp_path):
    desk.send()
    choose(tmp_path / "server.pem")
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000):
        desk.exchange.tls.card.save_asked.emit(desk.exchange.tls.card.certificate)
    assert (tmp_path / "server.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_a_path_that_cannot_be_written_is_a_sentence(desk, choose, tmp_path):
    desk.send()
    choose(tmp_path / "no" / "talk.txt")
    with desk.qtbot.waitSignal(desk.page.saving.failed, timeout=10_000) as failed:
        desk.exchange.transcript.save_asked.emit()
    assert failed.args[0].startswith("Not saved: ")
    assert desk.message.notice.sentence == failed.args[0]

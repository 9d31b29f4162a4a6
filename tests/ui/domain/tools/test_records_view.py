import stat

import pytest

from mailgui.domain.dkim_key import parse_key
from mailgui.domain.dkim_key_maker import KeyKind, make_key
from mailgui.ui.domain.tools.records_view import RecordsView

PATIENCE = 30_000


@pytest.fixture
def view(bridge, services, show):
    return show(RecordsView(bridge, services, {"domain": "good.example"}), 1100, 800)


@pytest.fixture
def made(view, qtbot):
    view.key.form.set_chosen("kind", "ed25519")
    view.key.make_pair()
    qtbot.waitUntil(lambda: view.key.pair is not None, timeout=PATIENCE)
    return view


def test_the_dmarc_record_follows_every_choice(view):
    form = view.dmarc.form
    form.set_chosen("p", "reject")
    form.set_chosen("sp", "quarantine")
    form.set_text("rua", "d@good.example, e@other.example")
    view.dmarc.testing.setChecked(True)
    form.changed.emit()
    assert view.dmarc.record.text == (
        "v=DMARC1; p=reject; sp=quarantine; t=y; rua=mailto:d@good.example,mailto:e@other.example"
    )
    assert view.dmarc.zone.text.startswith("_dmarc.good.example. IN TXT ")
    ids = [card.finding.id for card in view.dmarc.findings.cards]
    assert ids == ["dmarc.build.external"]


def test_a_wrong_mailbox_is_told_at_its_field(view):
    view.dmarc.form.set_text("rua", "nobody")
    view.dmarc.form.changed.emit()
    assert "not a mailbox" in view.dmarc.form.fields["rua"].problem
    assert view.dmarc.built is None
    assert not view.dmarc.record.isVisible()


def test_without_a_domain_nothing_can_be_made(view):
    view.domain.setText("not a domain")
    assert view.domain.property("problem") == "true"
    assert not view.key.make.isEnabled()
    assert view.dmarc.built is None


def test_a_key_is_made_and_saved_for_its_owner_only(made, tmp_path, monkeypatch, qtbot):
    key = parse_key(made.key.record.text)
    assert (key.algorithm, key.usable) == ("ed25519", True)
    assert made.key.where.text() == "Publish as a TXT record at s1._domainkey.good.example"
    target = tmp_path / "keys" / "s1.pem"
    monkeypatch.setattr("mailgui.ui.domain.tools.key_maker.save_file", lambda *_: (target, ""))
    made.key.save.click()
    qtbot.waitUntil(target.exists, timeout=PATIENCE)
    assert target.read_bytes() == made.key.pair.private_pem
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_private_key_stands_nowhere_in_the_window_or_its_state(made):
    from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit

    body = made.key.pair.private_pem.splitlines()[1].decode()
    texts = [label.text() for label in made.findChildren(QLabel)]
    texts += [field.text() for field in made.findChildren(QLineEdit)]
    texts += [field.toPlainText() for field in made.findChildren(QPlainTextEdit)]
    assert not any(body in text for text in texts)
    assert body not in str(made.save_state())


def test_another_domain_drops_the_pair(made):
    made.domain.setText("other.example")
    assert made.key.pair is None


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("s9", "Nothing is published at s9._domainkey.good.example"),
        ("s1", "do not belong together"),
    ],
)
def test_a_key_file_is_held_against_what_is_published(view, tmp_path, qtbot, selector, words):
    path = tmp_path / "k.pem"
    path.write_bytes(make_key("good.example", "s1", KeyKind.ED25519).private_pem)
    view.ask.restore([], "sandbox")
    view.key.form.set_text("selector", selector)
    view.key.compare_file(path)
    qtbot.waitUntil(lambda: view.key.match is not None, timeout=PATIENCE)
    assert words in view.key.notice.sentence


def test_a_file_that_is_no_key_is_said_so(view, tmp_path, qtbot):
    path = tmp_path / "k.pem"
    path.write_bytes(b"hello")
    view.ask.restore([], "sandbox")
    view.key.compare_file(path)
    qtbot.waitUntil(lambda: bool(view.key.notice.sentence), timeout=PATIENCE)
    assert "no private key" in view.key.notice.sentence

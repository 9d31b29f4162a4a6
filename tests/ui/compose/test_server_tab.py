"""The tabs Server and TLS: offers side by side, what is used, every sign-in, the chain."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailgui.smtp.auth_probe import Attempt
from mailgui.smtp.uses import Use, Using
from mailgui.transcript import CertificateSummary, EhloAnswer, TlsSummary
from mailgui.ui.compose.server_view import ServerView
from mailgui.ui.compose.tls_view import TlsView
from mailgui.ui.compose.wrapped_table import BELOW_ROLE
from mailgui.ui.tokens import Tone

BEFORE = EhloAnswer(False, "mx", {"STARTTLS": (), "SIZE": ("1000",), "AUTH": ("LOGIN",)})
INSIDE = EhloAnswer(True, "mx", {"SIZE": ("1000",), "AUTH": ("PLAIN",), "X-<b>ODD": ("<i>",)})
NOW = datetime.now(UTC)


def certificate(name, issuer, *, begins=-30, ends=60, **changes):
    made = CertificateSummary(
        f"CN={name}",
        f"CN={issuer}",
        (name,),
        NOW + timedelta(days=begins),
        NOW + timedelta(days=ends, hours=12),
        "RSA 2048",
        "sha256WithRSAEncryption",
        "1",
        "ab" * 32,
        der=name.encode(),
    )
    return replace(made, **changes)


LEAF, MIDDLE = certificate("mx.example", "Middle"), certificate("Middle", "Root")
ROOT = certificate("Root", "Root", ends=3000)


def summary(*chain, **changes):
    return replace(
        TlsSummary("TLSv1.3", "TLS_AES_256_GCM_SHA384", True, "mx.example", chain=chain), **changes
    )


def test_before_and_inside_tls_stand_side_by_side(show):
    view = show(ServerView())
    view.show_answers((BEFORE, INSIDE))
    model = view.model
    texts = {
        model.index(row, 0).data(): [model.index(row, column).data() for column in (1, 2)]
        for row in range(model.rowCount())
    }
    assert texts["STARTTLS"] == ["offered", "− gone"]
    assert texts["AUTH"] == ["LOGIN", "± PLAIN"]
    assert texts["X-<b>ODD"] == ["–", "+ <i>"]
    assert not view.table.isColumnHidden(1)
    assert sum(view.table.columnWidth(c) for c in range(4)) <= view.table.viewport().width()


def test_a_single_answer_has_a_single_column(show):
    view = show(ServerView())
    view.show_answers((INSIDE,))
    assert view.table.isColumnHidden(1)
    assert not view.table.isColumnHidden(2)


def test_with_little_room_one_column_says_it_all(show):
    view = show(ServerView(), width=360)
    view.show_answers((BEFORE, INSIDE))
    assert view.table.isColumnHidden(1)
    assert view.table.isColumnHidden(2)
    texts = [view.model.index(row, 3).data() for row in range(view.model.rowCount())]
    assert any(text.startswith("before TLS: LOGIN · inside TLS: ± PLAIN\n") for text in texts)


def test_what_is_used_stands_below_what_it_means(show):
    view = show(ServerView())
    view.show_answers((BEFORE, INSIDE))
    heights = [view.table.rowHeight(row) for row in range(view.model.rowCount())]
    view.show_uses(view.model.answers, {"SIZE": Use(Using.YES, "Will announce 5 octets")})
    size = next(n for n, row in enumerate(view.model.rows) if row.keyword == "SIZE")
    assert view.model.index(size, 3).data(BELOW_ROLE) == "✓ Will announce 5 octets"
    assert view.table.rowHeight(size) > heights[size]
    view.show_uses((BEFORE,), {"SIZE": Use(Using.NO, "of another conversation")})
    assert "another" not in view.model.rows[size].use


def test_after_a_send_the_table_tells_what_was_used(desk):
    desk.send()
    model = desk.exchange.server.model
    desk.qtbot.waitUntil(lambda: any(row.use for row in model.rows), timeout=10_000)
    uses = {row.keyword: row.use for row in model.rows}
    mail = next(line for line in desk.lines() if line.startswith("MAIL FROM"))
    octets = mail.partition("SIZE=")[2].split()[0]
    assert f"(SIZE={octets})" in uses["SIZE"]
    assert "PLAIN, the strongest of 2" in uses["AUTH"]
    assert uses["STARTTLS"].startswith("✓ TLS begins")
    signing = [line for line in desk.lines() if line.startswith("Signing in with PLAIN, of")]
    assert len(signing) == 1


def test_every_sign_in_is_tried_from_the_server_tab(desk):
    desk.send(testing=True)
    view = desk.exchange.server
    desk.exchange.choose("server")
    view.show_part("sign-ins")
    view.sign_ins.start_asked.emit()
    desk.qtbot.waitUntil(lambda: not desk.page.tools.probing, timeout=20_000)
    results = {result.name: result for result in view.sign_ins.model.results}
    assert results["PLAIN"].attempt is Attempt.ACCEPTED
    assert results["PLAIN"].automatic
    assert results["XOAUTH2"].attempt is Attempt.NOT_TRIED
    assert view.sign_ins.notice.sentence == "2 of 2 ways to sign in accepted: PLAIN, LOGIN."
    assert view.sign_ins.notice.tone is Tone.PASS
    row = next(n for n, r in enumerate(view.sign_ins.model.results) if r.name == "PLAIN")
    texts = [view.sign_ins.model.index(row, column).data() for column in range(4)]
    assert texts[:3] == ["PLAIN", "yes", "✓ accepted"]
    assert texts[3].endswith("The automatic choice: it is the simplest way to send the password.")
    sandbox = desk.sandbox()
    assert sandbox.password not in repr(results)
    desk.page.resize(760, 744)  # with little room the reason stands below what came of it
    desk.qtbot.waitUntil(lambda: view.sign_ins.model.narrow)
    why = view.sign_ins.model.index(row, 3)
    assert why.data() == "✓ accepted"
    assert why.data(BELOW_ROLE) == texts[3]
    assert view.sign_ins.table.isColumnHidden(2)


def test_the_probe_goes_into_the_history(desk):
    desk.page.tools.try_sign_ins()
    desk.qtbot.waitUntil(lambda: not desk.page.tools.probing, timeout=20_000)
    report = desk.page.tools.probe
    kept = desk.page._bridge.worker.submit(
        desk.services.history.get, report.probe.transcript.id
    ).result(10)
    assert kept.transcript.title == "Sandbox SMTP (every sign-in)"


def test_a_probe_can_be_cancelled(desk):
    desk.page.tools.try_sign_ins()
    desk.exchange.server.sign_ins.stop_asked.emit()
    desk.qtbot.waitUntil(lambda: not desk.page.tools.probing, timeout=20_000)
    assert desk.exchange.server.sign_ins.again.isEnabled()


def test_the_chain_is_a_tree_with_the_server_at_its_foot(show):
    view = show(TlsView())
    view.show_tls(summary(LEAF, MIDDLE, ROOT, alpn="smtp", key_exchange="X25519", resumed=True))
    model = view.tree.model()
    root = model.index(0, 0)
    middle = model.index(0, 0, root)
    leaf = model.index(0, 0, middle)
    assert root.data() == "Root · root"
    assert middle.data() == "Middle · intermediate"
    assert leaf.data() == "mx.example · server"
    assert model.index(0, 1, middle).data() == "60 days left"
    assert view.tree.current is LEAF
    facts = dict(view.facts.facts)
    assert facts["Key exchange"] == "X25519"
    assert facts["ALPN"] == "smtp"
    assert facts["Session"] == "resumed from an earlier one"
    assert dict(view.card.facts.facts)["Subject"] == "CN=mx.example"
    view.tree.setCurrentIndex(root)
    assert dict(view.card.facts.facts)["Subject"] == "CN=Root"
    assert view.card.fault == ""


@pytest.mark.parametrize("place", [0, 1])
def test_the_fault_stands_on_the_very_certificate(show, place):
    view = show(TlsView())
    chain = [LEAF, MIDDLE]
    chain[place] = replace(chain[place], not_after=NOW - timedelta(days=3))
    sentence = "It expired on a day."
    view.show_tls(summary(*chain, verified=False, fault=sentence, fault_at=place))
    assert view.verdict.tone is Tone.BROKEN
    assert view.tree.current is chain[place]
    assert view.card.fault == f"✕ {sentence}"
    assert dict(view.card.facts.facts)["Valid"].endswith("(expired 3 days ago)")
    view.tree.choose(1 - place)
    assert view.card.fault == ""


def test_a_certificate_and_its_chain_are_saved_as_pem(desk, monkeypatch, tmp_path):
    desk.send()
    target = tmp_path / "saved.pem"
    monkeypatch.setattr("mailgui.ui.dialogs.save_file", lambda *_args: (target, "PEM (*.pem)"))
    tls = desk.exchange.tls
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000):
        tls.card._save.click()
    assert ssl.PEM_cert_to_DER_cert(target.read_text()) == tls.card.certificate.der
    with desk.qtbot.waitSignal(desk.page.saving.done, timeout=10_000):
        tls.save_chain.click()
    assert target.read_text().count("BEGIN CERTIFICATE") == len(tls.tree.chain) == 2


def test_a_refused_handshake_shows_its_chain_and_the_fault(desk):
    from mailgui.smtp.settings import SmtpSettings, TlsMode
    from mailgui.store.profile import Profile

    desk.send(testing=True)
    place = desk.sandbox().smtp
    settings = SmtpSettings(place.host, place.port, tls=TlsMode.STARTTLS)
    desk.services.profiles.add(Profile("Stranger", settings))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Stranger") is not None, timeout=10_000)
    desk.use("Stranger")
    desk.send(testing=True)
    tls = desk.exchange.tls
    assert desk.transcript().tls.fault_at is not None
    assert tls.tree.current is desk.transcript().tls.chain[desk.transcript().tls.fault_at]
    assert tls.card.fault

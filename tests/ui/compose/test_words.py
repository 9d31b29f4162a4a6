"""The parts without a window: stamps, capabilities, actions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailgui.findings import Finding, Severity
from mailgui.message.draft import Address, Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import CertificateSummary, EhloAnswer, Kind, Outcome, Stage, Transcript
from mailgui.ui.compose.capabilities import Change, rows
from mailgui.ui.compose.stamp import Stamp
from mailgui.ui.compose.tls_view import validity
from mailgui.ui.compose.words import Action, action_for

RELAY = Profile("Relay", SmtpSettings("mail.example.com", 587))


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@example.com", "example.com"),
        ("a@bücher.example", "xn--bcher-kva.example"),
        ("a@", "localhost"),
        ("nothing", "localhost"),
        ("a@b c", "localhost"),
    ],
)
def test_a_stamp_belongs_to_the_senders_domain(address, domain):
    stamped = Stamp().put_on(Draft(sender=Address(address)))
    assert stamped.message_id.endswith(f"@{domain}>")
    assert stamped.date.tzinfo is not None


def test_a_stamp_keeps_what_the_draft_says_itself():
    own = datetime(2026, 1, 1, tzinfo=UTC)
    draft = Draft(message_id="<own@example.com>", date=own)
    assert Stamp().put_on(draft) == draft


def test_an_old_stamp_gets_a_new_date_and_keeps_its_id():
    old = replace(Stamp(), date=datetime.now(UTC) - timedelta(minutes=5))
    fresh = old.refreshed()
    assert fresh.token == old.token
    assert fresh.date > old.date
    assert fresh.refreshed() is fresh


def test_capabilities_before_and_inside_tls_stand_side_by_side():
    before = EhloAnswer(False, "x", {"STARTTLS": (), "SIZE": ("1000000",), "AUTH": ("LOGIN",)})
    after = EhloAnswer(True, "x", {"SIZE": ("1000000",), "AUTH": ("PLAIN",), "X-ODD": ("a", "b")})
    found = {row.keyword: row for row in rows((before, after))}
    assert (found["STARTTLS"].before, found["STARTTLS"].inside) == ("offered", "− gone")
    assert found["STARTTLS"].change is Change.REMOVED
    assert found["SIZE"].before == found["SIZE"].inside == "1000000 (1 MB)"
    assert (found["AUTH"].before, found["AUTH"].inside) == ("LOGIN", "± PLAIN")
    assert (found["X-ODD"].before, found["X-ODD"].inside) == ("–", "+ a b")
    assert "registered" in found["X-ODD"].meaning


def test_a_server_that_offers_thousands_of_things_is_bounded():
    answer = EhloAnswer(True, "x", {f"X{n}": () for n in range(5000)})
    assert len(rows((answer,))) == 500


def transcript(outcome=Outcome.REFUSED, stage=Stage.MESSAGE, fault=None):
    return Transcript(
        "1", Kind.SMTP, datetime.now(UTC), "Relay", "x:25", outcome, stage=stage, fault=fault
    )


@pytest.mark.parametrize(
    ("stage", "finding", "fault", "action"),
    [
        (Stage.MESSAGE, "enhanced.policy.spf_failed", None, Action.CHECK_DOMAIN),
        (Stage.MESSAGE, "google.dmarc", None, Action.CHECK_DOMAIN),
        (Stage.RECEIVE, "api.sender", None, Action.CHECK_DOMAIN),
        (Stage.AUTH, "smtp.auth.rejected", None, Action.ENTER_SECRET),
        (Stage.RECEIVE, "api.authentication", None, Action.ENTER_SECRET),
        (Stage.CONNECT, "net.refused", "refused", Action.OPEN_PROFILE),
        (Stage.DNS, "net.name_not_found", "name_not_found", Action.OPEN_PROFILE),
        (Stage.TLS, "tls.plaintext_peer", "tls_plaintext_peer", Action.OPEN_PROFILE),
        (Stage.RCPT, "smtp.rcpt.refused", None, None),
        (Stage.MESSAGE, "relay.sendgrid.unauthenticated", None, None),
    ],
)
def test_the_banner_offers_what_helps(stage, finding, fault, action):
    findings = (Finding(finding, Severity.BROKEN, "x"),)
    offered = action_for(transcript(stage=stage, fault=fault), findings, RELAY, "example.com")
    assert (offered[0] if offered else None) is action


def test_nothing_is_offered_after_a_success():
    assert action_for(transcript(Outcome.ACCEPTED), (), RELAY, "example.com") is None


def test_validity_says_how_it_lies_to_today():
    now = datetime(2026, 6, 1, tzinfo=UTC)
    certificate = CertificateSummary(
        "CN=a", "CN=b", (), now - timedelta(days=30), now + timedelta(days=60), "", "", "", ""
    )
    assert validity(certificate, now).endswith("(60 days left)")
    assert validity(certificate, now + timedelta(days=61)).endswith("(expired 1 day ago)")
    assert validity(certificate, now - timedelta(days=31)).endswith("(not yet)")

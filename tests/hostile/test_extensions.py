"""Extensions asked for: used where offered, and where not, said or refused, never dropped."""

from datetime import UTC, datetime, timedelta

import pytest

from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import TlsMode
from mailgui.smtp.steps import Greeting
from mailgui.smtp.wanted import DeliverBy, Wanted
from mailgui.transcript import Direction, Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearOctets,
    Octets,
    Say,
    Tls,
    envelope,
    hello,
    play,
    play_many,
)


def remarks(transcript):
    return [event.text for event in transcript.events if event.direction is Direction.INFO]


def mail_line(server):
    return next(line for line in server.lines if line.startswith("MAIL"))


@pytest.mark.parametrize(
    ("wanted", "offer", "parameter"),
    [
        (Wanted(priority=-3), "MT-PRIORITY MIXER", "MT-PRIORITY=-3"),
        (Wanted(deliver_by=DeliverBy(120)), "DELIVERBY", "BY=120;N"),
        (Wanted(deliver_by=DeliverBy(600, give_back=True, trace=True)), "DELIVERBY 240",
         "BY=600;RT"),
        (Wanted(hold_for=3600), "FUTURERELEASE 86400 2027-01-01T00:00:00Z", "HOLDFOR=3600"),
    ],
)  # fmt: skip
def test_used_where_offered(wanted, offer, parameter):
    script = [*hello(offer), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, plan=Plan(wanted=wanted))
    assert transcript.outcome is Outcome.ACCEPTED
    assert mail_line(server) == f"MAIL FROM:<a@good.example> {parameter}"


def test_hold_until_goes_out_in_utc():
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    script = [*hello("FUTURERELEASE 86400"), *envelope(), *TAKEN, *GOODBYE]
    _, server = play(script, plan=Plan(wanted=Wanted(hold_until=until)))
    assert mail_line(server).endswith(f"HOLDUNTIL={until:%Y-%m-%dT%H:%M:%S}Z")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(priority=3), "does not offer MT-PRIORITY: the message is sent without"),
        (Wanted(deliver_by=DeliverBy(120)), "does not offer DELIVERBY: the message is sent"),
    ],
)
def test_sent_without_and_said(wanted, words):
    script = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, plan=Plan(wanted=wanted))
    assert transcript.outcome is Outcome.ACCEPTED
    assert mail_line(server) == "MAIL FROM:<a@good.example>"
    assert any(words in remark for remark in remarks(transcript))


@pytest.mark.parametrize(
    ("wanted", "offers", "fault"),
    [
        (Wanted(require_tls=True), (), "requiretls_not_offered"),
        (Wanted(require_tls=True), ("REQUIRETLS",), "requiretls_without_tls"),
        (Wanted(hold_for=60), (), "futurerelease_not_offered"),
        (Wanted(hold_for=600), ("FUTURERELEASE 60",), "futurerelease_too_long"),
        (Wanted(deliver_by=DeliverBy(60, give_back=True)), (), "deliverby_not_offered"),
        (Wanted(deliver_by=DeliverBy(60, give_back=True)), ("DELIVERBY 240",),
         "deliverby_too_short"),
        (Wanted(binary=True), ("CHUNKING",), "binarymime_not_offered"),
        (Wanted(binary=True), ("BINARYMIME",), "binarymime_not_offered"),
    ],
)  # fmt: skip
def test_not_sent_where_it_would_not_be_what_was_asked(wanted, offers, fault):
    transcript, server = play([*hello(*offers), *GOODBYE], plan=Plan(wanted=wanted))
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.MAIL)
    assert transcript.fault == fault
    assert transcript.summary.endswith(".")
    assert server.lines[-1] == "QUIT"
    assert not any(line.startswith("MAIL") for line in server.lines)


def test_requiretls_inside_verified_tls(certified):
    script = [
        *[*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello("REQUIRETLS")[1:]],
        *[*envelope(), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(
        script,
        plan=Plan(wanted=Wanted(require_tls=True)),
        context=certified.context,
        tls=TlsMode.STARTTLS,
        tls_ca=certified.ca_file,
    )
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert mail_line(server).endswith(" REQUIRETLS")


def test_requiretls_is_not_fooled_by_unverified_tls(certified):
    script = [
        *[*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello("REQUIRETLS")[1:]],
        *GOODBYE,
    ]
    transcript, _ = play(
        script,
        plan=Plan(wanted=Wanted(require_tls=True)),
        context=certified.context,
        tls=TlsMode.STARTTLS,
        tls_verify=False,
    )
    assert transcript.fault == "requiretls_without_tls"


def test_binarymime_sends_the_octets_as_they_are():
    octets = b"Subject: x\r\n\r\n.\nbare\rline\0ends\n..\r\n.\r\nno end"
    script = [
        *[*hello("CHUNKING", "BINARYMIME"), *envelope()],
        *[Hear(f"BDAT {len(octets)} LAST"), HearOctets(len(octets)), Say("250 Ok"), *GOODBYE],
    ]
    transcript, server = play(
        script, Octets(octets, needs_8bitmime=True), plan=Plan(wanted=Wanted(binary=True))
    )
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert server.data == [octets]
    assert mail_line(server).endswith(" BODY=BINARYMIME")


def test_lmtp_by_bdat_has_a_fate_for_each_recipient():
    message = Octets(recipients=("b@good.example", "c@good.example"))
    script = [
        *[Say("220 lmtp"), Hear("LHLO"), Say(b"250-lmtp\r\n250 CHUNKING\r\n"), *envelope(2)],
        *[Hear("BDAT"), HearOctets(message.size)],
        *[Say(b"250 2.1.5 Saved\r\n552 5.2.2 Full\r\n"), *GOODBYE],
    ]
    plan = Plan(greeting=Greeting.LHLO, chunking=True)
    transcript, server = play(script, message, plan=plan)
    assert not server.problems
    assert [r.outcome for r in transcript.recipients] == [Outcome.ACCEPTED, Outcome.REFUSED]


def test_an_account_that_speaks_lmtp_is_greeted_so():
    script = [Say("220 lmtp"), Hear("LHLO me"), Say("250 lmtp"), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, lmtp=True)
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems


# LIMITS (RFC 9422), in a single session.

FIVE = Octets(
    recipients=("a@one.example", "b@one.example", "c@two.example", "d@two.example", "e@two.example")
)


def test_recipients_over_rcptmax_go_in_further_transactions():
    script = [
        *hello("LIMITS RCPTMAX=2"),
        *[*envelope(2), *TAKEN, *envelope(2), *TAKEN, *envelope(1), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(script, FIVE)
    assert not server.problems
    assert transcript.outcome is Outcome.ACCEPTED
    assert "all 5 recipients, in several transactions" in transcript.summary
    assert [r.address for r in transcript.recipients] == list(FIVE.recipients)
    assert {r.outcome for r in transcript.recipients} == {Outcome.ACCEPTED}
    assert len(server.data) == 3


def test_rcptdomainmax_parts_the_domains():
    script = [
        *hello("LIMITS RCPTDOMAINMAX=1"),
        *[*envelope(2), *TAKEN, *envelope(3), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(script, FIVE)
    assert not server.problems
    assert transcript.outcome is Outcome.ACCEPTED


def test_mailmax_leads_to_a_further_connection():
    first = [*hello("LIMITS MAILMAX=2 RCPTMAX=2")]
    scripts = [
        [*first, *envelope(2), *TAKEN, *envelope(2), *TAKEN, *GOODBYE],
        [*first, *envelope(1), *TAKEN, *GOODBYE],
    ]
    transcript, server = play_many(scripts, FIVE)
    assert not server.problems
    assert (transcript.outcome, server.connections) == (Outcome.ACCEPTED, 2)


def test_a_refused_portion_costs_the_others_nothing():
    script = [
        *hello("LIMITS RCPTMAX=2"),
        *[Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("550 5.1.1 No"), Hear("RCPT"),
          Say("550 5.1.1 No"), Hear("RSET"), Say("250 Ok")],
        *[*envelope(2), *TAKEN, *envelope(1), *TAKEN, *GOODBYE],
    ]  # fmt: skip
    transcript, server = play(script, FIVE)
    assert not server.problems
    assert transcript.outcome is Outcome.PARTIAL
    refused, accepted = [Outcome.REFUSED] * 2, [Outcome.ACCEPTED] * 3
    assert [r.outcome for r in transcript.recipients] == refused + accepted


def test_a_connection_lost_between_portions_leaves_the_first_ones_accepted():
    script = [*hello("LIMITS RCPTMAX=2"), *envelope(2), *TAKEN, Hear("MAIL")]
    transcript, _ = play(script, FIVE)
    assert transcript.outcome is Outcome.PARTIAL
    assert "accepted the message for 2 of 5 recipients by then" in transcript.summary
    assert [r.outcome for r in transcript.recipients] == [
        *[Outcome.ACCEPTED] * 2,
        *[Outcome.FAILED] * 3,
    ]


def test_a_connection_lost_after_the_dot_of_a_later_portion_is_in_doubt():
    script = [*hello("LIMITS RCPTMAX=4"), *envelope(4), *TAKEN, *envelope(1), *TAKEN[:3]]
    transcript, _ = play(script, FIVE)
    assert transcript.outcome is Outcome.UNKNOWN
    assert [r.outcome for r in transcript.recipients] == [
        *[Outcome.ACCEPTED] * 4,
        Outcome.UNKNOWN,
    ]

"""smtp-sink takes mail, or refuses it where it is told to."""

import asyncio
import smtplib

import pytest

from mailgui.findings.diagnose import diagnose
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import send
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder, Stage
from tests.support.hostile import Octets

OCTETS = Octets()
NORMAL = Plan()


def test_it_takes_mail(start_sink):
    sink = start_sink()
    with smtplib.SMTP(sink.host, sink.port, timeout=20) as client:
        assert (
            client.sendmail("a@sender.example", ["b@inbox.example"], b"Subject: x\r\n\r\nx\r\n")
            == {}
        )


def test_it_refuses_where_told(start_sink):
    sink = start_sink("-f", "RCPT")
    with smtplib.SMTP(sink.host, sink.port, timeout=20) as client:
        client.ehlo()
        client.mail("a@sender.example")
        assert client.rcpt("b@inbox.example")[0] == 500


def test_two_run_side_by_side_and_both_end(start_sink):
    first, second = start_sink(), start_sink()
    assert first.port != second.port
    first.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(first.host, first.port, timeout=5)
    with smtplib.SMTP(second.host, second.port, timeout=5) as client:
        assert client.noop()[0] == 250


PLACES = {
    "CONNECT": Stage.BANNER,
    "MAIL": Stage.MAIL,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    ".": Stage.MESSAGE,
}
KINDS = {
    "-f": (Outcome.REFUSED, 5, None),  # a hard refusal
    "-r": (Outcome.TEMPORARY, 4, None),  # a soft one
    "-Q": (Outcome.TEMPORARY, 4, None),  # 421, and the end
    "-q": (Outcome.FAILED, None, "lost"),  # the end without a word
}


def send_to(sink, octets=OCTETS, plan=NORMAL, **options):
    settings = SmtpSettings(sink.host, sink.port, tls=TlsMode.NONE, **{"timeout": 20, **options})
    recorder = Recorder(Kind.SMTP)
    return asyncio.run(send(settings, octets, plan=plan, password=None, recorder=recorder))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_its_faults_at_each_command(start_sink, kind, place):
    transcript = send_to(start_sink(kind, place))
    outcome, digit, fault = KINDS[kind]
    if (kind, place) == ("-q", "."):
        outcome = Outcome.UNKNOWN
    assert (transcript.outcome, transcript.stage) == (outcome, PLACES[place])
    assert (transcript.reply.code // 100 if transcript.reply else None) == digit
    assert transcript.fault == fault
    assert transcript.recipients[0].outcome is outcome
    assert diagnose(transcript)
    if kind == "-Q":
        assert transcript.reply.code == 421


@pytest.mark.parametrize("kind", ["-f", "-r", "-Q", "-q"])
def test_its_faults_at_ehlo(start_sink, kind):
    transcript = send_to(start_sink(kind, "EHLO"))
    expected = Outcome.ACCEPTED if kind == "-f" else KINDS[kind][0]  # by HELO then
    assert transcript.outcome is expected


@pytest.mark.parametrize("kind", KINDS)
def test_its_faults_at_quit_spoil_nothing(start_sink, kind):
    assert send_to(start_sink(kind, "QUIT")).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("delay", ["0", "1"])
def test_one_that_refuses_in_the_middle_of_the_message(start_sink, delay, pipelining):
    big = Octets(b"0123456789abcdef0123456789abcd\r\n" * (1 << 20))
    transcript = send_to(start_sink("-A", delay), big, Plan(pipelining=pipelining))
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.MESSAGE)
    assert transcript.reply.code == 550


@pytest.mark.parametrize("options", [("-e",), ("-p",), ("-P",), ("-8", "-E", "-N")])
def test_one_that_knows_less(start_sink, options):
    assert send_to(start_sink(*options)).outcome is Outcome.ACCEPTED


def test_lmtp(start_sink):
    two = Octets(recipients=("b@good.example", "c@good.example"))
    transcript = send_to(start_sink("-L"), two, lmtp=True)
    assert transcript.outcome is Outcome.ACCEPTED
    assert [r.reply.code for r in transcript.recipients] == [250, 250]


def test_one_that_lingers(start_sink):
    transcript = send_to(start_sink("-H", "1"), timeout=20)
    assert transcript.outcome is Outcome.ACCEPTED
    assert max(p.duration for p in transcript.phases if p.name == "message") >= 1


def test_many_messages_to_one_that_refuses_the_message(start_sink):
    sink = start_sink("-r", ".")
    settings = SmtpSettings(sink.host, sink.port, tls=TlsMode.NONE)
    result = asyncio.run(
        send_bulk(
            settings,
            lambda _: OCTETS,
            count=20,
            connections=2,
            plan=NORMAL,
            password=None,
            recorder=Recorder(Kind.SMTP),
        )
    )
    assert result.outcomes == {Outcome.TEMPORARY: 20}

"""swaks' exit codes for swaks' situations."""

import pytest

from mailgui.smtp.exit_codes import exit_code
from mailgui.transcript import Kind, Outcome, Phase, Recorder, Stage


def code(outcome, stage=None, fault=None, phases=()):
    recorder = Recorder(Kind.SMTP)
    for name in phases:
        recorder.add_phase(Phase(name, 0, 0))
    return exit_code(recorder.finish(outcome, stage=stage, fault=fault))


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.PARTIAL, Outcome.COMPLETED])
def test_good(outcome):
    assert code(outcome, Stage.MESSAGE) == 0


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.DNS, 2),
        (Stage.CONNECT, 2),
        (Stage.BANNER, 21),
        (Stage.EHLO, 22),
        (Stage.MAIL, 23),
        (Stage.RCPT, 24),
        (Stage.DATA, 25),
        (Stage.MESSAGE, 26),
        (Stage.QUIT, 27),
        (Stage.AUTH, 28),
        (Stage.STARTTLS, 29),
        (Stage.TLS, 29),
        (Stage.SEND, 26),
        (Stage.WAIT, 26),
        (Stage.RECEIVE, 26),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.TEMPORARY, Outcome.FAILED])
def test_by_stage(outcome, stage, expected):
    assert code(outcome, stage) == expected


def test_the_others():
    assert code(Outcome.FAILED, Stage.MAIL, "lost") == 6
    assert code(Outcome.UNKNOWN, Stage.MESSAGE, "reset") == 6
    assert code(Outcome.UNKNOWN, Stage.MESSAGE, "timed_out") == 26
    assert code(Outcome.FAILED, Stage.TLS, "lost") == 29
    assert code(Outcome.FAILED, Stage.CONNECT, "reset") == 2
    assert code(Outcome.REFUSED, Stage.EHLO, phases=["ehlo", "starttls", "tls", "ehlo"]) == 32
    assert code(Outcome.FAILED, Stage.RCPT, "no_recipients") == 64
    assert code(Outcome.CANCELLED, Stage.MAIL) == 130


@pytest.mark.parametrize(
    ("phases", "failed", "expected"),
    [
        (["ehlo", "xclient"], "xclient", 33),
        (["ehlo", "xclient", "ehlo"], "ehlo", 34),
        (["ehlo", "xclient", "ehlo", "starttls", "tls", "ehlo"], "", 32),
        (["ehlo", "starttls", "tls", "ehlo", "xclient", "ehlo"], "", 34),
        (["proxy"], "proxy", 36),
    ],
)
def test_posing_and_proxies(phases, failed, expected):
    recorder = Recorder(Kind.SMTP)
    for place, name in enumerate(phases):
        last = place == len(phases) - 1
        recorder.add_phase(Phase(name, 0, 0, failed=last and name == failed))
    stage = Stage.CONNECT if failed == "proxy" else Stage.EHLO
    assert exit_code(recorder.finish(Outcome.REFUSED, stage=stage)) == expected


def test_a_key_that_an_api_refuses_is_a_sign_in_that_failed():
    assert code(Outcome.REFUSED, Stage.RECEIVE, "api.authentication") == 28
    assert code(Outcome.REFUSED, Stage.RECEIVE, "api.sender") == 26

"""Plans as steps."""

import pytest

from mailgui.smtp.plan import Plan, connection_test
from mailgui.smtp.settings import TlsMode
from mailgui.smtp.steps import (
    Authenticate,
    Banner,
    Connect,
    Deliver,
    Drop,
    Greet,
    Handshake,
    Quit,
    StartTls,
)
from mailgui.transcript import Stage


def kinds(plan, tls=TlsMode.STARTTLS, *, sign_in=True, deliver=True):
    return [type(step) for step in plan.walk(tls, sign_in=sign_in, deliver=deliver)]


def test_a_normal_send():
    assert kinds(Plan()) == [
        *[Connect, Banner, Greet, StartTls, Handshake, Greet, Authenticate, Deliver, Quit]
    ]
    assert kinds(Plan(), TlsMode.IMPLICIT, sign_in=False) == [
        *[Connect, Handshake, Banner, Greet, Deliver, Quit]
    ]
    assert kinds(Plan(), TlsMode.NONE) == [Connect, Banner, Greet, Authenticate, Deliver, Quit]


@pytest.mark.parametrize(
    ("tls", "stop", "last"),
    [
        (TlsMode.STARTTLS, Stage.CONNECT, [Connect, Drop]),
        (TlsMode.STARTTLS, Stage.EHLO, [Greet, Quit]),
        (TlsMode.STARTTLS, Stage.STARTTLS, [StartTls, Drop]),
        (TlsMode.STARTTLS, Stage.TLS, [Handshake, Quit]),
        (TlsMode.STARTTLS, Stage.AUTH, [Authenticate, Quit]),
        (TlsMode.STARTTLS, Stage.DATA, [Deliver, Drop]),
        (TlsMode.STARTTLS, Stage.QUIT, [Deliver, Quit]),
        (TlsMode.IMPLICIT, Stage.TLS, [Handshake, Drop]),
        (TlsMode.IMPLICIT, Stage.STARTTLS, [Greet, Quit]),
        (TlsMode.IMPLICIT, Stage.BANNER, [Banner, Quit]),
        (TlsMode.NONE, Stage.TLS, [Greet, Quit]),
        (TlsMode.NONE, Stage.DNS, [Connect, Drop]),
    ],
)
def test_stop_points(tls, stop, last):
    assert kinds(Plan(stop_after=stop), tls)[-2:] == last


def test_stop_after_rcpt_delivers_no_further():
    *_, deliver, _ = Plan(stop_after=Stage.RCPT).walk(TlsMode.NONE, sign_in=False, deliver=True)
    assert deliver == Deliver(until=Stage.RCPT)


def test_connection_test_never_delivers():
    assert Deliver not in kinds(connection_test())
    assert kinds(connection_test(), sign_in=False)[-2:] == [Greet, Quit]


def test_an_experts_own_order():
    own = (Connect(), Banner(), Quit())
    assert Plan(steps=own).walk(TlsMode.STARTTLS, sign_in=True, deliver=True) == own


def test_stages_of_http_are_refused():
    with pytest.raises(ValueError, match="no stage of an SMTP dialogue"):
        Plan(stop_after=Stage.WAIT)

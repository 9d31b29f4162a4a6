"""What is foretold about a server's offers is what the engine then does."""

from datetime import UTC, datetime

import pytest

from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.faults import SmtpFault
from mailgui.smtp.parameters import parameters_for
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import XClient
from mailgui.smtp.uses import Circumstances, MessageFacts, Using, uses
from mailgui.smtp.wanted import DeliverBy, DsnRequest, Wanted
from mailgui.transcript import EhloAnswer
from tests.support.hostile import Octets

ACCOUNT = SmtpSettings("mx.example", 587, tls=TlsMode.STARTTLS, username="ann")
MESSAGE = MessageFacts(12345)


NORMAL = Plan()


def told(keyword, *parameters, plan=NORMAL, message=MESSAGE, account=ACCOUNT, can_bind=True):
    answer = EhloAnswer(True, "mx", {keyword: parameters})
    return uses(answer, Circumstances(account, plan, message, can_bind))[keyword]


def test_size_names_the_octets():
    use = told("SIZE", "1000000")
    assert (use.using, use.words) == (Using.YES, "Will announce 12,345 octets (SIZE=12345)")
    assert told("SIZE", "100").using is Using.PREVENTS
    assert told("SIZE", message=None).using is Using.YES
    assert told("SIZE", plan=Plan(use=frozenset())).words == "Turned off"


def test_chunking_is_off_unless_asked_for():
    assert told("CHUNKING").words == "Turned off: the message goes by DATA"
    assert told("CHUNKING", plan=Plan(chunking=True)).using is Using.YES


@pytest.mark.parametrize(
    ("account", "offered", "can_bind", "words"),
    [
        (ACCOUNT, ("PLAIN", "SCRAM-SHA-256-PLUS"), True, "SCRAM-SHA-256-PLUS, the strongest of 2"),
        (ACCOUNT, ("PLAIN", "SCRAM-SHA-256-PLUS"), False, "needs channel binding"),
        (ACCOUNT, ("PLAIN",), True, "PLAIN; it is the simplest way"),
        (ACCOUNT, ("NTLM",), True, "Cannot sign in"),
        (SmtpSettings("mx", username="ann", auth="LOGIN"), ("LOGIN",), True, "as the profile says"),
        (SmtpSettings("mx", username="ann", auth="LOGIN"), ("PLAIN",), True, "is not offered"),
        (SmtpSettings("mx"), ("PLAIN",), True, "no user name"),
    ],
)
def test_auth_tells_the_mechanism_and_why(account, offered, can_bind, words):
    assert words in told("AUTH", *offered, account=account, can_bind=can_bind).words


@pytest.mark.parametrize(
    ("mode", "using"),
    [
        (TlsMode.NONE, Using.NO),
        (TlsMode.OPPORTUNISTIC, Using.YES),
        (TlsMode.STARTTLS, Using.YES),
        (TlsMode.IMPLICIT, Using.NO),
    ],
)
def test_starttls_by_the_accounts_mode(mode, using):
    assert told("STARTTLS", account=SmtpSettings("mx", tls=mode)).using is using


def test_what_nobody_knows_is_not_used():
    assert told("X-UNHEARD-OF").words == "MailGUI does not know it"
    assert told("ETRN").words == "MailGUI has no use for it"


ASKED = {
    "DSN": Plan(dsn=DsnRequest(("FAILURE",), "HDRS")),
    "REQUIRETLS": Plan(wanted=Wanted(require_tls=True)),
    "MT-PRIORITY": Plan(wanted=Wanted(priority=3)),
    "DELIVERBY": Plan(wanted=Wanted(deliver_by=DeliverBy(120))),
    "FUTURERELEASE": Plan(wanted=Wanted(hold_for=60)),
    "BINARYMIME": Plan(wanted=Wanted(binary=True)),
}


@pytest.mark.parametrize("keyword", sorted(ASKED))
def test_what_is_foretold_stands_behind_mail(keyword):
    """Each parameter goes out exactly where its capability is said to be used."""
    offers = Capabilities(EhloAnswer(True, "mx", {keyword: (), "CHUNKING": (), "BINARYMIME": ()}))
    for plan, expected in ((Plan(), Using.NO), (ASKED[keyword], Using.YES)):
        assert told(keyword, plan=plan).using is expected
        made = parameters_for(Octets(), plan, offers, tls=True)
        assert bool(made.mail or made.dsn_rcpt) is (expected is Using.YES)


@pytest.mark.parametrize(("size", "using"), [(10, Using.YES), (1000, Using.PREVENTS)])
def test_a_message_that_is_foretold_to_be_too_big_is_not_sent(size, using):
    offers = Capabilities(EhloAnswer(True, "mx", {"SIZE": ("100",)}))
    assert told("SIZE", "100", message=MessageFacts(size)).using is using
    message = Octets(b"x" * size)
    if using is Using.YES:
        assert parameters_for(message, Plan(), offers).mail == (f"SIZE={size}",)
    else:
        with pytest.raises(SmtpFault):
            parameters_for(message, Plan(), offers)


@pytest.mark.parametrize("needed", [True, False])
def test_eight_bits_and_international_addresses(needed):
    facts = MessageFacts(10, needed, needed)
    message = Octets(needs_smtputf8=needed, needs_8bitmime=needed)
    answer = {"8BITMIME": (), "SMTPUTF8": ()}
    made = parameters_for(message, Plan(), Capabilities(EhloAnswer(True, "mx", answer)))
    for keyword in answer:
        assert (told(keyword, message=facts).using is Using.YES) is needed
    assert bool(made.mail) is needed


def test_posing_and_holding():
    assert told("XCLIENT", plan=Plan(xclient=(XClient((("NAME", "x"),)),))).using is Using.YES
    until = Wanted(hold_until=datetime(2030, 1, 1, tzinfo=UTC))
    assert "2030" in told("FUTURERELEASE", plan=Plan(wanted=until)).words
    assert told("PIPELINING", plan=Plan(pipelining=False)).using is Using.NO
    assert told("LIMITS", "RCPTMAX=5").words == "Kept to: RCPTMAX=5"
    assert told("ENHANCEDSTATUSCODES").using is Using.YES

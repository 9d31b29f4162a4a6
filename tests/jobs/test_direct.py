"""Direct sending: which host is tried next, what DANE and MTA-STS demand, and what is told."""

import asyncio
import hashlib
import ssl

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailgui.jobs.accounts import Account
from mailgui.jobs.direct import recipients_by_domain, send_direct
from mailgui.message.draft import DraftProblem
from mailgui.net.resolver import Resolver
from mailgui.smtp.direct import Policies
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Direction, Outcome, Stage
from tests.support.exchangers import Exchangers, ValidatingServer
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearData,
    Hold,
    Octets,
    Reset,
    Say,
    Tls,
    envelope,
    hello,
)
from tests.support.name_server import NameServer

ONE, TWO, THREE = "127.0.0.2", "127.0.0.3", "127.0.0.4"
ZONE = f"""
good.example MX 10 mx1.good.example.
good.example MX 20 mx2.good.example.
mx1.good.example A {ONE}
mx2.good.example A {TWO}
"""
TAKES = [*hello("SIZE"), *envelope(), *TAKEN, *GOODBYE]
UPGRADE = [*hello("STARTTLS"), Hear("STARTTLS$"), Say("220 2.0.0 Ready"), Tls()]
TAKES_IN_TLS = [*UPGRADE, *hello("SIZE")[1:], *envelope(), *TAKEN, *GOODBYE]
NO_POLICIES = Policies(mta_sts=False, dane=False)


class Pki:
    """A CA, and a server's context for a host's name."""

    def __init__(self, folder):
        self.ca = trustme.CA()
        self.file = str(folder / "ca.pem")
        self.ca.cert_pem.write_to_path(self.file)

    def context(self, *names):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = self.ca.issue_cert(*names)
        issued.configure_cert(context)
        pem = issued.cert_chain_pems[0].bytes()
        key = x509.load_pem_x509_certificate(pem).public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return context, f"3 1 1 {hashlib.sha256(spki).hexdigest()}"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def contexts(pki):
    return {
        ONE: pki.context("mx1.good.example"),
        TWO: pki.context("mx2.good.example"),
        THREE: pki.context("elsewhere.example"),
    }


def run(
    scripts,
    *,
    zone=ZONE,
    names=NameServer,
    context=None,
    message=None,
    policies=NO_POLICIES,
    plan=None,
    policy=None,
    cancel_at_once=False,
    settings=None,
    pki=None,
):
    """Send one message; returns the report, the exchangers and the name server."""

    async def main():
        async with Exchangers(scripts, context) as farm, names(zone.replace("PORT", "25")) as dns:
            text = zone.replace("_PORT.", f"_{farm.port}.")
            dns.zone = type(dns.zone)(text)
            resolver = Resolver(dns.address, timeout=0.5)
            given = {"timeout": 5.0, "helo": "me.example", "tls_ca": pki.file if pki else None}
            account = Account(
                "MX",
                SmtpSettings("", farm.port, **{**given, **(settings or {})}),
                {"password": "x"},
            )
            chosen = policies
            listener = None
            if policy is not None:
                listener = await asyncio.start_server(
                    _policy_server(policy[0]), ssl=policy[1], host="127.0.0.1", port=0
                )
                port = listener.sockets[0].getsockname()[1]
                chosen = Policies(
                    dane=policies.dane, policy_ca=pki.file, policy_address=("127.0.0.1", port)
                )
            cancel = asyncio.Event()
            if cancel_at_once:
                cancel.set()
            try:
                report = await send_direct(
                    account,
                    message or Octets(),
                    plan=plan or Plan(),
                    resolver=resolver,
                    policies=chosen,
                    cancel=cancel,
                )
            finally:
                if listener:
                    listener.close()
                await resolver.close()
            return report, farm, dns

    return asyncio.run(main())


def _policy_server(text):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        body = text.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    return serve


def policy(mode, *mx):
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx), "max_age: 60"]
    return "\r\n".join(lines) + "\r\n"


def told(report):
    return [finding.id for finding in report.findings]


def remarks(report):
    return [event.text for event in report.transcript.with_direction(Direction.INFO)]


# The order of hosts


def test_the_first_exchanger_takes_it():
    report, farm, _ = run({ONE: [TAKES], TWO: [TAKES]})
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 1, TWO: 0}
    assert report.findings == ()
    assert [(t.host, t.address) for t in report.routes[0].tried] == [("mx1.good.example", ONE)]


@pytest.mark.parametrize(
    "first",
    [
        [Say("421 4.3.2 Closing"), Hold()],
        [Say("450 4.3.2 Later"), Hold()],
        [Say("554 5.3.2 No service here"), Hold()],
        [Say("220 hi"), Hear("EHLO"), Say("421 4.3.2 Closing"), Hold()],
        [Say("220 hi"), Hear("EHLO"), Say("451 4.3.2 Not now"), *GOODBYE],
        [Reset()],
        [Say("220 hi"), Hear("EHLO")],
        [*hello(), Hear("MAIL"), Say("421 4.3.2 Closing"), Hold()],
        [*hello(), *envelope(), Hear("DATA"), Say("421 4.3.2 Closing"), Hold()],
        [*hello(), Hear("MAIL")],
        [Say("220 hi"), Hear("EHLO"), Say("xxx what"), Hold()],
    ],
)
def test_the_next_one_is_tried_where_that_may_help(first):
    report, farm, _ = run({ONE: [first], TWO: [TAKES]})
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 1, TWO: 1}
    assert len(farm[TWO].data) == 1
    assert told(report) == ["route.fallen_over"]
    texts = [event.text for event in report.transcript.events]
    assert texts.index("Trying mx1.good.example, preference 10") < texts.index(
        "Trying mx2.good.example, preference 20"
    )


def test_a_host_that_refuses_connections_is_passed_by():
    report, _farm, _ = run({TWO: [TAKES]})
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [t.host for t in report.routes[0].tried] == ["mx1.good.example", "mx2.good.example"]
    assert report.routes[0].tried[0].address == ""


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (
            [*hello(), Hear("MAIL"), Say("250 ok"), Hear("RCPT"), Say("550 5.1.1 No"), *GOODBYE],
            "refused",
        ),
        ([*hello(), Hear("MAIL"), Say("550 5.7.1 No"), *GOODBYE], "refused"),
        (
            [*hello(), Hear("MAIL"), Say("250 ok"), Hear("RCPT"), Say("450 4.2.1 Later"), *GOODBYE],
            "temporary",
        ),
        (
            [
                *hello(),
                *envelope(),
                Hear("DATA"),
                Say("354 go"),
                HearData(),
                Say("554 5.7.1 Spam"),
                *GOODBYE,
            ],
            "refused",
        ),
        ([*hello(), *envelope(), Hear("DATA"), Say("354 go"), HearData()], "unknown"),
    ],
)
def test_a_word_on_the_message_or_the_recipient_is_final(first, outcome):
    report, farm, _ = run({ONE: [first], TWO: [TAKES]})
    assert report.transcript.outcome.value == outcome
    assert farm.connections == {ONE: 1, TWO: 0}


def test_each_address_of_a_host_is_tried_before_the_next_host():
    zone = ZONE + f"mx1.good.example A {THREE}\n"
    away = [Say("421 4.3.2 Closing"), Hold()]
    report, farm, _ = run({ONE: [away], THREE: [away], TWO: [TAKES]}, zone=zone)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 1, THREE: 1, TWO: 1}
    assert {t.address for t in report.routes[0].tried[:2]} == {ONE, THREE}


def test_all_fail_and_the_last_word_stands():
    away = [Say("421 4.3.2 Closing"), Hold()]
    report, _farm, _ = run({ONE: [away], TWO: [away]})
    transcript = report.transcript
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, Stage.BANNER)
    assert transcript.reply.code == 421
    assert [r.outcome for r in transcript.recipients] == [Outcome.TEMPORARY]


def test_an_alias_is_followed():
    zone = "good.example MX 10 mx1.good.example.\nmx1.good.example CNAME a.good.example\n"
    zone += f"a.good.example A {ONE}\n"
    report, _, _ = run({ONE: [TAKES]}, zone=zone)
    assert report.transcript.outcome is Outcome.ACCEPTED


def test_without_mx_records_the_domains_own_address_is_used():
    report, _, _ = run({ONE: [TAKES]}, zone=f"good.example A {ONE}\n")
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.routes[0].tried[0].host == "good.example"


@pytest.mark.parametrize(
    ("zone", "outcome", "finding"),
    [
        ("good.example MX 0 .\n", Outcome.FAILED, "route.null_mx"),
        ("other.example A 127.0.0.1\n", Outcome.FAILED, "route.name_not_found"),
        ("good.example @servfail\n", Outcome.TEMPORARY, "route.name_failed"),
    ],
)
def test_a_domain_without_a_way_to_it(zone, outcome, finding):
    report, farm, _ = run({ONE: [TAKES]}, zone=zone)
    assert (report.transcript.outcome, report.transcript.stage) == (outcome, Stage.DNS)
    assert told(report) == [finding]
    assert farm.connections == {ONE: 0}


def test_a_null_mx_beside_others_is_passed_over():
    report, _, _ = run({ONE: [TAKES], TWO: [TAKES]}, zone=ZONE + "good.example MX 0 .\n")
    assert report.transcript.outcome is Outcome.ACCEPTED


def test_a_server_that_dns_names_gets_no_password():
    script = [*hello("AUTH PLAIN"), *envelope(), *TAKEN, *GOODBYE]
    report, farm, _ = run({ONE: [script]}, settings={"username": "user", "auth": "PLAIN"})
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not [line for line in farm[ONE].lines if line.startswith("AUTH")]


def test_of_endless_exchangers_some_are_tried():
    zone = "".join(f"good.example MX {n} mx{n}.good.example.\n" for n in range(100))
    zone += "".join(f"mx{n}.good.example A {ONE}\n" for n in range(100))
    away = [Say("421 4.3.2 Closing"), Hold()]
    report, farm, _ = run({ONE: [away]}, zone=zone)
    assert report.transcript.outcome is Outcome.TEMPORARY
    assert farm.connections[ONE] == 10


def test_several_domains_are_one_report():
    zone = ZONE + f"other.example MX 5 mx.other.example.\nmx.other.example A {THREE}\n"
    message = Octets(recipients=("b@good.example", "c@other.example", "d@GOOD.example"))
    two = [*hello(), *envelope(2), *TAKEN, *GOODBYE]
    no = [*hello(), Hear("MAIL"), Say("250 ok"), Hear("RCPT"), Say("550 5.1.1 No"), *GOODBYE]
    report, farm, _ = run({ONE: [two], THREE: [no]}, zone=zone, message=message)
    transcript = report.transcript
    assert transcript.outcome is Outcome.PARTIAL
    assert {r.address: r.outcome.value for r in transcript.recipients} == {
        "b@good.example": "accepted",
        "d@GOOD.example": "accepted",
        "c@other.example": "refused",
    }
    assert transcript.reply.code == 550
    assert farm.connections == {ONE: 1, THREE: 1}
    assert [route["domain"] for route in report.to_json_dict()["routes"]] == [
        "good.example",
        "other.example",
    ]


def test_recipients_without_a_domain_are_a_problem_of_the_draft():
    assert list(recipients_by_domain(["a@x.example", "b@X.example"])) == ["x.example"]
    for recipients in ((), ("nobody",)):
        with pytest.raises(DraftProblem):
            recipients_by_domain(recipients)


def test_cancelled_before_it_begins():
    report, farm, _ = run({ONE: [TAKES]}, cancel_at_once=True, policies=Policies())
    assert report.transcript.outcome is Outcome.CANCELLED
    assert farm.connections == {ONE: 0}


def test_a_stop_point_holds():
    report, _, _ = run({ONE: [[*hello(), *GOODBYE]]}, plan=Plan(stop_after=Stage.EHLO))
    assert report.transcript.outcome is Outcome.COMPLETED


# DANE


def dane_zone(*records, host="mx1.good.example"):
    return ZONE + "".join(f"_PORT._tcp.{host} TLSA {record}\n" for record in records)


def with_dane(scripts, zone, contexts, **options):
    context = {address: pair[0] for address, pair in contexts.items()}
    options.setdefault("names", ValidatingServer)
    options.setdefault("policies", Policies(mta_sts=False))
    return run(scripts, zone=zone, context=context, **options)


def test_dane_is_met(contexts):
    zone = dane_zone(contexts[ONE][1])
    report, _farm, _ = with_dane({ONE: [TAKES_IN_TLS]}, zone, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.transcript.tls.verified
    assert any(text.startswith("DANE: TLS is required") for text in remarks(report))
    assert report.routes[0].protections[0].demand == "dane"
    assert report.findings == ()


def test_a_certificate_that_does_not_fit_leads_to_the_next_host(contexts):
    zone = dane_zone("3 1 1 " + "00" * 32)
    report, farm, _ = with_dane({ONE: [UPGRADE], TWO: [TAKES_IN_TLS]}, zone, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not farm[ONE].data
    assert len(farm[TWO].data) == 1
    assert "does not fit" in report.routes[0].tried[0].sentence
    assert report.routes[0].tried[0].stage is Stage.TLS


def test_without_starttls_a_host_with_dane_gets_nothing(contexts):
    zone = dane_zone(contexts[ONE][1])
    report, farm, _ = with_dane({ONE: [[*hello(), *GOODBYE]], TWO: [TAKES]}, zone, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not farm[ONE].data


def test_dane_alone_fails_where_nothing_fits(contexts):
    zone = dane_zone("3 1 1 " + "00" * 32)
    zone = zone.replace("good.example MX 20 mx2.good.example.\n", "")
    report, _farm, _ = with_dane({ONE: [UPGRADE]}, zone, contexts)
    transcript = report.transcript
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.TLS)
    assert transcript.fault == "certificate_dane"
    assert "route.dane.mismatch" in told(report)
    assert not transcript.tls.verified
    assert transcript.tls.chain


def test_dane_ignored(contexts):
    zone = dane_zone("3 1 1 " + "00" * 32)
    report, _, dns = with_dane({ONE: [TAKES_IN_TLS]}, zone, contexts, policies=NO_POLICIES)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not dns.questions("TLSA")


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        (NameServer, "route.dane.insecure"),
        (lambda zone: ValidatingServer(zone, insecure=("good.example",)), "route.dane.mx_insecure"),
    ],
)
def test_unsigned_records_do_not_count(contexts, names, slug):
    zone = dane_zone("3 1 1 " + "00" * 32)
    report, _, _ = with_dane({ONE: [TAKES_IN_TLS]}, zone, contexts, names=names)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert told(report) == [slug]


def test_records_of_no_use_ask_for_any_tls(contexts):
    zone = dane_zone("1 1 1 " + "00" * 32)
    report, farm, _ = with_dane({ONE: [[*hello(), *GOODBYE]], TWO: [TAKES]}, zone, contexts)
    assert farm[ONE].data == []
    assert "route.dane.unusable" in told(report)
    encrypted, _, _ = with_dane({ONE: [TAKES_IN_TLS]}, zone, contexts)
    assert encrypted.transcript.outcome is Outcome.ACCEPTED


def test_a_bogus_answer_passes_the_host_over(contexts):
    zone = ZONE + "_PORT._tcp.mx1.good.example @servfail\n"
    report, farm, _ = with_dane({ONE: [TAKES], TWO: [TAKES]}, zone, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 0, TWO: 1}
    assert "route.dane.bogus" in told(report)


# MTA-STS

RECORD = '_mta-sts.good.example TXT "v=STSv1; id=1"\n'


@pytest.fixture(scope="module")
def policy_context(pki):
    return pki.context("mta-sts.good.example")[0]


def with_policy(scripts, text, pki, policy_context, contexts, *, zone=ZONE, **options):
    context = {address: pair[0] for address, pair in contexts.items()}
    return run(
        scripts,
        zone=zone + RECORD,
        context=context,
        policy=(text, policy_context),
        pki=pki,
        policies=options.pop("policies", Policies(dane=False)),
        **options,
    )


def test_enforce_is_met(pki, policy_context, contexts):
    text = policy("enforce", "mx1.good.example")
    report, _farm, _ = with_policy({ONE: [TAKES_IN_TLS]}, text, pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.transcript.tls.verified
    lines = remarks(report)
    assert "MTA-STS: the policy of good.example is “enforce” for mx1.good.example." in lines
    assert report.findings == ()


def test_enforce_passes_over_a_host_that_is_not_named(pki, policy_context, contexts):
    text = policy("enforce", "mx2.good.example")
    scripts = {ONE: [TAKES_IN_TLS], TWO: [TAKES_IN_TLS]}
    report, farm, _ = with_policy(scripts, text, pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 0, TWO: 1}
    sentence = "MTA-STS enforce: mx1.good.example is not named by the policy, so it is passed over."
    assert sentence in remarks(report)
    assert told(report) == ["route.mta_sts.not_named"]


def test_enforce_with_no_host_left(pki, policy_context, contexts):
    text = policy("enforce", "other.example")
    report, farm, _ = with_policy({ONE: [TAKES_IN_TLS]}, text, pki, policy_context, contexts)
    transcript = report.transcript
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.TLS)
    assert transcript.fault == "mta_sts_not_named"
    assert farm.connections == {ONE: 0}
    assert [r.outcome for r in transcript.recipients] == [Outcome.FAILED]


def test_enforce_wants_a_valid_certificate(pki, policy_context, contexts):
    wrong = {**contexts, ONE: contexts[THREE]}
    text = policy("enforce", "*.good.example")
    scripts = {ONE: [UPGRADE], TWO: [TAKES_IN_TLS]}
    report, farm, _ = with_policy(scripts, text, pki, policy_context, wrong)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not farm[ONE].data
    assert "elsewhere.example" in report.routes[0].tried[0].sentence


def test_enforce_wants_starttls(pki, policy_context, contexts):
    text = policy("enforce", "*.good.example")
    scripts = {ONE: [[*hello(), *GOODBYE]], TWO: [TAKES_IN_TLS]}
    report, farm, _ = with_policy(scripts, text, pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not farm[ONE].data


def test_testing_delivers_and_tells(pki, policy_context, contexts):
    wrong = {**contexts, ONE: contexts[THREE]}
    text = policy("testing", "*.good.example")
    report, farm, _ = with_policy({ONE: [UPGRADE, TAKES_IN_TLS]}, text, pki, policy_context, wrong)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert farm.connections == {ONE: 2}
    assert told(report) == ["route.mta_sts.testing"]
    assert "elsewhere.example" in report.findings[0].explanation


def test_testing_without_starttls_delivers_in_the_clear(pki, policy_context, contexts):
    text = policy("testing", "*.good.example")
    clear = [*hello(), *GOODBYE]
    report, _farm, _ = with_policy({ONE: [clear, TAKES]}, text, pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert told(report) == ["route.mta_sts.testing"]


def test_testing_uses_a_host_that_is_not_named(pki, policy_context, contexts):
    text = policy("testing", "other.example")
    report, _, _ = with_policy({ONE: [TAKES_IN_TLS]}, text, pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert told(report) == ["route.mta_sts.not_named"]


def test_a_policy_that_cannot_be_fetched_is_as_none(pki, contexts):
    wrong = pki.context("www.good.example")[0]
    report, _, _ = with_policy({ONE: [TAKES]}, policy("enforce", "x.example"), pki, wrong, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert told(report) == ["route.mta_sts.unavailable"]
    assert "www.good.example" in report.findings[0].explanation


def test_mode_none_demands_nothing(pki, policy_context, contexts):
    report, _, _ = with_policy({ONE: [TAKES]}, policy("none"), pki, policy_context, contexts)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.findings == ()


def test_mta_sts_ignored():
    report, _, dns = run({ONE: [TAKES]}, zone=ZONE + RECORD)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert not dns.questions("TXT")


def test_dane_wins_over_mta_sts(pki, policy_context, contexts):
    zone = dane_zone(contexts[THREE][1])
    shown = {**contexts, ONE: contexts[THREE]}  # fits the TLSA record, not the name
    report, _, _ = with_policy(
        {ONE: [TAKES_IN_TLS]},
        policy("enforce", "other.example"),
        pki,
        policy_context,
        shown,
        zone=zone,
        names=ValidatingServer,
        policies=Policies(),
    )
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.routes[0].protections[0].demand == "dane"


def test_the_clear_is_never_used_against_a_policy_though_asked_for(pki, policy_context, contexts):
    text = policy("enforce", "*.good.example")
    report, _, _ = with_policy(
        {ONE: [TAKES_IN_TLS]},
        text,
        pki,
        policy_context,
        contexts,
        settings={"tls": TlsMode.NONE},
    )
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.transcript.tls.verified

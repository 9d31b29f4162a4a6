"""Many messages straight to a domain's exchangers: one look-up, and on to the next one with what
is left.
"""

import asyncio
from collections import Counter

import pytest

from mailgui.jobs.accounts import Account
from mailgui.jobs.direct_bulk import send_many_direct
from mailgui.message.draft import DraftProblem
from mailgui.net.resolver import Resolver
from mailgui.smtp import bulk_worker, direct
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.direct import Policies
from mailgui.smtp.protection import Protection, Remark
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome, Stage
from tests.support.exchangers import Exchangers
from tests.support.hostile import GOODBYE, TAKEN, Hear, Hold, Octets, Say, envelope, hello
from tests.support.name_server import NameServer

ONE, TWO = "127.0.0.2", "127.0.0.3"
ZONE = f"""
good.example MX 10 mx1.good.example.
good.example MX 20 mx2.good.example.
mx1.good.example A {ONE}
mx2.good.example A {TWO}
none.example MX 0 .
"""
BOTH = f"good.example MX 10 mx.good.example.\nmx.good.example A {ONE}\nmx.good.example A {TWO}\n"
ONCE = [*envelope(), *TAKEN]
BUSY = [Say("421 4.3.2 Closing"), Hold()]
NO_POLICIES = Policies(mta_sts=False, dane=False)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(bulk_worker, "_PATIENCE", 0.0)


def takes(count):
    return [*hello("SIZE"), *ONCE * count, *GOODBYE]


def run(scripts, count, *, zone=ZONE, message=None, connections=1, control=None, **settings):
    async def main():
        async with Exchangers(scripts) as farm, NameServer(zone) as dns:
            resolver = Resolver(dns.address, timeout=0.5)
            account = Account(
                "MX",
                SmtpSettings(
                    "", farm.port, timeout=5.0, helo="me.example",
                    **{"username": "u", **settings},
                ),
                {"password": "x"},
            )  # fmt: skip
            try:
                report = await send_many_direct(
                    account,
                    message or Octets(),
                    count=count,
                    connections=connections,
                    policies=NO_POLICIES,
                    resolver=resolver,
                    control=control,
                )
            finally:
                await resolver.close()
            return report, farm, dns

    return asyncio.run(main())


def tried(report):
    return [(each.host, each.address, each.outcome.value) for each in report.routes[0].tried]


def told(report):
    return [finding.id for finding in report.findings]


def test_all_go_to_the_first_exchanger_over_one_connection():
    report, farm, dns = run({ONE: [takes(3)], TWO: [takes(3)]}, 3)
    assert report.outcomes == Counter({Outcome.ACCEPTED: 3})
    assert farm.connections == {ONE: 1, TWO: 0}
    assert len(farm[ONE].data) == 3
    assert tried(report) == [("mx1.good.example", ONE, "accepted")]
    assert report.findings == ()
    assert ["MX" in asked for asked in dns.asked].count(True) == 1
    assert "AUTH" not in " ".join(farm[ONE].lines)
    document = report.to_json_dict()
    assert (document["count"], document["peer"]) == (3, f"mx1.good.example:{farm.port}")
    assert document["routes"][0]["tried"][0]["host"] == "mx1.good.example"


@pytest.mark.parametrize(
    "first",
    [
        [BUSY],
        [[Say("554 5.3.2 No service here"), Hold()]],
        [[Say("220 hi"), Hear("EHLO")]],
        [[*hello(), Hear("MAIL"), Say("421 4.3.2 Closing"), Hold()]],
        [],
    ],
    ids=["busy", "no-service", "hangs-up", "busy-at-mail", "no-server"],
)
def test_the_next_exchanger_takes_what_the_first_does_not(first):
    report, farm, _ = run({ONE: first, TWO: [takes(3)]}, 3)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert report.outcomes == Counter({Outcome.ACCEPTED: 3})
    assert len(farm[TWO].data) == 3
    assert [host for host, _, _ in tried(report)] == ["mx1.good.example", "mx2.good.example"]
    assert told(report) == ["route.fallen_over"]
    assert report.transcript.peer == f"mx2.good.example:{farm.port}"
    texts = [event.text for event in report.transcript.events]
    assert texts.index("Trying mx1.good.example, preference 10") < texts.index(
        "Trying mx2.good.example, preference 20"
    )


def test_what_one_exchanger_took_before_it_failed_is_not_sent_again():
    partly = [*hello("SIZE"), *ONCE, Hear("MAIL"), Say("421 4.7.0 Enough"), Hold()]
    report, farm, _ = run({ONE: [partly, BUSY], TWO: [takes(2)]}, 3)
    assert report.outcomes == Counter({Outcome.ACCEPTED: 3})
    assert (len(farm[ONE].data), len(farm[TWO].data)) == (1, 2)


def test_the_other_address_of_a_host_is_tried_before_the_next_host():
    report, farm, _ = run({ONE: [BUSY], TWO: [takes(2)]}, 2, zone=BOTH)
    assert report.outcomes == Counter({Outcome.ACCEPTED: 2})
    assert len(farm[TWO].data) == 2
    assert {address for _, address, _ in tried(report)} <= {ONE, TWO}


def test_a_refusal_is_an_answer_and_no_other_exchanger_is_asked():
    refused = [Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("550 5.1.1 No such user")]
    script = [*hello(), *refused, Hear("RSET"), Say("250 Ok"), *refused, *GOODBYE]
    report, farm, _ = run({ONE: [script], TWO: [takes(2)]}, 2)
    assert report.outcomes == Counter({Outcome.REFUSED: 2})
    assert farm.connections == {ONE: 1, TWO: 0}
    assert report.transcript.stage is Stage.RCPT
    assert len(report.failures) == 2


def test_where_no_exchanger_serves_all_are_undelivered():
    report, farm, _ = run({ONE: [BUSY], TWO: [BUSY]}, 4, connections=2)
    assert report.outcomes == Counter({Outcome.TEMPORARY: 4})
    assert report.transcript.reply.code == 421
    assert min(farm.connections.values()) >= 1
    assert report.findings


def test_several_connections_share_the_work():
    one = [*hello("LIMITS MAILMAX=1"), *ONCE, *GOODBYE]
    report, farm, _ = run({ONE: [one], TWO: [one]}, 4, connections=2)
    assert report.outcomes == Counter({Outcome.ACCEPTED: 4})
    assert farm.connections == {ONE: 4, TWO: 0}


def test_where_every_exchanger_is_forbidden_nothing_is_sent(monkeypatch):
    async def forbidden(exchanger, route, *_, **__):
        remark = Remark("mta_sts.not_named", f"{exchanger.host} is passed over.")
        return Protection(exchanger.host, route.domain, "forbidden", (remark,))

    monkeypatch.setattr(direct, "protection_of", forbidden)
    report, farm, _ = run({ONE: [takes(1)], TWO: [takes(1)]}, 3)
    assert report.outcomes == Counter({Outcome.FAILED: 3})
    assert report.transcript.fault == "mta_sts_not_named"
    assert "is passed over." in report.transcript.summary
    assert farm.connections == {ONE: 0, TWO: 0}
    assert "route.mta_sts.not_named" in told(report)


def test_cancelled_before_it_began():
    async def cancelled():
        control = BulkControl()
        control.cancel()
        return control

    report, farm, _ = run({ONE: [takes(1)]}, 3, control=asyncio.run(cancelled()))
    assert report.outcomes == Counter({Outcome.CANCELLED: 3})
    assert report.transcript.outcome is Outcome.CANCELLED
    assert not farm[ONE].data


def test_a_domain_without_mail():
    report, _, _ = run({ONE: [takes(1)]}, 2, message=Octets(recipients=("b@none.example",)))
    assert report.outcomes == Counter({Outcome.FAILED: 2})
    assert report.transcript.fault == "null_mx"
    assert told(report) == ["route.null_mx"]


def test_several_domains_are_refused_in_one_sentence():
    message = Octets(recipients=("b@good.example", "c@other.example"))
    with pytest.raises(DraftProblem, match=r"good\.example, other\.example; send to each"):
        run({ONE: [takes(1)]}, 2, message=message)

"""Probing a mail exchanger: what it offers, its certificate, and how it could not be reached."""

import asyncio
import socket

import pytest

from mailgui.smtp.probe_mx import port_seems_blocked, probe_mx
from mailgui.transcript import Direction, Outcome
from tests.support.exchangers import Exchangers
from tests.support.hostile import GOODBYE, Hear, Hold, Reset, Say, Tls, hello

HOST = "mx.good.example"
UPGRADE = [*hello("SIZE 1000", "PIPELINING", "STARTTLS"), Hear("STARTTLS$"), Say("220 Go"), Tls()]
INSIDE = [*UPGRADE, *hello("SIZE 2000", "CHUNKING", "REQUIRETLS")[1:], *GOODBYE]


def probe(*scripts, context=None, **options):
    async def main():
        async with Exchangers({"127.0.0.1": scripts}, context) as farm:
            options.setdefault("timeout", 5.0)
            options.setdefault("helo", "me.example")
            result = await probe_mx(HOST, "127.0.0.1", farm.port, preference=10, **options)
        return result, farm["127.0.0.1"]

    return asyncio.run(main())


@pytest.fixture
def named(tmp_path_factory):
    """A server's context with a certificate for HOST, and its CA's file."""
    import ssl

    import trustme

    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(HOST).configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return context, str(path)


def test_what_is_offered_before_and_inside_tls(named):
    context, ca_file = named
    result, server = probe(INSIDE, context=context, ca_file=ca_file)
    assert (result.reach, result.answered, result.starttls) == ("open", True, True)
    assert result.banner == "mx.good.example ESMTP"
    assert result.certificate == "valid"
    assert result.problem == result.fault == ""
    assert result.offers.size_limit == 1000
    assert result.best_offers.size_limit == 2000
    assert "REQUIRETLS" in result.best_offers
    assert "REQUIRETLS" not in result.offers
    assert result.tls.version.startswith("TLSv1")
    assert result.tls.server_name == HOST
    assert result.transcript.outcome is Outcome.COMPLETED
    assert server.lines == ["EHLO me.example", "STARTTLS", "EHLO me.example", "QUIT"]
    assert not server.problems


def test_a_refused_certificate_is_told_and_the_offers_inside_tls_too(certified):
    result, server = probe(INSIDE, INSIDE, context=certified.context, ca_file=certified.ca_file)
    assert server.connections == 2
    assert result.certificate == "refused"
    assert HOST in result.fault
    assert "127.0.0.1" in result.fault
    assert result.problem == result.fault
    assert result.encrypted
    assert result.best_offers.size_limit == 2000
    assert not result.tls.verified
    remarks = [event.text for event in result.transcript.with_direction(Direction.INFO)]
    assert any("without verifying" in remark for remark in remarks)


def test_without_starttls():
    result, _ = probe([*hello("SIZE 5"), *GOODBYE])
    assert (result.starttls, result.encrypted, result.certificate) == (False, False, "none")
    assert result.answered
    assert result.problem == ""
    assert result.transcript.outcome is Outcome.COMPLETED


def test_a_server_without_ehlo():
    script = [Say("220 old"), Hear("EHLO"), Say("500 What?"), Hear("HELO"), Say("250 hi"), *GOODBYE]
    result, _ = probe(script)
    assert result.answered
    assert not result.starttls
    assert result.problem == ""


def test_a_server_that_turns_everybody_away():
    result, _ = probe([Say("554 5.7.1 Go away"), Hold()])
    assert (result.reach, result.answered) == ("open", False)
    assert result.banner == "5.7.1 Go away"
    assert "554 5.7.1 Go away" in result.problem


def test_starttls_refused_after_it_was_offered():
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say("454 4.7.0 Later"), *GOODBYE]
    result, _ = probe(script)
    assert result.starttls
    assert not result.encrypted


def test_a_handshake_that_fails(certified):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Say("550 not TLS"), Hold()]
    result, _ = probe(script)
    assert result.starttls
    assert result.certificate == "none"
    assert result.problem


def test_a_connection_broken_off():
    result, _ = probe([Reset()])
    assert result.reach in ("open", "failed")
    assert result.problem


def test_refused_timed_out_and_unreachable_are_told_apart():
    def reach(address, port, **options):
        return asyncio.run(probe_mx(HOST, address, port, timeout=0.3, **options))

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        refused = reach("127.0.0.1", sock.getsockname()[1])
    assert refused.reach == "refused"
    assert "refused" in refused.problem
    # A full backlog takes no more connections, and says nothing.
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (one, two):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        silent = reach("127.0.0.1", full.getsockname()[1])
    assert silent.reach == "timed_out"
    # 240.0.0.0/4 has no route anywhere.
    assert reach("240.0.0.1", 25).reach in ("unreachable", "timed_out")


def test_a_blocked_port_is_only_told_where_nothing_at_all_came_back():
    def at(reach, port=25):
        from mailgui.smtp.probe_mx import MxProbe
        from mailgui.transcript import Kind, Recorder

        transcript = Recorder(Kind.SMTP).finish(Outcome.FAILED)
        return MxProbe(HOST, "192.0.2.1", port, 10, transcript, reach)

    assert port_seems_blocked([at("timed_out"), at("timed_out")])
    assert port_seems_blocked([at("timed_out"), at("blocked"), at("unreachable")])
    assert not port_seems_blocked([at("timed_out")])
    assert not port_seems_blocked([at("timed_out"), at("timed_out"), at("refused")])
    assert not port_seems_blocked([at("timed_out"), at("open"), at("timed_out")])
    assert not port_seems_blocked([at("timed_out", 2525), at("timed_out", 2525)])
    assert not port_seems_blocked([])

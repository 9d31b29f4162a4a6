"""The MX matrix: every host, every address, and what each of them offers."""

import asyncio
import ssl

import pytest
import trustme

from mailgui.jobs.mx_matrix import MatrixPlan, MatrixRow, mx_matrix
from mailgui.jobs.mx_matrix_forms import to_json_dict, to_text
from mailgui.net.resolver import Resolver
from mailgui.smtp.direct import Policies
from tests.support.exchangers import Exchangers, ValidatingServer
from tests.support.hostile import GOODBYE, Hear, Say, Tls, hello
from tests.support.name_server import NameServer

ONE, TWO, THREE = "127.0.0.2", "127.0.0.3", "127.0.0.4"
ZONE = f"""
good.example MX 20 mx2.good.example.
good.example MX 10 mx1.good.example.
mx1.good.example A {ONE}
mx1.good.example A {TWO}
mx2.good.example A {THREE}
"""
PLAIN = [*hello("SIZE 1000", "8BITMIME"), *GOODBYE]
UPGRADE = [*hello("STARTTLS"), Hear("STARTTLS$"), Say("220 2.0.0 Ready"), Tls()]
SECURE = [*UPGRADE, *hello("SIZE 5000000", "PIPELINING", "CHUNKING", "DSN")[1:], *GOODBYE]
AWAY = [Say("554 5.3.2 No service here")]


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("mx1.good.example").configure_cert(context)
    path = str(tmp_path_factory.mktemp("ca") / "ca.pem")
    ca.cert_pem.write_to_path(path)
    return context, path


def matrix(scripts, *, zone=ZONE, names=NameServer, context=None, cancel=False, **options):
    told = []

    async def main():
        async with Exchangers(scripts, context) as farm, names(zone) as dns:
            dns.zone = type(dns.zone)(zone.replace("_PORT.", f"_{farm.port}."))
            resolver = Resolver(dns.address, timeout=0.5)
            stop = asyncio.Event()
            if cancel:
                stop.set()
            try:
                return await mx_matrix(
                    options.pop("domain", "good.example"),
                    resolver=resolver,
                    port=farm.port,
                    timeout=5.0,
                    helo="me.example",
                    tell=told.append,
                    cancel=stop,
                    **options,
                )
            finally:
                await resolver.close()

    return asyncio.run(main()), told


def test_every_address_has_a_row_in_order(tls):
    context, ca_file = tls
    scripts = {ONE: [SECURE], TWO: [PLAIN], THREE: [AWAY]}
    found, told = matrix(scripts, context=context, ca_file=ca_file)
    places = [
        (r.place.exchanger.preference, r.place.exchanger.host, r.place.address) for r in found.rows
    ]
    assert places == [
        (10, "mx1.good.example", ONE),
        (10, "mx1.good.example", TWO),
        (20, "mx2.good.example", THREE),
    ]
    secure, plain, away = (row.probe for row in found.rows)
    assert (secure.certificate, secure.best_offers.size_limit) == ("valid", 5000000)
    assert (plain.answered, plain.starttls, plain.best_offers.size_limit) == (True, False, 1000)
    assert (away.reach, away.answered) == ("open", False)
    assert found.sentence == "2 of 3 addresses answer, 1 of 2 in TLS, with a valid certificate."
    assert isinstance(told[0], MatrixPlan)
    assert len(told[0].places) == 3
    assert {type(each) for each in told[1:]} == {MatrixRow}
    assert len(told) == 4


def test_the_forms(tls):
    context, ca_file = tls
    scripts = {ONE: [SECURE], TWO: [PLAIN], THREE: [AWAY]}
    found, _ = matrix(scripts, context=context, ca_file=ca_file)
    document = to_json_dict(found)
    first = document["rows"][0]
    assert (first["tls"][:4], first["certificate"], first["size"]) == ("TLSv", "valid", 5000000)
    assert first["certificate_names"] == ["mx1.good.example"]
    assert "PIPELINING" in first["extensions"]
    assert document["rows"][2]["problem"]
    text = to_text(found)
    lines = text.splitlines()
    assert "mx1.good.example" in lines[3]
    assert "✓" in lines[3]
    assert "turned away" in lines[5]
    assert "554 5.3.2" in text


def test_nothing_is_sent(tls):
    context, ca_file = tls

    async def main():
        scripts = {ONE: [SECURE], TWO: [PLAIN], THREE: [PLAIN]}
        async with Exchangers(scripts, context) as farm, NameServer(ZONE) as dns:
            resolver = Resolver(dns.address, timeout=0.5)
            await mx_matrix("good.example", resolver=resolver, port=farm.port, ca_file=ca_file)
            await resolver.close()
            return [line.split()[0] for a in (ONE, TWO, THREE) for line in farm[a].lines]

    assert set(asyncio.run(main())) == {"EHLO", "STARTTLS", "QUIT"}


def test_dane_is_compared_with_each_address(tls):
    context, ca_file = tls
    zone = ZONE + "_PORT._tcp.mx1.good.example TLSA 3 1 1 " + "00" * 32 + "\n"
    scripts = {ONE: [SECURE], TWO: [PLAIN], THREE: [PLAIN]}
    found, _ = matrix(scripts, zone=zone, names=ValidatingServer, context=context, ca_file=ca_file)
    assert found.rows[0].match is not None
    assert not found.rows[0].match.ok
    assert found.rows[0].protection.demand == "dane"
    assert found.rows[1].match is None  # it showed no certificate
    assert "does not fit" in to_text(found)


def test_policies_left_out():
    found, _ = matrix(
        {ONE: [PLAIN], TWO: [PLAIN], THREE: [PLAIN]}, policies=Policies(mta_sts=False, dane=False)
    )
    assert found.policy is None
    assert all(row.protection.tlsa is None for row in found.rows)


def test_a_host_without_an_address_has_a_row_too():
    zone = "good.example MX 10 nowhere.good.example.\ngood.example MX 20 mx2.good.example.\n"
    zone += f"mx2.good.example A {THREE}\n"
    found, _ = matrix({THREE: [PLAIN]}, zone=zone)
    assert found.rows[0].probe is None
    assert found.rows[0].problem == "The name nowhere.good.example has no address."
    assert "no address" in to_text(found)
    assert to_json_dict(found)["rows"][0]["reach"] == "no_address"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("good.example MX 0 .\n", "takes no mail at all"),
        ("other.example A 127.0.0.1\n", "does not exist"),
        ("good.example @servfail\n", "could not be looked up"),
    ],
)
def test_a_domain_without_a_way_to_it(zone, words):
    found, told = matrix({}, zone=zone)
    assert words in found.problem
    assert found.rows == ()
    assert told == []
    assert words in to_text(found)


def test_cancelled():
    found, _ = matrix({ONE: [PLAIN]}, cancel=True)
    assert found.cancelled
    assert found.rows == ()


def test_an_address_is_taken_for_its_domain():
    found, _ = matrix({ONE: [PLAIN], TWO: [PLAIN], THREE: [PLAIN]}, domain=" b@Good.Example ")
    assert found.domain == "good.example"


def test_no_name_is_a_mistake():
    with pytest.raises(ValueError, match="empty"):
        matrix({}, domain=" ")

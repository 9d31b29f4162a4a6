import json

import pytest
import trustme

from mailgui.domain.dane import HostTlsa, compare, dane_section, find_all
from mailgui.net.certificates import describe
from mailgui.net.tlsa import TlsaAnswer, TlsaRecord
from mailgui.smtp.probe_mx import MxProbe, Reach
from mailgui.transcript import Kind, Outcome, Recorder, TlsSummary
from tests.support.asking import against

HOST = "mx.example.com"
DIGEST = TlsaRecord(3, 1, 1, b"\0" * 32)


def leaf() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = trustme.CA().issue_cert(HOST).cert_chain_pems[0].bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def fitting(der: bytes) -> TlsaRecord:
    return TlsaRecord(3, 0, 0, der)


def probe(der: bytes | None, reach: Reach = "open") -> MxProbe:
    chain = (describe(der),) if der else ()
    tls = TlsSummary("TLSv1.3", "X", False, HOST, chain=chain) if der else None
    transcript = Recorder(Kind.SMTP).finish(Outcome.COMPLETED)
    return MxProbe(HOST, "192.0.2.1", 25, 10, transcript, reach, tls=tls)


def judged(answer: TlsaAnswer, *probes: MxProbe) -> tuple[str, list[str]]:
    section = dane_section(
        compare("example.com", [HostTlsa(HOST, answer)], probes), hosts_known=True
    )
    json.dumps(section.details)
    return section.verdict.value, [finding.id for finding in section.findings]


def test_a_certificate_that_fits() -> None:
    der = leaf()
    assert judged(TlsaAnswer("secure", (fitting(der),)), probe(der)) == ("pass", [])


def test_one_of_several_records_is_enough() -> None:
    der = leaf()
    assert judged(TlsaAnswer("secure", (DIGEST, fitting(der))), probe(der)) == ("pass", [])


def test_a_certificate_that_does_not_fit() -> None:
    assert judged(TlsaAnswer("secure", (DIGEST,)), probe(leaf())) == ("broken", ["dane.mismatch"])


def test_a_host_that_shows_none() -> None:
    assert judged(TlsaAnswer("secure", (DIGEST,)), probe(None)) == ("broken", ["dane.no_tls"])


def test_a_host_that_could_not_be_reached_says_nothing() -> None:
    assert judged(TlsaAnswer("secure", (DIGEST,)), probe(None, "timed_out")) == ("pass", [])


@pytest.mark.parametrize(
    ("answer", "verdict", "ids"),
    [
        (TlsaAnswer("none"), "not_set_up", []),
        (TlsaAnswer("bogus", problem="It fails."), "broken", ["dane.bogus"]),
        (TlsaAnswer("unknown", problem="Silence."), "unchecked", ["dane.unchecked"]),
        (TlsaAnswer("insecure", (DIGEST,), "No DNSSEC."), "attention", ["dane.insecure"]),
        (TlsaAnswer("secure", (TlsaRecord(1, 1, 1, b"\0" * 32),)), "broken", ["dane.unusable"]),
        (
            TlsaAnswer("secure", (DIGEST, TlsaRecord(3, 1, 1, b"short"))),
            "attention",
            ["dane.unusable"],
        ),
    ],
)
def test_each_state(answer: TlsaAnswer, verdict: str, ids: list[str]) -> None:
    assert judged(answer) == (verdict, ids)


def test_not_all_hosts_have_records() -> None:
    hosts = [HostTlsa(HOST, TlsaAnswer("secure", (DIGEST,))), HostTlsa("b.x", TlsaAnswer("none"))]
    section = dane_section(hosts, hosts_known=True)
    assert [finding.id for finding in section.findings] == ["dane.partial"]


def test_unknown_hosts_are_unchecked() -> None:
    section = dane_section((), hosts_known=False, reason="The server failed.")
    assert (section.verdict.value, section.findings[0].id) == ("unchecked", "dane.unchecked")


def test_records_are_found_in_the_dns() -> None:
    zone = f"{HOST} A 192.0.2.1\n_25._tcp.{HOST} TLSA 3 1 1 " + "00" * 32
    found = against(zone, lambda r: find_all([HOST, HOST], r))
    assert [(host.host, host.answer.status) for host in found] == [(HOST, "insecure")]
    section = dane_section(found, hosts_known=True)
    assert section.records == (f"_25._tcp.{HOST} TLSA {DIGEST}",)

"""A whole check with connections: Postfix as the mail host, an HTTPS server for policy and logo."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailgui.domain.report import Connections, DomainReport, check
from mailgui.net.resolver import Resolver
from tests.servers.certificates import Authority, KeyPair
from tests.servers.postfix import HOST_NAME, Postfix
from tests.servers.process import free_port
from tests.support.https_files import File, https_files
from tests.support.name_server import NameServer

DOMAIN = "inbox.example"
ZONE = f"""
{DOMAIN} MX 10 {HOST_NAME}.
{HOST_NAME} A 127.0.0.1
1.0.0.127.in-addr.arpa PTR {HOST_NAME}.
_mta-sts.{DOMAIN} TXT v=STSv1; id=1
mta-sts.{DOMAIN} A 127.0.0.1
_dmarc.{DOMAIN} TXT v=DMARC1; p=reject; rua=mailto:a@{DOMAIN}
default._bimi.{DOMAIN} TXT v=BIMI1; l=https://logos.{DOMAIN}/logo.svg; a=
"""
POLICY = f"version: STSv1\nmode: enforce\nmx: {HOST_NAME}\nmax_age: 1209600\n"
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" '
    b'viewBox="0 0 10 10"><title>Inbox</title><path d="M0 0h10v10H0z"/></svg>'
)
FILES = {
    "/.well-known/mta-sts.txt": File(POLICY.encode()),
    "/logo.svg": File(LOGO, "image/svg+xml"),
}


def run(
    zone: str,
    smtp_port: int,
    authority: Authority,
    web: KeyPair,
    files: dict[str, File] = FILES,
) -> DomainReport:
    async def main(port: int) -> DomainReport:
        connections = Connections(
            timeout=20.0,
            smtp_port=smtp_port,
            https=("127.0.0.1", port),
            ca_file=authority.ca_file,
        )
        async with NameServer(zone) as server:
            resolver = Resolver(server.address)
            try:
                return await check(DOMAIN, resolver=resolver, connections=connections)
            finally:
                await resolver.close()

    with https_files(files, web.certificate, web.key) as port:
        return asyncio.run(main(port))


@pytest.fixture(scope="module")
def web(authority: Authority) -> KeyPair:
    return authority.issue(f"mta-sts.{DOMAIN}", f"logos.{DOMAIN}")


def ids(report: DomainReport, name: str) -> set[str]:
    section = report.section(name)
    assert section is not None
    return {finding.id for finding in section.findings}


def tlsa(certificate: str, wrong: bool = False) -> str:
    leaf = x509.load_pem_x509_certificates(Path(certificate).read_bytes())[0]
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(key + (b"x" if wrong else b"")).hexdigest()
    return f"_25._tcp.{HOST_NAME} TLSA 3 1 1 {digest}\n"


def test_a_host_with_a_certificate_that_holds(
    postfix: Postfix, authority: Authority, web: KeyPair, server_pair: KeyPair
) -> None:
    report = run(ZONE + tlsa(server_pair.certificate), postfix.port, authority, web)
    mx, sts, bimi = (report.section(name) for name in ("mx", "mta_sts", "bimi"))
    assert mx
    assert sts
    assert bimi
    assert [(p["reach"], p["starttls"], p["certificate"]) for p in mx.details["probes"]] == [  # type: ignore[attr-defined]
        ("open", True, "valid")
    ]
    assert not ids(report, "mx") - {"mx.no_ipv6", "mx.host.private"}
    assert (sts.verdict.value, sts.summary) == ("pass", "mode enforce, kept for 14 days")
    assert bimi.verdict.value == "pass"
    assert ids(report, "bimi") == {"bimi.no_authority"}
    dane = report.section("dane")
    assert dane is not None
    assert dane.details["hosts"][0]["addresses"][0]["matches"] is True  # type: ignore[index]
    assert ids(report, "dane") == {"dane.insecure"}


def test_a_certificate_for_another_host(
    start_postfix: Callable[..., Postfix], authority: Authority, web: KeyPair
) -> None:
    pair = authority.issue("elsewhere.example")
    server = start_postfix(pair=pair)
    report = run(ZONE + tlsa(pair.certificate, wrong=True), server.port, authority, web)
    assert "mx.certificate.wrong_host" in ids(report, "mx")
    assert ids(report, "mta_sts") == {"mta_sts.tls"}
    assert "dane.mismatch" in ids(report, "dane")
    dane = report.section("dane")
    assert dane is not None
    assert dane.verdict.value == "broken"


def test_a_host_without_encryption(
    start_postfix: Callable[..., Postfix],
    authority: Authority,
    web: KeyPair,
    server_pair: KeyPair,
) -> None:
    server = start_postfix({"smtpd_tls_security_level": "none"})
    report = run(ZONE + tlsa(server_pair.certificate), server.port, authority, web)
    assert "mx.starttls.missing" in ids(report, "mx")
    assert ids(report, "mta_sts") == {"mta_sts.tls"}
    assert "dane.no_tls" in ids(report, "dane")


def test_nobody_listens(authority: Authority, web: KeyPair) -> None:
    report = run(ZONE, free_port(), authority, web)
    assert "mx.refused" in ids(report, "mx")
    mx = report.section("mx")
    assert mx is not None
    assert mx.details["probes"][0]["reach"] == "refused"  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "finding"),
    [
        (File(POLICY.replace(HOST_NAME, "*.else.example").encode()), "mta_sts.mx"),
        (File(POLICY.replace("enforce", "testing").encode()), "mta_sts.mode_testing"),
        (File(POLICY.replace("enforce", "none").encode()), "mta_sts.mode_none"),
        (File(POLICY.replace("1209600", "300").encode()), "mta_sts.max_age"),
        (File(POLICY.replace("STSv1", "STSv9").encode()), "mta_sts.policy.syntax"),
        (File(POLICY.encode(), "text/html"), "mta_sts.policy.media_type"),
        (File(b"", status=404), "mta_sts.policy.status"),
    ],
)
def test_faults_of_the_policy(
    postfix: Postfix, authority: Authority, web: KeyPair, file: File, finding: str
) -> None:
    files = {**FILES, "/.well-known/mta-sts.txt": file}
    assert finding in ids(run(ZONE, postfix.port, authority, web, files), "mta_sts")


def test_a_web_server_with_another_name(postfix: Postfix, authority: Authority) -> None:
    other = authority.issue("www.elsewhere.example")
    report = run(ZONE, postfix.port, authority, other)
    assert ids(report, "mta_sts") == {"mta_sts.policy.certificate_wrong_host"}
    assert "bimi.logo.unreachable" in ids(report, "bimi")


@pytest.mark.parametrize(
    ("file", "finding"),
    [
        (File(LOGO, "text/html"), "bimi.logo.media_type"),
        (File(LOGO.replace(b"0 0 10 10", b"0 0 10 20"), "image/svg+xml"), "bimi.logo.square"),
        (File(b"", status=500), "bimi.logo.unreachable"),
        (File(b"x" * 600_000, "image/svg+xml"), "bimi.logo.unreachable"),
    ],
)
def test_faults_of_the_logo(
    postfix: Postfix, authority: Authority, web: KeyPair, file: File, finding: str
) -> None:
    files = {**FILES, "/logo.svg": file}
    assert finding in ids(run(ZONE, postfix.port, authority, web, files), "bimi")


def test_dns_only_connects_to_nobody(authority: Authority) -> None:
    async def main() -> DomainReport:
        async with NameServer(ZONE) as server:
            resolver = Resolver(server.address)
            try:
                return await check(DOMAIN, resolver=resolver, dns_only=True)
            finally:
                await resolver.close()

    report = asyncio.run(main())
    for name, key in (("mx", "probes"), ("mta_sts", "policy"), ("bimi", "logo")):
        section = report.section(name)
        assert section is not None
        assert section.details[key] == "unchecked"

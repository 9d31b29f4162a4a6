"""One fault, one finding, in what a domain leads to: mail hosts, MTA-STS policy, logo."""

from collections.abc import Callable

import pytest
import trustme

from mailgui.domain.report import SECTIONS, DomainReport
from tests.domain.test_bimi_certificate import known, pem
from tests.support.broken_domains import DOMAIN, ids, verdicts
from tests.support.broken_hosts import (
    GO,
    LOGO,
    PLAIN,
    POLICY,
    Setup,
    World,
    self_signed,
)
from tests.support.hostile import Hear, Hold, Reset, Say, hello
from tests.support.https_files import File

HOST = f"mx2.{DOMAIN}"
POLICY_PATH = "/.well-known/mta-sts.txt"
LIMIT = 64 * 1024


@pytest.fixture(autouse=True)
def _mark_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of the tests' certificates for logos is a known one."""
    monkeypatch.setattr("mailgui.domain.bimi_certificate.mark_authorities", known)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("certificates"), pem(host=DOMAIN))


def told(report: DomainReport) -> dict[str, str]:
    """Return the verdicts other than "pass"."""
    return {name: verdict for name, verdict in verdicts(report).items() if verdict != "pass"}


def test_a_domain_in_order_passes_everywhere_and_nothing_is_found(world: World) -> None:
    report = world.check(Setup())
    assert told(report) == {}
    assert set(verdicts(report)) == set(SECTIONS)
    assert ids(report) == {"mx.no_ipv6"}
    mx, dane = report.section("mx"), report.section("dane")
    assert mx
    assert dane
    assert [p["certificate"] for p in mx.details["probes"]] == ["valid", "valid"]  # type: ignore[attr-defined]
    assert "2 certificates compared" in dane.summary


Made = Callable[[World], Setup]
MAIL_HOSTS: dict[str, tuple[Made, set[str], dict[str, str]]] = {
    "no STARTTLS": (
        lambda _: Setup(script=PLAIN),
        {"mx.starttls.missing", "mta_sts.tls", "dane.no_tls"},
        {"mx": "attention", "mta_sts": "broken", "dane": "broken"},
    ),
    "an expired certificate": (  # which DANE does not mind: RFC 7672, section 3.1.1
        lambda w: Setup(pair=w.issue(HOST, days=-1)),
        {"mx.certificate.expired", "mta_sts.tls"},
        {"mx": "attention", "mta_sts": "broken"},
    ),
    "a certificate for another name": (
        lambda w: Setup(pair=w.issue("elsewhere.example")),
        {"mx.certificate.wrong_host", "mta_sts.tls"},
        {"mx": "attention", "mta_sts": "broken"},
    ),
    "a self-signed certificate": (
        lambda _: Setup(pair=self_signed(HOST)),
        {"mx.certificate.self_signed", "mta_sts.tls"},
        {"mx": "attention", "mta_sts": "broken"},
    ),
    "a certificate from an authority that nobody knows": (
        lambda w: Setup(pair=w.issue(HOST, authority=trustme.CA())),
        {"mx.certificate.untrusted", "mta_sts.tls"},
        {"mx": "attention", "mta_sts": "broken"},
    ),
    "a handshake that breaks off": (
        lambda _: Setup(script=[*GO, Reset()]),
        {"mx.tls.failed", "mta_sts.tls", "dane.no_tls"},
        {"mx": "broken", "mta_sts": "broken", "dane": "broken"},
    ),
    "STARTTLS that is refused": (
        lambda _: Setup(script=[*hello("STARTTLS"), Hear("STARTTLS$"), Say("454 Later"), Hear()]),
        {"mx.tls.failed", "mta_sts.tls", "dane.no_tls"},
        {"mx": "broken", "mta_sts": "broken", "dane": "broken"},
    ),
    "nobody listens": (
        lambda _: Setup(script=None),
        {"mx.refused"},
        {"mx": "broken"},
    ),
    "connections are dropped on the way": (
        lambda _: Setup(deaf=True, timeout=4.0),
        {"mx.no_answer"},
        {"mx": "attention"},
    ),
    "a greeting that sends everybody away": (
        lambda _: Setup(script=[Say("554 No mail here"), Hear("QUIT"), Say("221 Bye")]),
        {"mx.no_greeting", "dane.no_tls"},
        {"mx": "broken", "dane": "broken"},
    ),
    "a TLSA record of another key": (
        lambda _: Setup(digest=False),
        {"dane.mismatch"},
        {"dane": "broken"},
    ),
}


@pytest.mark.parametrize("what", MAIL_HOSTS)
def test_a_mail_host(world: World, what: str) -> None:
    made, findings, changed = MAIL_HOSTS[what]
    report = world.check(made(world))
    assert ids(report) - {"mx.no_ipv6"} == findings
    assert told(report) == changed


@pytest.mark.parametrize(
    ("setup", "finding"),
    [
        (Setup(digest=False), "dane.mismatch"),
        (Setup(without_tlsa=(HOST,)), "dane.partial"),
        (
            Setup(without_tlsa=(HOST,), zone=(f"_25._tcp.{HOST} TLSA 1 1 1 {'00' * 32}",)),
            "dane.unusable",
        ),
    ],
)
def test_the_tlsa_record_to_publish_mends_it(world: World, setup: Setup, finding: str) -> None:
    report = world.check(setup)
    found = next(f for f in report.findings if f.id == finding)
    assert found.record is not None
    name, data = found.record.split(". IN TLSA ")
    mended = world.check(Setup(without_tlsa=(HOST,), zone=(f"{name} TLSA {data}",)))
    assert told(mended) == {}


def policy(text: str | bytes, **options: object) -> Setup:
    octets = text if isinstance(text, bytes) else text.encode()
    return Setup(files={POLICY_PATH: File(octets, **options)})  # type: ignore[arg-type]


POLICIES = {
    "none there": (policy("", status=404), "policy.status", "broken"),
    "a server's fault": (policy("", status=500), "policy.status", "broken"),
    "HTML": (policy(POLICY, media_type="text/html"), "policy.media_type", "broken"),
    "elsewhere": (
        policy("", status=301, location="https://www.good.example/policy"),
        "policy.http_redirect",
        "broken",
    ),
    "another name's certificate": (
        Setup(web_names=("www.other.example", DOMAIN)),
        "policy.certificate_wrong_host",
        "broken",
    ),
    "testing": (policy(POLICY.replace("enforce", "testing")), "mode_testing", "pass"),
    "none": (policy(POLICY.replace("enforce", "none")), "mode_none", "attention"),
    "other hosts": (policy(POLICY.replace("*.", "mail.")), "mx", "broken"),
    "one host of two": (policy(POLICY.replace("*.", "mx1.")), "mx", "broken"),
    "a star that stands for two labels": (
        policy(POLICY.replace("*.good.example", "*.example")),
        "mx",
        "broken",
    ),
    "a star within a label": (policy(POLICY.replace("*.", "mx*.")), "policy.syntax", "broken"),
    "kept for minutes": (policy(POLICY.replace("1209600", "300")), "max_age", "attention"),
    "kept for years": (policy(POLICY.replace("1209600", "99999999")), "policy.syntax", "broken"),
    "no max_age": (policy(POLICY.partition("max_age")[0]), "policy.syntax", "broken"),
    "no version": (policy(POLICY.partition("\n")[2]), "policy.syntax", "broken"),
    "another version": (policy(POLICY.replace("STSv1", "STSv2")), "policy.syntax", "broken"),
    "an unknown mode": (policy(POLICY.replace("enforce", "strict")), "policy.syntax", "broken"),
    "no hosts": (policy(POLICY.replace("mx:", "host:")), "policy.syntax", "broken"),
    "a line that is none": (policy(POLICY + "and so on\n"), "policy.syntax", "broken"),
    "octets beyond ASCII": (policy(POLICY.encode() + b"x: \xe9\n"), "policy.syntax", "broken"),
}


@pytest.mark.parametrize("what", POLICIES)
def test_an_mta_sts_policy(world: World, what: str) -> None:
    setup, finding, verdict = POLICIES[what]
    report = world.check(setup)
    assert ids(report) - {"mx.no_ipv6"} == {f"mta_sts.{finding}"}
    assert verdicts(report)["mta_sts"] == verdict
    assert set(told(report)) <= {"mta_sts"}


def test_a_policy_that_is_too_long(world: World) -> None:
    report = world.check(policy(POLICY + "x: y\n" * (LIMIT // 4)))
    assert len(ids(report) - {"mx.no_ipv6"}) == 1
    assert told(report) == {"mta_sts": "broken"}


@pytest.mark.parametrize(
    "text",
    [
        POLICY.replace("\n", "\r\n"),
        POLICY.removesuffix("\n"),
        POLICY.replace(": ", ":"),
        POLICY.replace("*.", "mx1.") + f"mx: MX2.{DOMAIN}\n",
        POLICY + "unheard-of: yes\n",
        POLICY + "mode: none\n",
    ],
    ids=["CRLF", "no last line end", "no blanks", "several", "an unknown key", "a mode twice"],
)
def test_policies_that_are_in_order(world: World, text: str) -> None:
    report = world.check(policy(text))
    assert told(report) == {}
    assert ids(report) == {"mx.no_ipv6"}


def logo(octets: bytes, media_type: str = "image/svg+xml", status: int = 200) -> Setup:
    return Setup(files={"/logo.svg": File(octets, media_type, status)})


def mark(octets: bytes, status: int = 200) -> Setup:
    return Setup(files={"/logo.pem": File(octets, "application/x-pem-file", status)})


LOGOS = {
    "missing": (logo(b"", status=404), "logo.unreachable", "broken"),
    "said to be HTML": (logo(LOGO, "text/html"), "logo.media_type", "broken"),
    "a script": (logo(LOGO.replace(b"<path", b"<script/><path")), "logo.script", "broken"),
    "a script in an attribute": (
        logo(LOGO.replace(b"<path", b'<path onclick="x()"')),
        "logo.script",
        "broken",
    ),
    "not square": (logo(LOGO.replace(b"10 10", b"10 20")), "logo.square", "broken"),
    "no shape": (logo(LOGO.replace(b'viewBox="0 0 10 10"', b"")), "logo.view_box", "broken"),
    "no title": (logo(LOGO.replace(b"<title>Good</title>", b"")), "logo.title", "broken"),
    "a picture inside": (
        logo(LOGO.replace(b"<path", b"<image/><path")),
        "logo.forbidden",
        "broken",
    ),
    "another profile": (logo(LOGO.replace(b"tiny-ps", b"full")), "logo.profile", "broken"),
    "something from outside": (
        logo(LOGO.replace(b"<path", b'<use href="https://x.example/a"/><path')),
        "logo.external",
        "broken",
    ),
    "entities": (logo(b'<!DOCTYPE svg [<!ENTITY a "b">]>' + LOGO), "logo.doctype", "broken"),
    "no XML": (logo(b"GIF89a"), "logo.unreadable", "broken"),
    "large": (
        logo(LOGO.replace(b"<path", b"<desc>" + b"x" * 40_000 + b"</desc><path")),
        "logo.large",
        "attention",
    ),
    "no certificate there": (mark(b"", 404), "certificate.unreachable", "broken"),
    "no PEM": (mark(b"hello"), "certificate.unreadable", "broken"),
    "a certificate for another domain": (
        mark(pem(host="other.example")),
        "certificate.names",
        "broken",
    ),
    "an expired one": (mark(pem(host=DOMAIN, until=-1)), "certificate.expired", "broken"),
    "one that ends soon": (mark(pem(host=DOMAIN, until=9)), "certificate.expiring", "attention"),
    "one for something else": (
        mark(pem(host=DOMAIN, purpose=False)),
        "certificate.purpose",
        "broken",
    ),
}


@pytest.mark.parametrize("what", LOGOS)
def test_a_logo(world: World, what: str) -> None:
    setup, finding, verdict = LOGOS[what]
    report = world.check(setup)
    assert ids(report) - {"mx.no_ipv6"} == {f"bimi.{finding}"}
    assert told(report) == {"bimi": verdict}


def test_a_certificate_from_no_known_authority(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailgui.domain.bimi_certificate.mark_authorities", tuple)
    report = world.check(Setup())
    assert ids(report) - {"mx.no_ipv6"} == {"bimi.certificate.authority"}
    assert told(report) == {"bimi": "broken"}


@pytest.mark.parametrize(("picture", "same"), [(LOGO, True), (LOGO + b" ", False)])
def test_the_logo_in_the_certificate_is_compared(world: World, picture: bytes, same: bool) -> None:
    report = world.check(mark(pem(host=DOMAIN, picture=picture)))
    bimi = report.section("bimi")
    assert bimi
    details = bimi.details["certificate"]
    assert isinstance(details, dict)
    assert (details["authority"], details["same_logo"]) == ("Mark Co", same)
    found = set() if same else {"bimi.certificate.logo_differs"}
    assert ids(report) - {"mx.no_ipv6"} == found
    assert told(report) == ({} if same else {"bimi": "attention"})


def test_a_host_that_says_nothing_is_left_after_a_while(world: World) -> None:
    report = world.check(Setup(script=[Hold()], timeout=4.0))
    assert "mx.no_greeting" in ids(report)
    assert verdicts(report)["mx"] == "broken"

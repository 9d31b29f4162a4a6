import pytest

from mailgui.domain.dkim import check_dkim
from mailgui.domain.dkim_selectors import Vendor, selector_list
from mailgui.domain.section import Section
from mailgui.findings import Verdict
from tests.domain.test_dkim_key import ED, RSA, SHORT, rsa_key
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone

KEY = f"v=DKIM1; k=rsa; p={RSA}"


def zone(*entries: str, more: str = "") -> Zone:
    """Build a zone of ``selector text`` entries."""
    built = Zone(f"example.com A 192.0.2.1\n{more}")
    for entry in entries:
        selector, text = entry.split(" ", 1)
        pieces = [text[i : i + 200].encode() for i in range(0, len(text), 200)]
        built.add_txt(f"{selector}._domainkey.example.com", *pieces)
    return built


def dkim(
    built: Zone | str,
    *selectors: str,
    vendors: tuple[str, ...] = (),
    servers: list[NameServer] | None = None,
) -> Section:
    async def seen() -> tuple[Vendor, ...]:
        return tuple(v for v in selector_list().vendor if v.name in vendors)

    return against(
        built,
        lambda r: check_dkim("example.com", r, selectors=selectors, vendors_seen=seen),
        servers=servers,
    )


def ids(section: Section) -> list[str]:
    return [finding.id for finding in section.findings]


def test_keys_under_usual_selectors_are_found() -> None:
    section = dkim(zone(f"default {KEY}", f"google {KEY}", f"ed25519 v=DKIM1; k=ed25519; p={ED}"))
    assert section.verdict is Verdict.PASS
    assert section.summary == "3 keys found, 2048 bits, Ed25519"
    selectors = section.details["selectors"]
    assert isinstance(selectors, list)
    assert {s["selector"] for s in selectors} == {"default", "google", "ed25519"}
    assert section.records[0].startswith("default: v=DKIM1; k=rsa; p=MII")


def test_an_nxdomain_above_saves_the_sweep() -> None:
    servers: list[NameServer] = []
    section = dkim("example.com A 192.0.2.1", servers=servers)
    assert section.verdict is Verdict.NOT_SET_UP
    assert ids(section) == ["dkim.none"]
    assert len(servers[0].asked) == 2


def test_vendors_that_were_seen_are_asked_for_in_spite_of_it() -> None:
    """Some servers answer NXDOMAIN for a name that has names below it."""
    built = zone(f"google {KEY}", more="_domainkey.example.com @nxdomain")
    servers: list[NameServer] = []
    section = dkim(built, vendors=("Google Workspace",), servers=servers)
    assert section.verdict is Verdict.PASS
    assert len(servers[0].asked) == 3


def test_keys_that_cannot_be_guessed_are_never_called_missing() -> None:
    section = dkim(zone("20240101abc " + KEY), vendors=("Amazon SES",))
    assert section.verdict is Verdict.UNCHECKED
    assert ids(section) == ["dkim.undiscovered"]
    assert "Amazon SES" in section.findings[0].explanation
    assert "missing" not in section.findings[0].title


def test_given_selectors_are_looked_up_whatever_the_rest_says() -> None:
    section = dkim(zone("20240101abc " + KEY), "20240101ABC")
    assert section.verdict is Verdict.PASS
    section = dkim("example.com A 192.0.2.1", "mine")
    assert section.verdict is Verdict.BROKEN
    assert ids(section) == ["dkim.missing"]


def test_a_given_selector_that_is_silent_is_unchecked() -> None:
    section = dkim(zone(more="mine._domainkey.example.com @timeout"), "mine")
    assert section.verdict is Verdict.UNCHECKED
    assert ids(section) == ["dkim.unchecked"]


def test_silence_above_is_unchecked() -> None:
    section = dkim("_domainkey.example.com @servfail\nexample.com A 192.0.2.1")
    assert section.verdict is Verdict.UNCHECKED
    assert ids(section) == ["dkim.unchecked"]


def test_a_wildcard_is_told_and_not_swept() -> None:
    servers: list[NameServer] = []
    section = dkim(zone(f"* {KEY}"), servers=servers)
    assert ids(section) == ["dkim.wildcard"]
    assert section.verdict is Verdict.ATTENTION
    assert len(servers[0].asked) == 2


@pytest.mark.parametrize(
    ("text", "finding", "verdict"),
    [
        ("v=DKIM1; p=", "dkim.key.revoked", "attention"),
        (f"v=DKIM1; p={SHORT}", "dkim.key.too_short", "broken"),
        (f"v=DKIM1; p={rsa_key(1024)}", "dkim.key.short", "attention"),
        (f"v=DKIM1; p={rsa_key(4096 + 8)}", "dkim.key.long", "attention"),
        (f"v=DKIM1; t=y; p={RSA}", "dkim.key.testing", "attention"),
        ("v=DKIM1; p=no key!", "dkim.key.invalid", "broken"),
        (f"v=DKIM1; h=sha1; p={RSA}", "dkim.key.invalid", "broken"),
    ],
)
def test_each_fault_of_a_key(text: str, finding: str, verdict: str) -> None:
    section = dkim(zone(f"default {text}"))
    assert finding in ids(section)
    assert section.verdict == verdict


def test_two_records_under_one_selector() -> None:
    section = dkim(zone(f"default {KEY}", "default v=DKIM1; p="))
    assert ids(section) == ["dkim.multiple"]
    assert section.verdict is Verdict.BROKEN


def test_a_cname_names_the_vendor() -> None:
    built = zone(more="s1._domainkey.example.com CNAME s1.domainkey.u1.wl.sendgrid.net.")
    built.add_txt("s1.domainkey.u1.wl.sendgrid.net", KEY[:200].encode(), KEY[200:].encode())
    section = dkim(built)
    selectors = section.details["selectors"]
    assert isinstance(selectors, list)
    assert selectors[0]["vendor"] == "SendGrid"


def test_a_txt_record_that_is_no_key_is_passed_over_unless_asked_for() -> None:
    built = zone("default hello")
    assert dkim(built).verdict is Verdict.UNCHECKED
    assert ids(dkim(built, "default")) == ["dkim.key.invalid", "dkim.key.invalid"]


def test_for_many_domains_a_key_under_a_usual_selector_is_enough() -> None:
    zone = (
        f"default._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}\n"
        f"zendesk2._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}"
    )
    for thorough, found in ((True, {"default", "zendesk2"}), (False, {"default"})):
        section = against(zone, lambda r, t=thorough: check_dkim("example.com", r, thorough=t))
        selectors = section.details["selectors"]
        assert isinstance(selectors, list)
        assert {selector["selector"] for selector in selectors} == found


def test_without_one_the_search_goes_on_for_many_domains_too() -> None:
    zone = f"zendesk2._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}"
    section = against(zone, lambda r: check_dkim("example.com", r, thorough=False))
    assert section.verdict.value == "pass"


def test_learned_selectors_are_looked_up_and_no_fault_when_gone() -> None:
    zone = f"odd1._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}"
    section = against(zone, lambda r: check_dkim("example.com", r, learned=("odd1", "gone")))
    assert (section.verdict.value, section.findings) == ("pass", ())

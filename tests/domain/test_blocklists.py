import json
from ipaddress import ip_address

import pytest

from mailgui.domain.blocklist_data import BlockList, block_lists, entry_of
from mailgui.domain.blocklists import MAX_ADDRESSES, check_blocklists
from mailgui.domain.section import Section
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone

IP = BlockList("Some List", "list.test", "ip", "https://h", "https://r", ipv6=True, grave=True,
               codes={"127.0.0.2": "spam"})  # fmt: skip
SMALL = BlockList("Small", "small.test", "ip", "https://h", "ask them")
NAMES = BlockList("Names", "names.test", "domain", "https://h", "https://r", grave=True,
                  listed="test", clean="invalid", base="organizational", refusals=("127.0.0.1",),
                  mask={"2": "black", "8": "red"})  # fmt: skip
WORKS = "2.0.0.127.list.test A 127.0.0.2\n"
LISTED = WORKS + "1.2.0.192.list.test A 127.0.0.2\n"


def checked(
    zone: Zone | str,
    *lists: BlockList,
    addresses: tuple[str, ...] = ("192.0.2.1",),
    servers: list[NameServer] | None = None,
) -> Section:
    async def sources() -> tuple[str, ...]:
        return addresses

    return against(
        zone,
        lambda r: check_blocklists("mail.example.com", r, sources, lists=lists or (IP,)),
        servers=servers,
    )


def ids(section: Section) -> list[str]:
    return [finding.id for finding in section.findings]


def test_not_listed() -> None:
    section = checked(WORKS)
    assert (section.verdict.value, section.findings) == ("pass", ())
    assert section.summary == "on none of 1 list"


def test_a_listing_with_its_meaning_words_and_way_out() -> None:
    section = checked(LISTED + "1.2.0.192.list.test TXT because of spam")
    assert (section.verdict.value, ids(section)) == ("broken", ["blocklists.listed"])
    finding = section.findings[0]
    assert "192.0.2.1" in finding.title
    assert "spam" in finding.explanation
    assert "https://r" in finding.fix
    assert finding.evidence == ("192.0.2.1: 127.0.0.2", "because of spam")
    assert section.records == ("192.0.2.1 on Some List: 127.0.0.2 (spam)",)
    json.dumps(section.details)


def test_a_listing_on_a_small_list_is_for_attention() -> None:
    zone = "2.0.0.127.small.test A 127.0.0.2\n1.2.0.192.small.test A 127.0.0.9"
    section = checked(zone, SMALL)
    assert section.verdict.value == "attention"
    assert "does not say why" in section.findings[0].explanation


@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255"])
def test_a_refusal_is_no_listing(code: str) -> None:
    for zone in (f"*.list.test A {code}", WORKS + f"1.2.0.192.list.test A {code}"):
        section = checked(zone)
        assert (section.verdict.value, ids(section)) == ("unchecked", ["blocklists.unchecked"])
        assert "Some List" in section.findings[0].evidence[0]


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("*.list.test A 127.0.0.2", "lists everything"),
        ("*.list.test A 203.0.113.9", "took it over"),
        ("", "lacks the entry"),
        ("2.0.0.127.list.test @timeout", "(timeout)"),
        ("2.0.0.127.list.test @servfail", "(servfail)"),
        ("2.0.0.127.list.test @refused", "(refused)"),
        (WORKS + "1.2.0.192.list.test @servfail", "(servfail)"),
        (WORKS + "1.2.0.192.list.test A 203.0.113.9", "took it over"),
    ],
)
def test_a_list_that_cannot_be_relied_on_is_unchecked(zone: str, words: str) -> None:
    section = checked(zone)
    assert (section.verdict.value, ids(section)) == ("unchecked", ["blocklists.unchecked"])
    assert words in " ".join(section.findings[0].evidence)


def test_a_listing_counts_also_where_the_test_entry_is_missing() -> None:
    """It tells things apart, since it does not have what it must not have."""
    assert checked("1.2.0.192.list.test A 127.0.0.2").verdict.value == "broken"
    entries = checked("9.2.0.192.list.test A 127.0.0.2").details["entries"]
    assert [e["status"] for e in entries] == ["unchecked"]  # type: ignore[attr-defined]


def test_a_list_whose_zone_is_gone_is_not_asked_about_addresses() -> None:
    servers: list[NameServer] = []
    checked("", addresses=("192.0.2.1", "192.0.2.2"), servers=servers)
    assert [name for name, _ in servers[0].questions()] == ["2.0.0.127.list.test", "list.test"]


def test_ipv6_in_nibbles_where_the_list_has_it() -> None:
    entry = entry_of("2001:db8::1")
    assert len(entry.split(".")) == 32
    zone = WORKS + f"{entry}.list.test A 127.0.0.2\n2.0.0.127.small.test A 127.0.0.2"
    section = checked(zone, IP, SMALL, addresses=("2001:db8::1",))
    entries = section.details["entries"]
    assert [(e["list"], e["target"]) for e in entries] == [("Some List", "2001:db8::1")]  # type: ignore[attr-defined]


def test_addresses_are_bounded_and_those_of_this_machine_left_out() -> None:
    many = ("127.0.0.5", "::1", *(str(ip_address(0xC0000200 + n)) for n in range(40)))
    section = checked(WORKS, addresses=many)
    addresses = section.details["addresses"]
    assert isinstance(addresses, list)
    assert len(addresses) == MAX_ADDRESSES
    assert "127.0.0.5" not in addresses


def test_a_domain_on_a_list_of_registered_domains() -> None:
    zone = "test.names.test A 127.0.0.2\nexample.com.names.test A 127.0.0.10"
    section = checked(zone, NAMES)
    assert ids(section) == ["blocklists.domain_listed"]
    assert "black, red" in section.findings[0].explanation


def test_its_own_way_of_refusing() -> None:
    zone = "test.names.test A 127.0.0.2\nexample.com.names.test A 127.0.0.1"
    assert checked(zone, NAMES).verdict.value == "unchecked"


def test_an_address_that_should_not_send_directly_is_for_attention() -> None:
    zen = next(each for each in block_lists() if each.zone == "zen.spamhaus.org")
    zone = f"2.0.0.127.{zen.zone} A 127.0.0.2\n1.2.0.192.{zen.zone} A 127.0.0.10"
    assert checked(zone, zen).verdict.value == "attention"


def test_the_lists_that_ship() -> None:
    lists = block_lists()
    assert len({each.zone for each in lists}) == len(lists) >= 12
    for each in lists:
        assert each.home.startswith("https://")
        assert each.removal.startswith("https://") or each.removal.endswith(".")
        assert all(int(bit) in (1, 2, 4, 8, 16, 32, 64, 128) for bit in each.mask)
        assert all(code.startswith("127.") for code in (*each.codes, *each.refusals))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("127.0.0.1", "by way of this name server"),
        ("127.255.255.252", "misspelt, or has ended"),
        ("127.255.255.254", "by way of large public resolvers"),
        ("127.255.255.255", "too many questions"),
    ],
)
@pytest.mark.parametrize("where", ["2.0.0.127", "1.2.0.192"])
def test_each_way_of_refusing_is_told_apart_and_is_no_listing(
    code: str, words: str, where: str
) -> None:
    zone = WORKS if where.startswith("1") else ""
    section = checked(f"{zone}{where}.list.test A {code}")
    assert section.verdict.value == "unchecked"
    (entry,) = section.details["entries"]  # type: ignore[misc]
    assert words in entry["reason"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("Spamhaus ZEN", "127.0.0.30", "BCL"),
        ("Spamhaus ZEN", "127.0.0.7", ""),  # not in use: the list does not say why
        ("Spamhaus DBL", "127.0.1.2", "low reputation"),
        ("Mailspike", "127.0.0.2", "wave"),
        ("blocklist.de", "127.0.0.15", "web server"),
        ("DroneBL", "127.0.0.15", "router"),
        ("SURBL", "127.0.0.36", "a disposable-mail domain, it counts clicks in unwanted mail"),
    ],
)
def test_what_codes_mean(name: str, code: str, words: str) -> None:
    (each,) = [each for each in block_lists() if each.name == name]
    meaning = each.meaning(code)
    assert words in meaning
    assert bool(meaning) is bool(words)


def test_lists_of_several_codes_say_where_these_are_documented() -> None:
    for each in block_lists():
        assert bool(each.source) or len(each.codes) + len(each.mask) <= 1, each.name

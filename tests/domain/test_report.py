import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence

import dns.message
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgui.domain.report import SECTIONS, DomainReport, Section, check, to_json_dict, with_section
from mailgui.findings import Severity, Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dns_message import parse_answer
from mailgui.net.dns_question import make_question
from mailgui.net.dns_reply import read_reply
from mailgui.net.resolver import Resolver
from mailgui.transcript import Event, Phase
from tests.domain.test_dkim_key import ED
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone

GOOD = f"""
example.com MX 10 mx.example.com.
example.com TXT v=spf1 mx include:_spf.example.net -all
mx.example.com A 192.0.2.1
1.2.0.192.in-addr.arpa PTR mx.example.com.
_spf.example.net TXT v=spf1 ip4:198.51.100.0/24 -all
default._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}
_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:d@example.com
_mta-sts.example.com TXT v=STSv1; id=1
_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:t@example.com
default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg; a=https://example.com/c.pem
"""
NAMES = list(SECTIONS)
ELSEWHERE = {  # what a domain need not have, and lists that are not there to be asked
    "dane": "not_set_up",
    "dnssec": "not_set_up",
    "blocklists": "unchecked",
    "caa": "not_set_up",
}


def report(
    zone: Zone | str,
    domain: str = "example.com",
    *,
    servers: list[NameServer] | None = None,
    on_section: Callable[[Section], None] | None = None,
    selectors: tuple[str, ...] = (),
    only: str = "",
) -> DomainReport:
    return against(
        zone,
        lambda r: check(
            domain,
            resolver=r,
            on_section=on_section,
            selectors=selectors,
            dns_only=True,
            only=only,
        ),
        servers=servers,
    )


def verdicts(result: DomainReport) -> dict[str, str]:
    return {section.name: section.verdict.value for section in result.sections}


def test_a_domain_in_order_passes_everywhere() -> None:
    result = report(GOOD)
    assert verdicts(result) == dict.fromkeys(NAMES, "pass") | ELSEWHERE
    assert {f.severity for f in result.findings} == {Severity.INFO}
    assert result.sentence == (
        "Receivers can verify mail from example.com, and mail that fakes it is refused."
    )


def test_the_document() -> None:
    document = json.loads(json.dumps(to_json_dict(report(GOOD))))
    assert document["domain"] == "example.com"
    assert document["queries"] == len(document["answers"]) > 20
    assert 0 < document["dns_ms"] <= document["elapsed_ms"]
    for name in NAMES:
        assert set(document[name]) >= {"verdict", "records", "findings"}
    assert set(document["dmarc"]) >= {"rfc9989", "rfc7489"}
    assert document["spf"]["lookups_total"] == 2


def test_each_question_is_asked_once() -> None:
    servers: list[NameServer] = []
    report(GOOD, servers=servers)
    questions = servers[0].questions()
    assert len(questions) == len(set(questions))


def test_sections_are_told_as_they_are_ready_and_stand_in_order_at_the_end() -> None:
    told: list[str] = []
    result = report(GOOD, on_section=lambda s: told.append(s.name))
    assert sorted(told) == sorted(NAMES)
    assert told.index("bimi") < told.index("mx")
    assert [s.name for s in result.sections] == NAMES


def test_a_silent_server_is_unchecked_everywhere_and_never_absent() -> None:
    def nothing(query: object, tcp: bool) -> list[bytes]:
        return []

    async def main() -> DomainReport:
        async with NameServer(handler=nothing) as server:
            resolver = Resolver(server.address, timeout=0.1)
            try:
                return await check("example.com", resolver=resolver, dns_only=True)
            finally:
                await resolver.close()

    result = asyncio.run(main())
    assert verdicts(result) == dict.fromkeys(NAMES, "unchecked")
    assert all(f.id.endswith(".unchecked") for f in result.findings)
    assert result.sentence == "example.com could not be checked: the name server gave no answers."


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("other.example A 192.0.2.1", "example.com does not exist: mail from it will be refused."),
        (
            "example.com A 192.0.2.1",
            (
                "Receivers cannot tell whether mail from example.com is genuine, and anyone can "
                "fake it: it has no DMARC record."
            ),
        ),
        (
            GOOD.replace("p=reject", "p=none"),
            (
                "Receivers can verify mail from example.com, and anyone can fake it: DMARC asks "
                "receivers to do nothing."
            ),
        ),
        (
            GOOD.replace("v=spf1 mx", "v=spf1 moo mx"),
            (
                "Mail from example.com risks being refused: the SPF record cannot be read at "
                "“moo”, and mail that fakes it is refused."
            ),
        ),
        (
            (
                "example.com TXT v=spf1 -all\nexample.com MX 0 .\n"
                "_dmarc.example.com TXT v=DMARC1; p=reject"
            ),
            "example.com says that it sends no mail, and mail that fakes it is refused.",
        ),
        (
            GOOD.replace("p=reject", "p=quarantine") + "example.com @servfail MX",
            (
                "Receivers can verify mail from example.com, and mail that fakes it is sent to "
                "spam; MX could not be looked up."
            ),
        ),
        (
            GOOD.replace("v=DMARC1", "v=dmarc1"),
            (
                "Receivers can verify mail from example.com, and anyone can fake it: its DMARC "
                "record does not count."
            ),
        ),
    ],
)
def test_the_sentence(zone: str, sentence: str) -> None:
    assert report(zone).sentence == sentence


def test_a_vendor_seen_in_spf_is_looked_up_below_a_wrong_nxdomain() -> None:
    zone = (
        "example.com TXT v=spf1 include:_spf.google.com -all\n"
        "_spf.google.com TXT v=spf1 ip4:192.0.2.0/24 -all\n"
        "_domainkey.example.com @nxdomain\n"
        f"google._domainkey.example.com TXT v=DKIM1; k=ed25519; p={ED}"
    )
    section = report(zone).section("dkim")
    assert section is not None
    assert section.verdict is Verdict.PASS


def test_given_selectors_are_looked_up() -> None:
    section = report(GOOD, selectors=("Mine", "mine")).section("dkim")
    assert section is not None
    assert [f.id for f in section.findings] == ["dkim.missing"]


def test_a_domain_that_takes_no_mail_is_offered_the_strictest_spf_record() -> None:
    section = report("example.com MX 0 .").section("spf")
    assert section is not None
    assert section.findings[0].record == 'example.com. IN TXT "v=spf1 -all"'


@pytest.mark.parametrize("domain", ["", "com", "a..b", "[192.0.2.1]", "x y.com"])
def test_a_malformed_domain_is_one_sentence(domain: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        report("", domain)


def test_a_malformed_selector_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="not a DKIM selector"):
        report("", selectors=("a..b",))


def test_what_is_asked_can_be_watched() -> None:
    seen: list[str] = []

    class Watcher:
        def event(self, event: Event) -> None:
            seen.append(event.text)

        def phase_started(self, name: str, at: float) -> None: ...

        def phase_ended(self, phase: Phase) -> None: ...

    against(GOOD, lambda r: check("example.com", resolver=r, observer=Watcher(), dns_only=True))
    assert "example.com MX?" in seen
    assert "MX 10 mx.example.com." in seen


class Rounds:
    """Answers from a zone, all questions under way at once, and counts how often it had to."""

    def __init__(self, zone: str) -> None:
        self.rounds = 0
        self._server = NameServer(zone)
        self._waiting: list[asyncio.Future[None]] = []

    async def ask_each(
        self, names: Sequence[str], rdtype: str, *, recorder: object = None
    ) -> list[Answer]:
        return list(await asyncio.gather(*(self.ask(name, rdtype) for name in names)))

    async def ask(
        self, name: str, rdtype: str, *, recorder: object = None, signed: bool = False
    ) -> Answer:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn
        question = make_question(name, rdtype)
        query = dns.message.from_wire(question.to_wire(1))
        reply = read_reply(self._server.respond(query).to_wire(), question, 1)
        assert reply is not None
        parsed = parse_answer(reply, question)
        status = {"NXDOMAIN": "nxdomain"}.get(parsed.rcode, "found" if parsed.records else "nodata")
        return Answer(
            name, rdtype, AnswerStatus(status), parsed.records, parsed.strings, cname=parsed.chain
        )

    async def run(self, work: Coroutine[None, None, DomainReport]) -> DomainReport:
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(20):  # until everybody who can ask has asked
                await asyncio.sleep(0)
            waiting, self._waiting = self._waiting, []
            self.rounds += bool(waiting)
            for turn in waiting:
                if not turn.done():
                    turn.set_result(None)
        return await task


def test_it_takes_no_longer_than_the_longest_chain_of_questions() -> None:
    """SPF's record, an include in it, an include in that, an address in that: four."""
    zone = GOOD.replace("ip4:198.51.100.0/24", "include:b.example.net") + (
        "b.example.net TXT v=spf1 a:c.example.net -all\nc.example.net A 192.0.2.9\n"
    )
    rounds = Rounds(zone)
    result = asyncio.run(rounds.run(check("example.com", resolver=rounds, dns_only=True)))
    assert verdicts(result)["spf"] == "pass"
    assert rounds.rounds == 4


texts = st.one_of(
    st.sampled_from(
        [
            "v=spf1 include:a.example.com redirect=b.example.com",
            "v=spf1 a mx ptr exists:%{i}.x -all",
            "v=DMARC1; p=x; sp=y; rua=mailto:a@b..c,mailto:x@y.example!3", "v=DMARC1",
            "v=dmarc1;p", "v=DKIM1; p=", "v=DKIM1; k=ed25519; p=AAAA", "v=STSv1",
            "v=TLSRPTv1;rua", "v=BIMI1;l=;;", "v=BIMI1; l=https://[; a=https://x:99999999/",
        ]
    ),
    st.text(min_size=1, max_size=40, alphabet=st.characters(codec="latin-1")),
)  # fmt: skip
owners = st.sampled_from(
    ["example.com", "_dmarc.example.com", "_dmarc.com", "default._domainkey.example.com",
    "*.example.com", "_mta-sts.example.com", "_smtp._tls.example.com",
    "default._bimi.example.com", "a.example.com", "_25._tcp.a.example.com", "zen.spamhaus.org",
    "*.zen.spamhaus.org", "2.0.0.127.zen.spamhaus.org", "*.multi.surbl.org"]
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=st.lists(st.tuples(owners, texts), max_size=8),
    mx=st.lists(st.sampled_from([".", "a.example.com.", "10.0.0.1.", "x.y."]), max_size=4),
    aliases=st.lists(st.tuples(owners, owners), max_size=2),
    faults=st.lists(
        st.tuples(owners, st.sampled_from(["servfail", "garbage", "truncate_always", "refused"])),
        max_size=2,
    ),
    others=st.lists(
        st.tuples(
            owners,
            st.sampled_from(["TLSA", "CAA", "DS", "DNSKEY", "RRSIG", "A", "AAAA", "SOA", "SPF"]),
            st.binary(max_size=40),
        ),
        max_size=6,
    ),
)
def test_no_zone_makes_it_crash_hang_or_ask_without_end(
    records: list[tuple[str, str]],
    mx: list[str],
    aliases: list[tuple[str, str]],
    faults: list[tuple[str, str]],
    others: list[tuple[str, str, bytes]],
) -> None:
    zone = Zone("\n".join(f"{name} @{fault}" for name, fault in faults))
    for name, text in records:
        zone.add_txt(name, text.encode("latin-1"))
    for preference, host in enumerate(mx):
        zone.add("example.com", "MX", f"{preference} {host}")
    for name, target in aliases:
        zone.add(name, "CNAME", f"{target}.")
    for name, rdtype, octets in others:
        number = dns.rdatatype.from_text(rdtype)
        zone.add_rdata(name, number, dns.rdata.GenericRdata(dns.rdataclass.IN, number, octets))
    servers: list[NameServer] = []
    result = report(zone, servers=servers)
    json.dumps(to_json_dict(result))
    assert [s.name for s in result.sections] == NAMES
    assert result.sentence.endswith(".")
    assert len(servers[0].asked) <= 700


def test_one_section_can_be_checked_alone_and_takes_its_place() -> None:
    first = report(GOOD)
    again = report(GOOD.replace("v=spf1", "v=spf2"), only="spf")
    assert [section.name for section in again.sections] == ["spf"]
    assert again.queries < first.queries
    merged = with_section(first, again)
    assert [s.name for s in merged.sections] == [s.name for s in first.sections]
    assert merged.section("spf") == again.section("spf")
    assert merged.section("dmarc") == first.section("dmarc")
    assert set(again.findings) <= set(merged.findings)
    assert merged.sentence != first.sentence

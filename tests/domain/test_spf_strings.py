from mailgui.domain.section import Section
from mailgui.domain.spf_section import spf_section, spf_tree
from mailgui.net.resolver import Resolver
from tests.support.asking import against
from tests.support.name_server import Zone


def spf(zone: Zone) -> Section:
    async def work(resolver: Resolver) -> Section:
        tree = await spf_tree("example.com", resolver)
        obsolete = await resolver.ask("example.com", "SPF")
        return spf_section("example.com", tree, obsolete=obsolete)

    return against(zone, work)


def ids(section: Section) -> set[str]:
    return {finding.id for finding in section.findings}


def test_strings_without_a_blank_between_them() -> None:
    zone = Zone().add_txt("example.com", b"v=spf1 ip4:11.0.0.1", b"ip4:11.0.0.2 -all")
    section = spf(zone)
    assert "spf.strings.glued" in ids(section)
    glued = next(f for f in section.findings if f.id == "spf.strings.glued")
    assert glued.evidence == ("v=spf1 ip4:11.0.0.1ip4:11.0.0.2 -all",)
    assert glued.record == 'example.com. IN TXT "v=spf1 ip4:11.0.0.1 ip4:11.0.0.2 -all"'


def test_strings_with_a_blank_or_cut_in_the_middle_are_in_order() -> None:
    for strings in ((b"v=spf1 ip4:11.0.0.1 ", b"-all"), (b"v=spf1 ip4:11.0", b".0.1 -all")):
        assert ids(spf(Zone().add_txt("example.com", *strings))) == set()


def test_needlessly_many_strings() -> None:
    strings = [b"v=spf1 ip4:11.0.0.1 ", *[b" "] * 12, b"-all"]
    assert ids(spf(Zone().add_txt("example.com", *strings))) == {"spf.strings.many"}


def test_records_of_the_type_that_is_given_up() -> None:
    zone = Zone("example.com TXT v=spf1 -all").add("example.com", "SPF", '"v=spf1 -all"')
    section = spf(zone)
    assert (section.verdict.value, ids(section)) == ("attention", {"spf.type99"})

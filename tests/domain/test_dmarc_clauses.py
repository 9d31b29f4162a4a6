"""RFC 9989, clause by clause, through the report's DMARC section: which record counts, for whom."""

import pytest

from mailgui.domain.dmarc import check_dmarc
from mailgui.domain.section import Section
from tests.support.asking import against
from tests.support.name_server import NameServer

DEEP = "a.b.c.d.e.f.g.h.i.j.k.corp.test"  # thirteen labels


def section(records: dict[str, str], domain: str, more: str = "") -> tuple[Section, NameServer]:
    servers: list[NameServer] = []
    zone = "\n".join(f"_dmarc.{name} TXT v=DMARC1; {tags}" for name, tags in records.items())
    exists = "" if "@" in more else f"{domain} A 192.0.2.1\n"
    found = against(f"{exists}{zone}\n{more}", lambda r: check_dmarc(domain, r), servers=servers)
    return found, servers[0]


@pytest.mark.parametrize(
    ("records", "domain", "organizational", "source", "policy"),
    [
        # 4.10.1: the author domain's own record is applied; 4.10.2: the shortest name is the
        # organization
        ({"corp.test": "p=reject"}, "corp.test", "corp.test", "corp.test", "reject"),
        ({"corp.test": "p=reject"}, "a.corp.test", "corp.test", "corp.test", "reject"),
        ({"corp.test": "p=reject; sp=none"}, "a.corp.test", "corp.test", "corp.test", "none"),
        (
            {"a.corp.test": "p=none", "corp.test": "p=reject"},
            "a.corp.test",
            "corp.test",
            "a.corp.test",
            "none",
        ),
        # a record between the two counts for neither
        (
            {"b.corp.test": "p=none", "corp.test": "p=reject"},
            "a.b.corp.test",
            "corp.test",
            "corp.test",
            "reject",
        ),
        ({"b.corp.test": "p=none"}, "a.b.corp.test", "b.corp.test", "b.corp.test", "none"),
        # no record at all: the starting name
        ({}, "a.corp.test", "a.corp.test", None, None),
        # psd=n: the walk ends, that name is the organization
        (
            {"b.corp.test": "p=none; psd=n", "corp.test": "p=reject"},
            "a.b.corp.test",
            "b.corp.test",
            "b.corp.test",
            "none",
        ),
        (
            {"a.corp.test": "p=quarantine; psd=n", "corp.test": "p=reject"},
            "a.corp.test",
            "a.corp.test",
            "a.corp.test",
            "quarantine",
        ),
        # psd=y: one label below, also where nothing stands there
        (
            {"test": "p=none; psd=y", "corp.test": "p=reject"},
            "a.corp.test",
            "corp.test",
            "corp.test",
            "reject",
        ),
        ({"test": "p=quarantine; psd=y"}, "a.corp.test", "corp.test", "test", "quarantine"),
        ({"test": "p=none; sp=reject; psd=y"}, "corp.test", "corp.test", "test", "reject"),
        # a walk that ends there does not see what is above
        (
            {"corp.test": "p=none; psd=y", "test": "p=reject"},
            "a.b.corp.test",
            "b.corp.test",
            "corp.test",
            "none",
        ),
        # psd=y at the starting name: that name
        ({"corp.test": "p=reject; psd=y"}, "corp.test", "corp.test", "corp.test", "reject"),
        # psd=u, psd in capitals, psd with an unknown value
        (
            {"b.corp.test": "p=none; psd=u", "corp.test": "p=reject"},
            "a.b.corp.test",
            "corp.test",
            "corp.test",
            "reject",
        ),
        (
            {"b.corp.test": "p=none; psd=N", "corp.test": "p=reject"},
            "a.b.corp.test",
            "b.corp.test",
            "b.corp.test",
            "none",
        ),
        (
            {"b.corp.test": "p=none; psd=x", "corp.test": "p=reject"},
            "a.b.corp.test",
            "corp.test",
            "corp.test",
            "reject",
        ),
        # the top-level domain without psd: it has the fewest labels
        ({"test": "p=none", "corp.test": "p=reject"}, "corp.test", "test", "corp.test", "reject"),
        # more than eight labels: only the last seven and the name itself are looked at
        ({"corp.test": "p=reject"}, DEEP, "corp.test", "corp.test", "reject"),
        ({DEEP: "p=none", "corp.test": "p=reject"}, DEEP, "corp.test", DEEP, "none"),
        ({"f.g.h.i.j.k.corp.test": "p=none; psd=n"}, DEEP, DEEP, None, None),
        (
            {"g.h.i.j.k.corp.test": "p=none; psd=n", "corp.test": "p=reject"},
            DEEP,
            "g.h.i.j.k.corp.test",
            "g.h.i.j.k.corp.test",
            "none",
        ),
        # a policy that cannot be read, below one that can
        (
            {"a.corp.test": "p=x", "corp.test": "p=reject"},
            "a.corp.test",
            "corp.test",
            "a.corp.test",
            None,
        ),
        (
            {"a.corp.test": "p=x; rua=mailto:a@corp.test", "corp.test": "p=reject"},
            "a.corp.test",
            "corp.test",
            "a.corp.test",
            "none",
        ),
    ],
)
def test_which_record_counts(
    records: dict[str, str],
    domain: str,
    organizational: str,
    source: str | None,
    policy: str | None,
) -> None:
    found, server = section(records, domain)
    view = found.details["rfc9989"]
    assert isinstance(view, dict)
    assert view["organizational_domain"] == organizational
    assert view["record_domain"] == source
    assert view["policy"]["domain"] == policy
    walked = [name for name, rdtype in server.questions("TXT") if name.startswith("_dmarc.")]
    assert len(walked) <= 9  # eight, and that of RFC 7489's organizational domain
    assert len(view["walk"]) <= 8


@pytest.mark.parametrize(
    ("more", "policy"),
    [
        ("a.corp.test @nxdomain", "reject"),  # np
        ("a.corp.test @insecure\na.corp.test A 192.0.2.1", "none"),  # sp
        ("a.corp.test @insecure\nb.a.corp.test A 192.0.2.1", "none"),  # an empty name exists
        ("a.corp.test @insecure\na.corp.test CNAME gone.test.", "none"),  # so does a dangling alias
        ("a.corp.test @servfail", "none"),  # whether it exists is not known
    ],
)
def test_np_is_for_names_that_do_not_exist(more: str, policy: str) -> None:
    found, _ = section({"corp.test": "p=quarantine; sp=none; np=reject"}, "a.corp.test", more)
    view = found.details["rfc9989"]
    assert isinstance(view, dict)
    assert view["policy"]["domain"] == policy


@pytest.mark.parametrize(
    "second", ["v=DMARC1; p=quarantine", "v=DMARC1", "v=DMARC1; p=reject; rua=mailto:a@corp.test"]
)
def test_of_several_records_at_one_name_none_counts(second: str) -> None:
    found, _ = section(
        {"a.corp.test": "p=none", "corp.test": "p=reject"},
        "a.corp.test",
        f"_dmarc.a.corp.test TXT {second}",
    )
    view = found.details["rfc9989"]
    assert isinstance(view, dict)
    assert (view["record_domain"], view["policy"]["domain"]) == ("corp.test", "reject")
    assert "dmarc.multiple" in {finding.id for finding in found.findings}


@pytest.mark.parametrize("silent", ["a.b.corp.test", "b.corp.test", "corp.test"])
def test_silence_on_the_way_is_never_absence(silent: str) -> None:
    found, _ = section({}, "a.b.corp.test", f"_dmarc.{silent} @timeout\na.b.corp.test A 192.0.2.1")
    assert found.verdict.value == "unchecked"
    assert {finding.id for finding in found.findings} == {"dmarc.unchecked"}


def test_silence_of_the_authors_own_name_leaves_it_open_what_counts() -> None:
    found, _ = section(
        {"corp.test": "p=reject; rua=mailto:a@corp.test"},
        "a.corp.test",
        "_dmarc.a.corp.test @timeout\na.corp.test A 192.0.2.1",
    )
    assert found.verdict.value == "unchecked"

import pytest

from mailgui.domain.dmarc_walk import Walk, names_to_ask, walk
from tests.support.asking import against
from tests.support.name_server import NameServer


def run(zone: str, domain: str, servers: list[NameServer] | None = None) -> Walk:
    return against(zone, lambda r: walk(domain, r), servers=servers)


def test_the_example_of_the_standard() -> None:
    """RFC 9989, section 4.10: eight questions at most."""
    assert names_to_ask("a.b.c.d.e.f.g.h.i.j.k.example.com") == (
        "a.b.c.d.e.f.g.h.i.j.k.example.com",
        "g.h.i.j.k.example.com",
        "h.i.j.k.example.com",
        "i.j.k.example.com",
        "j.k.example.com",
        "k.example.com",
        "example.com",
        "com",
    )


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("com", ("com",)),
        ("example.com", ("example.com", "com")),
        ("a.b.c.d.e.f.g", tuple("a.b.c.d.e.f.g"[i:] for i in range(0, 13, 2))),
        ("a.b.c.d.e.f.g.h", tuple("a.b.c.d.e.f.g.h"[i:] for i in range(0, 15, 2))),
    ],
)
def test_names_on_the_way(domain: str, names: tuple[str, ...]) -> None:
    assert names_to_ask(domain) == names


REJECT = "TXT v=DMARC1; p=reject"


@pytest.mark.parametrize(
    ("zone", "domain", "organizational"),
    [
        # no record at all: the starting name
        ("", "mail.example.com", "mail.example.com"),
        # the record with the fewest labels wins
        (f"_dmarc.example.com {REJECT}", "mail.example.com", "example.com"),
        (
            f"_dmarc.example.com {REJECT}\n_dmarc.mail.example.com {REJECT}",
            "mail.example.com",
            "example.com",
        ),
        (f"_dmarc.com {REJECT}\n_dmarc.example.com {REJECT}", "a.example.com", "com"),
        # psd=n ends it at its name
        (
            f"_dmarc.example.com {REJECT}\n_dmarc.mail.example.com {REJECT}; psd=n",
            "a.mail.example.com",
            "mail.example.com",
        ),
        (
            f"_dmarc.example.com {REJECT}\n_dmarc.mail.example.com {REJECT}; psd=n",
            "mail.example.com",
            "mail.example.com",
        ),
        # psd=y: one label below, unless it is the starting name
        (f"_dmarc.com {REJECT}; psd=y", "a.b.example.com", "example.com"),
        (f"_dmarc.co.uk {REJECT}; psd=y", "a.example.co.uk", "example.co.uk"),
        (f"_dmarc.co.uk {REJECT}; psd=y", "co.uk", "co.uk"),
        # psd=u is as if it were not there
        (f"_dmarc.mail.example.com {REJECT}; psd=u", "mail.example.com", "mail.example.com"),
        # several records: all are discarded
        (
            (
                f"_dmarc.mail.example.com {REJECT}\n_dmarc.mail.example.com TXT v=DMARC1; p=none\n"
                f"_dmarc.example.com {REJECT}"
            ),
            "mail.example.com",
            "example.com",
        ),
        # what is no DMARC record does not count as one
        (
            f"_dmarc.example.com {REJECT}\n_dmarc.com TXT v=dmarc1; p=none",
            "example.com",
            "example.com",
        ),
    ],
)
def test_the_organizational_domain(zone: str, domain: str, organizational: str) -> None:
    assert run(zone, domain).organizational == organizational


def test_a_walk_asks_eight_questions_at_most() -> None:
    servers: list[NameServer] = []
    result = run("", "a.b.c.d.e.f.g.h.i.j.k.example.com", servers)
    assert len(servers[0].asked) == len(result.steps) == 8


def test_a_timeout_on_the_way_is_told() -> None:
    assert not run("_dmarc.example.com @timeout", "mail.example.com").complete
    assert run("", "mail.example.com").complete

"""LIMITS (RFC 9422): read, and kept to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.limits import fits, limit, portions
from mailgui.transcript import EhloAnswer
from tests.support.hostile import Octets


def offering(*parameters):
    return Capabilities(EhloAnswer(False, "mx", {"LIMITS": parameters}))


@pytest.mark.parametrize(
    ("parameters", "value"),
    [(("MAILMAX=5",), 5), (("mailmax=7", "RCPTMAX=1"), 7), (("MAILMAX=0",), None), ((), None),
     (("MAILMAX=x",), None), (("MAILMAX",), None)],
)  # fmt: skip
def test_limits_are_read(parameters, value):
    assert limit(offering(*parameters), "MAILMAX") == value


def test_portions_hold_everybody_once():
    message = Octets(recipients=tuple("abcde"))
    found = portions(message, offering("RCPTMAX=2"))
    assert [p.envelope.recipients for p in found] == [("a", "b"), ("c", "d"), ("e",)]
    assert {p.size for p in found} == {message.size}


def test_domains_are_counted_without_case():
    people = ("a@one.example", "b@ONE.example", "c@two.example", "d@two.example")
    found = portions(Octets(recipients=people), offering("RCPTDOMAINMAX=1"))
    assert [p.envelope.recipients for p in found] == [people[:2], people[2:]]


def test_without_limits_everybody_fits():
    assert fits(Octets(recipients=tuple("abc")), Capabilities())
    assert not fits(Octets(recipients=tuple("abc")), offering("RCPTMAX=2"))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["x.example", "y.example", "z"]))
    ),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_no_portion_breaks_a_limit_and_nobody_is_lost(people, most, domains):
    recipients = tuple(f"{name}@{domain}" for name, domain in people)
    found = portions(
        Octets(recipients=recipients), offering(f"RCPTMAX={most}", f"RCPTDOMAINMAX={domains}")
    )
    assert tuple(r for p in found for r in p.envelope.recipients) == recipients
    for portion in found:
        group = portion.envelope.recipients
        assert 0 < len(group) <= most
        assert len({r.rpartition("@")[2] for r in group}) <= domains

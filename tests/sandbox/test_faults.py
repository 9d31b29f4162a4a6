import re

import pytest

from mailgui.sandbox.faults import (
    DNS_FAULTS,
    RECIPIENT_FAULTS,
    SENDER_FAULTS,
    Fault,
    Moment,
    local_part,
    provoked,
    recipient_fault,
    sender_fault,
)

EVERY = [*RECIPIENT_FAULTS.items(), *SENDER_FAULTS.items()]


@pytest.mark.parametrize(("name", "fault"), EVERY, ids=[name for name, _ in EVERY])
def test_each_fault_is_well_formed(name: str, fault: Fault) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)?", name)
    assert fault.explanation.endswith((".", "?"))
    assert fault.reply or fault.drop or fault.slow or fault.api
    if fault.reply:
        *first, last = fault.reply.split("\n")
        assert all(re.match(r"[45]\d\d-[45]\.\d\.\d+ ", line) for line in first)
        assert re.match(r"[45]\d\d [45]\.\d\.\d+ ", last)
        assert len({line[:3] for line in (*first, last)}) == 1


def test_senders_and_recipients_have_moments_of_their_own() -> None:
    assert all(f.moment is not Moment.MAIL for f in RECIPIENT_FAULTS.values())
    assert all(f.moment is not Moment.RCPT for f in SENDER_FAULTS.values())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("refuse@good.example", "refuse"),
        ("Refuse+again@x", "refuse"),
        ('"refuse"@x', "refuse"),
        ("refuse-me@x", "refuse-me"),
        ("a@b@x", "a@b"),
        ("", ""),
        ("postmaster", ""),
    ],
)
def test_the_local_part_decides(address: str, expected: str) -> None:
    assert local_part(address) == expected


def test_the_sender_comes_first() -> None:
    found = provoked("spoof@x", ["a@x", "busy@x", "refuse@x"])
    assert [name for name, _ in found] == ["spoof", "busy", "refuse"]
    assert recipient_fault("spoof@x") is None
    assert sender_fault("refuse@x") is None
    assert provoked("", []) == ()


def test_dns_faults_are_labels() -> None:
    assert all(re.fullmatch(r"[a-z]+", label) for label in DNS_FAULTS)

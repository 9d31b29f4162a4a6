"""Queue ids as the servers of the world name them."""

import pytest

from mailgui.smtp.outcome import queue_id
from mailgui.transcript import Reply


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ok: queued as 4Xyz12AbCd", "4Xyz12AbCd"),
        ("OK id=1tXyZ0-0001Ab-2C", "1tXyZ0-0001Ab-2C"),
        (
            "<a@b> [InternalId=12345678, Hostname=X.prod.example] Queued mail for delivery",
            "12345678",
        ),
        ("w2A1BcDe012345 Message accepted for delivery", "w2A1BcDe012345"),
        ("7f3a9c01 Message accepted for delivery", "7f3a9c01"),
        (
            "OK 1700000000 d2e1a72fcca58-7b9abcdef12si1234567b3a.1 - gsmtp",
            "d2e1a72fcca58-7b9abcdef12si1234567b3a.1",
        ),
        ("Ok 0102018f2b3c4d5e-6f708192-000000", "0102018f2b3c4d5e-6f708192-000000"),
        ("ok 1700000000 qp 4321", "4321"),
        ("OK", None),
        ("Message accepted for delivery", None),
        ("OK Message accepted for delivery", None),
        ("Great success", None),
    ],
)
def test_queue_id(text, expected):
    assert queue_id(Reply(250, text)) == expected

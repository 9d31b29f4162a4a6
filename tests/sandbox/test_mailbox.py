import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, summarise_headers


def message(number: int) -> CapturedMessage:
    return CapturedMessage(
        id=str(number),
        received=datetime(2026, 11, 24, tzinfo=UTC),
        road="smtp",
        envelope_from="a@good.example",
        recipients=("b@good.example",),
        size=10,
        headers={"Subject": f"S{number}", "Message-ID": f"<{number}@x>"},
    )


def ids(mailbox: Mailbox) -> list[str]:
    return [m.id for m in mailbox.list()]


def test_newest_first_and_bodies_apart() -> None:
    mailbox = Mailbox()
    for number in range(3):
        mailbox.add(message(number), b"body %d" % number)
    assert ids(mailbox) == ["2", "1", "0"]
    assert mailbox.body("1") == b"body 1"
    found = mailbox.get("1")
    assert found is not None
    assert (found.subject, found.message_id) == ("S1", "<1@x>")
    assert mailbox.get("9") is None
    assert mailbox.body("9") is None
    assert len(mailbox) == 3


def test_bounded_in_number_and_in_octets() -> None:
    mailbox = Mailbox(max_messages=3, max_octets=100)
    for number in range(5):
        mailbox.add(message(number), b"x" * 20)
    assert ids(mailbox) == ["4", "3", "2"]
    mailbox.add(message(5), b"x" * 70)
    assert ids(mailbox) == ["5", "4"]
    mailbox.add(message(6), b"x" * 500)
    assert ids(mailbox) == ["6"]  # the newest stays, however big
    mailbox.add(message(7), b"x" * 20)
    assert ids(mailbox) == ["7"]
    assert mailbox.dropped == 7
    mailbox.clear()
    assert mailbox.dropped == 0
    assert Mailbox().bound == ("The sandbox keeps 1,000 messages, 256 MiB in all; the oldest go.")


def test_recipients_count_among_the_octets() -> None:
    """A thousand long addresses are no small thing, however short the message is."""
    mailbox = Mailbox(max_octets=10_000)
    for number in range(20):
        many = tuple("x" * 100 for _ in range(50))
        mailbox.add(replace(message(number), recipients=many), b"x")
    assert len(mailbox) == 2


def test_removing() -> None:
    mailbox = Mailbox(max_octets=100)
    mailbox.add(message(1), b"x" * 60)
    assert mailbox.remove("1") is True
    assert mailbox.remove("1") is False
    mailbox.add(message(2), b"x" * 60)
    mailbox.clear()
    mailbox.add(message(3), b"x" * 30)
    mailbox.add(message(4), b"x" * 60)
    assert ids(mailbox) == ["4", "3"]  # what was removed does not count any more


def test_subscribers_hear_of_each_message_until_they_leave() -> None:
    mailbox = Mailbox()
    heard: list[str] = []
    leave = mailbox.subscribe(lambda m: heard.append(m.id))
    mailbox.add(message(1), b"")
    leave()
    leave()
    mailbox.add(message(2), b"")
    assert heard == ["1"]


def test_several_threads() -> None:
    mailbox = Mailbox(max_messages=50)

    def add(start: int) -> None:
        for number in range(start, start + 200):
            mailbox.add(message(number), b"x")
            mailbox.list()

    threads = [threading.Thread(target=add, args=(n * 1000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox) == 50


def test_headers_are_decoded_and_safe_to_show() -> None:
    octets = (
        b"Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n folded\r\n"
        b"From: =?utf-8?q?Ana_=C3=91?= <ana@good.example>\r\n"
        b"To: \xe7\x94\xa8@good.example\r\n"
        b"Message-ID: <1@good.example>\r\nX-Other: no\r\n\r\nSubject: not this\r\n"
    )
    assert summarise_headers(octets) == {
        "From": "Ana Ñ <ana@good.example>",
        "To": "用@good.example",
        "Subject": "Grüße folded",
        "Message-ID": "<1@good.example>",
    }


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00\xff" * 100,
        b"Subject: =?nonsense?b?!!!?=\r\n\r\n",
        b"Subject: =?utf-8?b?a?=\r\n\r\n",
        b"Subject: \xff\xfe\x1b[31m\r\n\r\n",
        b"Subject:" + b" x" * 100_000 + b"\r\n\r\n",
        b": none\r\n\r\n",
    ],
)
def test_headers_of_any_octets(octets: bytes) -> None:
    shown = "".join(summarise_headers(octets).values())
    assert "\x1b" not in shown
    assert len(shown) < 70_000

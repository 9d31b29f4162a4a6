"""What a stranger's record may make MailGUI connect to, and what not."""

import asyncio
import socket

import pytest

from mailgui.domain.connections import Connections, Fetched, fetch
from mailgui.domain.questions import Questions
from tests.support.asking import against
from tests.support.name_server import Zone

ZONE = """
loop.example A 127.0.0.1
six.example AAAA ::1
mapped.example AAAA ::ffff:127.0.0.1
ten.example A 10.0.0.1
cgn.example A 100.64.0.1
link.example A 169.254.169.254
nowhere.example A 0.0.0.0
group.example A 224.0.0.1
local.example AAAA fd00::1
mixed.example A 8.8.8.8
mixed.example AAAA ::1
alias.example CNAME loop.example
public.example A 8.8.8.8
"""
INSIDE = [
    "127.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "10.1.2.3",
    "169.254.169.254",
    "[fe80::1]",
    "localhost",
    "LOCALHOST.",
    "\uff11\uff12\uff17.0.0.1",
    "\uff4cocalhost",
    "127\u30020\u30020\u30021",
    "loop.example",
    "LOOP.example.",
    "\uff4coop.example",
    "six.example",
    "mapped.example",
    "ten.example",
    "cgn.example",
    "link.example",
    "nowhere.example",
    "group.example",
    "local.example",
    "mixed.example",
    "alias.example",
]


def fetched(url: str) -> Fetched:
    connections = Connections(timeout=5)
    return against(
        Zone(ZONE), lambda resolver: fetch(url, connections, Questions(resolver), most=1000)
    )


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_connected_to(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        result = fetched(f"https://{host}:{listening.getsockname()[1]}/logo.svg")
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert result.kind == "private"
    assert result.problem.endswith(".")


def test_what_is_outside_is() -> None:
    assert fetched("https://public.example/logo.svg").kind not in ("private", "example", "url")


@pytest.mark.parametrize(
    "url",
    ["http://public.example/", "https://", "https:///x", "https://[::1/", "file:///etc/passwd"],
)
def test_what_is_no_address(url: str) -> None:
    assert fetched(url).kind == "url"


def test_an_answer_that_changes_changes_nothing() -> None:
    """Between the look and the connection, the name leads elsewhere."""
    zone = Zone("turn.example A 8.8.8.8")

    async def work(resolver):
        questions = Questions(resolver)
        await questions.ask("turn.example", "A")
        await questions.ask("turn.example", "AAAA")
        zone.add("turn.example", "A", "127.0.0.1")
        await resolver.close()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0)
            url = f"https://turn.example:{listening.getsockname()[1]}/"
            await fetch(url, Connections(timeout=5), questions, most=1000)
            await asyncio.sleep(0)
            with pytest.raises(BlockingIOError):
                listening.accept()

    against(zone, work)

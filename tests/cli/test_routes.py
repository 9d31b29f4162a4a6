"""The flags of direct sending and of trying again, from the command line to the wire."""

import asyncio
import threading
from contextlib import contextmanager

import pytest

from tests.support.exchangers import Exchangers
from tests.support.hostile import GOODBYE, TAKEN, Say, envelope, hello
from tests.support.name_server import NameServer

MESSAGE = [
    "--from",
    "a@good.example",
    "--to",
    "b@good.example",
    "--subject",
    "Hi",
    "--text",
    "Hello",
]
ONE, TWO = "127.0.0.2", "127.0.0.3"
ZONE = f"""
good.example MX 10 mx1.good.example.
good.example MX 20 mx2.good.example.
mx1.good.example A {ONE}
mx2.good.example A {TWO}
_mta-sts.good.example TXT "v=STSv1; id=1"
mta-sts.good.example A 127.0.0.9
"""
TAKES = [*hello("SIZE"), *envelope(), *TAKEN, *GOODBYE]
AWAY = [Say("421 4.3.2 Closing")]


@contextmanager
def served(scripts):
    """Run scripted exchangers and a name server on a loop of their own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    kept = {}

    async def main():
        kept["stop"] = asyncio.Event()
        async with Exchangers(scripts) as farm, NameServer(ZONE) as names:
            kept.update(farm=farm, names=names)
            ready.set()
            await kept["stop"].wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield kept["farm"], kept["names"]
    finally:
        loop.call_soon_threadsafe(kept["stop"].set)
        thread.join()
        loop.close()


def mx(farm, names, *more):
    where = ["--mx", "--mx-port", farm.port, "--resolver", names.address]
    return ["send", *where, *MESSAGE, *more]


def test_the_second_exchanger_takes_it(cli_json, home):
    with served({ONE: [AWAY], TWO: [TAKES]}) as (farm, names):
        code, document = cli_json(*mx(farm, names, "--mta-sts", "ignore", "--dane", "ignore"))
        asked = names.questions("TLSA") + names.questions("TXT")
    assert (code, document["outcome"]) == (0, "accepted")
    assert [tried["host"] for tried in document["routes"][0]["tried"]] == [
        "mx1.good.example",
        "mx2.good.example",
    ]
    assert [finding["id"] for finding in document["findings"]] == ["route.fallen_over"]
    assert asked == []


def test_many_go_to_the_exchanger_that_serves(cli_json, home):
    thrice = [*hello("SIZE"), *[*envelope(), *TAKEN] * 3, *GOODBYE]
    with served({ONE: [AWAY], TWO: [thrice]}) as (farm, names):
        words = mx(farm, names, "--mta-sts", "ignore", "--dane", "ignore", "--count", 3)
        code, document = cli_json(*words)
        assert len(farm[TWO].data) == 3
    assert (code, document["outcome"], document["count"]) == (0, "accepted", 3)
    assert document["routes"][0]["tried"][-1]["host"] == "mx2.good.example"


@pytest.mark.parametrize("many", [[], ["--count", 1]], ids=["one", "many"])
def test_the_exchangers_of_another_domain(cli_json, home, many):
    words = ["--mta-sts", "ignore", "--dane", "ignore", "--mx-domain", "GOOD.example.", *many]
    takes_two = [*hello("SIZE"), *envelope(2), *TAKEN, *GOODBYE]
    to = ["--to", "x@one.example", "--to", "y@two.example"]
    with served({ONE: [takes_two]}) as (farm, names):
        where = ["send", "--mx", "--mx-port", farm.port, "--resolver", names.address]
        people = ["--from", "a@good.example", *to, "--subject", "Hi", "--text", "Hello"]
        code, document = cli_json(*where, *people, *words)
        assert len(farm[ONE].data) == 1
    assert (code, document["outcome"]) == (0, "accepted")
    assert [route["domain"] for route in document["routes"]] == ["good.example"]


def test_many_to_several_domains_are_wrong_usage(cli, home):
    words = ["send", "--mx", *MESSAGE, "--to", "c@other.example", "--count", 2]
    code, _, err = cli(*words)
    assert code == 64
    assert "of one domain" in err


def test_a_policy_that_cannot_be_fetched_is_told(cli_json, home):
    with served({ONE: [TAKES]}) as (farm, names):
        code, document = cli_json(*mx(farm, names))
        assert names.questions("TLSA")
    assert (code, document["outcome"]) == (0, "accepted")
    assert "route.mta_sts.unavailable" in [finding["id"] for finding in document["findings"]]
    assert document["routes"][0]["mta_sts"]["problem"]


def test_attempts_are_shown_one_by_one(cli, cli_json, home):
    quick = ["--retries", "2", "--retry-delay", "0.001"]
    with served({ONE: [AWAY, TAKES]}) as (farm, _):
        server = ["send", "--server", f"{ONE}:{farm.port}", "--tls", "none", *MESSAGE, *quick]
        code, document = cli_json(*server)
    assert (code, document["outcome"]) == (0, "accepted")
    assert [attempt["outcome"] for attempt in document["attempts"]] == ["temporary", "accepted"]
    with served({ONE: [AWAY, TAKES]}) as (farm, _):
        server = ["send", "--server", f"{ONE}:{farm.port}", "--tls", "none", *MESSAGE, *quick]
        code, out, _ = cli(*server)
    assert code == 0
    assert out.index("421 4.3.2") < out.index("Attempt 2 after") < out.index("queued as")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--mta-sts", "ignore"], "--mta-sts goes with --mx"),
        (["--dane", "apply"], "--dane goes with --mx"),
        (["--mx-port", "2525"], "--mx-port goes with --mx"),
        (["--mx-domain", "x.example"], "--mx-domain goes with --mx"),
        (["--retry-delay", "1"], "--retry-delay goes with --retries"),
        (["--rate", "5"], "--rate goes with --count"),
        (["--count", "2", "--rate", "0"], "is not a number of messages above 0"),
    ],
)
def test_flags_that_go_with_others(cli, home, flags, words):
    code, _, err = cli("send", "--server", "127.0.0.1:1", *MESSAGE, *flags)
    assert code == 64
    assert words in err


def test_a_port_is_a_number(cli, home):
    code, _, err = cli("send", "--mx", "--mx-port", "0", *MESSAGE)
    assert code == 64
    assert "65535" in err


def test_a_rate_holds_many_messages_back(cli_json, home):
    many = [*hello(), *[step for _ in range(3) for step in (*envelope(), *TAKEN)], *GOODBYE]
    with served({ONE: [many]}) as (farm, _):
        server = ["send", "--server", f"{ONE}:{farm.port}", "--tls", "none", *MESSAGE]
        code, document = cli_json(*server, "--count", "3", "--rate", "50")
    assert (code, document["count"]) == (0, 3)
    # The third may only begin two fiftieths of a second after the first, however slow the rest.
    assert document["events"][-1]["t_ms"] >= 39


def test_the_matrix_of_a_domain(cli, cli_json, home):
    knock = [*hello("SIZE 100"), *GOODBYE]
    with served({ONE: [knock], TWO: [AWAY]}) as (farm, names):
        words = ["check", "good.example", "--matrix", "--mx-port", farm.port]
        code, document = cli_json(*words, "--resolver", names.address)
        text_code, out, _ = cli(*words, "--resolver", names.address)
    assert (code, text_code) == (0, 0)
    assert [(row["host"], row["reach"], row["size"]) for row in document["rows"]] == [
        ("mx1.good.example", "open", 100),
        ("mx2.good.example", "open", None),
    ]
    assert document["mta_sts"]["problem"]
    assert "421 4.3.2 Closing" in out


def test_a_check_knocks_at_the_port_that_was_named(cli_json):
    with served({ONE: [AWAY], TWO: [AWAY]}) as (farm, names):
        words = ["check", "good.example", "--mx-port", farm.port, "--mx-timeout", "5"]
        code, document = cli_json(*words, "--resolver", names.address)
    assert code == 0
    assert {probe["port"] for probe in document["mx"]["probes"]} == {farm.port}
    assert all("421" in probe["problem"] for probe in document["mx"]["probes"])

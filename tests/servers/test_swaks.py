"""swaks and ``mailgui send`` against the same scripted servers: the same exit codes.

What is printed by ``--json`` has the same shape each time, and is all that is printed.
"""

import json
import ssl
import subprocess
from dataclasses import dataclass, field

import pytest
import trustme

from mailgui.cli.main import run
from tests.servers.availability import program
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Drip,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Reset,
    Say,
    Step,
    Tls,
    envelope,
    hello,
)
from tests.support.scripted import scripted


@dataclass(frozen=True)
class Case:
    """A server, how both are told to talk to it, and how both must end.

    ``swaks_code`` where swaks ends otherwise, with the reason in a comment beside it.
    """

    script: list[Step]
    code: int
    swaks: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)
    swaks_code: int | None = None


UP_TO_MAIL = [*hello(), Hear("MAIL")]
UP_TO_RCPT = [*UP_TO_MAIL, Say("250 Ok"), Hear("RCPT")]
UP_TO_DATA = [*hello(), *envelope(), Hear("DATA")]
UP_TO_DOT = [*UP_TO_DATA, Say("354 Go"), HearData()]
DONE = [*hello(), *envelope(), *TAKEN]
UP_TO_AUTH = [*hello("AUTH PLAIN"), Hear("AUTH")]
UP_TO_TLS = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go")]
INSIDE = [*UP_TO_TLS, Tls(), Hear("EHLO")]
POSING = [*hello("XCLIENT NAME ADDR"), Hear("XCLIENT")]
AUTH = {"swaks": ["-au", "ann", "-ap", "pw"], "ours": ["--user", "ann", "--password-env", "PW"]}
TLS = {"swaks": ["--tls"], "ours": ["--tls", "starttls"]}
ANY_TLS = {"swaks": ["--tls"], "ours": ["--tls", "starttls", "--tls-verify", "none"]}
NAME = {"swaks": ["--xclient-name", "a"], "ours": ["--xclient-name", "a"]}


def no(code: int, *more: Step) -> list[Step]:
    return [Say(f"{code} No"), *more]


CASES = {
    "accepted": Case([*DONE, *GOODBYE], 0),
    "stopped": Case(
        [*hello(), *GOODBYE], 0, ["--quit-after", "EHLO"], ["--stop-after", "ehlo"]
    ),
    "a stop that never comes": Case(
        [*hello(), *GOODBYE], 0, ["--quit-after", "TLS"], ["--stop-after", "tls"]
    ),
    "one of two accepted": Case(
        [*UP_TO_RCPT, Say("250 Ok"), Hear("RCPT"), *no(550), *TAKEN, *GOODBYE],
        0,
        ["-t", "b@good.example,c@good.example"],
        ["--to", "c@good.example"],
    ),
    "QUIT answered 500": Case([*DONE, Hear("QUIT"), *no(500)], 0),
    "QUIT answered 421": Case([*DONE, Hear("QUIT"), *no(421)], 0),
    # swaks forgets that the message was accepted; the contract says 0 for that.
    "closed at QUIT": Case([*DONE, Hear("QUIT")], 0, swaks_code=6),
    "closed at the greeting": Case([], 6),
    "closed at EHLO": Case([Say("220 mx"), Hear("EHLO")], 6),
    "closed at MAIL": Case(UP_TO_MAIL, 6),
    "closed at RCPT": Case(UP_TO_RCPT, 6),
    "closed at DATA": Case(UP_TO_DATA, 6),
    "closed after the dot": Case(UP_TO_DOT, 6),
    "closed at AUTH": Case(UP_TO_AUTH, 6, **AUTH),
    "closed at STARTTLS": Case([*hello("STARTTLS"), Hear("STARTTLS")], 6, **TLS),
    "closed at EHLO inside TLS": Case(INSIDE, 6, **ANY_TLS),
    "closed at XCLIENT": Case(POSING, 6, **NAME),
    "greeting 554": Case(no(554, *GOODBYE), 21),
    "greeting 421": Case(no(421), 21),
    "no greeting": Case([Hold()], 21),
    "no SMTP": Case([Say("hello"), Hold()], 21),
    "greeting 554 inside TLS": Case(
        [Tls(), *no(554, *GOODBYE)],
        21,
        ["--tlsc"],
        ["--tls", "implicit", "--tls-verify", "none"],
    ),
    "EHLO and HELO refused": Case(
        [Say("220 mx"), Hear("EHLO"), *no(550), Hear("HELO"), *no(550), *GOODBYE], 22
    ),
    "EHLO 450": Case([Say("220 mx"), Hear("EHLO"), *no(450, *GOODBYE)], 22),
    # swaks tries HELO on the connection that 421 has ended.
    "EHLO 421": Case([Say("220 mx"), Hear("EHLO"), *no(421)], 22, swaks_code=6),
    "MAIL 550": Case([*UP_TO_MAIL, *no(550, *GOODBYE)], 23),
    "MAIL 421": Case([*UP_TO_MAIL, *no(421)], 23),
    "RCPT 550": Case([*UP_TO_RCPT, *no(550, *GOODBYE)], 24),
    "RCPT 450": Case([*UP_TO_RCPT, *no(450, *GOODBYE)], 24),
    "RCPT 550 at a stop": Case(
        [*UP_TO_RCPT, *no(550, *GOODBYE)], 24, ["--quit-after", "RCPT"], ["--stop-after", "rcpt"]
    ),
    "RCPT not answered": Case([*UP_TO_RCPT, Hold()], 24),
    "DATA 554": Case([*UP_TO_DATA, *no(554, *GOODBYE)], 25),
    "DATA 250": Case([*UP_TO_DATA, Say("250 Ok"), *GOODBYE], 25),
    "dot 554": Case([*UP_TO_DOT, *no(554, *GOODBYE)], 26),
    "dot 451": Case([*UP_TO_DOT, *no(451, *GOODBYE)], 26),
    "dot not answered": Case([*UP_TO_DOT, Hold()], 26),
    "AUTH 535": Case([*UP_TO_AUTH, *no(535, *GOODBYE)], 28, **AUTH),
    "AUTH 454": Case([*UP_TO_AUTH, *no(454, *GOODBYE)], 28, **AUTH),
    "AUTH 421": Case([*UP_TO_AUTH, *no(421)], 28, **AUTH),
    "no AUTH": Case([*hello(), *GOODBYE], 28, **AUTH),
    "no AUTH that is known": Case([*hello("AUTH GSSAPI"), *GOODBYE], 28, **AUTH),
    "STARTTLS 454": Case([*hello("STARTTLS"), Hear("STARTTLS"), *no(454, *GOODBYE)], 29, **TLS),
    "no STARTTLS": Case([*hello(), *GOODBYE], 29, **TLS),
    "no handshake": Case([*UP_TO_TLS, Hear(), Say("junk"), Hold()], 29, **TLS),
    "a certificate that nobody trusts": Case(
        [*UP_TO_TLS, Tls(), *GOODBYE], 29, ["--tls", "--tls-verify"], TLS["ours"]
    ),
    "plaintext where TLS was due": Case(
        [Say("220 mx"), Hold()], 29, ["--tlsc"], ["--tls", "implicit"]
    ),
    "EHLO and HELO refused inside TLS": Case(
        [*INSIDE, *no(550), Hear("HELO"), *no(550, *GOODBYE)], 32, **ANY_TLS
    ),
    "XCLIENT not offered": Case([*hello(), *GOODBYE], 33, **NAME),
    "XCLIENT 550": Case([*POSING, *no(550, *GOODBYE)], 33, **NAME),
    "EHLO refused after XCLIENT": Case(
        [*POSING, Say("220 mx"), Hear("EHLO"), *no(550), Hear("HELO"), *no(550), *GOODBYE],
        34,
        **NAME,
    ),
    "no such PROXY version": Case([Hold()], 35, ["--proxy-version", "3"], ["--proxy-version", "3"]),
    "half of PROXY": Case(
        [Hold()], 35, ["--proxy-source", "192.0.2.1"], ["--proxy-source", "192.0.2.1:1"]
    ),
    "PROXY not taken": Case(
        [HearOctets(5), Reset()], 6, ["--proxy", "TCP4 x"], ["--proxy-raw", "PROXY TCP4 x\\r\\n"]
    ),
}  # fmt: skip
WRONG_USAGE = {35}


@pytest.fixture(scope="module")
def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(made)
    return made


@pytest.fixture
def ours(capsys, monkeypatch):
    """Run ``mailgui send --json``; returns the exit code and all of stdout."""
    monkeypatch.setenv("PW", "pw")

    def send(port, *words):
        people = ["--from", "a@good.example", "--to", "b@good.example", "--text", "x"]
        words = ["--helo", "me", "--timeout", "1", "--json", *words]
        code = run(["send", "--server", f"127.0.0.1:{port}", *people, *words])
        return code, capsys.readouterr().out

    return send


def by_swaks(port, *words):
    people = ["-f", "a@good.example", "-t", "b@good.example"]
    command = [program("swaks", "swaks"), "-s", "127.0.0.1", "-p", str(port), *people, *words]
    return subprocess.run(
        [*command, "-h", "me", "--timeout", "1s"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    ).returncode


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_same_exit_code(case, context):
    with scripted(case.script, context=context) as server:
        code = by_swaks(server.port, *case.swaks)
    assert code == (case.code if case.swaks_code is None else case.swaks_code)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_our_exit_code_and_document(case, context, ours):
    with scripted(case.script, context=context) as server:
        code, out = ours(server.port, *case.ours)
    assert code == case.code
    if code in WRONG_USAGE:
        assert out == ""
        return
    assert_contract(json.loads(out))


def test_nobody_listens(ours):
    import socket

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert by_swaks(port) == 2
    code, out = ours(port)
    assert code == 2
    assert_contract(json.loads(out))


def test_wrong_usage_is_64_in_place_of_1(ours):
    assert by_swaks(25, "--no-such-flag") == 1
    assert ours(25, "--no-such-flag") == (64, "")


def test_octets_that_are_no_utf8_are_written_out(ours):
    said = Drip(b"550 5.7.1 caf\xe9 \xf0\x9f\x92\xa9 \x1b[0m\xff\r\n")
    with scripted([*UP_TO_MAIL, said, *GOODBYE]) as server:
        code, out = ours(server.port)
    document = json.loads(out)
    assert code == 23
    assert document["reply"]["text"] == "caf\\xe9 💩 \\x1b[0m\\xff"
    assert "\x1b" not in out
    assert_contract(document)


OUTCOMES = "accepted partial temporary refused unknown failed cancelled completed".split()  # noqa: SIM905
STAGES = "dns connect banner ehlo starttls tls auth mail rcpt data message quit".split()  # noqa: SIM905


def assert_contract(document):
    """Each key of the contract is there, of its kind; what is not known is null."""
    assert document["outcome"] in OUTCOMES
    assert document["stage"] in STAGES
    assert_reply(document["reply"])
    for recipient in document["recipients"]:
        assert set(recipient) >= {"address", "outcome", "reply"}
        assert recipient["outcome"] in OUTCOMES
        assert_reply(recipient["reply"])
    for finding in document["findings"]:
        assert set(finding) >= {"id", "severity", "title", "explanation", "fix"}
        assert finding["severity"] in ("info", "attention", "broken")
    for phase in document["phases"]:
        assert set(phase) >= {"name", "start_ms", "duration_ms"}
        assert min(phase["start_ms"], phase["duration_ms"]) >= 0
    assert document["phases"]
    assert document["events"]
    for event in document["events"]:
        assert set(event) >= {"t_ms", "direction", "layer", "tls", "text", "expected"}
        assert event["direction"] in ("sent", "received", "info", "error")
        assert event["expected"] in (True, False, None)
        assert isinstance(event["tls"], bool)
    moments = [event["t_ms"] for event in document["events"]]
    assert moments == sorted(moments)
    if document["outcome"] in ("refused", "failed", "temporary", "unknown"):
        assert document["findings"]


def assert_reply(reply):
    if reply is not None:
        assert set(reply) >= {"code", "enhanced", "text"}
        assert isinstance(reply["code"], int)

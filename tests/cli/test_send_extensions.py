"""The flags of ``mailgui send`` that ask for an extension, pose as others or break a rule."""

import asyncio
import threading

import pytest

from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearData,
    HearOctets,
    Say,
    Server,
    envelope,
    hello,
)

MESSAGE = [
    *["--from", "a@good.example", "--to", "b@good.example", "--text", "Hi"],
    *["--helo", "me.good.example", "--timeout", "10"],
]


@pytest.fixture
def serve():
    """Serve a script in a thread; returns a function that gives ``--server`` and the Server."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listeners = []

    async def listen(server):
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 24)
        listeners.append((listener, server))
        return listener.sockets[0].getsockname()[1]

    async def close():
        for listener, server in listeners:
            listener.close()
            server.released.set()
            if server.tasks:
                await asyncio.wait(server.tasks, timeout=5)

    def start(*script):
        server = Server([list(script)])
        port = asyncio.run_coroutine_threadsafe(listen(server), loop).result(5)
        return ["send", "--server", f"127.0.0.1:{port}", *MESSAGE], server

    yield start
    asyncio.run_coroutine_threadsafe(close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.mark.parametrize(
    ("flags", "offer", "mail"),
    [
        (["--mt-priority", "4"], "MT-PRIORITY", "MT-PRIORITY=4"),
        (["--deliver-by", "3600;RT"], "DELIVERBY", "BY=3600;RT"),
        (["--deliver-by", "60"], "DELIVERBY", "BY=60;N"),
        (["--hold-for", "60"], "FUTURERELEASE", "HOLDFOR=60"),
        (["--hold-until", "2099-01-01T00:00:00+00:00"], "FUTURERELEASE",
         "HOLDUNTIL=2099-01-01T00:00:00Z"),
        (["--dsn-ret", "hdrs", "--dsn-envid", "a+b"], "DSN", "RET=HDRS ENVID=a+2Bb"),
        (["--mail-parameter", "X-FOO"], "HELP", "X-FOO"),
    ],
)  # fmt: skip
def test_mails_parameters(cli_json, serve, flags, offer, mail):
    words, server = serve(*hello(offer), *envelope(), *TAKEN, *GOODBYE)
    code, document = cli_json(*words, *flags)
    assert (code, document["outcome"]) == (0, "accepted")
    assert server.lines[1] == f"MAIL FROM:<a@good.example> {mail}"


def test_rcpts_parameters(cli_json, serve):
    words, server = serve(*hello("DSN"), *envelope(), *TAKEN, *GOODBYE)
    flags = ["--dsn-notify", "success,delay", "--dsn-orcpt", "--rcpt-parameter", "X-BAR"]
    assert cli_json(*words, *flags)[0] == 0
    assert server.lines[2] == (
        "RCPT TO:<b@good.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@good.example X-BAR"
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--requiretls"], "does not offer REQUIRETLS, so nothing was sent"),
        (["--hold-for", "60"], "does not offer FUTURERELEASE, so nothing was sent"),
        (["--binarymime"], "does not offer BINARYMIME, so nothing was sent"),
    ],
)
def test_what_was_insisted_on_is_never_left_out(cli_json, serve, flags, words):
    command, server = serve(*hello(), *GOODBYE)
    code, document = cli_json(*command, *flags)
    assert (code, document["outcome"], document["stage"]) == (23, "failed", "mail")
    assert words in document["summary"]
    assert server.lines[1:] == ["QUIT"]


def test_binarymime(cli_json, serve, tmp_path):
    octets = b"From: a@good.example\nTo: b@good.example\n\n\0no end"
    path = tmp_path / "x.eml"
    path.write_bytes(octets)
    script = [*hello("CHUNKING", "BINARYMIME"), *envelope(), Hear("BDAT"), HearOctets(len(octets))]
    words, server = serve(*script, Say("250 Ok"), *GOODBYE)
    words = [word for word in words if word not in ("--text", "Hi")]
    code, _ = cli_json(*words, str(path), "--raw", "--binarymime")
    assert (code, server.data) == (0, [octets])


def test_xclient(cli_json, serve):
    offer = "XCLIENT NAME ADDR LOGIN"
    words, server = serve(*hello(offer), Hear("XCLIENT"), *hello(), *envelope(), *TAKEN, *GOODBYE)
    flags = ["--xclient-name", "spike.example", "--xclient-addr", "192.0.2.7"]
    assert cli_json(*words, *flags)[0] == 0
    assert server.lines[1] == "XCLIENT NAME=spike.example ADDR=192.0.2.7"


def test_xclient_that_is_not_offered_ends_in_33(cli_json, serve):
    words, _ = serve(*hello(), *GOODBYE)
    code, document = cli_json(*words, "--xclient-name", "spike.example")
    assert (code, document["outcome"], document["stage"]) == (33, "failed", "ehlo")


def test_the_proxy_protocol(cli_json, serve):
    header = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n"
    words, server = serve(HearOctets(len(header)), *hello(), *envelope(), *TAKEN, *GOODBYE)
    code, _ = cli_json(*words, "--proxy-source", "192.0.2.7:4711", "--proxy-dest", "192.0.2.1:25")
    assert (code, server.data[0]) == (0, header)


@pytest.mark.parametrize(
    "flags",
    [
        ["--proxy-version", "2"],
        ["--proxy-source", "192.0.2.7:4711"],
        ["--proxy-source", "here:1", "--proxy-dest", "192.0.2.1:25"],
    ],
)
def test_a_malformed_proxy_header_ends_in_35(cli, flags):
    code, out, err = cli("send", "--server", "127.0.0.1:1", *MESSAGE, *flags)
    assert (code, out) == (35, "")
    assert err.endswith(".\n")


def test_broken_rules_are_said(cli, serve):
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData(), Say("250 Ok")]
    words, server = serve(*script, *GOODBYE)
    code, out, _ = cli(*words, "--bare-lf", "--end-of-data", r"\n.\r\n")
    assert code == 0
    assert "=== On purpose: the message's lines end with LF alone." in out
    assert b"\r\n" not in server.data[0]


def test_the_proxys_password_goes_to_the_proxy_and_nowhere_else(cli_json, serve, monkeypatch):
    monkeypatch.setenv("PW", "pr0xy-s3cret")
    wanted = 3 + len("ann") + len("pr0xy-s3cret")
    script = [HearOctets(3), Say(b"\x05\x02"), HearOctets(wanted), Say(b"\x01\x01")]
    words, server = serve(*script)
    proxy = f"socks5://ann@{words[2]}"
    code, document = cli_json(*words, "--proxy", proxy, "--proxy-password-env", "PW")
    assert (code, document["outcome"], document["stage"]) == (2, "failed", "connect")
    assert server.data[1] == b"\x01\x03ann\x0cpr0xy-s3cret"
    assert "pr0xy-s3cret" not in str(document)


def test_the_source_address(cli_json, serve):
    words, _ = serve(*hello(), *envelope(), *TAKEN, *GOODBYE)
    code, document = cli_json(*words, "--source", "127.0.0.9")
    assert code == 0
    assert any("from 127.0.0.9 port" in event["text"] for event in document["events"])


def test_one_kind_of_address(cli_json, serve):
    words, _ = serve(*hello(), *envelope(), *TAKEN, *GOODBYE)
    assert cli_json(*words, "--ipv4")[0] == 0
    code, document = cli_json(*words, "--ipv6")
    assert (code, document["stage"]) == (2, "dns")
    assert "no IPv6 address" in document["summary"]


def test_the_reverse_name_of_xclient(cli_json, serve):
    offer = hello("XCLIENT NAME REVERSE_NAME")
    words, server = serve(
        *offer, Hear("XCLIENT"), Say("220 hi"), *hello()[1:], *envelope(), *TAKEN, *GOODBYE
    )
    assert cli_json(*words, "--xclient-reverse-name", "a.example")[0] == 0
    assert "XCLIENT REVERSE_NAME=a.example" in server.lines


def test_an_order_of_ones_own(cli_json, serve):
    words, server = serve(
        *hello(), Hear("RSET x"), Say("250 Ok"), Hear("RCPT"), Say("503 MAIL first"), *GOODBYE
    )
    steps = ["connect", "banner", "ehlo", "RSET x", "rcpt", "quit"]
    code, document = cli_json(*words, *[word for step in steps for word in ("--step", step)])
    assert (code, document["stage"], document["reply"]["code"]) == (24, "rcpt", 503)
    assert not server.problems


def test_drop_after_says_no_quit(cli_json, serve):
    words, server = serve(*hello(), *envelope())
    code, document = cli_json(*words, "--drop-after", "rcpt")
    assert (code, document["outcome"], document["stage"]) == (0, "completed", "rcpt")
    assert document["reply"]["code"] == 250
    assert not any(line == "QUIT" for line in server.lines)


def test_a_stop_point_that_never_comes(cli_json, serve):
    words, _ = serve(*hello(), *GOODBYE)
    code, document = cli_json(*words, "--stop-after", "tls")
    assert (code, document["outcome"], document["stage"]) == (0, "completed", "ehlo")
    assert document["summary"].startswith("The connection has no TLS; ended after EHLO")


@pytest.mark.parametrize(
    "flags",
    [
        ["--mt-priority", "12"],
        ["--deliver-by", "soon"],
        ["--hold-until", "tomorrow"],
        ["--dsn-notify", "NEVER,SUCCESS"],
        ["--end-of-data", "\\q"],
        ["--step", "proxy"],
        ["--proxy", "ftp://x"],
        ["--proxy-password-env", "PW"],
        ["--stop-after", "tls", "--drop-after", "tls"],
        ["--hold-for", "5", "--hold-until", "2099-01-01T00:00:00Z"],
    ],
)
def test_wrong_usage_ends_in_64(cli, flags):
    code, out, err = cli("send", "--server", "127.0.0.1:1", *MESSAGE, *flags)
    assert (code, out) == (64, "")
    assert err.endswith(".\n")
    assert err.count("\n") == 1

"""MTA-STS policies: reading them, matching hosts, and fetching them from a real HTTPS server."""

import asyncio
import ssl
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.mta_sts import (
    MAX_AGE_LIMIT,
    MAX_POLICY,
    PolicyProblem,
    discover_policy,
    fetch_policy,
    mx_matches,
    parse_policy,
    record_id,
)
from mailgui.net.resolver import Resolver
from mailgui.transcript import Kind, Layer, Recorder
from tests.support.name_server import NameServer

GOOD = (
    "version: STSv1\r\nmode: enforce\r\nmx: mx1.good.example\r\nmx: *.good.example\r\n"
    "max_age: 86400\r\n"
)


def policy_of(*mx, mode="enforce"):
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx), "max_age: 60"]
    return parse_policy("\n".join(lines))


def test_a_policy_is_read():
    policy = parse_policy(GOOD)
    assert (policy.mode, policy.max_age) == ("enforce", 86400)
    assert policy.mx == ("mx1.good.example", "*.good.example")
    assert policy.text == GOOD.replace("\r\n", "\n")


@pytest.mark.parametrize("mode", ["enforce", "testing", "none"])
def test_the_three_modes(mode):
    assert policy_of("mx.example", mode=mode).mode == mode


def test_mode_none_needs_no_mail_exchanger():
    assert policy_of(mode="none").mx == ()


def test_order_unknown_keys_repeats_and_blank_lines_do_not_matter():
    text = "mx: A.Example\nmax_age:60 \n\nx-new_key.2: hm: hm\nmode: testing\nmode: enforce\n"
    policy = parse_policy(text + "version: STSv1")
    assert (policy.mode, policy.mx, policy.max_age) == ("testing", ("a.example",), 60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "version"),
        ("mode: enforce\nmx: a.example\nmax_age: 1", "version"),
        (GOOD.replace("STSv1", "STSv2"), "STSv2"),
        (GOOD.replace("version", "Version"), "version"),
        (GOOD.replace("mode: enforce\r\n", ""), "mode"),
        (GOOD.replace("enforce", "Enforce"), "Enforce"),
        (GOOD.replace("mode: enforce", "mode: report"), "report"),
        ("version: STSv1\nmode: enforce\nmax_age: 1", "no line “mx:”"),
        ("version: STSv1\nmode: testing\nmax_age: 1", "no line “mx:”"),
        (GOOD.replace("max_age: 86400\r\n", ""), "max_age"),
        (GOOD.replace("86400", "one day"), "one day"),
        (GOOD.replace("86400", "-1"), "-1"),
        (GOOD.replace("86400", str(MAX_AGE_LIMIT + 1)), "over a year"),
        (GOOD.replace("86400", "99999999999"), "not a number"),
        (GOOD.replace("mx1.good.example", "."), "Line 3"),
        (GOOD.replace("*.good.example", "*"), "Line 4"),
        (GOOD.replace("*.good.example", ".good.example"), "Line 4"),
        (GOOD.replace("*.good.example", "mx*.good.example"), "Line 4"),
        (GOOD.replace("*.good.example", "*.*.example"), "Line 4"),
        (GOOD.replace("mx1.good.example", "mx1.good.example."), "final dot"),
        (GOOD.replace("mx1.good.example", "a@b.example"), "Line 3"),
        (GOOD.replace("mx1.good.example", "192.0.2.1:25"), "Line 3"),
        (GOOD + "what is this\r\n", "Line 6"),
        (GOOD + " mx: indented.example\r\n", "Line 6"),
        ("<html><body>Not found</body></html>", "Line 1"),
        (GOOD.replace("mx1", "\x1b[2J"), "Line 3"),
        ("\ufeff" + GOOD, "Line 1"),
    ],
)
def test_what_is_no_policy(text, words):
    with pytest.raises(PolicyProblem) as caught:
        parse_policy(text)
    sentence = caught.value.sentence
    assert words in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()


def test_a_year_is_allowed():
    assert parse_policy(GOOD.replace("86400", str(MAX_AGE_LIMIT))).max_age == MAX_AGE_LIMIT


@given(st.text(max_size=300))
def test_any_text_is_a_policy_or_has_one_problem(text):
    with suppress(PolicyProblem):
        assert parse_policy(text).mode in ("enforce", "testing", "none")


@pytest.mark.parametrize(
    ("host", "matches"),
    [
        ("mx1.good.example", True),
        ("MX1.Good.Example.", True),
        ("other.good.example", True),
        ("good.example", False),
        ("a.b.good.example", False),
        ("xgood.example", False),
        ("mx1.good.example.evil.example", False),
        ("", False),
        ("exa mple", False),
        ("*.good.example", True),  # no host is called so; the DNS would have to say it
    ],
)
def test_which_hosts_a_policy_names(host, matches):
    assert mx_matches(parse_policy(GOOD), host) is matches


def test_a_name_with_other_letters_is_compared_as_a_labels():
    assert mx_matches(policy_of("xn--mller-kva.example"), "müller.example")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (("v=STSv1; id=20260101",), "20260101"),
        (("v=STSv1;id=a1;",), "a1"),
        (("other", "v=STSv1; id=a1"), "a1"),
        (("v=STSv1; id=a1", "v=STSv1; id=a2"), None),
        (("v=STSv1",), None),
        (("v=STSv1; id=a-b",), None),
        (("v=stsv1; id=a1",), None),
        (("v=STSv10; id=a1",), None),
        ((), None),
    ],
)
def test_the_record_that_announces_a_policy(records, expected):
    assert record_id(records) == expected


# Fetching


def answer_with(body=GOOD, *, status="200 OK", headers="Content-Type: text/plain\r\n"):
    octets = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(octets)}\r\n\r\n".encode() + octets


def serving(answer):
    """A handler that gives one answer and keeps what it was asked."""

    def handler(connection):
        octets = b""
        while b"\r\n\r\n" not in octets:
            chunk = connection.recv(65536)
            if not chunk:
                return
            octets += chunk
        handler.requests.append(octets)
        connection.sendall(answer)

    handler.requests = []
    return handler


@pytest.fixture(scope="session")
def policy_tls(ca):
    """A server's context with a certificate for the policy host of good.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("mta-sts.good.example").configure_cert(context)
    return context


@pytest.fixture
def fetch(serve, policy_tls, ca_file):
    def fetch(answer, *, tls=policy_tls, handler=None, domain="good.example", **options):
        server = serve(handler or serving(answer), tls)
        options.setdefault("timeout", 10)
        options.setdefault("ca_file", ca_file)
        return asyncio.run(
            fetch_policy(domain, resolver=None, address=("127.0.0.1", server.port), **options)
        )

    return fetch


def test_a_good_policy_is_fetched(serve, policy_tls, ca_file):
    handler = serving(answer_with(headers="Content-Type: text/plain; charset=utf-8\r\n"))
    server = serve(handler, policy_tls)
    recorder = Recorder(Kind.SMTP)
    result = asyncio.run(
        fetch_policy(
            "Good.Example",
            resolver=None,
            recorder=recorder,
            ca_file=ca_file,
            address=("127.0.0.1", server.port),
        )
    )
    assert result.problem == result.kind == ""
    assert result.policy == parse_policy(GOOD)
    assert result.url == "https://mta-sts.good.example/.well-known/mta-sts.txt"
    assert result.http_status == 200
    assert result.tls.verified
    assert result.tls.chain[0].names == ("mta-sts.good.example",)
    assert result.duration > 0
    request = handler.requests[0].decode()
    assert request.startswith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n")
    assert "\r\nHost: mta-sts." in request
    assert f":{server.port}" not in request
    lines = [event.text for event in recorder.events if event.layer is Layer.HTTP]
    assert "GET /.well-known/mta-sts.txt HTTP/1.1" in lines
    assert not recorder.tls
    assert recorder.peer == ""


def test_the_names_resolver_is_asked_for_the_host(serve, policy_tls, ca_file):
    server = serve(serving(answer_with()), policy_tls)

    async def main():
        zone = "mta-sts.good.example A 127.0.0.1"
        async with NameServer(zone) as names:
            resolver = Resolver(names.address)
            try:
                # Only the address comes from the DNS; the port is no part of the standard.
                return await fetch_policy(
                    "good.example", resolver=resolver, ca_file=ca_file, timeout=2
                ), names.questions()
            finally:
                await resolver.close()

    result, questions = asyncio.run(main())
    assert ("mta-sts.good.example", "A") in questions
    assert result.kind == "refused"
    assert "port 443" in result.problem
    assert server.accepted == 0


def test_a_wrong_certificate_is_refused_with_its_chain(fetch, server_tls):
    result = fetch(answer_with(), tls=server_tls)
    assert result.policy is None
    assert result.kind == "certificate_wrong_host"
    assert "mta-sts.good.example" in result.problem
    assert "localhost" in result.tls.chain[0].names


def test_a_certificate_of_an_unknown_ca_is_refused(fetch):
    result = fetch(answer_with(), ca_file=None)
    assert result.policy is None
    assert result.kind == "certificate_untrusted"


def test_a_redirect_is_not_followed(fetch):
    location = "Location: https://mta-sts.good.example/other.txt\r\n"
    result = fetch(answer_with(status="301 Moved", headers=location))
    assert (result.kind, result.http_status, result.policy) == ("http_redirect", 301, None)
    assert "https://mta-sts.good.example/other.txt" in result.problem


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "204 No Content"])
def test_another_status_is_no_policy(fetch, status):
    body = "" if status.startswith("204") else GOOD
    result = fetch(answer_with(body, status=status))
    assert (result.kind, result.policy) == ("status", None)
    assert status[:3] in result.problem


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Content-Type: text/html\r\n", "text/html"),
        ("Content-Type: text/plainer\r\n", "text/plainer"),
        ("", "without a Content-Type"),
    ],
)
def test_another_media_type_is_no_policy(fetch, header, words):
    result = fetch(answer_with(headers=header))
    assert (result.kind, result.http_status, result.policy) == ("media_type", 200, None)
    assert words in result.problem


def test_a_policy_of_64_kib_is_taken_and_a_larger_one_is_not(fetch):
    filler = "x: " + "y" * 600 + "\n"
    text = GOOD + filler * ((MAX_POLICY - len(GOOD)) // len(filler))
    text += "\n" * (MAX_POLICY - len(text))
    assert fetch(answer_with(text)).policy is not None
    too_large = fetch(answer_with(text + "\n"))
    assert (too_large.kind, too_large.policy) == ("http_too_large", None)
    assert too_large.tls is not None


def test_a_bad_policy_is_a_problem(fetch):
    result = fetch(answer_with("version: STSv1\nmode: perhaps\nmax_age: 1\n"))
    assert (result.kind, result.policy, result.http_status) == ("syntax", None, 200)
    assert "perhaps" in result.problem


def test_octets_beyond_ascii_are_a_problem(fetch):
    result = fetch(answer_with(GOOD.encode() + b"mx: \xff\xfe\r\n"))
    assert result.kind == "syntax"
    assert "ASCII" in result.problem


def test_a_slow_drip_ends_with_the_time_limit(fetch):
    def handler(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(2000):  # each octet well within any limit for a step
            connection.sendall(b"x")
            handler.pause.wait(0.01)

    handler.pause = threading.Event()
    result = fetch(None, handler=handler, timeout=0.3)
    assert (result.kind, result.policy) == ("timed_out", None)
    assert "0.3 seconds" in result.problem


def test_a_server_that_says_nothing_ends_with_the_time_limit(fetch):
    def handler(connection):
        while connection.recv(65536):
            pass

    result = fetch(None, handler=handler, timeout=0.2)
    assert result.kind == "timed_out"


def test_plain_text_in_place_of_tls(fetch):
    def handler(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert fetch(None, tls=None, handler=handler).kind == "tls_plaintext_peer"


def test_a_domain_that_cannot_be_is_a_problem():
    result = asyncio.run(fetch_policy("exa mple", resolver=None))
    assert result.policy is None
    assert result.kind == "dns"
    assert result.problem.endswith(".")


# Discovery


def discover(zone, **options):
    async def main():
        async with NameServer(zone) as names:
            resolver = Resolver(names.address, timeout=0.5)
            try:
                return await discover_policy("good.example", resolver=resolver, **options)
            finally:
                await resolver.close()

    return asyncio.run(main())


RECORD = '_mta-sts.good.example TXT "v=STSv1; id=1"\n'


def test_without_a_record_no_policy_is_asked_for():
    assert discover("good.example A 127.0.0.1") is None
    assert discover(RECORD + RECORD.replace("id=1", "id=2")) is None


def test_a_dns_that_does_not_answer_is_not_the_absence_of_a_policy():
    result = discover("_mta-sts.good.example @servfail")
    assert result.kind == "dns"
    assert "servfail" in result.problem


def test_with_a_record_the_policy_is_fetched(serve, policy_tls, ca_file):
    server = serve(serving(answer_with()), policy_tls)
    result = discover(RECORD, ca_file=ca_file, address=("127.0.0.1", server.port), timeout=10)
    assert result.policy == parse_policy(GOOD)

"""A flag that the chosen road does not know is told, and refused where it would decide."""

import argparse

import pytest

from mailgui.cli import send
from mailgui.cli.roads import API_ONLY, SMTP_ONLY
from tests.support.answering import answering

MESSAGE = ["--from", "a@good.example", "--to", "b@good.example", "--subject", "Hi", "--text", "x"]
BOTH = {
    "file", "sender", "to", "cc", "bcc", "reply_to", "subject", "text", "html", "attach", "inline",
    "header", "profile", "server", "socket", "mx", "provider", "count", "connections", "rate",
    "timeout", "password_env", "allow_insecure_auth", "tls_verify", "tls_ca", "proxy",
    "proxy_password_env", "retries", "resolver", "json", "as_kind", "inline_secret",
}  # fmt: skip
CHECKED_ELSEWHERE = {
    "auth_all", "auth_not_offered", "token_env", "batch", "mta_sts", "dane", "trust_dnssec",
    "mx_port", "mx_domain",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _key(home, monkeypatch):
    monkeypatch.setenv("KEY", "re_123456789")


def test_every_flag_of_send_has_its_road():
    parser = argparse.ArgumentParser(add_help=False)
    send.configure(parser)
    flags = set(vars(parser.parse_args(["--mx"])))
    assert flags == BOTH | CHECKED_ELSEWHERE | set(SMTP_ONLY) | set(API_ONLY)
    assert len(SMTP_ONLY) + len(API_ONLY) == len({*SMTP_ONLY, *API_ONLY})


def test_a_stop_that_an_api_does_not_know_sends_nothing(cli):
    with answering(lambda _body: (200, {"id": "1"})) as (url, seen):
        code, out, err = cli(
            "send", "--provider", "resend", "--base-url", url, "--key-env", "KEY", *MESSAGE,
            "--stop-after", "rcpt", "--json",
        )  # fmt: skip
    assert (code, out, seen) == (64, "", [])
    assert err == "--stop-after is for SMTP; leave it away.\n"


def test_a_moment_that_smtp_does_not_know_sends_nothing(cli):
    words = ["send", "--server", "127.0.0.1:1", *MESSAGE, "--send-at", "2030-01-01T00:00:00Z"]
    assert cli(*words) == (64, "", "--send-at is for e-mail APIs; leave it away.\n")


def test_others_are_left_aside_and_named(cli):
    words = ["send", "--server", "127.0.0.1:1", *MESSAGE, "--tag", "a", "--metadata", "k=v"]
    code, _, err = cli(*words, "--json")
    assert (code, err) == (2, "--tag, --metadata are for e-mail APIs, and left aside.\n")
    words = ["send", "--provider", "resend", "--base-url", "http://127.0.0.1:1", "--key-env", "KEY"]
    code, _, err = cli(*words, *MESSAGE, "--helo", "me", "--json")
    assert (code, err) == (2, "--helo is for SMTP, and left aside.\n")

"""``mailgui sandbox`` as a process of its own, spoken to by ``mailgui send`` and by swaks."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

ORDERS = [
    ("banner=554 5.3.2 No mail here", 21),
    ("ehlo=421 4.3.2 Closing", 22),
    ("mail=451 4.3.0 Later", 23),
    (r"rcpt=550 5.1.1 Nobody\n5.1.1 of that name", 24),
    ("data=451 4.3.0 Later", 25),
    ("message=554 5.6.0 Not that", 26),
    ("auth=535 5.7.8 No", 28),
    ("starttls=454 4.7.0 Not now", 29),
]


@contextmanager
def sandbox(tmp_path, *flags):
    """Yield where a sandbox with these flags listens."""
    environment = {**os.environ, "MAILGUI_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "mailgui", "sandbox", "--json", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == "}\n":
                    break
            yield json.loads("".join(lines))
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
    assert process.returncode == 0


def send(cli, places, *more):
    code, out, _ = cli(
        *("send", "--server", places["smtp"], "--from", "a@good.example", "--to", "b@x.example"),
        *("--subject", "s", "--text", "t", "--json", *more),
    )
    return code, json.loads(out)


@pytest.mark.parametrize(("order", "ends"), ORDERS, ids=[order[:8] for order, _ in ORDERS])
def test_each_stage_answers_as_ordered(cli, home, tmp_path, monkeypatch, order, ends):
    monkeypatch.setenv("SANDBOX_PASSWORD", "x")
    more = {
        28: ["--auth", "PLAIN", "--user", "u", "--password-env", "SANDBOX_PASSWORD"],
        29: ["--tls", "starttls"],
    }
    with sandbox(tmp_path, "--reply", order) as places:
        stage, _, words = order.partition("=")
        assert places["replies"][stage].splitlines()[-1].startswith(words[:3])
        code, document = send(cli, places, *more.get(ends, []))
    assert code == ends
    assert document["stage"] == stage
    assert document["reply"]["code"] == int(words[:3])
    assert document["outcome"] == ("refused" if words[0] == "5" else "temporary")
    if ends == 24:
        assert "of that name" in document["reply"]["text"]


def test_a_rate_counts_messages(cli, home, tmp_path):
    with sandbox(tmp_path, "--rate", "2/3600") as places:
        assert places["rate"] == "2/3600"
        code, document = send(cli, places, "--count", "2")
        assert (code, document["count"]) == (0, 2)
        code, document = send(cli, places)
        assert (code, document["outcome"], document["reply"]["code"]) == (23, "temporary", 451)
        assert document["reply"]["enhanced"] == "4.7.1"
        assert "at most 2 messages an hour" in document["reply"]["text"]


def test_an_apis_rate_shows_in_its_headers(cli, home, tmp_path, monkeypatch):
    with sandbox(tmp_path, "--rate", "1/3600") as places:
        monkeypatch.setenv("SANDBOX_KEY", places["api_key"])
        flags = ["send", "--provider", "resend", "--base-url", f"{places['http']}/resend"]
        flags += ["--key-env", "SANDBOX_KEY", "--from", "a@good.example", "--to", "b@x.example"]
        flags += ["--subject", "s", "--text", "t", "--json"]
        code, out, _ = cli(*flags)
        assert code == 0, out
        code, out, _ = cli(*flags)
        document = json.loads(out)
        assert (code != 0, document["outcome"], document["reply"]["code"]) == (
            True, "temporary", 429,
        )  # fmt: skip
        told = "\n".join(event["text"] for event in document["events"]).lower()
        assert "ratelimit-limit: 1\n" in told
        assert "ratelimit-remaining: 0\n" in told
        assert "retry-after: " in told


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_beyond_the_rate(tmp_path):
    with sandbox(tmp_path, "--rate", "1/3600", "--rate-code", "421") as places:
        command = ["swaks", "--server", places["smtp"], "--from", "a@x.example"]
        command += ["--to", "b@x.example", "--helo", "x.example"]
        first = subprocess.run(command, capture_output=True, timeout=60, check=False)
        second = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (first.returncode, second.returncode) == (0, 23)
    assert b"421 4.7.1 Too many messages: at most 1 message an hour" in second.stdout


@pytest.mark.parametrize(
    "flags",
    [
        ["--reply", "nowhere=250"],
        ["--reply", "rcpt=25"],
        ["--reply", "rcpt=250 a\nb"],
        ["--reply", "rcpt=250", "--reply", "rcpt=550"],
        ["--rate", "0"],
        ["--rate", "ten"],
        ["--rate-code", "250"],
    ],
)
def test_wrong_usage_is_a_sentence(cli, flags):
    code, out, err = cli("sandbox", *flags)
    assert (code, out) == (64, "")
    assert err.rstrip().endswith(".")

"""The command as a shell sees it: other encodings, closed and full streams, Ctrl+C."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

PEOPLE = ["--from", "a@good.example", "--to", "b@good.example"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX shells and signals")
REQUEST = ["request", "--provider", "resend", *PEOPLE, "--subject", "日本語"]


@pytest.fixture
def start(home):
    """Start ``mailgui`` as a process of its own."""
    running = []

    def call(*words, environment=None, before=(), **streams):
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "mailgui", *words],
            env={**os.environ, "PYTHONUTF8": "0", **(environment or {})},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        )
        running.append(process)
        return process

    yield call
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def shell(redirection):
    return ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh"]


def test_json_is_whole_where_only_ascii_can_be_printed(start):
    process = start(*REQUEST, "--json", environment={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["body"]["subject"] == "日本語"


@pytest.mark.parametrize("words", [REQUEST, ["send", "--help"]])
def test_text_is_escaped_where_only_ascii_can_be_printed(start, words):
    process = start(*words, environment={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert b"\\u" in out


@POSIX
@pytest.mark.parametrize(
    ("redirection", "words", "code", "said"),
    [
        (">&-", ["--json"], 0, b""),
        ("2>&-", ["--send-at", "never"], 64, b""),
        ("<&-", ["--text", "-"], 64, b"Standard input is closed, so there is no text"),
        (">/dev/full", ["--json"], 74, b"The result cannot be written: no space left"),
        (">/dev/full", ["--as", "raw"], 74, b"The result cannot be written: no space left"),
        (">/dev/full", ["--help"], 74, b"The result cannot be written: no space left"),
        ("2>/dev/full", ["--send-at", "never"], 64, b""),
    ],
)
def test_closed_and_full_streams_end_in_a_sentence(start, redirection, words, code, said):
    if "/dev/full" in redirection and not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no /dev/full")
    process = start(*REQUEST, *words, before=shell(redirection))
    _, err = process.communicate()
    assert process.returncode == code
    assert err.startswith(said)
    assert b"Traceback" not in err


@POSIX
def test_a_reader_that_has_gone_leaves_the_exit_code(start, listener):
    port = listener.getsockname()[1]
    listener.close()
    readable, writable = os.pipe()
    os.close(readable)
    words = ["send", "--server", f"127.0.0.1:{port}", *PEOPLE, "--json"]
    process = start(*words, stdout=writable)
    os.close(writable)
    _, err = process.communicate()
    assert (process.returncode, err) == (2, b"")


def test_standard_input_that_is_not_utf8_is_refused_in_a_sentence(start):
    process = start(*REQUEST, "--text", "-", stdin=subprocess.PIPE)
    _, err = process.communicate(b"caf\xe9")
    assert process.returncode == 64
    assert err.strip() == b"The text on standard input is not UTF-8."


@POSIX
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("many", [[], ["--count", "3"]])
def test_a_send_that_is_stopped_still_prints_what_happened(start, listener, many, ending):
    words = ["send", "--server", f"127.0.0.1:{listener.getsockname()[1]}", *PEOPLE, "--json"]
    process = start(*words, *many)
    connection, _ = listener.accept()  # the dialogue has begun and waits for a greeting
    with connection:
        process.send_signal(ending)
        out, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert json.loads(out)["outcome"] == "cancelled"


@pytest.fixture
def mute_name_server():
    """A name server that takes questions and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server


@POSIX
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("words", "null", "there"),
    [
        (["check", "good.example", "--dns-only"], "queries", "blocklists"),
        (["spf", "good.example", "--ip", "192.0.2.1"], "result", "trace"),
        (["verify", "MESSAGE"], "dkim", "findings"),
    ],
)
def test_what_is_stopped_while_it_asks_prints_its_document(
    start, tmp_path, mute_name_server, words, null, there, ending
):
    message = tmp_path / "m.eml"
    message.write_bytes(b"From: a@good.example\r\nReturn-Path: <a@good.example>\r\n\r\nHi\r\n")
    words = [str(message) if word == "MESSAGE" else word for word in words]
    server = f"127.0.0.1:{mute_name_server.getsockname()[1]}"
    process = start(*words, "--resolver", server, "--json")
    mute_name_server.recvfrom(1000)
    process.send_signal(ending)
    out, err = process.communicate()
    document = json.loads(out)
    assert process.returncode == 130
    assert err.startswith(b"Stopped")
    assert document[null] is None
    assert there in document

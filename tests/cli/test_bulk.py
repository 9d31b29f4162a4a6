import re

import pytest

PEOPLE = ["--from", "a@good.example", "--to", "b@good.example"]
MESSAGE = [*PEOPLE, "--subject", "Hi", "--text", "Hello"]


def bodies(sandbox):
    return [sandbox.mailbox.body(message.id) for message in sandbox.mailbox.list()]


def new_ids(sandbox, before):
    found = [re.search(rb"(?im)^Message-ID: (\S+)", body) for body in bodies(sandbox)]
    return [match[1] for match in found if match and match[1] not in before]


def known_ids(sandbox):
    return set(new_ids(sandbox, set()))


@pytest.mark.parametrize("connections", [1, 3])
def test_many_by_smtp(cli_json, sandbox, connections):
    before = known_ids(sandbox)
    code, document = cli_json(
        "send", "--server", sandbox.smtp, *MESSAGE, "--count", 7, "--connections", connections
    )
    assert code == 0
    assert document["outcome"] == "accepted"
    assert document["count"] == 7
    assert document["messages_per_second"] > 0
    assert document["outcomes"] == {"accepted": 7}
    assert document["recipients"][0]["outcome"] == "accepted"
    assert document["reply"]["code"] == 250
    assert document["findings"] == []
    ids = new_ids(sandbox, before)
    assert len(ids) == len(set(ids)) == 7


def test_many_with_starttls_and_sign_in(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("PW", sandbox.password)
    code, document = cli_json(
        "send", "--server", sandbox.smtp, *MESSAGE, "--count", 3,
        "--tls", "starttls", "--tls-ca", sandbox.ca_pem_path,
        "--user", sandbox.username, "--password-env", "PW",
    )  # fmt: skip
    assert (code, document["outcome"], document["count"]) == (0, "accepted", 3)
    assert sandbox.password not in str(document)
    assert all(event["tls"] for event in document["events"] if "MAIL FROM" in event["text"])


def test_refusals_of_all_are_told_once(cli_json, sandbox):
    code, document = cli_json(
        "send", "--server", sandbox.smtp, "--from", "a@good.example", "--text", "x",
        "--to", "refuse@good.example", "--count", 5,
    )  # fmt: skip
    assert (code, document["outcome"], document["stage"]) == (24, "refused", "rcpt")
    assert document["outcomes"] == {"refused": 5}
    titles = [finding["title"] for finding in document["findings"]]
    assert titles
    assert len(titles) == len(set(titles))


def test_a_wrong_password_ends_as_for_one(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("PW", "not-the-one")
    code, document = cli_json(
        "send", "--server", sandbox.smtp, *MESSAGE, "--count", 5, "--connections", 2,
        "--user", sandbox.username, "--password-env", "PW",
    )  # fmt: skip
    assert (code, document["outcome"], document["stage"]) == (28, "refused", "auth")
    assert document["count"] == 5
    assert document["findings"]
    assert "not-the-one" not in str(document)


def test_a_stored_message_is_sent_as_it_is(cli_json, sandbox, tmp_path):
    file = tmp_path / "m.eml"
    octets = b"Message-ID: <own@a.example>\r\nFrom: a@a.example\r\nTo: b@good.example\r\n\r\nHi\r\n"
    file.write_bytes(octets)
    code, document = cli_json("send", file, "--server", sandbox.smtp, "--count", 2)
    assert (code, document["count"]) == (0, 2)
    assert sum(body.endswith(octets) for body in bodies(sandbox)) == 2


def test_a_message_with_a_file_goes_the_general_way(cli_json, sandbox, tmp_path):
    file = tmp_path / "data.bin"
    file.write_bytes(b"\0" * 300_000)
    before = known_ids(sandbox)
    code, document = cli_json(
        "send", "--server", sandbox.smtp, *MESSAGE, "--attach", file, "--count", 2
    )
    assert (code, document["outcome"]) == (0, "accepted")
    assert len(set(new_ids(sandbox, before))) == 2


def test_many_by_api_over_one_connection(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("KEY", sandbox.api_key)
    code, document = cli_json(
        "send", *MESSAGE, "--provider", "resend", "--base-url", sandbox.base_url("resend"),
        "--key-env", "KEY", "--count", 3, "--idempotency-key", "run",
    )  # fmt: skip
    assert (code, document["outcome"], document["count"]) == (0, "accepted", 3)
    assert document["messages_per_second"] > 0
    assert document["recipients"][0]["outcome"] == "accepted"
    assert sandbox.api_key not in str(document)
    assert sum(phase["name"] == "connect" for phase in document["phases"]) == 1


def test_a_refused_key_ends_as_for_one(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("KEY", "re_wrong")
    code, document = cli_json(
        "send", *MESSAGE, "--provider", "resend", "--base-url", sandbox.base_url("resend"),
        "--key-env", "KEY", "--count", 2,
    )  # fmt: skip
    assert code != 0
    assert (document["outcome"], document["count"]) == ("refused", 2)
    assert document["findings"]


@pytest.mark.parametrize(
    "words",
    [
        ["--count", "2", "--stop-after", "rcpt"],
        ["--count", "0"],
        ["--connections", "2"],
        ["--count", "2", "--connections", "100000"],
    ],
)
def test_wrong_usage(cli, sandbox, words):
    code, out, err = cli("send", "--server", sandbox.smtp, *MESSAGE, *words)
    assert code == 64
    assert not out
    assert len(err.strip().splitlines()) <= 2

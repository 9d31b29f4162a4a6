"""``mailgui request --batch``: the same requests as ``send --batch`` makes, unsent."""

import pytest

from tests.support.answering import answering

PEOPLE = ["--from", "a@good.example", "--to", "ada@good.example", "--to", "bob@good.example"]
MESSAGE = [*PEOPLE, "--subject", "Hi", "--text", "Hello"]


def test_it_is_what_send_sends(cli_json, monkeypatch):
    monkeypatch.setenv("API_KEY", "re_123456789")
    words = ["--provider", "resend", "--key-env", "API_KEY", *MESSAGE, "--batch"]

    def taken(messages):
        return 200, {"data": [{"id": str(n)} for n, _ in enumerate(messages)]}

    with answering(taken) as (url, seen):
        _, document = cli_json("request", *words, "--base-url", url)
        assert not seen
        code, _ = cli_json("send", *words, "--base-url", url)
    assert code == 0
    (request,) = document["requests"]
    path, headers, body = seen[0]
    assert request["url"] == f"{url}{path}"
    assert request["body"] == body
    assert request["messages"] == [0, 1]
    assert document["count"] == 2
    for name in ("Content-Type", "x-batch-validation"):
        assert request["headers"][name] == headers[name]
    assert "re_123456789" not in str(document)


def test_copies_go_in_as_few_requests_as_the_limit_allows(cli_json, cli):
    words = ["request", "--provider", "resend", *MESSAGE, "--batch", "--count", "120"]
    code, document = cli_json(*words)
    assert code == 0
    assert [len(each["body"]) for each in document["requests"]] == [100, 20]
    assert document["requests"][1]["messages"][0] == 100
    code, out, _ = cli(*words)
    assert code == 0
    assert out.startswith("=== Request 1 of 2: 100 messages\nPOST https://api.resend.com/emails/ba")
    assert "\n\n=== Request 2 of 2: 20 messages\nPOST https" in out


def test_what_a_batch_loses_is_found_once(cli_json, cli):
    words = ["--provider", "autosend", *MESSAGE, "--tag", "a", "--batch"]
    _, document = cli_json("request", *words)
    titles = [finding["title"] for finding in document["findings"]]
    assert titles
    assert len(titles) == len(set(titles))
    assert cli("request", *words, "--fail-on", "info")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--provider", "postal", "--option", "host=h.example", "--batch"], "no batch call"),
        (["--provider", "resend", "--count", "3"], "--count goes with --batch"),
        (["--provider", "resend", "--batch", "--as", "curl"], "leave --batch away"),
        (["--provider", "resend", "--batch", "--send-at", "2030-01-01"], "takes no scheduled time"),
    ],
)
def test_what_is_no_batch_is_wrong_usage(cli, words, said):
    code, out, err = cli("request", *words, *MESSAGE)
    assert (code, out) == (64, "")
    assert said in err


def test_sandbox_mode_is_shown_too(cli_json):
    words = ["request", "--provider", "sendgrid", *MESSAGE]
    assert cli_json(*words, "--sandbox-mode")[1]["body"]["mail_settings"]["sandbox_mode"]["enable"]
    assert "mail_settings" not in cli_json(*words)[1]["body"]

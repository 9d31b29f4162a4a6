"""``mailgui send --batch``: one request for many messages, a result for each."""

import json

import pytest

from tests.support.answering import answering

PEOPLE = ["--from", "a@good.example", "--to", "ada@good.example", "--to", "bob@good.example"]
MESSAGE = [*PEOPLE, "--subject", "Hi", "--text", "Hello"]
KEY = ["--key-env", "API_KEY"]


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("API_KEY", "re_123456789")


def all_taken(messages):
    return 200, {"data": [{"id": f"id-{n}"} for n, _ in enumerate(messages)]}


def test_copies_go_in_as_few_requests_as_the_limit_allows(cli_json):
    with answering(all_taken) as (url, seen):
        code, document = cli_json(
            "send", "--provider", "resend", "--base-url", url, *KEY, *MESSAGE,
            "--count", 120, "--batch",
        )  # fmt: skip
    assert code == 0
    assert [path for path, _, _ in seen] == ["/emails/batch"] * 2
    assert [len(body) for _, _, body in seen] == [100, 20]
    assert document["outcome"] == "accepted"
    assert document["count"] == 120
    assert document["requests"] == 2
    assert document["outcomes"] == {"accepted": 120}
    assert document["items"][101]["id"] == "id-1"
    assert {r["address"] for r in document["recipients"]} == {
        "ada@good.example",
        "bob@good.example",
    }
    assert "re_123456789" not in json.dumps(document)


def test_without_a_count_each_recipient_gets_a_message_of_their_own(cli_json):
    with answering(all_taken) as (url, seen):
        code, document = cli_json(
            "send", "--provider", "resend", "--base-url", url, *KEY, *MESSAGE, "--batch"
        )
    assert code == 0
    assert [m["to"] for m in seen[0][2]] == [["ada@good.example"], ["bob@good.example"]]
    assert [i["recipients"][0]["address"] for i in document["items"]] == [
        "ada@good.example",
        "bob@good.example",
    ]


def test_what_is_refused_in_a_200_makes_it_partial(cli_json):
    def half(messages):
        taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "m"}
        return 200, [taken, {"ErrorCode": 406, "Message": "Inactive recipient"}]

    with answering(half) as (url, _):
        code, document = cli_json(
            "send", "--provider", "postmark", "--base-url", url, *KEY, *MESSAGE, "--batch"
        )
    assert code == 0
    assert document["outcome"] == "partial"
    assert [r["outcome"] for r in document["recipients"]] == ["accepted", "refused"]
    assert document["items"][1]["reply"]["text"] == "Inactive recipient"
    assert document["findings"]


def test_a_provider_without_a_batch_call_is_wrong_usage(cli):
    code, out, err = cli(
        "send", "--provider", "postal", "--option", "host=h.example", *KEY, *MESSAGE, "--batch"
    )
    assert (code, out) == (64, "")
    assert "has no batch call" in err


@pytest.mark.parametrize(
    "words", [["--server", "127.0.0.1:1"], ["--provider", "resend", "--connections", "2"]]
)
def test_batches_are_for_apis_and_one_request_at_a_time(cli, words):
    code, _, err = cli("send", *words, *MESSAGE, *KEY, "--batch")
    assert code == 64
    assert "atch" in err


def test_several_requests_at_a_time(cli_json):
    with answering(lambda _body: (200, {"id": "1"})) as (url, seen):
        code, document = cli_json(
            "send", "--provider", "resend", "--base-url", url, *KEY, *MESSAGE,
            "--count", 9, "--connections", 3,
        )  # fmt: skip
    assert (code, document["outcome"], document["count"]) == (0, "accepted", 9)
    assert len(seen) == 9


def test_retries(cli_json):
    answers = iter([(429, {"name": "rate_limit_exceeded"}), (200, {"id": "1"})])
    with answering(lambda _body: next(answers)) as (url, _):
        code, document = cli_json(
            "send", "--provider", "resend", "--base-url", url, *KEY, *MESSAGE, "--retries", 2
        )
    assert (code, document["outcome"]) == (0, "accepted")
    assert [a["outcome"] for a in document["attempts"]] == ["temporary", "accepted"]


def test_what_is_held_back_is_told_for_a_batch_too(cli_json):
    """MailerSend's header, in the shape that the bulk call answers in."""
    with answering(
        lambda _messages: (202, {"bulk_email_id": "b-1"}), ("X-Send-Paused", "true")
    ) as (
        url,
        _,
    ):
        code, document = cli_json(
            "send", "--provider", "mailersend", "--base-url", url, *KEY, *MESSAGE, "--batch"
        )
    assert (code, document["outcome"]) == (0, "accepted")
    assert [finding["id"] for finding in document["findings"]] == ["note.held"]


def test_what_is_held_back_is_told_of_copies_sent_one_by_one(cli_json):
    headers = (("X-Message-Id", "m-1"), ("X-Send-Paused", "true"))
    with answering(lambda _message: (202, {}), *headers) as (url, seen):
        code, document = cli_json(
            "send", "--provider", "mailersend", "--base-url", url, *KEY, *MESSAGE, "--count", 3
        )
    assert (code, document["outcome"], len(seen)) == (0, "accepted", 3)
    assert [finding["id"] for finding in document["findings"]] == ["note.held"]

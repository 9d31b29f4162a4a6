"""``mailgui send`` through every provider to the sandbox, over real HTTP."""

import json

import pytest

from mailgui.api.provider import load_providers

PROVIDERS = load_providers()
SINGLE = sorted(PROVIDERS)
BATCHED = sorted(each.id for each in PROVIDERS.values() if each.batch)
MESSAGE = ["--from", "a@good.example", "--subject", "A greeting to all", "--text", "Hello"]


def account(sandbox, provider_id):
    provider = PROVIDERS[provider_id]
    words = ["--provider", provider_id, "--base-url", sandbox.base_url(provider_id)]
    for option in provider.options:
        if option.required:
            words += ["--option", f"{option.name}=good.example"]
    for secret in provider.auth.secrets:
        if not secret.optional:
            words += ["--key-env", f"{secret.name}=SANDBOX_KEY"]
    return words


@pytest.fixture(autouse=True)
def _key(sandbox, monkeypatch):
    monkeypatch.setenv("SANDBOX_KEY", sandbox.api_key)


@pytest.mark.parametrize("provider_id", SINGLE)
def test_a_message_goes_out(cli_json, sandbox, provider_id):
    before = len(sandbox.mailbox)
    code, document = cli_json(
        "send", *account(sandbox, provider_id), *MESSAGE, "--to", "b@good.example"
    )
    assert (code, document["outcome"]) == (0, "accepted"), document["summary"]
    assert len(sandbox.mailbox) == before + 1
    (message, *_) = sandbox.mailbox.list()
    assert (message.provider, message.subject) == (provider_id, "A greeting to all")
    assert sandbox.api_key not in json.dumps(document)


@pytest.mark.parametrize("provider_id", SINGLE)
def test_a_wrong_key_is_refused_by_each(cli_json, sandbox, provider_id, monkeypatch):
    monkeypatch.setenv("SANDBOX_KEY", "not-the-key-at-all")
    code, document = cli_json(
        "send", *account(sandbox, provider_id), *MESSAGE, "--to", "b@good.example"
    )
    keyless = PROVIDERS[provider_id].auth.scheme == "none"
    assert document["outcome"] == ("accepted" if keyless else "refused"), document["summary"]
    assert (code == 0) is keyless
    assert keyless or any("authentication" in f["id"] for f in document["findings"])


@pytest.mark.parametrize("provider_id", BATCHED)
def test_a_batch_goes_out(cli_json, sandbox, provider_id):
    words = ["--template-id", "1"] if PROVIDERS[provider_id].batch.template_only else []
    people = ["--to", "ada@good.example", "--to", "bob@good.example"]
    code, document = cli_json(
        "send", *account(sandbox, provider_id), *MESSAGE, *people, *words, "--batch"
    )
    assert (code, document["outcome"]) == (0, "accepted"), document["summary"]
    assert [item["outcome"] for item in document["items"]] == ["accepted"] * 2
    assert document["requests"] == 1

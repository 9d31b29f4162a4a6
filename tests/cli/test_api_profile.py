"""Flags override an API profile, the sandbox's too; what travels is what they say."""

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.store.profile import Profile
from mailgui.store.profiles import ProfileStore
from tests.support.answering import answering

MESSAGE = ["--from", "a@good.example", "--to", "b@good.example", "--subject", "Hi", "--text", "x"]


@pytest.fixture(autouse=True)
def _home(home, monkeypatch):
    monkeypatch.setenv("API_KEY", "re_123456789")


def test_the_sandbox_s_address_and_key_are_overridden_too(cli_json):
    with answering(lambda _body: (200, {"id": "1"})) as (url, seen):
        code, document = cli_json(
            "send", "--profile", "Sandbox API", "--base-url", url, "--key-env", "API_KEY", *MESSAGE
        )
    assert (code, document["outcome"]) == (0, "accepted")
    assert document["peer"] == url.removeprefix("http://")
    ((_, headers, _),) = seen
    assert any("re_123456789" in value for value in headers.values())


def test_a_proxy_is_used_and_its_password_hidden(cli_json, monkeypatch):
    monkeypatch.setenv("PROXY_PW", "pr0xy-pw")
    code, document = cli_json(
        "send", "--provider", "resend", "--key-env", "API_KEY", *MESSAGE,
        "--proxy", "http://ann@127.0.0.1:1", "--proxy-password-env", "PROXY_PW",
    )  # fmt: skip
    assert code == 2
    assert document["outcome"] == "failed"
    assert "127.0.0.1" in document["summary"]
    assert "pr0xy-pw" not in str(document)


def test_trying_an_api_sends_nothing_and_says_so(cli):
    with answering(lambda _body: (200, {})) as (url, seen):
        ProfileStore().add(Profile("Mine", ApiSettings("resend", base_url=url)))
        code, out, _ = cli("profile", "test", "Mine")
    assert code == 0
    assert seen == []
    assert "nothing was mailed" in out

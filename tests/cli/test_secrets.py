"""Where the command line has secrets from, on a machine without a keyring."""

import pytest

from mailgui.store.profiles import ProfileStore
from tests.support.answering import answering

KEY = "re_canary_5150"
MESSAGE = ["--from", "a@good.example", "--to", "b@good.example", "--subject", "Hi", "--text", "x"]


@pytest.fixture(autouse=True)
def _home(home, monkeypatch):
    monkeypatch.setenv("KEY", KEY)


@pytest.fixture
def account(sandbox, monkeypatch, cli):
    """A profile that signs in at a running sandbox; its password is nowhere but in PW."""
    monkeypatch.setenv("PW", sandbox.password)
    where = ["--tls", "starttls", "--tls-ca", sandbox.ca_pem_path, "--user", sandbox.username]
    words = ["--server", f"{sandbox.smtp.host}:{sandbox.smtp.port}", *where, "--password-env", "PW"]
    code, _, err = cli("profile", "add", "Mine", *words)
    assert code == 0
    assert "--password-env each time" in err
    return "Mine"


def test_an_smtp_profile_is_tried_and_used_with_the_variable(cli_json, account, sandbox):
    code, document = cli_json("profile", "test", account, "--password-env", "PW")
    assert (code, document["outcome"], document["stage"]) == (0, "completed", "auth")
    code, document = cli_json(
        "send", "--profile", account, "--password-env", "PW",
        "--from", "a@good.example", "--to", "b@good.example",
    )  # fmt: skip
    assert (code, document["outcome"]) == (0, "accepted")
    assert sandbox.password not in str(document)


def test_without_the_variable_the_next_step_is_said(cli, account):
    code, out, err = cli("profile", "test", account, "--json")
    assert (code, out) == (64, "")
    assert err.endswith("or give it by --password-env.\n")


@pytest.mark.parametrize("flag", [["--password-env", "KEY"], ["--key-env", "key=KEY"]])
def test_an_apis_key_is_taken_from_either_flag(cli, cli_json, flag):
    with answering(lambda _body: (200, {"id": "1"})) as (url, seen):
        words = ["--provider", "resend", "--base-url", url]
        assert cli("profile", "add", "Mine", *words, *flag)[0] == 0
        assert cli_json("send", "--profile", "Mine", *flag, *MESSAGE)[0] == 0
        assert cli_json("send", *words, *flag, *MESSAGE)[0] == 0
    assert all(KEY in str(headers) for _, headers, _ in seen)
    assert len(seen) == 2
    assert KEY not in ProfileStore().path.read_text()


def test_one_variable_does_not_fill_two_secrets(cli):
    code, _, err = cli("profile", "add", "Mine", "--provider", "mailjet", "--password-env", "KEY")
    assert code == 0
    assert "The Secret key is not known yet: give it by --key-env " in err


def test_a_secret_that_the_provider_does_not_have(cli):
    code, out, err = cli("request", "--provider", "resend", "--key-env", "token=KEY", *MESSAGE)
    assert (code, out) == (64, "")
    assert err == "Resend has no secret “token”; it has: key.\n"


def test_no_password_is_asked_for_where_none_is_needed(cli_json):
    words = ["--server", "127.0.0.1:1", "--user", "u", "--auth", "EXTERNAL"]
    assert cli_json("profile", "add", "Mine", *words)[0] == 0
    assert cli_json("send", *words, *MESSAGE)[0] == 2  # nothing listens there
    assert cli_json("profile", "test", "Mine")[0] == 2


def test_names_are_asked_of_the_chosen_name_server_on_every_road(cli_json, sandbox):
    """It does not know the names; the system's would not be asked on this machine at all."""
    server = f"{sandbox.dns.host}:{sandbox.dns.port}"
    smtp = ["send", "--server", "nowhere.good.example:25", "--resolver", server, *MESSAGE]
    api = ["--provider", "resend", "--base-url", "http://nowhere.good.example", "--key-env", "KEY"]
    api = ["send", *api, "--allow-insecure-auth", "--resolver", server, *MESSAGE]
    for words in (
        smtp,
        [*smtp, "--count", "2"],
        [*smtp, "--auth-all", "--user", "u", "--password-env", "KEY"],
        api,
        [*api, "--count", "2"],
        [*api, "--batch", "--count", "2"],
    ):
        code, document = cli_json(*words)
        assert (code, document["outcome"]) == (2, "failed")
        assert server in str(document), words

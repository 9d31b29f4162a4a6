import asyncio
import email
import json

import pytest

from mailgui.jobs.code import CodeKind
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from tests.support import programs

PEOPLE = ["--from", "A <a@good.example>", "--to", "b@good.example", "--subject", "Hi"]
MESSAGE = [*PEOPLE, "--text", "Hello there"]


@pytest.fixture
def profile(home):
    async def add():
        services = Services()
        try:
            settings = SmtpSettings("mail.example.com", 587, username="u@example.com")
            made = services.profiles.add(Profile("Work", settings, sender="me@example.com"))
            await services.secrets.set(made, "canary-password")
        finally:
            await services.close()

    asyncio.run(add())


@pytest.mark.parametrize("kind", list(CodeKind))
def test_every_kind_of_an_api(kind, cli, home):
    code, out, err = cli("request", "--provider", "resend", *MESSAGE, "--as", kind)
    assert (code, err) == (0, "")
    assert "Hello there" in out


def test_code_of_a_request_runs(cli, home, sandbox, tmp_path, monkeypatch):
    base = ["--base-url", sandbox.base_url("resend")]
    words = ["request", "--provider", "resend", *base, *MESSAGE, "--key-env", "MY_KEY"]
    _, out, _ = cli(*words, "--as", "requests")
    programs.run_python(out, tmp_path, monkeypatch, MY_KEY=sandbox.api_key)
    assert sandbox.mailbox.list()[0].provider == "resend"


def test_code_of_a_server_runs(cli, home, sandbox, tmp_path, monkeypatch):
    server = ["--server", str(sandbox.smtp), "--user", sandbox.username, "--password-env", "PW"]
    _, out, _ = cli("send", *server, *MESSAGE, "--as", "smtplib")
    programs.run_python(out, tmp_path, monkeypatch, PW=sandbox.password)
    assert sandbox.mailbox.list()[0].user == sandbox.username


def test_a_server_has_no_http(cli, home):
    code, out, err = cli("send", "--server", "127.0.0.1:25", *MESSAGE, "--as", "httpx")
    assert (code, out) == (64, "")
    assert err.count("\n") == 1
    assert "httpx speaks HTTP" in err


def test_secrets_only_when_asked_for(cli, home, monkeypatch):
    monkeypatch.setenv("KEY", "canary-key")
    words = ["request", "--provider", "resend", *MESSAGE, "--key-env", "KEY", "--as"]
    for kind in CodeKind:
        assert "canary" not in cli(*words, kind)[1]
    assert '"Bearer canary-key"' in cli(*words, "httpx", "--inline-secret")[1]
    assert "Bearer canary-key" in cli(*words, "raw", "--inline-secret")[1]
    code, _, err = cli(
        "request", "--provider", "resend", *MESSAGE, "--as", "curl", "--inline-secret"
    )
    assert code == 64
    assert "--key-env" in err


def test_a_profile(cli, profile):
    words = [
        "send",
        "--profile",
        "Work",
        "--to",
        "b@good.example",
        "--text",
        "x y",
        "--as",
        "swaks",
    ]
    code, out, _ = cli(*words)
    assert code == 0
    assert "mail.example.com" in out
    assert "me@example.com" in out
    assert "canary" not in out


def test_a_sandbox_profile_has_no_lasting_address(cli, home):
    code, _, err = cli("send", "--profile", "Sandbox SMTP", *MESSAGE, "--as", "swaks")
    assert code == 64
    assert "mailgui sandbox" in err


def test_no_server_to_name(cli, home):
    assert cli("send", "--mx", *MESSAGE, "--as", "swaks")[0] == 64


def test_json(cli_json, home):
    code, document = cli_json("request", "--provider", "resend", *MESSAGE, "--as", "go")
    assert code == 0
    assert document["kind"] == "go"
    assert document["code"].startswith("// Set RESEND_API_KEY first")


def test_raw_can_go_into_a_file(capfdbinary, home):
    from mailgui.cli.main import run

    assert run(["send", "--server", "127.0.0.1:25", *MESSAGE, "--as", "raw"]) == 0
    out = capfdbinary.readouterr().out
    message = email.message_from_bytes(out)
    assert message["Subject"] == "Hi"
    assert b"\r\nHello there\r\n" in out


def test_a_stored_message(cli, home, tmp_path):
    file = tmp_path / "m.eml"
    file.write_bytes(b"From: a@good.example\nTo: b@good.example\nSubject: Stored\n\nBody\n")
    code, out, _ = cli("send", file, "--server", "127.0.0.1:25", "--as", "nodemailer")
    assert code == 0
    assert 'subject: "Stored"' in out
    assert json.dumps("b@good.example") in out


def test_the_null_sender(cli, home):
    words = ["--from", "", "--to", "b@good.example", "--text", "x"]
    code, out, _ = cli("send", "--server", "127.0.0.1:25", *words, "--as", "smtplib")
    assert code == 0
    assert 'from_addr=""' in out


def test_help_names_the_kinds(cli, home):
    for command in ("send", "request"):
        code, out, _ = cli(command, "--help")
        assert code == 0
        assert "--as KIND" in out
        for kind in CodeKind:
            assert kind in out


def test_flags_that_code_does_not_carry_are_named_at_its_top(cli, home):
    how = ["--dsn-notify", "SUCCESS", "--count", 3, "--stop-after", "rcpt"]
    code, out, err = cli("send", "--server", "h:25", *MESSAGE, *how, "--as", "swaks")
    assert (code, err) == (0, "")
    said = " ".join(out.replace("\n# ", " ").split())
    assert "the stop before the message's end, the request for delivery reports (DSN)." in said
    assert "not in this code: --count." in said


def test_flags_of_the_other_road_are_refused_or_named_as_when_sending(cli, home):
    words = ["send", "--provider", "resend", *MESSAGE, "--as", "curl"]
    assert cli(*words, "--stop-after", "rcpt") == (
        64,
        "",
        "--stop-after is for SMTP; leave it away.\n",
    )
    code, _, err = cli(*words, "--chunking")
    assert (code, err) == (0, "--chunking is for SMTP, and left aside.\n")
    code, out, _ = cli(*words, "--http2", "--batch")
    assert "not in this code: --batch." in out

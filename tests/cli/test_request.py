def test_the_document_and_the_placeholder(cli_json, home):
    code, document = cli_json(
        "request", "--provider", "resend", "--from", "A <a@good.example>", "--to", "b@good.example",
        "--subject", "Hi", "--text", "Hello", "--tag", "welcome",
    )  # fmt: skip
    assert code == 0
    assert set(document) >= {"method", "url", "headers", "body_kind", "body", "findings"}
    assert document["method"] == "POST"
    assert document["url"] == "https://api.resend.com/emails"
    assert document["body_kind"] == "json"
    assert document["body"]["to"] == ["b@good.example"]
    assert "Bearer" in document["headers"]["Authorization"]


def test_a_key_does_not_show(cli, home, monkeypatch):
    monkeypatch.setenv("KEY", "re_canary_0123456789")
    people = ["--from", "a@good.example", "--to", "b@good.example"]
    words = ["request", "--provider", "resend", *people]
    for more in ([], ["--json"]):
        code, out, err = cli(*words, "--key-env", "KEY", *more)
        assert code == 0
        assert "canary" not in out + err


def test_a_stored_message_becomes_a_request(cli_json, home, tmp_path):
    file = tmp_path / "m.eml"
    file.write_text("From: a@good.example\nTo: b@good.example\nSubject: S\nX-A: 1\n\nBody\n")
    code, document = cli_json("request", file, "--provider", "autosend", "--subject", "Other")
    assert code == 0
    assert document["body"]["subject"] == "Other"
    assert document["body"]["from"]["email"] == "a@good.example"
    assert document["body"]["text"].strip() == "Body"


def test_unknown_provider(cli, home):
    code, _, err = cli("request", "--provider", "x", "--from", "a@b.test", "--to", "b@c.test")
    assert code == 64
    assert "resend" in err


def test_fail_on(cli, home):
    """A tag too many is worth attention, and no reason to fail unless that is asked for."""
    words = ["request", "--provider", "autosend", "--from", "a@good.example"]
    words += ["--to", "b@good.example", "--subject", "Hi", "--text", "x", "--tag", "a"]
    codes = [cli(*words, *more)[0] for more in ([], ["--fail-on", "info"], ["--fail-on", "broken"])]
    assert codes == [0, 1, 0]


def test_a_field_that_the_provider_does_not_know_is_named(cli, home):
    words = ["request", "--from", "a@good.example", "--to", "b@good.example", "--json"]
    code, _, err = cli(*words, "--provider", "mailgun", "--option", "regoin=eu")
    assert code == 0
    assert err == "Mailgun has no field “regoin” (it has: domain, region); it is left aside.\n"
    assert cli(*words, "--provider", "generic", "--option", "x=y")[2] == ""

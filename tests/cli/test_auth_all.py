"""``mailgui send --auth-all`` against the sandbox and a server that is not there."""

PROBE = ("send", "--profile", "Sandbox SMTP", "--auth-all")


def test_the_table_and_the_automatic_choice(home, cli):
    code, out, _ = cli(*PROBE)
    assert code == 0
    rows = [line for line in out.splitlines() if " offered " in line]
    assert any("PLAIN" in row and "accepted" in row for row in rows)
    assert any(row.startswith("* ") for row in rows)
    assert "* automatic choice: " in out


def test_the_json_document(home, cli_json):
    code, document = cli_json(*PROBE)
    by_name = {each["name"]: each for each in document["mechanisms"]}
    assert code == 0
    assert by_name["PLAIN"]["result"] == "accepted"
    assert by_name["XOAUTH2"]["result"] == "not_tried"
    assert document["automatic"]["name"] in by_name
    assert document["outcome"] == "completed"
    assert not any(event["text"].startswith("MAIL") for event in document["events"])


def test_it_needs_somebody_who_signs_in(home, cli):
    code, _, err = cli("send", "--server", "127.0.0.1:1", "--auth-all")
    assert code == 64
    assert "who signs in" in err


def test_it_is_for_smtp_and_sends_nothing(home, cli):
    assert "for SMTP" in cli("send", "--profile", "Sandbox API", "--auth-all")[2]
    code, _, err = cli(*PROBE, "--count", "2")
    assert code == 64
    assert "sends nothing" in err


def test_a_server_that_is_not_there(home, cli, monkeypatch):
    monkeypatch.setenv("PW", "x-word-x")
    flags = ("--server", "127.0.0.1:1", "--user", "ann", "--password-env", "PW", "--auth-all")
    code, out, err = cli("send", *flags)
    assert code == 2
    assert "refused the connection" in out
    assert "x-word-x" not in out + err

def test_the_sandbox_profiles_side_by_side(home, cli_json):
    code, document = cli_json("compare", "Sandbox SMTP", "Sandbox API", "--count", 4)
    assert code == 0
    smtp, api = document["profiles"]
    assert (smtp["road"], api["road"]) == ("smtp", "api")
    assert smtp["outcomes"] == api["outcomes"] == {"accepted": 4}
    assert {"mail", "message"} <= {phase["name"] for phase in smtp["phases"]}
    assert {"send", "wait"} <= {phase["name"] for phase in api["phases"]}
    assert len(api["times_ms"]) == 4
    assert "compare.loopback" in {finding["id"] for finding in document["findings"]}


def test_as_text(home, cli):
    code, out, _ = cli(
        "compare", "Sandbox SMTP", "Sandbox API", "--count", 2, "--new-connection",
        "--price", "0.1", "0.4",
    )  # fmt: skip
    assert code == 0
    assert "opening a connection" in out
    assert "Sandbox SMTP costs 0.10 for 1,000 messages" in out


def test_a_side_that_takes_nothing_ends_in_1(home, cli_json):
    code, document = cli_json(
        "compare", "Sandbox SMTP", "Sandbox API", "--count", 2, "--to", "refuse@good.example"
    )
    assert code == 1
    assert document["profiles"][0]["total_ms"] is None


def test_wrong_usage(home, cli):
    assert cli("compare", "Sandbox SMTP")[0] == 64
    assert cli("compare", "Sandbox SMTP", "nobody")[0] == 64
    assert cli("compare", "Sandbox SMTP", "Sandbox API", "--count", 0)[0] == 64
    assert cli("compare", "Sandbox SMTP", "Sandbox API", "--price", "x", "1")[0] == 64


def test_real_mailboxes_are_named_by_the_person(home, cli):
    assert cli("profile", "add", "Mine", "--server", "127.0.0.1:1")[0] == 0
    code, _, err = cli("compare", "Mine", "Sandbox API")
    assert code == 64
    assert "--to" in err

def test_a_good_and_a_broken_domain(cli_json, sandbox):
    code, documents = cli_json(
        "check", "good.example", "broken.example", "--dns-only", "--resolver", sandbox.dns
    )
    assert code == 0
    good, broken = documents
    assert [document["domain"] for document in documents] == ["good.example", "broken.example"]
    for name in ("spf", "dkim", "dmarc"):
        assert good[name]["verdict"] == "pass", (name, good[name])
        assert broken[name]["verdict"] == "broken", (name, broken[name])
        assert set(good[name]) >= {"verdict", "records", "findings"}
    assert {"rfc9989", "rfc7489"} <= set(good["dmarc"])
    assert good["queries"] > 3


def test_fail_on(cli, sandbox):
    words = ["--dns-only", "--resolver", sandbox.dns]
    assert cli("check", "broken.example", *words)[0] == 0
    assert cli("check", "broken.example", *words, "--fail-on", "broken")[0] == 1
    assert cli("check", "good.example", *words, "--fail-on", "broken")[0] == 0


def test_a_name_server_that_does_not_answer_is_not_no_record(cli_json):
    code, document = cli_json("check", "good.example", "--dns-only", "--resolver", "127.0.0.1:1")
    assert code == 0
    assert {document[name]["verdict"] for name in ("spf", "dkim", "dmarc")} == {"unchecked"}


def test_malformed_names(cli):
    for words in (
        ["check", "a..b"],
        ["check", "192.0.2.1"],
        ["check", "good.example", "--resolver", "ftp://x"],
    ):
        code, _, err = cli(*words)
        assert code == 64
        assert len(err.strip().splitlines()) == 1


def test_text(cli, sandbox):
    code, out, _ = cli("check", "good.example", "--dns-only", "--resolver", sandbox.dns)
    assert code == 0
    assert "v=spf1" in out
    assert "SPF" in out

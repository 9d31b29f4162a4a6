import pytest


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


@pytest.mark.parametrize(("count", "cut"), [(5, False), (6, True)])
def test_among_many_domains_what_is_left_out_is_said(cli, cli_json, sandbox, count, cut):
    words = ["check", *["good.example"] * count, "--dns-only", "--resolver", sandbox.dns]
    _, documents = cli_json(*words)
    for document in documents:
        assert (document["answers"] is None) is cut
        assert document["dkim"]["complete"] is not cut
        assert ("the search ended there" in document["dkim"]["summary"]) is cut
        assert any("first that is found" in note for note in document["notes"]) is cut
        assert any("answers themselves" in note for note in document["notes"]) is cut
    _, out, _ = cli(*words)
    assert out.count("ends at the first that is found") == int(cut)

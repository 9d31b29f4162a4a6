import pytest


def test_the_tree_without_an_address(cli_json, sandbox):
    code, document = cli_json("spf", "good.example", "--resolver", sandbox.dns)
    assert code == 0
    assert document["result"] is None
    assert document["lookups"] is None
    assert document["lookups_total"] == 2
    include = document["trace"][1]
    assert include["term"] == "include:_spf.good.example"
    assert [child["term"] for child in include["children"]][-1] == "-all"


@pytest.mark.parametrize(("ip", "result"), [("192.0.2.25", "pass"), ("203.0.113.7", "fail")])
def test_an_evaluation(cli_json, sandbox, ip, result):
    words = ["--ip", ip, "--mail-from", "a@good.example", "--resolver", sandbox.dns]
    code, document = cli_json("spf", "good.example", *words)
    assert (code, document["result"], document["error"]) == (0, result, None)
    assert document["lookups"] <= document["lookups_total"]


def test_as_text(cli, sandbox):
    code, out, _ = cli("spf", "good.example", "--ip", "192.0.2.25", "--resolver", sandbox.dns)
    assert code == 0
    assert out.startswith("good.example: pass\n")
    assert "  mx: match, look-ups 1\n" in out
    assert "Look-ups 1 of 10" in out


def test_two_records_are_an_error_with_a_sentence(cli_json, sandbox):
    code, document = cli_json("spf", "broken.example", "--resolver", sandbox.dns)
    assert (code, document["result"]) == (0, "permerror")
    assert "2 SPF records" in document["error"]


def test_wrong_usage(cli):
    for words in (["--ip", "nonsense"], ["--resolver", "ftp://x"]):
        code, _, err = cli("spf", "good.example", *words)
        assert code == 64
        assert err.count("\n") == 1


def test_two_addresses_side_by_side(cli, cli_json, sandbox):
    words = ["--ip", "192.0.2.25", "--ip", "203.0.113.7", "--resolver", sandbox.dns]
    code, documents = cli_json("spf", "good.example", *words)
    assert (code, [document["result"] for document in documents]) == (0, ["pass", "fail"])
    code, out, _ = cli("spf", "good.example", *words)
    lines = out.splitlines()
    assert lines[0].split() == ["192.0.2.25", "203.0.113.7"]
    assert lines[1].split() == ["pass", "fail"]
    assert [line.split("  ")[0] for line in lines[2:4]] == ["mx", "include:_spf.good.example"]
    assert lines[2].split() == ["mx", "match", "no", "match"]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--ip", "192.0.2.25"], [0, 0, 0]),
        (["--ip", "203.0.113.7"], [1, 1, 1]),
        (["--ip", "192.0.2.25", "--ip", "203.0.113.7"], [1, 1, 1]),
        ([], [0, 0, 0]),
    ],
)
def test_fail_on(cli, sandbox, words, codes):
    words = ["spf", "good.example", *words, "--resolver", sandbox.dns, "--fail-on"]
    assert [cli(*words, bar)[0] for bar in ("info", "attention", "broken")] == codes


def test_a_domain_without_spf_is_worth_attention(cli, sandbox):
    words = ["spf", "nowhere.good.example", "--resolver", sandbox.dns, "--fail-on"]
    assert [cli(*words, bar)[0] for bar in ("attention", "broken")] == [1, 0]

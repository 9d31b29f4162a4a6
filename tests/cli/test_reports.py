import gzip
import io

import pytest

from tests.support.aggregate import report_xml

ROWS = [
    ("192.0.2.1", 90, "pass", "pass", "good.example"),
    ("198.51.100.7", 10, "fail", "fail", "vendor.example"),
]


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "receiver!good.example!1!2.xml.gz"
    path.write_bytes(gzip.compress(report_xml("good.example", ROWS)))
    return path


def test_as_text(cli, packed):
    code, out, _ = cli("reports", packed)
    assert code == 0
    assert "good.example: 100 messages in 1 report, 10 (10.0%) would be lost" in out
    assert "198.51.100.7" in out
    assert "Mail of your own would be lost under p=reject" in out


def test_as_json(cli_json, packed):
    code, document = cli_json("reports", packed)
    (domain,) = document["domains"]
    assert (code, domain["messages"], domain["fails"]) == (0, 100, 10)
    assert domain["sources"][0]["both"] == 90
    assert "dmarc.reports.losses" in [finding["id"] for finding in domain["findings"]]


def test_what_cannot_be_read_is_told_beside_what_can(cli, packed, tmp_path):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(b"<feedback>")
    code, out, err = cli("reports", packed, bad)
    assert code == 1
    assert "good.example" in out
    assert f"{bad}: The XML is broken in line 1" in err
    assert cli("reports", bad)[0] == 64
    assert cli("reports", tmp_path / "missing")[0] == 64


def test_standard_input_is_read_and_named(cli, packed, tmp_path, monkeypatch):
    def put(octets):
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": io.BytesIO(octets)}))

    put(packed.read_bytes())
    code, out, _ = cli("reports", "-")
    assert (code, "good.example: 100 messages in 1 report" in out) == (0, True)
    put(b"<feedback>")
    code, _, err = cli("reports", "-", packed)
    assert (code, "Standard input: The XML is broken" in err) == (1, True)
    put(b"")
    code, _, err = cli("reports", "-")
    assert (code, err) == (64, "Standard input is empty.\n")

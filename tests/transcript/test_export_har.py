import json
from dataclasses import replace

import pytest

from mailgui.transcript import Phase, Transcript
from mailgui.transcript.export_har import to_har

REQUIRED = {
    "log": {"version", "creator", "entries"},
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {
        "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
        "bodySize",
    },
    "response": {
        "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
        "headersSize", "bodySize",
    },
    "timings": {"send", "wait", "receive"},
}  # fmt: skip


def entry_of(transcript: Transcript) -> dict:
    log = json.loads(json.dumps(to_har(transcript)))["log"]
    assert log.keys() >= REQUIRED["log"]
    assert log["version"] == "1.2"
    entry = log["entries"][0]
    assert entry.keys() >= REQUIRED["entry"]
    for part in ("request", "response", "timings"):
        assert entry[part].keys() >= REQUIRED[part]
    return entry


def test_an_exchange_is_a_valid_entry(http_transcript: Transcript) -> None:
    entry = entry_of(http_transcript)
    assert entry["request"]["method"] == "POST"
    assert {"name": "x", "value": "1"} in entry["request"]["queryString"]
    assert entry["request"]["postData"] == {
        "mimeType": "application/json",
        "params": [],
        "text": '{"to":"••••••••"}',
    }
    assert entry["response"]["status"] == 422
    assert entry["response"]["content"]["text"] == '{"name":"invalid"}'
    assert "key_123456" not in json.dumps(entry)


def test_times_add_up_with_the_handshake_counted_in_connect(http_transcript: Transcript) -> None:
    phases = tuple(
        Phase(name, n, (n + 1) / 1000)
        for n, name in enumerate(("dns", "connect", "tls", "send", "wait", "receive"))
    )
    entry = entry_of(replace(http_transcript, phases=phases))
    assert entry["timings"] == {
        "blocked": -1, "dns": 1.0, "connect": 5.0, "ssl": 3.0, "send": 4.0, "wait": 5.0,
        "receive": 6.0,
    }  # fmt: skip
    assert entry["time"] == 21.0


def test_a_reused_connection_has_no_connect_time(http_transcript: Transcript) -> None:
    phases = (Phase("send", 0, 0.001), Phase("wait", 0, 0.001), Phase("receive", 0, 0.001))
    entry = entry_of(replace(http_transcript, phases=phases))
    assert [entry["timings"][key] for key in ("dns", "connect", "ssl")] == [-1, -1, -1]
    assert entry["time"] == pytest.approx(3.0)


def test_several_exchanges_share_the_phases(http_transcript: Transcript) -> None:
    phases = tuple(Phase(n, 0, 0.001) for n in ("dns", "send", "receive", "send", "receive"))
    both = replace(http_transcript, exchanges=http_transcript.exchanges * 2, phases=phases)
    first, second = to_har(both)["log"]["entries"]
    assert first["timings"]["dns"] == 1.0
    assert second["timings"]["dns"] == -1


def test_no_answer_and_octets_that_are_no_text(http_transcript: Transcript) -> None:
    (exchange,) = http_transcript.exchanges
    odd = replace(exchange, status=None, response_body=b"\xff\0", request_body=b"\xff")
    entry = entry_of(replace(http_transcript, exchanges=(odd,), phases=()))
    assert entry["response"]["status"] == 0
    assert entry["response"]["content"]["encoding"] == "base64"
    assert entry["request"]["postData"]["text"] == r"\xff"

import json
from dataclasses import replace

from mailgui.transcript import Kind, Outcome, Recorder, Transcript
from mailgui.transcript.export_json import to_json_dict


def test_the_promised_shape(smtp_transcript: Transcript) -> None:
    found = json.loads(json.dumps(to_json_dict(replace(smtp_transcript, duration=0.0123456))))
    assert found["outcome"] == "partial"
    assert found["stage"] == "message"
    assert found["reply"] == {"code": 550, "enhanced": "5.7.1", "text": "no \\xff"}
    assert found["recipients"][0] == {
        "address": "a@x.example",
        "outcome": "accepted",
        "reply": {"code": 250, "enhanced": None, "text": "ok"},
    }
    assert found["phases"] == [
        {"name": "connect", "start_ms": 1.0, "duration_ms": 2.0, "note": None, "failed": False}
    ]
    assert found["events"][1] == {
        "t_ms": 4.0,
        "direction": "received",
        "layer": "smtp",
        "tls": False,
        "text": "220 mx.example",
        "expected": True,
        "stage": "banner",
        "length": None,
        "sha256": None,
    }
    assert found["duration_ms"] == 12.346


def test_what_is_not_known_is_null() -> None:
    found = to_json_dict(Recorder(Kind.SMTP).finish(Outcome.FAILED))
    assert [found[key] for key in ("stage", "reply", "fault", "message_id")] == [None] * 4
    assert found["recipients"] == found["events"] == found["phases"] == []


def test_events_are_in_the_order_of_their_times(smtp_transcript: Transcript) -> None:
    """Of many messages, whose dialogues overlap, the transcript has one after the other."""
    found = to_json_dict(replace(smtp_transcript, events=smtp_transcript.events[::-1]))
    assert found["events"] == to_json_dict(smtp_transcript)["events"]

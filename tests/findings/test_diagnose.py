from typing import Any

import pytest

from mailgui.findings import Severity
from mailgui.findings.diagnose import diagnose, diagnose_all
from mailgui.transcript import (
    Direction,
    Event,
    HttpExchange,
    Kind,
    Layer,
    Outcome,
    RecipientResult,
    Reply,
    Stage,
    Transcript,
)

NETWORK_FAULTS = [
    "name_not_found",
    "name_timeout",
    "name_failed",
    "refused",
    "timed_out",
    "unreachable",
    "lost",
    "reset",
    "blocked",
    "proxy",
    "tls_plaintext_peer",
    "tls_version",
    "tls_handshake",
    "tls_alert",
    "certificate_expired",
    "certificate_not_yet_valid",
    "certificate_self_signed",
    "certificate_untrusted",
    "certificate_wrong_host",
    "certificate_weak",
    "certificate_invalid",
    "tls_client_certificate",
    "ca_unreadable",
    "insecure_credentials",
    "source_address",
]
API_KINDS = [
    "authentication",
    "permission",
    "validation",
    "sender",
    "recipient",
    "content",
    "rate_limit",
    "quota",
    "server",
]
SMTP_STAGES = ["banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message"]


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.COMPLETED])
def test_nothing_is_told_where_nothing_went_wrong(make: Any, outcome: Outcome) -> None:
    assert diagnose(make(Reply(250, "ok"), outcome=outcome, stage=Stage.MESSAGE)) == ()


@pytest.mark.parametrize("kind", [Kind.SMTP, Kind.HTTP])
@pytest.mark.parametrize("fault", NETWORK_FAULTS)
def test_every_network_fault_has_a_finding(make: Any, fault: str, kind: Kind) -> None:
    transcript = make(kind=kind, outcome=Outcome.FAILED, stage=Stage.CONNECT, fault=fault)
    (finding,) = diagnose(transcript)
    assert finding.fix


@pytest.mark.parametrize("code", [421, 450, 550, 554])
@pytest.mark.parametrize("stage", SMTP_STAGES)
def test_every_refusal_at_every_stage_has_a_finding(make: Any, stage: str, code: int) -> None:
    outcome = Outcome.TEMPORARY if code < 500 else Outcome.REFUSED
    (finding,) = diagnose(make(Reply(code, "words of no use"), outcome=outcome, stage=Stage(stage)))
    assert finding.evidence == (f"{code} words of no use",)


@pytest.mark.parametrize("stage", SMTP_STAGES)
def test_a_connection_lost_at_every_stage_has_a_finding(make: Any, stage: str) -> None:
    assert diagnose(make(outcome=Outcome.FAILED, stage=Stage(stage), fault="lost"))


@pytest.mark.parametrize(
    "status", [301, 400, 401, 402, 403, 404, 409, 413, 418, 422, 429, 500, 503]
)
def test_every_http_status_has_a_finding(make: Any, status: int) -> None:
    transcript = make(Reply(status, "no"), kind=Kind.HTTP, stage=Stage.RECEIVE)
    assert len(diagnose(transcript)) == 1


def test_every_kind_of_api_error_has_a_finding(make: Any) -> None:
    for kind in [
        "authentication",
        "permission",
        "validation",
        "sender",
        "recipient",
        "content",
        "rate_limit",
        "quota",
        "server",
    ]:
        fault = f"api.{kind}"
        (finding,) = diagnose(make(Reply(400, "x"), kind=Kind.HTTP, fault=fault))
        assert finding.id == fault


def test_a_web_page_in_place_of_json(make: Any) -> None:
    page = HttpExchange("POST", "x", (), b"", status=200, response_body=b"<!DOCTYPE html><html>")
    transcript = make(Reply(200, "OK"), kind=Kind.HTTP, outcome=Outcome.FAILED, exchanges=(page,))
    assert diagnose(transcript)[0].id == "api.html"


def test_after_the_dot_nothing_is_certain(make: Any) -> None:
    for fault in ("lost", "reset", "timed_out"):
        transcript = make(outcome=Outcome.UNKNOWN, stage=Stage.MESSAGE, fault=fault)
        assert diagnose(transcript)[0].id == "net.unknown_after_data"
        assert diagnose(transcript)[0].severity is Severity.ATTENTION


def test_what_made_it_uncertain_comes_second(make: Any) -> None:
    transcript = make(
        Reply(250, "ok"), outcome=Outcome.UNKNOWN, stage=Stage.MESSAGE, fault="unsolicited_reply"
    )
    assert [finding.id for finding in diagnose(transcript)] == [
        "net.unknown_after_data",
        "protocol.unsolicited_reply",
    ]
    gateway = make(
        Reply(502, "no"), kind=Kind.HTTP, outcome=Outcome.UNKNOWN, stage=Stage.RECEIVE,
        fault="api.server",
    )  # fmt: skip
    assert [finding.id for finding in diagnose(gateway)] == ["api.unknown", "api.server"]


def result(address: str, code: int, text: str, enhanced: str | None = None) -> RecipientResult:
    outcome = {2: Outcome.ACCEPTED, 4: Outcome.TEMPORARY, 5: Outcome.REFUSED}[code // 100]
    return RecipientResult(address, outcome, Reply(code, text, enhanced))


def test_recipients_refused_for_the_same_reason_share_a_finding(make: Any) -> None:
    transcript = make(
        Reply(250, "queued"),
        outcome=Outcome.PARTIAL,
        stage=Stage.MESSAGE,
        recipients=(
            result("good@x.example", 250, "ok"),
            result("a@x.example", 550, "<a@x.example>: User unknown", "5.1.1"),
            result("b@y.example", 550, "<b@y.example>: User unknown", "5.1.1"),
            result("c@z.example", 450, "Greylisted, come back"),
        ),
    )
    unknown, grey = diagnose(transcript)
    assert unknown.id == "server.unknown_user"
    assert "a@x.example" in unknown.explanation
    assert unknown.evidence == (
        "a@x.example: 550 5.1.1 <a@x.example>: User unknown",
        "b@y.example: 550 5.1.1 <b@y.example>: User unknown",
    )
    assert grey.id == "server.greylisted"


def test_an_api_s_partial_answer_is_told_even_where_it_names_nobody(make: Any) -> None:
    unknown = RecipientResult("a@x.example", Outcome.UNKNOWN, Reply(200, "OK"))
    told = RecipientResult("b@x.example", Outcome.REFUSED, Reply(200, "rejected: hard-bounce"))
    for recipients in ((unknown,), (unknown, told)):
        transcript = make(
            Reply(200, "OK"), kind=Kind.HTTP, outcome=Outcome.PARTIAL, stage=Stage.RECEIVE,
            fault="api.recipient", summary="One of them was refused.", recipients=recipients,
        )  # fmt: skip
        (finding,) = diagnose(transcript)
        assert finding.id == "api.recipient"
        assert finding.evidence[0] == "One of them was refused."


def test_a_refusal_of_all_is_told_once(make: Any) -> None:
    refused = result("a@x.example", 550, "User unknown", "5.1.1")
    transcript = make(refused.reply, stage=Stage.RCPT, recipients=(refused,))
    (finding,) = diagnose(transcript)
    assert "a@x.example" in finding.explanation


def test_placeholders_are_filled_from_the_transcript(make: Any) -> None:
    event = Event(0.0, Direction.SENT, Layer.SMTP, "MAIL FROM:<ann@sender.example> SIZE=1")
    transcript = make(
        Reply(550, "no", "5.7.23"), stage=Stage.MESSAGE, peer="[2001:db8::1]:25", events=(event,)
    )
    (finding,) = diagnose(transcript)
    assert finding.id == "server.spf"
    assert "sender.example" in finding.explanation
    assert finding.fix.startswith("Whoever runs sender.example: ")
    (refused,) = diagnose(make(outcome=Outcome.FAILED, fault="refused", peer="[2001:db8::1]:2525"))
    assert refused.title == "Nothing listens on port 2525 of 2001:db8::1"


def test_a_peer_without_a_port_and_foreign_text_do_no_harm(make: Any) -> None:
    transcript = make(Reply(550, "no \x1b[2J\u202e"), stage=Stage.RCPT, peer="2001:db8::1")
    (finding,) = diagnose(transcript)
    assert finding.evidence[0].isprintable()


def test_an_enhanced_code_inside_the_text_counts(make: Any) -> None:
    (finding,) = diagnose(make(Reply(550, "5.7.25 sorry"), stage=Stage.MAIL))
    assert finding.id == "server.client_no_ptr"


def test_a_reply_of_several_lines_is_read_as_one(make: Any) -> None:
    text = (
        "This mail has been blocked because the sender is unauthenticated.\n"
        "5.7.26 Gmail requires all senders to authenticate with either\n5.7.26 SPF or DKIM."
    )
    (finding,) = diagnose(make(Reply(550, text, "5.7.26"), stage=Stage.MESSAGE))
    assert finding.id == "server.unauthenticated"


def test_cancelled(make: Any) -> None:
    (finding,) = diagnose(make(outcome=Outcome.CANCELLED, stage=Stage.RCPT))
    assert finding.severity is Severity.INFO
    assert isinstance(make(), Transcript)


def test_a_hostile_reply_cannot_keep_the_patterns_busy(make: Any) -> None:
    long = "spamhaus attachment not " * 200_000
    (finding,) = diagnose(make(Reply(550, long), stage=Stage.RCPT))
    assert finding.id == "blocklist.spamhaus"


def test_several_conversations_tell_each_thing_once(make: Any) -> None:
    one = make(Reply(550, "5.7.25 sorry"), stage=Stage.MAIL)
    other = make(Reply(452, "4.2.2 full"), stage=Stage.RCPT)
    told = [finding.id for finding in diagnose_all([one, other, one])]
    assert told == [diagnose(one)[0].id, diagnose(other)[0].id]

from dataclasses import replace

from mailgui.transcript import Outcome, RecipientResult, Reply, Transcript
from mailgui.transcript.export_text import to_text


class Tip:
    title = "Refused"
    explanation = "Because.\x1b"
    fix = "Do this."


def test_it_reads_as_swaks_does(smtp_transcript: Transcript) -> None:
    digest = "ab" * 32
    assert to_text(replace(smtp_transcript, duration=0.025), findings=[Tip()]) == (
        "=== Trying mx.example:25…\n"
        "<-  220 mx.example\n"
        " -> EHLO me\n"
        " ~> AUTH PLAIN AHUA••••••••\n"
        "<~  235 hello ••••••••\n"
        f" ~> message [5 octets, SHA-256 {digest}]\n"
        "<~* 550 5.7.1 no \\xff\\x1b\n"
        "*** The server refused.\n"
        "=== Outcome: partial at message, after 25.000 ms\n"
        "=== One was refused; ••••••••.\n"
        "=== a@x.example: accepted: 250 ok\n"
        "=== b@x.example: refused: 550 no \\xff\n"
        "=== Message-ID: <1@x.example>\n"
        "=== Id at the server: queue-••••••••\n"
        "=== Refused\n"
        "===   Because.\\x1b\n"
        "===   Do this.\n"
    )


def test_bodies_of_http_stand_where_they_went(http_transcript: Transcript) -> None:
    text = to_text(http_transcript)
    assert ' ~> {\n ~>   "to": "••••••••"\n ~> }\n<~* HTTP/1.1 422' in text
    assert '<~    "name": "invalid"\n' in text


def test_a_body_that_is_no_json_is_made_visible(http_transcript: Transcript) -> None:
    (exchange,) = http_transcript.exchanges
    page = replace(exchange, response_body=b"<html>\r\n\x1b\xff" + b"x" * 300_000)
    text = to_text(replace(http_transcript, exchanges=(page,)))
    assert "<~  <html>\n<~  \\x1b\\xffx" in text
    assert "more octets" in text


def test_deep_nesting_is_not_blown_up(http_transcript: Transcript) -> None:
    (exchange,) = http_transcript.exchanges
    deep = b"[" + b",".join([b"[" * 500 + b"]" * 500] * 250) + b"]"
    text = to_text(replace(http_transcript, exchanges=(replace(exchange, response_body=deep),)))
    assert len(text) < 2_000_000
    assert "<~  [[[[[" in text


def test_a_fate_whose_answer_had_no_words_ends_with_its_code(http_transcript: Transcript) -> None:
    fates = (
        RecipientResult("a@x.example", Outcome.ACCEPTED, Reply(200, "")),
        RecipientResult("b@x.example", Outcome.ACCEPTED),
    )
    text = to_text(replace(http_transcript, recipients=fates))
    assert "=== a@x.example: accepted: 200\n=== b@x.example: accepted\n" in text

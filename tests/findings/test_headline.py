from datetime import UTC, datetime

import pytest

from mailgui.findings import Finding, Severity, Verdict
from mailgui.findings.headline import duration_words, headline
from mailgui.transcript import Kind, Outcome, RecipientResult, Reply, Stage, Transcript


def transcript(outcome, **fields):
    base = {
        "id": "1",
        "kind": Kind.SMTP,
        "started": datetime.now(UTC),
        "title": "T",
        "peer": "p:25",
        "duration": 0.0142,
    }
    return Transcript(**{**base, "outcome": outcome, **fields})


def people(*outcomes):
    return tuple(RecipientResult(f"{n}@b.test", outcome) for n, outcome in enumerate(outcomes))


BROKEN = Finding("x", Severity.BROKEN, "There is no such mailbox")


@pytest.mark.parametrize(
    ("outcome", "findings", "verdict", "sentence"),
    [
        (Outcome.ACCEPTED, (), Verdict.PASS, "Accepted by the server in 14 ms"),
        (Outcome.REFUSED, (BROKEN,), Verdict.BROKEN, "Refused: there is no such mailbox"),
        (Outcome.REFUSED, (), Verdict.BROKEN, "Refused by the server"),
        (Outcome.TEMPORARY, (), Verdict.ATTENTION, "Refused for now; try again later"),
        (Outcome.FAILED, (BROKEN,), Verdict.BROKEN, "Not sent: there is no such mailbox"),
        (
            Outcome.UNKNOWN,
            (),
            Verdict.ATTENTION,
            "Not known whether it was accepted; check before sending again",
        ),
    ],
)
def test_the_sentence_and_the_verdict(outcome, findings, verdict, sentence):
    said = headline(transcript(outcome), findings)
    assert (said.verdict, said.sentence) == (verdict, sentence)


def test_some_of_several_recipients():
    accepted, refused = Outcome.ACCEPTED, Outcome.REFUSED
    said = headline(transcript(Outcome.PARTIAL, recipients=people(accepted, refused)))
    assert said.sentence == "Accepted for 1 of 2 recipients"
    assert "1 of 2 recipients" in said.facts


def test_one_recipient_is_not_counted():
    said = headline(transcript(Outcome.ACCEPTED, recipients=people(Outcome.ACCEPTED)))
    assert "recipients" not in said.facts


def test_the_facts_name_reply_and_place():
    reply = Reply(550, "no such user", "5.1.1")
    said = headline(transcript(Outcome.REFUSED, reply=reply, stage=Stage.RCPT))
    assert said.facts == "550 5.1.1 no such user · after RCPT TO · 14 ms"


def test_names_keep_their_capital():
    finding = Finding("x", Severity.BROKEN, "Gmail wants SPF or DKIM")
    assert headline(transcript(Outcome.REFUSED), [finding]).sentence.endswith(
        ": Gmail wants SPF or DKIM"
    )


def test_durations():
    assert [duration_words(s) for s in (0.0004, 0.9991, 1.5)] == ["0 ms", "999 ms", "1.50 s"]

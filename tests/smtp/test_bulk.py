"""Many messages: what the server saw, what was counted, and what is never sent twice."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass

import pytest

from mailgui.message.compose import compose
from mailgui.message.copies import copies
from mailgui.message.draft import Address, Draft
from mailgui.smtp import bulk_worker
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Direction, Kind, Masker, Outcome, Recorder, Stage
from tests.support.hostile import (
    Hear,
    HearData,
    Hold,
    Octets,
    Reset,
    Say,
    Server,
    Signal,
    hello,
)

OK = Say("250 2.0.0 Ok")
PIPELINING = hello("PIPELINING")
GROUP = [Hear("MAIL"), Hear("RCPT"), Hear("DATA")]
YES = Say(b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 Go on\r\n")
ALL = b"250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 Go on\r\n"
QUIT = [Hear("QUIT"), Say("221 Bye")]


@dataclass(frozen=True)
class InMemory(Octets):
    in_memory: bool = True


def row(count):
    """Return the steps of so many messages, each one's commands behind the one before."""
    steps = [*GROUP, YES]
    for _ in range(count - 1):
        steps += [HearData(), *GROUP, Say(ALL)]
    return [*steps, HearData(), OK]


def run(scripts, count, *, message=None, control=None, when=None, **options):
    """Serve the scripts to a bulk run; ``when(control, server)`` runs once Signal is reached."""

    async def main():
        server = Server(scripts)
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        settings = SmtpSettings("127.0.0.1", port, tls=TlsMode.NONE, helo="me", timeout=10)
        options.setdefault("plan", Plan())
        options.setdefault("password", None)
        steering = control or BulkControl()
        async with listener, asyncio.TaskGroup() as group:
            if when is not None:

                async def at_signal():
                    await server.signal.wait()
                    when(steering)

                group.create_task(at_signal())
            result = await send_bulk(
                settings,
                message or (lambda _: InMemory()),
                count=count,
                recorder=Recorder(Kind.SMTP, masker=Masker()),
                control=steering,
                **options,
            )
        if server.tasks:
            await asyncio.wait(server.tasks, timeout=5)
        return result, server

    return asyncio.run(main())


def texts(transcript, direction):
    return [event.text for event in transcript.events if event.direction is direction]


def test_commands_of_the_next_message_go_out_behind_the_end_of_the_one_before():
    result, server = run([[*PIPELINING, *row(4), *QUIT]], 4)
    assert not server.problems
    assert server.connections == 1
    assert len(server.data) == 4
    assert result.outcomes == Counter({Outcome.ACCEPTED: 4})
    assert result.transcript.outcome is Outcome.ACCEPTED
    assert result.transcript.stage is Stage.MESSAGE
    assert result.transcript.recipients[0].outcome is Outcome.ACCEPTED
    assert result.transcript.reply.code == 250
    assert result.messages_per_second > 0


def test_the_transcript_shows_the_opening_and_the_first_message_only():
    result, _ = run([[*PIPELINING, *row(3), *QUIT]], 3)
    sent = texts(result.transcript, Direction.SENT)
    assert sent[0] == "EHLO me"
    assert sum(text.startswith("MAIL FROM") for text in sent) == 1
    names = [phase.name for phase in result.transcript.phases]
    assert names[-4:] == ["mail", "rcpt", "data", "message"]
    digests = [event.data_digest for event in result.transcript.events if event.data_length]
    assert len(digests) == 1
    at = [event.at for event in result.transcript.events]
    assert all(one >= 0 for one in at)


def test_an_oddity_of_a_later_message_is_noted():
    script = [*PIPELINING, *row(2)[:-1], Say("250"), *QUIT]
    result, _ = run([script], 2)
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})
    assert [note.slug for note in result.transcript.notes] == ["bare_code"]


def test_without_pipelining_every_message_goes_step_by_step():
    one = [Hear("MAIL"), OK, Hear("RCPT"), OK, Hear("DATA"), Say("354 go"), HearData(), OK]
    result, server = run([[*hello(), *one, *one, *QUIT]], 2)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})


def test_replies_that_come_in_parts_change_nothing():
    parts = [Say("250 Ok"), Say("250 2.1.0 Ok"), Say("250-2.1.5 Two\r\n250 lines"), Say("354 go")]
    script = [*PIPELINING, *GROUP, YES, HearData(), *GROUP, *parts, HearData(), OK, *QUIT]
    result, server = run([script], 2)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})


def test_a_refused_message_is_told_in_full_and_the_next_one_is_sent():
    script = [
        *PIPELINING, *GROUP, YES, HearData(), *GROUP,
        Say(b"554 5.6.0 Spam\r\n250 Ok\r\n250 Ok\r\n354 go\r\n"), HearData(), OK, *QUIT,
    ]  # fmt: skip
    result, server = run([script], 2)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.REFUSED: 1, Outcome.ACCEPTED: 1})
    assert result.transcript.outcome is Outcome.PARTIAL
    assert result.transcript.reply.code == 554
    assert result.failures[0].reply.enhanced == "5.6.0"
    assert result.failures[0].recipients[0].outcome is Outcome.REFUSED
    assert "554 5.6.0 Spam" in texts(result.transcript, Direction.RECEIVED)
    assert result.transcript.recipients[0].outcome is Outcome.PARTIAL


def test_a_refused_recipient_in_the_group_behind_leaves_the_dialogue_in_step():
    script = [
        *PIPELINING, *GROUP, YES, HearData(), *GROUP,
        Say(b"250 Ok\r\n250 Ok\r\n550 5.1.1 Nobody\r\n554 No valid recipients\r\n"),
        Hear("RSET"), OK, *row(1), *QUIT,
    ]  # fmt: skip
    result, server = run([script], 3)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.REFUSED: 1, Outcome.ACCEPTED: 2})


def test_after_421_the_same_message_goes_out_on_a_new_connection():
    first = [
        *PIPELINING, *GROUP, YES, HearData(), *GROUP,
        Say(b"250 Ok\r\n421 4.7.0 Too many messages\r\n"),
    ]  # fmt: skip
    result, server = run([first, [*PIPELINING, *row(2), *QUIT]], 3)
    assert server.connections == 2
    assert len(server.data) == 3
    assert result.outcomes == Counter({Outcome.ACCEPTED: 3})
    assert result.transcript.outcome is Outcome.ACCEPTED
    assert any("new connection" in text for text in texts(result.transcript, Direction.INFO))


def test_421_after_the_end_of_a_message_means_that_it_was_not_taken():
    first = [*PIPELINING, *GROUP, YES, HearData(), Say("421 4.3.2 Shutting down")]
    result, server = run([first, [*PIPELINING, *row(2), *QUIT]], 2)
    assert server.connections == 2
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})


def test_a_server_that_says_421_to_everything_is_given_up():
    script = [*PIPELINING, Hear("MAIL"), Say("421 4.7.0 Go away")]
    result, server = run([script], 5)
    assert result.outcomes == Counter({Outcome.TEMPORARY: 5})
    assert result.transcript.outcome is Outcome.TEMPORARY
    assert result.transcript.reply.code == 421
    assert server.connections <= 9


def test_what_the_server_may_have_taken_is_never_sent_again():
    first = [*PIPELINING, *GROUP, YES, HearData(), Reset()]
    result, server = run([first, [*PIPELINING, *row(1), *QUIT]], 2)
    assert result.outcomes == Counter({Outcome.UNKNOWN: 1, Outcome.ACCEPTED: 1})
    assert len(server.data) == 2


def test_a_connection_lost_before_any_content_costs_nothing():
    first = [*PIPELINING, *GROUP, Reset()]
    result, server = run([first, [*PIPELINING, *row(2), *QUIT]], 2)
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})
    assert server.connections == 2


def test_a_reply_too_many_stops_the_connection():
    script = [*PIPELINING, *GROUP, YES, HearData(), *GROUP, Say(b"250 Ok\r\n" + ALL), Hold()]
    result, server = run([script, [*PIPELINING, *row(1), *QUIT]], 2)
    assert len(server.data) <= 2
    assert result.outcomes[Outcome.ACCEPTED] >= 1
    assert result.transcript.outcome is not Outcome.ACCEPTED or server.connections == 2


def test_an_answer_that_is_none_leaves_its_message_in_doubt_and_not_the_next():
    script = [*PIPELINING, *GROUP, YES, HearData(), *GROUP, Say("354 Go on"), Hold()]
    result, server = run([script], 2)
    assert result.outcomes == Counter({Outcome.UNKNOWN: 1, Outcome.FAILED: 1})
    doubtful, unsent = result.failures
    assert doubtful.fault == unsent.fault == "unexpected_reply"
    assert unsent.summary.startswith("This message was not sent, since the dialogue broke")
    assert len(server.data) == 1


def test_a_reply_too_many_behind_the_go_ahead_keeps_the_message_back():
    script = [*PIPELINING, *GROUP, Say(b"250 Ok\r\n250 Ok\r\n354 Go\r\n250 Extra\r\n"), Hold()]
    result, server = run([script], 1)
    assert result.outcomes == Counter({Outcome.FAILED: 1})
    assert result.failures[0].fault == "unsolicited_reply"
    assert not any(event.data_length for event in result.failures[0].events)
    assert server.lines[-1] == "DATA"


def test_an_opening_refused_for_now_leaves_no_connection_open(monkeypatch):
    monkeypatch.setattr(bulk_worker, "_PATIENCE", 0.001)
    result, server = run([[Say("420 Later"), *QUIT], [*PIPELINING, *row(2), *QUIT]], 2)
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})
    assert server.connections == 2
    assert not server.problems


def test_a_refused_opening_ends_the_run():
    result, server = run([[Say("554 5.7.1 Not you")]], 10)
    assert server.connections == 1
    assert result.outcomes == Counter({Outcome.REFUSED: 10})
    assert result.transcript.stage is Stage.BANNER
    assert result.transcript.recipients[0].outcome is Outcome.REFUSED


def test_mailmax_of_limits_is_kept():
    script = [*hello("PIPELINING", "LIMITS MAILMAX=2"), *row(2), *QUIT]
    last = [*hello("PIPELINING", "LIMITS MAILMAX=2"), *row(1), *QUIT]
    result, server = run([script, script, last], 5)
    assert not server.problems
    assert server.connections == 3
    assert result.outcomes == Counter({Outcome.ACCEPTED: 5})


def test_rcptmax_of_limits_divides_the_recipients():
    message = InMemory(recipients=("a@good.example", "b@good.example", "c@good.example"))
    two = [
        Hear("MAIL"),
        Hear("RCPT"),
        Hear("RCPT"),
        Hear("DATA"),
        Say(b"250 Ok\r\n" * 3),
        Say("354 go"),
    ]
    script = [*hello("PIPELINING", "LIMITS RCPTMAX=2"), *two, HearData(), OK, *row(1), *QUIT]
    result, server = run([script], 1, message=lambda _: message)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.ACCEPTED: 1})
    assert [r.outcome for r in result.transcript.recipients] == [Outcome.ACCEPTED] * 3


def test_several_connections_share_the_work():
    result, server = run([[*PIPELINING, *row(1), *QUIT]] * 3, 3, connections=3)
    assert server.connections <= 3
    assert result.outcomes == Counter({Outcome.ACCEPTED: 3})


def test_cancelling_leaves_the_message_in_doubt_and_the_rest_unsent():
    script = [*PIPELINING, *GROUP, YES, HearData(), *GROUP, Signal(), Hold()]
    result, _ = run([script], 5, when=BulkControl.cancel)
    assert result.outcomes[Outcome.UNKNOWN] == 1
    assert result.outcomes[Outcome.CANCELLED] == 4
    assert result.transcript.outcome is Outcome.UNKNOWN


def test_a_run_cancelled_before_it_begins_connects_to_nobody():
    async def main():
        control = BulkControl()
        control.cancel()
        return control

    control = asyncio.run(main())
    result, server = run([[Hold()]], 3, control=control)
    assert server.connections == 0
    assert result.outcomes == Counter({Outcome.CANCELLED: 3})
    assert result.transcript.outcome is Outcome.CANCELLED


def test_pausing_ends_the_row_and_resuming_goes_on():
    seen = []

    def step(progress):
        seen.append(progress)
        if progress.done == 2:
            control.pause()
            asyncio.get_running_loop().call_soon(control.resume)

    control = BulkControl(on_progress=step)
    script = [*PIPELINING, *row(3), *row(1), *QUIT]
    result, server = run([script], 4, control=control)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.ACCEPTED: 4})
    assert [p.done for p in seen] == [1, 2, 3, 4]
    assert seen[-1].accepted == seen[-1].count == 4


def test_a_rate_keeps_messages_apart():
    control = BulkControl(rate=200)
    script = [*PIPELINING, *row(1), *row(1), *row(1), *QUIT]
    result, server = run([script], 3, control=control)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.ACCEPTED: 3})


def test_a_rate_must_be_above_nothing():
    with pytest.raises(ValueError, match="above 0"):
        BulkControl(rate=0)


def test_a_stop_point_is_not_for_many():
    with pytest.raises(ExceptionGroup) as caught:
        run([[Hold()]], 2, plan=Plan(stop_after=Stage.RCPT))
    assert caught.group_contains(ValueError, match="stop point")


def test_every_copy_has_a_message_id_of_its_own():
    draft = Draft(
        sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="Hi", text="x"
    )
    result, server = run(
        [[*PIPELINING, *row(3), *QUIT]], 3, message=copies(compose(draft), own_id=True)
    )
    ids = {re.search(rb"(?im)^Message-ID: (\S+)", data)[1] for data in server.data}
    assert len(ids) == 3
    assert len({len(one) for one in ids}) == 1
    assert result.outcomes == Counter({Outcome.ACCEPTED: 3})


def test_a_stored_message_goes_out_as_it_is_each_time():
    octets = b"Message-ID: <1@good.example>\r\n\r\n.dot\r\n"
    result, server = run(
        [[*PIPELINING, *row(2), *QUIT]], 2, message=copies(Octets(octets), own_id=True)
    )
    assert server.data == [octets.replace(b"\r\n.", b"\r\n..")] * 2
    assert result.outcomes == Counter({Outcome.ACCEPTED: 2})


def test_many_failures_are_bounded():
    refusal = [*GROUP, Say(b"550 No\r\n503 no\r\n503 no\r\n")]  # no transaction to reset
    result, server = run([[*PIPELINING, *refusal * 60, *QUIT]], 60)
    assert not server.problems
    assert result.outcomes == Counter({Outcome.REFUSED: 60})
    assert len(result.failures) == 20
    assert len(result.transcript.events) < 250

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailgui.jobs.history import find, forget, load, load_pair, report_of, restore, side_by_side
from mailgui.jobs.send import send_with_profile
from mailgui.message.draft import Address, Draft
from mailgui.store import paths
from mailgui.store.history_search import HistoryFilter
from mailgui.transcript import Direction, Event, Kind, Layer, Outcome, Phase, Transcript

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
DRAFT = Draft(
    sender=Address("a@good.example"),
    to=(Address("b@good.example"),),
    subject="Quarterly figures",
    text="Hello",
)


def transcript(number, *lines, phases=()):
    events = tuple(
        Event(n / 10, Direction.RECEIVED if line[0].isdigit() else Direction.SENT, Layer.SMTP, line)
        for n, line in enumerate(lines)
    )
    return Transcript(
        id=f"t{number}",
        kind=Kind.SMTP,
        started=START + timedelta(minutes=number),
        title="Work",
        peer="mail.example:25",
        outcome=Outcome.ACCEPTED,
        events=events,
        phases=tuple(Phase(name, 0.0, lasted) for name, lasted in phases),
    )


def test_what_was_sent_is_found_with_its_message(with_services):
    async def work(services):
        await send_with_profile(None, services, services.profiles.get("Sandbox SMTP"), DRAFT)
        await send_with_profile(None, services, services.profiles.get("Sandbox API"), DRAFT)
        found = await find(services, HistoryFilter(text="quarterly b@good.example"))
        remembered = await load(services, found.entries[0].id)
        return found, remembered

    found, remembered = with_services(work)
    assert (found.total, found.titles) == (2, ("Sandbox API", "Sandbox SMTP"))
    assert remembered.kept.draft == DRAFT
    assert report_of(remembered).transcript.outcome is Outcome.ACCEPTED


def test_nothing_in_the_history_is_a_secret(with_services):
    async def work(services):
        for name in ("Sandbox SMTP", "Sandbox API"):
            await send_with_profile(None, services, services.profiles.get(name), DRAFT)
        sandbox = services.sandbox
        secrets = (sandbox.password, sandbox.api_key)
        ids = [entry.id for entry in (await find(services, HistoryFilter())).entries]
        await services.history.close()  # writes out the journal
        octets = b"".join(
            path.read_bytes() for path in paths.history_file().parent.glob("history.sqlite3*")
        )
        return secrets, ids, octets

    secrets, ids, octets = with_services(work)
    assert len(ids) == 2
    assert b"quarterly figures" in octets  # the search would find what is there
    for secret in secrets:
        assert len(secret) > 8
        assert secret.encode() not in octets
        assert base64.b64encode(secret.encode()) not in octets


def test_forgotten_conversations_can_be_brought_back(with_services):
    async def work(services):
        await services.history.append(transcript(1, "EHLO x"), draft=DRAFT)
        forgotten = await forget(services, ["t1", "unknown"])
        gone = await load(services, "t1")
        await restore(services, forgotten)
        return gone, await load(services, "t1")

    gone, back = with_services(work)
    assert gone is None
    assert (back.transcript.id, back.kept.draft) == ("t1", DRAFT)


def test_two_conversations_side_by_side(with_services):
    one = transcript(1, "EHLO x", "250 ok", "QUIT", phases=[("tls", 0.1), ("tls", 0.2)])
    two = transcript(2, "EHLO x", "250 fine", "250 ok", "QUIT", phases=[("tls", 0.1), ("auth", 1)])

    async def work(services):
        await services.history.append(one)
        await services.history.append(two)
        return await load_pair(services, "t2", "t1"), await load_pair(services, "t1", "gone")

    pair, nothing = with_services(work)
    assert nothing is None
    assert (pair.left.id, pair.right.id) == ("t1", "t2")
    assert [(p.name, p.left and round(p.left, 3), p.right) for p in pair.phases] == [
        ("tls", 0.3, 0.1),
        ("auth", None, 1),
    ]
    assert [(line.left, line.right) for line in pair.lines if not line.same] == [("", "← 250 fine")]
    assert len(pair.lines) == 4


def test_a_changed_line_stands_beside_what_it_was():
    one = transcript(1, "EHLO x", "250 old", "QUIT")
    two = replace(one, events=transcript(2, "EHLO x", "550 new", "QUIT").events)
    differing = [line for line in side_by_side(one, two).lines if not line.same]
    assert [(line.left, line.right) for line in differing] == [("← 250 old", "← 550 new")]

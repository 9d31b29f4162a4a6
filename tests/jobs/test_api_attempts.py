"""Trying again at an e-mail API: where it is safe, each try with a transcript of its own."""

import asyncio
from dataclasses import replace

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.send import send_by_api
from mailgui.message.draft import Address, ApiExtras, Draft
from mailgui.transcript import Outcome, Stage

DRAFT = Draft(
    sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="Hi", text="Hello"
)
KEYED = replace(DRAFT, extras=ApiExtras(idempotency_key="k-1"))
TAKEN = b'{"id":"1"}'


def answer(status, body=b"{}", *headers):
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json"]
    lines += [*headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


class Observed:
    """Collects what is told while it happens."""

    def __init__(self):
        self.texts = []

    def event(self, event):
        self.texts.append(event.text)

    def phase_started(self, name, at):
        pass

    def phase_ended(self, phase):
        pass


@pytest.fixture
def tries(monkeypatch):
    """Send to a server that gives certain answers, one a connection; no wait is waited for."""

    async def no_wait(_seconds, cancel):
        return cancel is not None and cancel.is_set()

    monkeypatch.setattr("mailgui.jobs.attempts.cancelled_within", no_wait)

    def run(*answers, draft=DRAFT, retries=3, cancel_at=None, timeout=5.0):
        left = list(answers)
        bodies = []
        ended = asyncio.Event()
        observer = Observed()

        async def serve(reader, writer):
            ended.clear()
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            bodies.append(await reader.readexactly(length))
            if cancel_at == len(bodies):
                cancel.set()
            octets = left.pop(0)
            if octets is None:
                await reader.read()  # until the client gives up
            else:
                writer.write(octets)
                await writer.drain()
            writer.close()
            ended.set()

        async def main():
            nonlocal cancel
            cancel = asyncio.Event()
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            settings = ApiSettings(
                "resend", base_url=f"http://127.0.0.1:{port}", retries=retries, timeout=timeout
            )
            account = Account("Here", settings, {"key": "re_123456789"})
            try:
                return await send_by_api(account, draft, observer=observer, cancel=cancel)
            finally:
                server.close()
                await ended.wait()

        cancel = None
        report = asyncio.run(main())
        return report, bodies, observer.texts

    return run


def test_too_many_requests_are_tried_again_and_each_try_is_shown(tries):
    report, bodies, texts = tries(
        answer(429, b"{}", "Retry-After: 2"), answer(503, b"{}", "Retry-After: 1"),
        answer(200, TAKEN),
    )  # fmt: skip
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [a.report.outcome for a in report.attempts] == ["temporary", "temporary", "accepted"]
    assert len({a.report.id for a in report.attempts}) == 3
    assert report.attempts[0].wait >= 2
    assert len(set(bodies)) == 1
    assert any("Attempt 2 in 2" in text for text in texts)
    assert not any("Attempt 2" in e.text for a in report.attempts for e in a.report.events)
    document = report.to_json_dict()
    assert [a["number"] for a in document["attempts"]] == [1, 2, 3]
    assert document["attempts"][0]["reply"]["code"] == 429
    assert document["attempts"][0]["wait_ms"] >= 2000


def test_one_try_is_no_list(tries):
    report, _, _ = tries(answer(200, TAKEN))
    assert report.attempts == ()
    assert "attempts" not in report.to_json_dict()


def test_without_retries_one_try_is_enough(tries):
    report, bodies, _ = tries(answer(429), retries=0)
    assert report.transcript.outcome is Outcome.TEMPORARY
    assert len(bodies) == 1


def test_503_that_does_not_say_when_is_not_tried_again(tries):
    report, bodies, _ = tries(answer(503))
    assert (report.transcript.outcome, len(bodies)) == (Outcome.TEMPORARY, 1)


def test_a_time_out_after_sending_is_tried_again_only_under_a_key(tries):
    report, bodies, _ = tries(None, timeout=0.2)
    assert (report.transcript.outcome, report.transcript.stage) == (Outcome.UNKNOWN, Stage.WAIT)
    assert len(bodies) == 1
    report, bodies, _ = tries(None, answer(200, TAKEN), draft=KEYED, timeout=0.2)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert len(bodies) == 2


def test_a_refusal_is_final(tries):
    report, bodies, _ = tries(answer(422, b'{"name":"validation_error","message":"no"}'))
    assert (report.transcript.outcome, len(bodies)) == (Outcome.REFUSED, 1)


def test_nothing_listening_is_tried_again(tries, unused_tcp_port_of):
    settings = ApiSettings("resend", base_url=f"http://127.0.0.1:{unused_tcp_port_of()}", retries=2)
    account = Account("Nowhere", settings, {"key": "re_123456789"})
    report = asyncio.run(send_by_api(account, DRAFT))
    assert [a.report.stage for a in report.attempts] == [Stage.CONNECT] * 3
    assert "Nothing had been sent" in report.attempts[0].reason


def test_cancelling_ends_the_trying(tries):
    report, bodies, _ = tries(answer(429, b"{}", "Retry-After: 1"), cancel_at=1)
    assert len(bodies) == 1
    assert report.transcript.outcome in (Outcome.UNKNOWN, Outcome.TEMPORARY)


@pytest.fixture
def unused_tcp_port_of():
    import socket

    def find():
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return sock.getsockname()[1]

    return find

"""Every try of a message can be looked at."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome


@pytest.fixture
def busy_api():
    """An API that is asked too much, then takes the message."""
    answers = [(429, b'{"name":"rate_limit_exceeded","message":"Too many"}'), (200, b'{"id":"1"}')]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ratelimit-limit", "2")
            self.send_header("ratelimit-remaining", str(len(answers)))
            self.send_header("ratelimit-reset", "60")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tried(desk, busy_api, monkeypatch):
    async def no_wait(_seconds, _cancel):
        return False

    monkeypatch.setattr("mailgui.jobs.attempts.cancelled_within", no_wait)
    settings = ApiSettings("resend", base_url=busy_api, retries=2)
    desk.services.profiles.add(Profile("Busy", settings))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Busy") is not None)
    desk.use("Busy")
    desk.send()
    desk.exchange.prompt.entered.emit("API key", "re_123456789", False)
    desk.wait_idle()
    return desk


def test_each_try_is_shown_and_its_answer(tried):
    assert tried.transcript().outcome is Outcome.ACCEPTED
    bar = tried.exchange.attempts
    assert bar.isVisible()
    assert bar.verdict.text == "accepted 200"
    tried.exchange.choose("response")
    tried.qtbot.waitUntil(lambda: tried.exchange.response.status.text == "200")
    gauge = tried.exchange.rate_limit.gauges["Requests"]
    assert gauge.words == "0 of 2 left"
    bar.segments._choose(0)
    assert bar.verdict.text == "temporary 429"
    assert "fewer requests" in bar.words.text()
    assert tried.exchange.response.status.text == "429"
    assert any("429" in line for line in tried.lines())


def test_both_are_in_the_history(tried):
    async def listed():
        return await tried.services.history.newest()

    entries = tried.page._bridge.worker.submit(listed).result(10)
    assert [entry.outcome for entry in entries][:2] == ["accepted", "temporary"]


def test_one_try_needs_no_bar(desk):
    desk.use("Sandbox API")
    desk.send()
    assert desk.exchange.attempts.isHidden()


def test_where_there_is_little_room_the_words_begin_a_line(tried):
    bar = tried.exchange.attempts
    bar.segments._choose(0)
    tried.page.resize(1600, 744)
    tried.qtbot.waitUntil(lambda: bar.words.y() < bar.verdict.geometry().bottom())
    bar.setFixedWidth(330)
    tried.qtbot.waitUntil(lambda: bar.words.y() > bar.verdict.geometry().bottom())
    assert bar.words.width() > 300

"""A Compose page with the real engine, the real sandbox and a home of its own."""

import pytest

from mailgui.jobs.services import Services


class Desk:
    """A page on the screen, and what a person would do with it."""

    def __init__(self, qtbot, page, services):
        self.qtbot, self.page, self.services = qtbot, page, services
        self.bar, self.message, self.exchange = page.bar, page.message, page.exchange

    @property
    def banner(self):
        return self.exchange.banner

    def write_to(self, *addresses):
        self.message.head.boxes["to"].set_addresses(addresses)

    def send(self, *, testing=False):
        """Send and wait until it has ended."""
        (self.page.test_connection if testing else self.page.send)()
        self.wait_idle()

    def wait_idle(self):
        self.qtbot.waitUntil(lambda: not self.page.controller.running, timeout=20_000)

    def use(self, name):
        self.bar._choose(name)

    def transcript(self):
        return self.page.controller.report.transcript

    def lines(self):
        return [event.text for event in self.exchange.transcript.table.model_.events]

    def previewed(self, condition=lambda found: True):
        """Wait until the message has been composed as it stands, and return what was found."""
        previewer = self.page.previewer
        self.qtbot.waitUntil(
            lambda: (
                not previewer._soon.isActive()
                and not previewer._busy
                and bool(condition(previewer.preview))
            ),
            timeout=10_000,
        )
        return previewer.preview

    def sandbox(self):
        return self.services.sandbox


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("MAILGUI_HOME", str(folder))
    return folder


@pytest.fixture
def services(home, bridge):
    made = Services()
    yield made
    bridge.worker.submit(made.close).result(10)


@pytest.fixture
def make_desk(qtbot, qapp, undressed, bridge, services):
    """Return a function that opens a page and waits until it has read what it needs."""
    from mailgui.ui.compose.page import ComposePage
    from mailgui.ui.theme import Theme

    theme = Theme(qapp)

    def make(state=None):
        page = ComposePage(bridge, services, state or {})
        theme.dress(page)
        qtbot.addWidget(page)
        page.resize(1188, 744)
        page.show()
        qtbot.waitUntil(lambda: page._opened, timeout=10_000)
        return Desk(qtbot, page, services)

    yield make
    theme.deleteLater()


@pytest.fixture
def desk(make_desk):
    return make_desk()

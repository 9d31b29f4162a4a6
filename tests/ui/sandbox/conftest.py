"""The page with a real engine and the real sandbox, in a home of its own."""

import pytest


@pytest.fixture
def services(bridge, tmp_path, monkeypatch):
    from mailgui.jobs.services import Services

    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    made = Services()
    yield made
    bridge.worker.submit(made.close).result(10)


@pytest.fixture
def page(bridge, services, show, qtbot):
    from mailgui.ui.sandbox.page import SandboxPage

    made = show(SandboxPage(bridge, services, {}, bridge.outlet), 1180, 760)
    qtbot.waitUntil(lambda: made.messages._mailbox is not None, timeout=30_000)
    return made


@pytest.fixture
def running(page, qtbot):
    page.start()
    qtbot.waitUntil(lambda: page.bar.state.text == "running", timeout=30_000)
    return page

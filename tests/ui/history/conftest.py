"""The page with a real engine and a history of its own."""

import pytest


@pytest.fixture
def services(bridge, tmp_path, monkeypatch):
    from mailgui.jobs.services import Services

    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    made = Services()
    yield made
    bridge.worker.submit(made.close).result(5)

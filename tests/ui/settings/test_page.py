import asyncio

import pytest

from mailgui import __version__
from mailgui.ui.application import kept_type_size
from mailgui.ui.settings.page import SettingsPage
from mailgui.ui.theme import Choice, metrics


@pytest.fixture
def services(tmp_path, monkeypatch):
    from mailgui.jobs.services import Services

    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    return Services()


@pytest.fixture
def page(sync_bridge, services, theme, show):
    return show(SettingsPage(sync_bridge, services, {}, theme=theme))


def test_the_scheme_is_applied_at_once(page, theme):
    page.scheme.changed.emit("dark")
    assert theme.choice is Choice.DARK
    assert theme.dark


def test_the_size_of_type_is_applied_at_once_and_kept(page, theme):
    page.type_size._choose(5)
    assert metrics().base == 26
    assert page.save_state() == {"type_size": "26"}
    assert kept_type_size({"pages": {"settings": page.save_state()}}) == 26


@pytest.mark.parametrize(
    "state", [{}, {"pages": 3}, {"pages": {"settings": {"type_size": "9999"}}}]
)
def test_a_size_that_is_none_is_the_systems(state):
    assert kept_type_size(state) is None


def test_it_says_where_things_are(page, tmp_path, clipboard):
    assert "kept" in page.keeping.text()
    assert page.folders["profiles"].text == str(tmp_path / "config" / "profiles.toml")
    page.folders["data"].copy_button.click()
    assert clipboard() == str(tmp_path / "data")
    assert page.findChild(object, "version").text() == f"MailGUI {__version__}"


def test_how_much_history_is_kept_is_a_setting(page, services, sync_bridge):
    assert (page.entries.key, page.days.key) == ("5000", "0")
    page.entries._choose(0)
    page.days._choose(3)
    kept = asyncio.run(services.history.retention())
    assert (kept.entries, kept.days) == (500, 30)
    again = SettingsPage(sync_bridge, services, {}, theme=page._theme)
    assert (again.entries.key, again.days.key) == ("500", "30")
    asyncio.run(services.history.close())

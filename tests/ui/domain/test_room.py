import pytest

from mailgui.ui.domain.page import DomainPage
from mailgui.ui.domain.room import DomainRoom


@pytest.fixture
def room(bridge, services, show):
    return show(
        DomainRoom(bridge, services, {"tab": "reports", "tabs": {"x": {"y": 1}}}), 1100, 700
    )


def test_it_opens_where_it_was_left(room):
    assert room.tabs.key == "reports"
    assert room.findChild(object, "reports-view").isVisible()


def test_pages_are_made_when_they_are_first_shown(room):
    assert room.findChild(object, "domain-page") is None
    room.show_page("checks")
    assert isinstance(room.checks, DomainPage)
    assert room.checks.isVisible()


@pytest.mark.parametrize("key", ["records", "servers"])
def test_every_page_can_be_brought_to_the_front(room, key):
    room.show_page(key)
    room.focus_first()
    assert room.page(key).isVisible()


def test_states_of_pages_not_shown_are_kept(room):
    kept = room.save_state()
    assert kept["tab"] == "reports"
    assert kept["tabs"]["x"] == {"y": 1}

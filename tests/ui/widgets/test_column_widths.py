"""How a table's room is shared out among its columns."""

from hypothesis import given
from hypothesis import strategies as st

from mailgui.ui.widgets.column_widths import share_out

COLUMNS = st.lists(st.tuples(st.integers(1, 900), st.integers(1, 900)), min_size=1, max_size=12)


def test_columns_that_fit_get_what_they_want():
    assert share_out([100, 300, 50], [50, 50, 50], 450) == [100, 300, 50]


def test_the_widest_gives_way_first():
    assert share_out([100, 300, 50], [50, 50, 50], 350) == [100, 200, 50]
    assert share_out([400, 300, 50], [50, 50, 50], 250) == [100, 100, 50]


def test_none_goes_below_its_least():
    assert share_out([400, 300], [50, 250], 350) == [100, 250]


def test_where_it_has_to_scroll_no_column_fills_the_table():
    assert share_out([900, 300, 300], [100, 300, 300], 400) == [200, 300, 300]


@given(COLUMNS, st.integers(0, 4000))
def test_the_room_is_kept_to_where_it_can_be(columns, room):
    wanted = [max(pair) for pair in columns]
    least = [min(pair) for pair in columns]
    shared = share_out(wanted, least, room)
    assert all(low <= got <= full for low, got, full in zip(least, shared, wanted, strict=True))
    if sum(least) <= room:
        assert sum(shared) <= room
    if sum(wanted) > room >= sum(least):  # what is left over is less than one pixel a column
        assert room - sum(shared) < len(columns)

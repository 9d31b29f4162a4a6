"""The gauge of what an API still allows says all of it, in one line or in two."""

import pytest

from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.allowance_gauge import AllowanceGauge


@pytest.fixture
def gauge():
    made = AllowanceGauge("Requests", name="requests")
    made.set_values(3, 10, "resets in 4 s")
    return made


def one_line():
    return metrics().line() + 8


def test_with_room_it_is_one_line(show, gauge):
    assert gauge.heightForWidth(600) == one_line()
    assert gauge.accessibleName() == "Requests 3 of 10 left, resets in 4 s"
    assert gauge.tone is Tone.PASS


def test_the_bar_gives_way_before_the_words_do(show, gauge):
    widths = [width for width in range(150, 600) if gauge.heightForWidth(width) == one_line()]
    bars = [gauge._bar_width(width) for width in widths]
    assert (bars[0], bars[-1]) == (40, 120)


def test_without_room_the_remark_has_a_line_of_its_own(show, gauge, theme):
    theme.set_base_px(2 * BASE_PX)
    show(gauge, 500, 200)
    assert gauge.heightForWidth(500) == one_line() + metrics().line()
    gauge.resize(500, gauge.heightForWidth(500))
    with_remark = gauge.grab().toImage()
    gauge.set_values(3, 10)
    assert gauge.heightForWidth(500) == one_line()
    without = gauge.grab().toImage()
    lower = one_line() + 4
    differs = [
        with_remark.pixel(x, y) != without.pixel(x, y)
        for x in range(0, 200, 2)
        for y in range(lower, with_remark.height())
    ]
    assert any(differs)


def test_a_column_gives_it_the_height_it_needs(show, theme):
    from mailgui.api.rate_limit import RateLimit
    from mailgui.ui.compose.rate_limit_view import RateLimitView

    theme.set_base_px(2 * BASE_PX)
    view = RateLimitView()
    view.show_limit(RateLimit(limit=2, remaining=0, reset_seconds=3000))
    show(view, 500, 300)
    shown = view.gauges["Requests"]
    assert shown.height() >= shown.heightForWidth(shown.width()) > one_line()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((3, 10), "3 of 10 left"),
        ((3, None), "3 left"),
        ((None, 10), "10 allowed"),
        ((None, None), "not told"),
    ],
)
def test_what_is_not_told_has_no_bar(show, values, words):
    gauge = AllowanceGauge("Requests", name="requests")
    gauge.set_values(*values, "resets in 4 s")
    assert gauge.words == words
    show(gauge, 120, 60)
    assert not gauge.grab().isNull()

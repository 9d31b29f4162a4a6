import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.tag_list import parse_tag_list


def test_tags_in_order_with_space_around() -> None:
    tags = parse_tag_list(" v = DMARC1 ;p=none; x=a=b;empty=; ")
    assert tags.tags == (("v", "DMARC1"), ("p", "none"), ("x", "a=b"), ("empty", ""))
    assert tags.faults == ()
    assert (tags.get("p"), tags.get("q")) == ("none", None)


@pytest.mark.parametrize("text", ["v=1; nonsense", "v=1; =x", "v=1; 1a=b", "v=1;;p=2", "a b=c"])
def test_what_is_no_tag_is_told(text: str) -> None:
    (fault,) = parse_tag_list(text).faults
    assert fault.endswith(".")


def test_repeated_tags() -> None:
    assert parse_tag_list("a=1; b=2; a=3; a=4").repeated == ("a",)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    parse_tag_list(text)

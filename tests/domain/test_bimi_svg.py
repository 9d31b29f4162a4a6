import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.bimi_svg import MAX_SVG, read_logo

ROOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'version="1.2" baseProfile="tiny-ps" viewBox="0 0 100 100">'
)
GOOD = ROOT + "<title>Our mark</title><g><path d='M0 0'/><use xlink:href='#a'/></g></svg>"


def faults(text: str | bytes) -> set[str]:
    octets = text.encode() if isinstance(text, str) else text
    return {fault.slug for fault in read_logo(octets).faults}


def test_a_good_logo() -> None:
    logo = read_logo(GOOD.encode())
    assert logo.faults == ()
    assert (logo.title, logo.profile, logo.width, logo.height) == (
        "Our mark", "tiny-ps", 100, 100,
    )  # fmt: skip
    assert read_logo(gzip.compress(GOOD.encode())).faults == ()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (GOOD.replace("tiny-ps", "tiny"), "profile"),
        (GOOD.replace(' baseProfile="tiny-ps"', ""), "profile"),
        (GOOD.replace('"1.2"', '"1.1"'), "version"),
        (GOOD.replace("0 0 100 100", "0 0 100 50"), "square"),
        (GOOD.replace("0 0 100 100", "0 0"), "view_box"),
        (GOOD.replace("<title>Our mark</title>", ""), "title"),
        (GOOD.replace("<svg ", "<svg x='1' "), "position"),
        (GOOD.replace("<g>", "<script/><g>"), "script"),
        (GOOD.replace("<g>", "<g onclick='x()'>"), "script"),
        (GOOD.replace("<g>", "<image/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<animate/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<a xlink:href='#a'/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<svg/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<clipPath/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<pattern/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<symbol/><g>"), "forbidden"),
        (GOOD.replace("<g>", "<x xmlns='urn:i'/><g>"), "foreign"),
        (GOOD.replace("<g>", "<script xmlns='http://www.w3.org/1999/xhtml'/><g>"), "script"),
        (GOOD.replace("<g>", "<metadata><script/></metadata><g>"), "script"),
        (GOOD.replace("<g>", "<g style='fill:red'>"), "style"),
        ("<?xml-stylesheet href='https://x.example/'?>" + GOOD, "external"),
        (GOOD.replace("<svg ", "<svg zoomAndPan='magnify' "), "attribute"),
        (GOOD.replace("<svg ", "<svg width='100%' "), "size_relative"),
        (GOOD.replace("<svg ", "<svg height='48px' "), "size_small"),
        (GOOD.replace("Our mark", "Our mark " * 9), "title_long"),
        (GOOD.replace("'#a'", "'https://x.example/'"), "external"),
        (GOOD.replace("<g>", "<g fill='url(https://x.example/)'>"), "external"),
        ("<!DOCTYPE svg>" + GOOD, "doctype"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + GOOD, "doctype"),
        ("<html/>", "not_svg"),
        ("no xml", "unreadable"),
        (GOOD[:-3], "unreadable"),
        (ROOT + "<g>" * 300, "unreadable"),
        (GOOD.replace("<g>", "<g>" + " " * 33_000), "large"),
        (b"\x1f\x8bnonsense", "unreadable"),
        (gzip.compress(b" " * (MAX_SVG * 40)), "size"),
    ],
)
def test_each_fault(text: str | bytes, slug: str) -> None:
    assert slug in faults(text)


def test_a_reference_inside_is_no_fault() -> None:
    assert faults(GOOD.replace("<g>", "<g fill='url(#a)'>")) == set()


@pytest.mark.parametrize(
    "inside",
    [
        "<metadata><x xmlns='urn:i'><y/></x></metadata>",
        "<desc>it</desc><defs><linearGradient><stop/></linearGradient></defs>",
        "<text>a<tspan>b</tspan></text><solidColor/><switch/>",
    ],
)
def test_what_svg_tiny_has_is_no_fault(inside: str) -> None:
    assert faults(GOOD.replace("<g>", f"{inside}<g>")) == set()


def test_after_metadata_faults_count_again() -> None:
    text = GOOD.replace("<g>", "<metadata><b/></metadata><pattern/><g>")
    assert faults(text) == {"forbidden"}


def test_sizes_that_are_large_enough_are_no_fault() -> None:
    assert (
        faults(GOOD.replace("<svg ", "<svg width='512' height='96px' zoomAndPan='disable' "))
        == set()
    )


@given(st.binary(max_size=300))
def test_whatever_octets_are_read_or_refused(octets: bytes) -> None:
    assert read_logo(octets).faults
    assert read_logo(ROOT.encode() + octets + b"</svg>").octets >= 0

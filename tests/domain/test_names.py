import pytest

from mailgui.domain.names import (
    is_askable,
    is_public_suffix,
    is_within,
    organizational_by_suffix_list,
    parse_domain,
)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        (" Example.COM. ", "example.com"),
        ("user@example.com", "example.com"),
        ("<user@example.com>", "example.com"),
        ("https://example.com/path", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("_dmarc.example.com", "_dmarc.example.com"),
    ],
)
def test_what_people_paste(text: str, domain: str) -> None:
    assert parse_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    ["", "com", "a..b", "x" * 64 + ".com", "a b.com", "[192.0.2.1]", "a,b.com", "\u202e.com", "-"],
)
def test_what_is_no_domain_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_domain(text)


def test_within() -> None:
    assert is_within("a.example.com", "example.com")
    assert is_within("example.com", "example.com")
    assert not is_within("badexample.com", "example.com")


def test_askable() -> None:
    assert is_askable("a b:c.example")
    assert not is_askable("")
    assert not is_askable(".")
    assert not is_askable("a..b")


@pytest.mark.parametrize(
    ("domain", "organizational"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("a.b.unknown-tld-x", "b.unknown-tld-x"),
    ],
)
def test_the_public_suffix_list(domain: str, organizational: str) -> None:
    assert organizational_by_suffix_list(domain) == organizational


def test_public_suffixes() -> None:
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("example.co.uk")

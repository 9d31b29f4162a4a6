import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.addresses import (
    ascii_domain,
    check_address,
    format_address,
    is_ascii,
    parse_address,
    parse_addresses,
)
from mailgui.message.draft import Address, DraftProblem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.example", Address("a@b.example")),
        ("<a@b.example>", Address("a@b.example")),
        ("Ann Bee <a@b.example>", Address("a@b.example", "Ann Bee")),
        ('"Bee, Ann" <a@b.example>', Address("a@b.example", "Bee, Ann")),
        (r'"Ann \"A\" Bee" <a@b.example>', Address("a@b.example", 'Ann "A" Bee')),
        ("a@b.example (Ann)", Address("a@b.example", "Ann")),
        ('"odd@local"@b.example', Address('"odd@local"@b.example')),
        ("山田 <山田@例え.example>", Address("山田@例え.example", "山田")),
        ("root@localhost", Address("root@localhost")),
        ("a+tag=x@b.example", Address("a+tag=x@b.example")),
        ("a@[192.0.2.1]", Address("a@[192.0.2.1]")),
        ("a@[IPv6:2001:db8::1]", Address("a@[IPv6:2001:db8::1]")),
        ("O'Neil, see note@b.example"[9:], None),
    ],
)
def test_one_address(text: str, expected: Address | None) -> None:
    if expected is None:
        with pytest.raises(DraftProblem):
            parse_address(text)
    else:
        assert parse_address(text) == expected


def test_a_list_is_cut_at_commas_semicolons_and_line_ends_outside_quotes() -> None:
    text = 'a@x.example, "B, b; b" <b@x.example>;\r\nc@x.example (c, c),, \n'
    assert parse_addresses(text) == (
        Address("a@x.example"),
        Address("b@x.example", "B, b; b"),
        Address("c@x.example", "c, c"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "@x.example",
        "a@",
        "a b@x.example",
        "a..b@x.example",
        ".a@x.example",
        "a@x..example",
        "a@-x.example",
        "a@x.example.",
        "a@exa mple",
        "a@[300.1.1.1]",
        "a@[IPv6:zz]",
        "a@b@c.example",
        "Smith, John <j@x.example>",
        'Un"paired <a@x.example>',
        "a@x.example\0",
        "Name\x1b[2J <a@x.example>",
        "l" * 65 + "@x.example",
        "a@" + "l" * 64 + ".example",
        "a@" + ".".join(["l" * 60] * 5),
        "a\ud800@x.example",
    ],
)
def test_what_is_malformed_is_refused_with_a_field_and_a_sentence(text: str) -> None:
    with pytest.raises(DraftProblem) as caught:
        parse_addresses(text, "cc")
    assert caught.value.field == "cc"
    assert caught.value.sentence.endswith(".")
    assert caught.value.sentence.isprintable()


def test_one_address_is_wanted_where_one_is_asked_for() -> None:
    with pytest.raises(DraftProblem, match="2 addresses"):
        parse_address("a@x.example, b@x.example", "from")
    with pytest.raises(DraftProblem, match="no address"):
        parse_address("  ", "from")


def test_line_breaks_never_hide_in_a_checked_address() -> None:
    for breaker in "\r\n\0\u2028":
        with pytest.raises(DraftProblem):
            check_address(f"a{breaker}@x.example", "to")
        with pytest.raises(DraftProblem):
            check_address(f"a@x{breaker}.example", "to")


def test_domains_become_a_labels_and_local_parts_stay() -> None:
    assert ascii_domain("Jörg@BÜCHER.example") == "Jörg@xn--bcher-kva.example"
    assert ascii_domain("a@例え。テスト") == "a@xn--r8jz45g.xn--zckzah"
    assert ascii_domain("faß.example") == "xn--fa-hia.example"  # IDNA 2008, not 2003's "fass"
    assert ascii_domain("a@Example.COM") == "a@Example.COM"
    with pytest.raises(ValueError, match="not a valid domain name"):
        ascii_domain("a@ü..example")


def test_only_a_local_part_makes_an_address_international() -> None:
    assert is_ascii("a@bücher.example")
    assert not is_ascii("ä@books.example")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_what_is_shown_for_an_address_reads_back(name: str) -> None:
    address = Address("a@x.example", name.strip())
    assert parse_address(format_address(address)) == address


@given(st.text())
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    try:
        found = parse_addresses(text)
    except DraftProblem:
        return
    for address in found:
        assert check_address(address.address, "to") == address.address

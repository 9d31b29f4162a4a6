import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.spf_macro import (
    MacroSyntaxError,
    as_target_name,
    parse_domain_spec,
    parse_macro_string,
)
from mailgui.domain.spf_request import make_request

SENDER = "strong-bad@email.example.com"


def expand(text: str, ip: str = "192.0.2.3", mail_from: str = SENDER, **kw: bool) -> str:
    request = make_request("email.example.com", ip, mail_from=mail_from, helo="mx.example.org")
    parsed = parse_macro_string(text, **kw)
    values = request.macro_values("email.example.com", parsed.letters)
    return parsed.expand({**values, "p": "mx.example.org"})


# RFC 7208, section 7.4
@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        (
            "%{d2}.trusted-domains.example.net",
            "example.com.trusted-domains.example.net",
        ),
    ],
)
def test_the_examples_of_the_standard(text: str, expanded: str) -> None:
    assert expand(text) == expanded


def test_the_ipv6_example_of_the_standard() -> None:
    assert expand("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01") == (
        "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com"
    )


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%%%_%-", "% %20"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%{h}", "mx.example.org"),
        ("%{c}", "192.0.2.3"),
        ("%{r}", "unknown"),
        ("%{p}", "mx.example.org"),
        ("%{D}", "email.example.com"),
        ("%{d999}", "email.example.com"),
        ("%{d99999999999999999999}", "email.example.com"),
        ("%{DR}", "com.example.email"),
        ("a b", "a b"),
    ],
)
def test_other_expansions(text: str, expanded: str) -> None:
    assert expand(text, explanation=True) == expanded


def test_an_ipv6_address_has_a_short_form_and_a_long_one() -> None:
    assert expand("%{c}", "2001:DB8::CB01", explanation=True) == "2001:db8::cb01"
    assert expand("%{i}", "2001:db8::1").startswith("2.0.0.1.0.D.B.8.")


@pytest.mark.parametrize(
    ("mail_from", "sender"),
    [
        ("", "postmaster@mx.example.org"),
        ("@example.net", "postmaster@example.net"),
        ("who", "who@email.example.com"),
        ("a@b@c.example", "a@b@c.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
    ],
)
def test_the_sender(mail_from: str, sender: str) -> None:
    assert expand("%{s}", mail_from=mail_from) == sender


@pytest.mark.parametrize(
    "text",
    ["%", "%a", "%{", "%{d", "%{}", "%{dd}", "%{d0}", "%{d00}", "%{x}", "%{dr2}", "%(d)", "a b",
     "\x7f", "%{d2r!}", "%{c}", "%{r}", "%{t}"],
)  # fmt: skip
def test_what_is_not_a_macro_string(text: str) -> None:
    with pytest.raises(MacroSyntaxError, match=r"\.$"):
        parse_macro_string(text)


@pytest.mark.parametrize(
    "text",
    ["a.b", "a.b.", "%{d}", "a.%{d}", "%{d}.com", "%%", "a:b/c.example", "a..b", "x.xn--a", "x.1a",
     "x.1-a", "_x.example", "%{h}.%{d2}", "!.example"],
)  # fmt: skip
def test_domain_specs(text: str) -> None:
    assert parse_domain_spec(text).text == text


@pytest.mark.parametrize(
    "text",
    ["", "com", "com.", ".", "a.1", "a.b:80", "a.-b", "a.b-", "a.b/24", "%{d}com", "%{d}.1",
     "a.b..", "1.2.3.4", "a.b c", "a._tcp"],
)  # fmt: skip
def test_what_is_not_a_domain_spec(text: str) -> None:
    with pytest.raises(MacroSyntaxError):
        parse_domain_spec(text)


def test_an_address_gets_the_advice_to_use_ip4() -> None:
    with pytest.raises(MacroSyntaxError, match=r"use ip4:111\.222\.33\.44"):
        parse_domain_spec("111.222.33.44")


def test_a_fault_knows_its_place() -> None:
    with pytest.raises(MacroSyntaxError) as raised:
        parse_macro_string("abc%{d}%{x}")
    assert raised.value.position == 7


def test_a_name_too_long_loses_labels_on_the_left() -> None:
    long = ".".join(["label56789"] * 30)
    assert len(as_target_name(long)) == 252
    assert as_target_name("a.b.") == "a.b"
    assert len(as_target_name("x" * 300)) == 300


@given(st.text(alphabet="%{}slodiphvcrt0123456789.-+,/_=ab ", max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parsed = parse_macro_string(text, explanation=True)
    except MacroSyntaxError as error:
        assert 0 <= error.position < len(text)  # noqa: PT017
        return
    assert isinstance(expand(text, explanation=True), str)
    assert parsed.text == text

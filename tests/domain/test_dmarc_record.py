import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.dmarc_record import is_almost_dmarc, is_dmarc, parse_dmarc


@pytest.mark.parametrize(
    ("text", "valid", "almost"),
    [
        ("v=DMARC1", True, False),
        ("v=DMARC1;", True, False),
        ("v = DMARC1 ; p=none", True, False),
        ("v=DMARC1; p=none", True, False),
        ("v=dmarc1; p=none", False, True),
        ("V=DMARC1; p=none", False, True),
        ("v=DMARC12; p=none", False, True),
        ("p=none; v=DMARC1", False, True),
        (" v=DMARC1; p=none", False, True),
        ("v=DMARC1 p=none", False, True),
        ("v=spf1 -all", False, False),
        ("", False, False),
    ],
)
def test_the_version(text: str, valid: bool, almost: bool) -> None:
    assert (is_dmarc(text), is_almost_dmarc(text)) == (valid, almost)


def test_every_tag() -> None:
    record = parse_dmarc(
        "v=DMARC1; p=Reject; sp=quarantine; np=none; adkim=s; aspf=r; fo=1:d; psd=n; t=y; "
        "rua=mailto:a@x.example, mailto:b@y.example!10m; ruf=https://z.example/r"
    )
    assert (record.p, record.sp, record.np) == ("reject", "quarantine", "none")
    assert (record.value("adkim"), record.value("psd"), record.testing) == ("s", "n", True)
    assert [(a.host, a.size) for a in record.rua] == [("x.example", None), ("y.example", "10m")]
    assert [(a.scheme, a.mailbox) for a in record.ruf] == [("https", "")]
    assert (record.invalid, record.unknown) == ((), ())
    assert record.policies_sound


def test_the_order_of_p_is_free_and_unknown_tags_are_ignored() -> None:
    record = parse_dmarc("v=DMARC1; rua=mailto:a@x.example; fancy=1; p=none")
    assert (record.p, record.unknown) == ("none", ("fancy",))


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("p", "rejct"), ("p", ""), ("sp", "x"), ("np", "x"), ("adkim", "strict"), ("aspf", ""),
        ("fo", "2"), ("psd", "x"), ("t", "1"), ("pct", "101"), ("pct", "x"), ("rua", "a@x.example"),
        ("rua", ""), ("ruf", "mailto:"), ("rua", "mailto:a@x.example,,"),
    ],
)  # fmt: skip
def test_values_that_are_not_allowed(tag: str, value: str) -> None:
    record = parse_dmarc(f"v=DMARC1; {tag}={value}")
    assert record.invalid == ((tag, value),)
    assert record.value(tag) is None


@pytest.mark.parametrize(
    ("text", "sound"),
    [("p=none", True), ("sp=none", False), ("p=none; sp=x", False), ("p=x", False), ("", False)],
)
def test_sound_policies(text: str, sound: bool) -> None:
    assert parse_dmarc(f"v=DMARC1; {text}").policies_sound is sound


def test_percent() -> None:
    assert parse_dmarc("v=DMARC1; p=reject; pct=50").percent == 50
    assert parse_dmarc("v=DMARC1; p=reject; pct=x").percent == 100


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    parse_dmarc(f"v=DMARC1; {text}")


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ("0", True), ("1", True), ("d:s", True), ("0:d:s", True), ("s : 1", True),
        ("0:1", False), ("d:d", False), ("x", False), ("", False), ("0::d", False),
    ],
)  # fmt: skip
def test_options_of_failure_reports(options: str, allowed: bool) -> None:
    """RFC 9989, section 4.8: each once, and 0 and 1 exclude each other."""
    record = parse_dmarc(f"v=DMARC1; p=none; fo={options}")
    assert (("fo", options) in record.invalid) is not allowed

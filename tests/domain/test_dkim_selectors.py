import pytest

from mailgui.domain.dkim_selectors import selector_list
from mailgui.net.dns_question import wire_name


def test_the_list_is_sound() -> None:
    known = selector_list()
    assert 140 <= len(known.all) <= 200
    assert len(known.all) == len(set(known.all))
    for selector in known.all:
        assert selector == selector.lower()
        wire_name(f"{selector}._domainkey.example.com")
    for vendor in known.vendor:
        assert vendor.guessable is bool(vendor.selectors), vendor.name
        assert vendor.selectors or vendor.spf or vendor.cname, vendor.name


@pytest.mark.parametrize(
    ("include", "mx", "vendor"),
    [
        ("_spf.google.com", "", "Google Workspace"),
        ("spf.protection.outlook.com", "", "Microsoft 365"),
        ("u123.wl.sendgrid.net", "", "SendGrid"),
        ("", "aspmx.l.google.com", "Google Workspace"),
        ("", "example-com.mail.protection.outlook.com", "Microsoft 365"),
        ("amazonses.com", "", "Amazon SES"),
    ],
)
def test_vendors_are_recognised(include: str, mx: str, vendor: str) -> None:
    seen = selector_list().vendors_seen([include], [mx])
    assert [v.name for v in seen] == [vendor]


def test_a_name_that_only_ends_alike_is_not_recognised() -> None:
    assert selector_list().vendors_seen(["notamazonses.com"], []) == ()


def test_a_cname_names_the_vendor() -> None:
    vendor = selector_list().vendor_of(["x", "s1.domainkey.u1.wl.sendgrid.net"])
    assert vendor is not None
    assert vendor.name == "SendGrid"

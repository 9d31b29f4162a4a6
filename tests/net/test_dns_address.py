import pytest

from mailgui.net.dns_address import parse_server


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("192.0.2.1", "192.0.2.1:53"),
        (" 192.0.2.1:5353 ", "192.0.2.1:5353"),
        ("udp://192.0.2.1", "192.0.2.1:53"),
        ("2001:db8::1", "[2001:db8::1]:53"),
        ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ("[2001:db8::1]", "[2001:db8::1]:53"),
        ("tls://dns.example", "tls://dns.example:853"),
        ("tls://192.0.2.1:8853/", "tls://192.0.2.1:8853"),
        ("https://dns.example", "https://dns.example/dns-query"),
        ("HTTPS://dns.example:8443/q", "HTTPS://dns.example:8443/q"),
    ],
)
def test_reads_every_form(text: str, shown: str) -> None:
    assert str(parse_server(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "", "dns.example", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x", "300.1.1.1", "ftp://x",
        "https://", "https://[::1", "tls://", "[2001:db8::1", "[::1]5", ":53",
    ],
)  # fmt: skip
def test_a_malformed_server_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_server(text)

import dns.rdata
import dns.rdataclass
import dns.rdatatype
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.publish import mx_record, txt_record


def test_a_record_as_in_a_zone_file() -> None:
    assert txt_record("example.com", "v=spf1 -all") == 'example.com. IN TXT "v=spf1 -all"'
    assert mx_record("example.com", 0, ".") == "example.com. IN MX 0 ."
    assert (
        mx_record("example.com", 10, "mx.example.net.") == "example.com. IN MX 10 mx.example.net."
    )


@given(st.text(max_size=600))
def test_any_text_comes_out_of_the_zone_file_as_it_went_in(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    record = txt_record("a.example", octets.decode())
    value = record.removeprefix("a.example. IN TXT ")
    rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, value)
    assert b"".join(rdata.strings) == octets
    assert all(len(string) <= 255 for string in rdata.strings)

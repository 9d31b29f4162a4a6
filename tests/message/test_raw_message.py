from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.raw_message import read_raw


def test_fields_keep_their_octets():
    message = read_raw(b"Subject : a\r\n  b\r\nX: \xff\r\n\r\nbody\r\n\r\nmore")
    assert [field.raw for field in message.fields] == [b"Subject : a\r\n  b", b"X: \xff"]
    assert message.first("SUBJECT") == "a  b"
    assert message.body == b"body\r\n\r\nmore"
    assert (message.converted, message.kept, message.junk) == (0, 6, ())


def test_line_ends():
    message = read_raw(b"A: 1\nB: 2\r\n\nx\ry\n")
    assert (message.body, message.converted, message.kept) == (b"x\ry\r\n", 3, 1)


def test_what_is_no_field():
    message = read_raw(b"From me Tue\r\nA: 1\r\nno field\r\nB: 2\r\n\r\n")
    assert message.postmark == b"From me Tue"
    assert message.junk == (b"no field",)
    assert [field.name for field in message.fields] == [b"a", b"b"]


def test_header_or_body_alone():
    assert read_raw(b"A: 1").body == b""
    assert read_raw(b"A: 1\r\n").fields[0].raw == b"A: 1"
    assert read_raw(b"\r\nbody").body == b"body"
    assert read_raw(b"").fields == ()


@given(st.binary(max_size=200))
def test_nothing_makes_it_fail(octets):
    assert b"\n" not in read_raw(octets).body.replace(b"\r\n", b"")

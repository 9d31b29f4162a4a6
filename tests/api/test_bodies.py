from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.bodies import FilePart, FormBody, form_octets, json_octets, multipart_octets
from mailgui.message.draft import DraftProblem

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


def parsed(boundary, octets):
    head = f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n".encode()
    return list(BytesParser(policy=HTTP).parsebytes(head + octets).iter_parts())


def test_a_form_with_a_file_in_japanese():
    body = FormBody()
    body.put("to", ["a@example.org", "b@example.org"])
    body.put("t:variables", {"n": 1})
    body.put("attachment", FilePart("価格表.pdf", "application/pdf", b"%PDF"))
    boundary, octets = multipart_octets(body.pairs)
    assert body.has_files
    parts = parsed(boundary, octets)
    assert [p.get_param("name", header="content-disposition") for p in parts] == [
        "to", "to", "t:variables", "attachment",
    ]  # fmt: skip
    assert parts[3].get_payload(decode=True) == b"%PDF"
    assert 'filename="価格表.pdf"'.encode() in octets


def test_quotes_and_line_breaks_cannot_leave_a_name():
    _, octets = multipart_octets([("a", FilePart('x"\r\nEvil: 1', "text/plain", b""))])
    assert b"\r\nEvil" not in octets
    assert b'filename="x%22%0D%0AEvil: 1"' in octets


@given(st.binary(max_size=200))
def test_equal_forms_are_equal_octets_and_hold_any_content(data):
    pairs = [("f", FilePart("f", "application/octet-stream", data))]
    boundary, octets = multipart_octets(pairs)
    assert multipart_octets(pairs) == (boundary, octets)
    assert octets.count(boundary.encode()) == 2
    assert b"\r\n\r\n" + data + b"\r\n--" in octets


def test_forms_are_url_encoded():
    assert form_octets([("h:X", "a b&c=ü")]) == b"h%3AX=a+b%26c%3D%C3%BC"


def test_half_a_character_is_a_draft_problem():
    with pytest.raises(DraftProblem):
        json_octets({"text": "\udc80"})


@given(NAMES)
def test_json_keeps_every_text(text):
    import json

    assert json.loads(json_octets({"t": text})) == {"t": text}

import contextlib
import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.fields import AddressPlace, Fields
from mailgui.api.provider import load_providers
from mailgui.sandbox.api_request import ApiRequest, ReadMessage, Unreadable, dig, read_body

RESEND = load_providers()["resend"]


def message(body: Any, fields: Fields | None = None) -> ReadMessage:
    provider = RESEND if fields is None else msgspec.structs.replace(RESEND, fields=fields)
    content = json.dumps(body).encode()
    return ReadMessage(ApiRequest(provider, {"content-type": "application/json"}, content))


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@x.example", ["a@x.example"]),
        ("Ana <a@x.example>", ["a@x.example"]),
        ('"Last, First" <a@x.example>, b@x.example', ["a@x.example", "b@x.example"]),
        (["a@x.example", "B <b@x.example>"], ["a@x.example", "b@x.example"]),
        ([], []),
        (None, []),
    ],
)
def test_addresses_as_texts(value: Any, addresses: list[str]) -> None:
    assert [box.address for box in message({"to": value}).mailboxes("to")] == addresses


def test_addresses_in_objects_and_wraps() -> None:
    item = {"address": {"email": "{address}", "name": "{name}", "header_to": "{to_header}"}}
    fields = Fields(to=AddressPlace(path="people[0].to", item=item, wrap=["{value}"]))
    people = [{"address": {"email": "a@x.example", "name": "b@x.example", "header_to": "c@x"}}]
    found = message({"people": [{"to": people}]}, fields).mailboxes("to")
    assert [box.address for box in found] == ["a@x.example"]


@pytest.mark.parametrize("text", ["a", "a@", "@x.example", "a@x", "a b@x.example", "", "a@x..y", 5])
def test_addresses_that_are_none(text: Any) -> None:
    found = message({"to": [text]}).mailboxes("to")
    assert not any(box.valid for box in found)
    assert found or text == ""


def test_fields_in_forms_and_headers() -> None:
    request = ApiRequest(
        RESEND, {"content-type": "application/json", "idempotency-key": "k"}, b"{}"
    )
    assert ReadMessage(request).text("idempotency_key") == "k"
    provider = load_providers()["mailgun"]
    form = {"content-type": "application/x-www-form-urlencoded"}
    read = ReadMessage(
        ApiRequest(provider, form, b"from=a%40x.example&to=b%40x.example&to=c%40x.example")
    )
    assert [box.address for box in read.recipients] == ["b@x.example", "c@x.example"]
    multipart = {"content-type": "multipart/form-data; boundary=B"}
    content = (
        b'--B\r\nContent-Disposition: form-data; name="to"\r\n\r\nb@x.example\r\n'
        b'--B\r\nContent-Disposition: form-data; name="attachment"; filename="f"\r\n\r\nto\r\n'
        b"--B--\r\n"
    )
    read = ReadMessage(replace(request, provider=provider, headers=multipart, content=content))
    assert [box.address for box in read.recipients] == ["b@x.example"]
    assert set(read.tree) == {"to"}


def test_dig() -> None:
    tree = {"a": [{"b": 1}, 2]}
    assert dig(tree, "a[0].b") == 1
    assert dig(tree, "a[9].b") is None
    assert dig(tree, "a.b") is None
    assert dig(tree, "x.y[0]") is None
    assert dig(tree, "a[]") == [{"b": 1}, 2]
    assert dig(None, "a") is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"NaN}"])
def test_what_is_no_json(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_body("application/json", content)


@given(st.text(), st.binary(max_size=200))
def test_no_body_raises_anything_else(kind: str, content: bytes) -> None:
    for content_type in (kind, "multipart/form-data; boundary=B", "multipart/form-data"):
        with contextlib.suppress(Unreadable):
            read_body(content_type, content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["email", "to"]), inner),
    )
)
def test_any_value_may_stand_where_addresses_are_due(value: Any) -> None:
    read = message({"from": value, "to": value, "subject": value})
    assert all(isinstance(box.address, str) for box in read.recipients)
    read.text("subject")

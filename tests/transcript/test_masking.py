import base64
import html
import json
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailgui.transcript import MASK, Masker, Reply

CANARY = 'Kanarienvögel & "4" \\/+='
SECRETS = st.text(min_size=6, max_size=30).filter(lambda s: len(set(s)) > 3)


def forms(secret: str) -> list[bytes]:
    octets = secret.encode("utf-8", "surrogatepass")
    written = [
        octets,
        base64.b64encode(octets),
        base64.urlsafe_b64encode(octets),
        octets.hex().encode(),
        octets.hex().upper().encode(),
        quote(octets, safe="").encode(),
        quote(octets, safe="/+=").encode(),
        quote_plus(octets).encode(),
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass"),
        repr(octets)[2:-1].encode(),
        html.escape(secret).encode("utf-8", "surrogatepass"),
    ]
    lower = quote(octets, safe="")
    for place in range(len(lower) - 2):
        if lower[place] == "%":
            lower = lower[: place + 1] + lower[place + 1 : place + 3].lower() + lower[place + 3 :]
    return [*written, lower.encode()]


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20))
def test_no_form_of_a_secret_gets_through(secret: str, before: bytes, after: bytes) -> None:
    assume(not any("\ud800" <= char <= "\udfff" for char in secret))
    masker = Masker([secret])
    for form in forms(secret):
        masked = masker.octets(before + b" " + form + b" " + after)
        assert form not in masked
        assert MASK.encode() in masked


@given(st.binary(min_size=1, max_size=12), st.binary(max_size=12), SECRETS)
def test_base64_of_a_longer_text_with_the_secret_inside(
    before: bytes, after: bytes, secret: str
) -> None:
    octets = secret.encode("utf-8", "surrogatepass")
    whole = base64.b64encode(before + b"\0" + octets + b"\0" + after)
    masked = Masker([secret]).octets(whole)
    assert MASK.encode() in masked
    # What is left on either side never holds more of the secret than a part of one octet.
    kept = masked.split(MASK.encode())
    left = base64.b64decode(kept[0] + b"A" * (-len(kept[0]) % 4))
    assert not left[: len(kept[0]) * 6 // 8].endswith(octets[:1] + octets[1:2])


@pytest.mark.parametrize("form", forms(CANARY), ids=repr)
def test_the_canary_in_each_form(form: bytes) -> None:
    assert Masker([CANARY]).octets(b"a " + form + b" b") == f"a {MASK} b".encode()


def test_latin_1_and_mixed_case_hexadecimal() -> None:
    masker = Masker(["Kanarienvögel"])
    for octets in (
        "Kanarienvögel".encode("latin-1"),
        b"Kanarienv%f6gel",
        b"Kanarienv%C3%b6gel",
        base64.b64encode("Kanarienvögel".encode("latin-1")),
        b"Kanarienv&#246;gel",
        b"Kanarienv&#xF6;gel",
        rb"Kanarienv\u00F6gel",
    ):
        assert masker.octets(octets) == MASK.encode()


def test_octets_that_are_no_text_and_their_stand_ins() -> None:
    masker = Masker([b"\xff\xfesecret"])
    assert masker.octets(b"x\xff\xfesecrety") == f"x{MASK}y".encode()
    assert masker.text("x\udcff\udcfesecrety") == f"x{MASK}y"
    assert Masker(["\udcff\udcfesecret"]).octets(b"\xff\xfesecret") == MASK.encode()


def test_secrets_are_added_while_it_runs_and_empty_ones_do_nothing() -> None:
    masker = Masker(["", b""])
    assert masker.text("anything") == "anything"
    masker.add("first")
    masker.add("second")
    assert masker.text("first second third") == f"{MASK} {MASK} third"


def test_a_longer_secret_goes_before_the_shorter_inside_it() -> None:
    masker = Masker(["pass", "passphrase"])
    assert masker.text("passphrase pass") == f"{MASK} {MASK}"


def test_innocent_text_stays() -> None:
    text = "250 2.0.0 OK \ud800 queued as 4F2A — grün"
    assert Masker(["hunter22"]).text(text) is text


def test_the_mask_does_not_grow_when_masked_again() -> None:
    masker = Masker(["secret-word"])
    once = masker.octets(b"x secret-word")
    assert masker.octets(once) == once


@dataclass(frozen=True, slots=True)
class Nest:
    items: tuple[object, ...]
    table: dict[str, tuple[str, ...]]
    reply: Reply | None = None


def test_values_are_masked_however_deep_they_lie() -> None:
    nest = Nest(("k", b"secret", 5, ("secret",)), {"secret": ("a secret",)}, Reply(5, "secret"))
    masked = Masker(["secret"]).masked(nest)
    assert masked == Nest(("k", MASK.encode(), 5, (MASK,)), {MASK: (f"a {MASK}",)}, Reply(5, MASK))
    assert Masker().masked(nest) is nest


def test_a_copy_learns_for_itself() -> None:
    whole = Masker(["secret-1"])
    copy = whole.copy()
    copy.add("secret-2")
    assert copy.text("secret-1 secret-2") == f"{MASK} {MASK}"
    assert whole.text("secret-1 secret-2") == f"{MASK} secret-2"
    assert (Masker().knows_any, Masker().copy().knows_any, copy.knows_any) == (False, False, True)


def test_a_secret_is_found_wherever_it_lies_in_a_body_that_is_searched_in_pieces():
    from mailgui.transcript import masking

    masker = Masker(["s3cret-key"])
    edge = masking._PIECE
    for place in (0, 7, edge - 10, edge - 5, edge - 1, edge, 2 * edge - 3, 3 * edge - 10):
        octets = bytearray(b"x" * (3 * edge))
        octets[place : place + 10] = b"s3cret-key"
        before, after = bytes(octets[:place]), bytes(octets[place + 10 :])
        assert masker.octets(bytes(octets)) == before + masking._MASK_OCTETS + after


def test_pieces_come_to_what_the_whole_does():
    from mailgui.transcript import masking

    masker = Masker(["s3cret-key", "aa"])
    octets = b"aaa s3cret-key %73 aXX" * 60_000
    assert len(octets) > 4 * masking._PIECE
    assert masker.octets(octets) == masker._pattern().sub(masking._MASK_OCTETS, octets)


def test_a_mailbox_that_happens_to_hold_the_secret_stays_whole() -> None:
    masker = Masker(["test"])
    masker.allow("b@test.example", "c@good.example")
    assert masker.text("RCPT TO:<b@test.example> test") == f"RCPT TO:<b@test.example> {MASK}"
    assert masker.octets(b"b@test.example, a@test.example") == (
        b"b@test.example, a@" + MASK.encode() + b".example"
    )
    assert masker.copy().text("b@test.example") == "b@test.example"
    assert masker.masked(("b@test.example",)) == ("b@test.example",)


def test_what_is_a_secret_itself_or_only_touches_what_is_allowed_is_masked() -> None:
    masker = Masker(["b@test.example", "le!x"])
    masker.allow("b@test.example")
    assert masker.text("b@test.example") == MASK
    other = Masker(["le!x", "test"])
    other.allow("b@test.example")
    assert other.text("b@test.example!x") == f"b@test.examp{MASK}"

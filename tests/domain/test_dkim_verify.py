import base64
import itertools
import subprocess
from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgui.domain.dkim_verify import verify_signatures
from mailgui.message.raw_message import read_raw
from tests.support.asking import against
from tests.support.name_server import Zone
from tests.support.signing import MESSAGE, NAMES, ed25519_key, pem, record, rsa_key, sign

NAME = "s1._domainkey.good.example"
RECEIVED = b"Received: from a by b with ESMTPS; Tue, 03 Nov 2026 12:00:05 +0000\r\n"


def zone(text=None, name=NAME):
    return Zone().add(name, "TXT", *([text] if text else [record(rsa_key())]))


def check(message, served=None, at=None):
    """Return the result of each signature."""
    return against(
        served or zone(), lambda resolver: verify_signatures(read_raw(message), resolver, at=at)
    )


def result(message, served=None, at=None):
    (only,) = check(message, served, at)
    return only


# RFC 8463, appendix A.3.
RFC8463 = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

"""
RFC8463_ZONE = """
brisbane._domainkey.football.example.com TXT v=DKIM1; k=ed25519; \
p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
test._domainkey.football.example.com TXT v=DKIM1; k=rsa; \
p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16J\
Yi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3I\
p3G+2kryOTIKT+l/K4w3QIDAQAB
"""


def test_the_vectors_of_rfc_8463():
    ed, rsa = check(RFC8463, RFC8463_ZONE)
    assert [(r.result, r.bits, r.signature.selector) for r in (ed, rsa)] == [
        ("pass", 256, "brisbane"),
        ("pass", 1024, "test"),
    ]
    assert ed.extra_names == ("from", "subject", "date")


@pytest.mark.parametrize(
    "c",
    [
        "relaxed/relaxed",
        "relaxed/simple",
        "simple/relaxed",
        "simple/simple",
        "relaxed",
        "simple",
        None,
    ],
)
@pytest.mark.parametrize("key", [rsa_key, ed25519_key])
def test_each_canonicalisation(c, key):
    got = result(sign(key=key(), c=c), zone(record(key())))
    assert (got.result, got.hint) == ("pass", "")
    assert got.signature.canonicalization.startswith((c or "simple").partition("/")[0])


@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n", b" \r\n", b"x", b"x ", b"\r\nx\r\n"])
@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
def test_bodies_at_the_edge(body, c):
    assert result(sign(MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body, c=c)).passed


def test_a_file_with_lf_line_ends():
    assert result(sign().replace(b"\r\n", b"\n")).passed


def test_relaxed_headers_may_be_folded_anew_and_simple_ones_not():
    for c, expected in (("relaxed/relaxed", "pass"), ("simple/simple", "fail")):
        refolded = sign(c=c).replace(b"Subject: Lunch  at\r\n noon", b"SUBJECT :Lunch at noon")
        got = result(refolded)
        assert got.result == expected


@pytest.mark.parametrize(
    ("was", "now", "hint"),
    [
        (b"noon? \r\n\r\n\r\n", b"noon?\r\n-- \r\nThe list\r\n", "2 lines were added at the end"),
        (b"Hello Bob", b"Hello Rob", ""),
    ],
)
def test_an_altered_body(was, now, hint):
    got = result(sign().replace(was, now))
    assert (got.result, got.reason) == ("fail", "The body was changed after it was signed.")
    assert got.hint.startswith(hint)
    assert bool(got.hint) == bool(hint)


def test_a_footer_before_a_boundary_is_found():
    multipart = MESSAGE.partition(b"\r\n\r\n")[0] + (
        b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\ntext\r\n--b\r\n\r\nmore\r\n--b--\r\n"
    )
    got = result(sign(multipart).replace(b"text\r\n--b", b"text\r\n_____\r\nlist\r\n--b"))
    assert "2 lines were added inside" in got.hint


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ((b"\r\nFrom here", b"\r\n>From here"), "“>”"),
        ((b"ends \r\n", b"ends\r\n"), ""),
        ((b"\r\n.dot", b"\r\n..dot"), "dot"),
    ],
)
def test_what_servers_do_to_bodies(change, hint):
    message = MESSAGE + b"\r\nFrom here\r\n.dot\r\nends \r\n"
    got = result(sign(message, c="simple/simple").replace(*change))
    assert got.result == "fail"
    assert hint in got.hint


def test_an_encoding_that_was_changed():
    message = MESSAGE.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", 1)
    head, _, body = sign(message).partition(b"\r\n\r\n")
    encoded = head.replace(b"8bit", b"base64") + b"\r\n\r\n" + base64.encodebytes(body)
    assert "re-encoded the body as base64" in result(encoded.replace(b"==\n", b"==\r\n")).hint


@pytest.mark.parametrize(
    ("was", "now", "hint"),
    [
        (b"Subject: Lunch", b"Subject: [team] Lunch", "square brackets"),
        (b"Subject: Lunch", b"Subject: Dinner", ""),
        (b"To: Bob", b"From: Eve <eve@evil.example>\r\nTo: Bob", "field From was added"),
    ],
)
def test_an_altered_header(was, now, hint):
    message = sign(h=f"{NAMES}:From").replace(was, now, 1)
    got = result(message)
    assert got.result == "fail"
    assert "signed header field" in got.reason
    assert hint in got.hint
    assert bool(got.hint) == bool(hint)


def test_copies_in_z_tell_which_field_was_changed():
    copies = "From:Ann=20<ann@good.example>|Subject:Lunch=20at=20noon"
    got = result(sign(z=copies).replace(b"Subject: Lunch  at", b"Subject: Supper at"))
    assert got.hint.endswith("these fields were changed: Subject.")


def test_a_field_signed_as_absent_may_not_be_added():
    signed = sign(h=f"{NAMES}:Reply-To")
    assert result(signed).extra_names == ("reply-to",)
    got = result(signed.replace(b"To: Bob", b"Reply-To: eve@evil.example\r\nTo: Bob"))
    assert (got.result, got.hint) == ("fail", "A field Reply-To was added on the way.")


def test_repeated_fields_are_taken_from_the_bottom():
    doubled = MESSAGE.replace(b"To: Bob", b"X: one\r\nX: two\r\nTo: Bob")
    assert result(sign(doubled, h=f"{NAMES}:X:X")).passed
    assert result(sign(doubled, h=f"{NAMES}:X").replace(b"X: one", b"X: 1")).passed
    assert result(sign(doubled, h=f"{NAMES}:X").replace(b"X: two", b"X: 2")).result == "fail"


def test_the_value_of_b_may_be_folded():
    head, _, value = sign().partition(b" b=")
    assert result(head + b" b= " + value[:20] + b"\r\n\t" + value[20:]).passed


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"v": "2"}, "version is v=2"),
        ({"v": None}, "v=, which is required"),
        ({"d": None}, "d=, which is required"),
        ({"h": None}, "h=, which is required"),
        ({"bh": None}, "bh=, which is required"),
        ({"bh": "***"}, "bh= is not base64"),
        ({"a": "rsa-sha1"}, "SHA-1"),
        ({"a": "rsa-md5"}, "not known"),
        ({"c": "nofws/simple"}, "canonicalisation"),
        ({"h": "To:Subject"}, "does not sign the From field"),
        ({"i": "@other.example"}, "not within the signing domain"),
        ({"i": "ann@notgood.example"}, "not within the signing domain"),
        ({"q": "http"}, "not from DNS"),
        ({"l": "ten"}, "l=ten"),
        ({"t": "200", "x": "100"}, "before it was made"),
        ({"x": "soon"}, "x=soon"),
        ({"s": "a..b"}, "not a selector"),
        ({"d": "nowhere"}, "not a domain"),
    ],
)
def test_signatures_that_are_malformed(tags, words):
    served = zone()
    got = result(sign(**{"domain": "good.example", **tags}), served)
    assert got.result == "permerror"
    assert words in got.reason


def test_a_tag_that_stands_twice():
    got = result(sign().replace(b"v=1;", b"v=1; v=1;", 1))
    assert (got.result, got.reason) == ("permerror", "The tag v= stands there twice.")


def test_unknown_tags_change_nothing():
    assert result(sign(tag="whatever", q="http:dns/txt")).passed


def test_expiry_counts_from_when_the_message_arrived():
    expires = int(datetime(2026, 11, 3, 13, tzinfo=UTC).timestamp())
    signed = sign(t=str(expires - 7200), x=str(expires))
    before = result(signed, at=datetime(2026, 11, 3, 12, 30, tzinfo=UTC))
    after = result(signed, at=datetime(2026, 11, 3, 14, tzinfo=UTC))
    assert (before.result, after.result) == ("pass", "fail")
    assert "expired 2026-11-03T13:00:00Z" in after.reason
    assert result(sign(x="1000000000")).result == "fail"


def test_a_length_leaves_the_end_open():
    got = result(sign(l="12") + b"Buy this!\r\n")
    assert got.passed
    assert got.unsigned_octets > 10
    assert "not signed (l=12)" in got.reason
    assert result(sign(l="12").replace(b"Hello", b"Hallo")).result == "fail"


def test_a_length_beyond_the_body_is_an_error():
    got = result(sign(l="9999"))
    assert got.result == "permerror"
    assert "l=9999" in got.reason


@pytest.mark.parametrize(
    ("text", "outcome", "words"),
    [
        ("v=DKIM1; p=", "permerror", "revoked"),
        ("v=DKIM1; p=AAAA", "permerror", "not a readable RSA key"),
        ("v=spf1 -all", "permerror", "cannot be used"),
        (record(rsa_key(), h="sha1"), "permerror", "SHA-256"),
        (record(rsa_key(), s="other"), "permerror", "e-mail"),
        (record(rsa_key(), k="dsa"), "permerror", "unknown"),
        (record(ed25519_key()), "permerror", "key is one for ed25519"),
        (record(rsa_key(), v="DKIM2"), "permerror", "v=DKIM1"),
        (record(rsa_key(), v=None, k=None, s="email:x", h="sha1:sha256", t="y:s"), "pass", "holds"),
        (record(rsa_key(), n="a note", unknown="x"), "pass", "holds"),
    ],
    ids=itertools.count(),  # some of the keys are others in each run
)
def test_keys(text, outcome, words):
    got = result(sign(), zone(text))
    assert got.result == outcome
    assert words in got.reason


def test_a_strict_key_serves_no_subdomain():
    strict = zone(record(rsa_key(), t="s"))
    assert result(sign(i="@good.example"), strict).passed
    got = result(sign(i="@sub.good.example"), strict)
    assert (got.result, "t=s" in got.reason) == ("permerror", True)
    assert result(sign(i="@sub.good.example")).passed


def test_a_failure_with_a_key_in_test_mode_says_so():
    got = result(sign().replace(b"Hello", b"Hallo"), zone(record(rsa_key(), t="y")))
    assert (got.result, got.testing) == ("fail", True)
    assert "t=y" in got.reason


def test_a_key_of_too_few_bits(tmp_path):
    made = subprocess.run(
        ["openssl", "genrsa", "768"], capture_output=True, check=False, cwd=tmp_path
    )
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"],
        input=made.stdout,
        capture_output=True,
        check=False,
    )
    if public.returncode or not public.stdout:
        pytest.skip("openssl makes no keys of 768 bits here")
    text = f"v=DKIM1; p={base64.b64encode(public.stdout).decode()}"
    got = result(sign(), zone(text))
    assert (got.result, got.bits) == ("policy", 768)


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (f"{NAME} @servfail", "temperror", "could not be asked for"),
        (f"{NAME} @refused", "temperror", "could not be asked for"),
        (f"{NAME} @timeout", "temperror", "could not be asked for"),
        (f"{NAME} @nxdomain", "permerror", "There is no key at"),
        (f"{NAME} A 192.0.2.1", "permerror", "There is no key at"),
    ],
)
def test_silence_is_not_absence(fault, outcome, words):
    got = result(sign(), Zone(fault))
    assert got.result == outcome
    assert words in got.reason


def test_several_records_are_tried_one_by_one():
    both = zone(record(rsa_key())).add(NAME, "TXT", "v=DKIM1; p=")
    got = result(sign(), both)
    assert got.passed
    assert "2 records stand at" in got.reason
    assert result(sign(), Zone().add(NAME, "TXT", "v=DKIM1; p=", "v=DKIM1; k=x; p=x")).result == (
        "permerror"
    )


def test_a_signing_domain_with_letters_beyond_ascii():
    served = zone(name="s1._domainkey.xn--bcher-kva.example")
    assert result(sign(domain="bücher.example"), served).signature.domain == "xn--bcher-kva.example"


def test_an_unsigned_message_has_no_results():
    assert check(MESSAGE) == ()


HOSTILE = [b"DKIM-Signature: " + b";" * 5000, b"DKIM-Signature:", b"DKIM-Signature: \xff\xfe=\x00"]


@pytest.mark.parametrize("field", HOSTILE)
def test_rubbish_gets_an_answer(field):
    assert result(field + b"\r\n" + MESSAGE).result == "permerror"


TEXT = st.lists(
    st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"  b ", b".", b"\r\n\r\n", b"\xc3\xa9", b"--"]),
    max_size=30,
).map(b"".join)


@given(
    body=TEXT,
    value=TEXT.map(lambda t: t.replace(b"\r\n", b"\r\n ")),
    c=st.sampled_from(["relaxed", "simple"]),
    body_c=st.sampled_from(["relaxed", "simple"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_dkimpy_signs_holds(body, value, c, body_c):
    message = b"From: a@good.example\r\nSubject:" + value + b"x\r\n\r\n" + body
    made = dkim.sign(
        message, b"s1", b"good.example", pem(rsa_key()),
        canonicalize=(c.encode(), body_c.encode()), include_headers=[b"from", b"subject"],
    )  # fmt: skip
    # dkimpy keeps blanks at the end of a last line that has no line end.
    if body_c == "simple" or not body.endswith((b" ", b"\t")):
        got = result(made + message)
        assert got.result == "pass", got.reason


@given(body=TEXT, c=st.sampled_from(["relaxed", "simple"]), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_the_signer_of_the_tests_signs_holds_and_one_octet_more_does_not(body, c, data):
    message = MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body + b"end\r\n"
    signed = sign(message, c=f"{c}/{c}")
    assert result(signed).passed
    place = data.draw(st.integers(signed.index(b"\r\n\r\n") + 4, len(signed) - 5))
    assert result(signed[:place] + b"~" + signed[place:]).result == "fail"

"""The mechanisms against the examples of their standards."""

import base64

import pytest

from mailgui.smtp.sasl import Credentials, SaslFault, choose, make
from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.smtp.sasl.saslprep import saslprep
from mailgui.smtp.sasl.scram import ScramSha1, ScramSha1Plus, ScramSha256


def test_plain():
    mechanism = make("PLAIN", Credentials("tim", "tanstaaftanstaaf"))
    assert mechanism.initial() == b"\0tim\0tanstaaftanstaaf"  # RFC 4616, section 4


def test_login():
    mechanism = make("LOGIN", Credentials("tim", "secret"))
    assert [mechanism.respond(b""), mechanism.respond(b"")] == [b"tim", b"secret"]
    with pytest.raises(SaslFault):
        mechanism.respond(b"")


def test_cram_md5():
    mechanism = make("CRAM-MD5", Credentials("tim", "tanstaaftanstaaf"))  # RFC 2195, section 2
    answer = mechanism.respond(b"<1896.697170952@postoffice.reston.mci.net>")
    assert answer == b"tim b913a602c7eda7a495b4e6e7334d3890"


def test_scram_sha_1():  # RFC 5802, section 5
    mechanism = ScramSha1(
        Credentials("user", "pencil"), make_nonce=lambda: "fyko+d2lbbFgONRv9qkxdawL"
    )
    assert mechanism.initial() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    answer = mechanism.respond(
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
    )
    assert answer == (
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    )
    assert mechanism.objection() is not None
    assert mechanism.respond(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") == b""
    assert mechanism.objection() is None


def test_scram_sha_256():  # RFC 7677, section 3
    mechanism = ScramSha256(
        Credentials("user", "pencil"), make_nonce=lambda: "rOprNGfwEbeRWgbNEkqO"
    )
    mechanism.initial()
    answer = mechanism.respond(
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert answer.endswith(b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    assert mechanism.respond(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") == b""


def test_scram_with_a_wrong_server_signature():
    mechanism = ScramSha1(Credentials("user", "pencil"), make_nonce=lambda: "abc")
    mechanism.respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
    with pytest.raises(SaslFault, match="could not prove"):
        mechanism.respond(b"v=AAAA")


def test_scram_error_value_is_kept_as_the_reason():
    mechanism = ScramSha1(Credentials("user", "pencil"), make_nonce=lambda: "abc")
    mechanism.respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
    assert mechanism.respond(b"e=invalid-proof") == b""
    assert mechanism.diagnosis == "invalid-proof"


def test_scram_does_not_let_a_server_choose_the_cost():
    mechanism = ScramSha1(Credentials("user", "pencil"), make_nonce=lambda: "abc")
    with pytest.raises(SaslFault, match="more than MailGUI will do"):
        mechanism.respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=999999999")


def test_scram_binds_to_the_connection():
    credentials = Credentials("user", "pencil", binding=b"\1\2")
    plus = ScramSha1Plus(credentials, make_nonce=lambda: "abc")
    assert plus.initial() == b"p=tls-server-end-point,,n=user,r=abc"
    answer = plus.respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=1")
    channel = base64.b64decode(answer.partition(b",")[0].removeprefix(b"c="))
    assert channel == b"p=tls-server-end-point,,\1\2"


@pytest.mark.parametrize(
    ("binding", "offered", "header"),
    [(None, False, b"n,,"), (b"x", False, b"y,,"), (b"x", True, b"n,,")],
)
def test_scram_tells_whether_it_could_have_bound(binding, offered, header):
    mechanism = ScramSha1(Credentials("u", "p", binding=binding), binding_offered=offered)
    assert mechanism.initial().startswith(header + b"n=u,r=")


def test_scram_escapes_the_name():
    mechanism = ScramSha1(Credentials("a=b,c", "p"), make_nonce=lambda: "n")
    assert mechanism.initial() == b"n,,n=a=3Db=2Cc,r=n"


def test_xoauth2():
    mechanism = make("XOAUTH2", Credentials("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBh"))
    assert mechanism.initial() == (
        b"user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBh\1\1"
    )
    assert mechanism.respond(b'{"status":"401"}') == b""
    assert mechanism.diagnosis == "status 401"


def test_oauthbearer():  # RFC 7628, section 4.1
    credentials = Credentials("user@example.com", "token", "server.example.com", 143)
    mechanism = make("OAUTHBEARER", credentials)
    assert mechanism.initial() == (
        b"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer token\1\1"
    )
    assert mechanism.respond(b"no json") == b"\1"
    assert mechanism.diagnosis == "no json"


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
    ],
)
def test_saslprep(text, prepared):  # RFC 4013, section 3
    assert saslprep(text) == prepared


@pytest.mark.parametrize("text", ["\u0007x", "\u0627\u0031", "\u0627a\u0628"])
def test_saslprep_forbids_without_telling_what(text):
    with pytest.raises(SaslFault) as caught:
        saslprep(text)
    assert text not in caught.value.sentence


@pytest.mark.parametrize(
    ("offered", "can_bind", "name"),
    [
        (["PLAIN", "LOGIN"], False, "PLAIN"),
        (["LOGIN"], False, "LOGIN"),
        (["PLAIN", "CRAM-MD5", "SCRAM-SHA-1"], False, "SCRAM-SHA-1"),
        (["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256"], True, "SCRAM-SHA-1-PLUS"),
        (["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], False, "SCRAM-SHA-256"),
        (["XOAUTH2", "PLAIN"], False, "PLAIN"),
        (["XOAUTH2"], False, "XOAUTH2"),
    ],
)
def test_the_strongest_is_chosen(offered, can_bind, name):
    choice = choose(offered, can_bind=can_bind)
    assert choice.name == name
    assert choice.reason.startswith(f"Signing in with {name}")


@pytest.mark.parametrize("offered", [[], ["GSSAPI"], ["EXTERNAL", "ANONYMOUS"]])
def test_no_choice(offered):
    assert choose(offered, can_bind=True) is None


def test_an_unknown_mechanism():
    with pytest.raises(SaslFault, match="does not know NTLM"):
        make("NTLM", Credentials("u", "p"))


@pytest.mark.parametrize("name", MECHANISMS)
def test_reprs_keep_the_secret(name):
    mechanism = make(name, Credentials("u", "hunter2", binding=b"x"))
    assert "hunter2" not in repr(mechanism)
    assert "hunter2" not in repr(mechanism.credentials)

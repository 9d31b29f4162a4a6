import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.dkim_key import looks_like_key, parse_key


def rsa_key(bits: int = 2048, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, form)).decode()


RSA = rsa_key()
SHORT = (  # 512 bits
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALVX4qH/0wDDvRH/KGuFbf6ZL/dqDXrMWXIv2xCWAFgUbl1Vhvjn/BZdmRGO"
    "fzFsMwHrKTGprLVU/OvmNT6Dc90CAwEAAQ=="
)
ED = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
EC = base64.b64encode(
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@pytest.mark.parametrize(
    ("text", "algorithm", "bits"),
    [
        (f"v=DKIM1; k=rsa; p={RSA}", "rsa", 2048),
        (f"p={RSA}", "rsa", 2048),
        (f"k=RSA; p={RSA[:100]} \t{RSA[100:]}", "rsa", 2048),
        (f"v=DKIM1; p={rsa_key(1024)};", "rsa", 1024),
        (f"v=DKIM1; p={SHORT}", "rsa", 512),
        (f"v=DKIM1; p={rsa_key(2048, PublicFormat.PKCS1)}", "rsa", 2048),
        (f"v=DKIM1; k=ed25519; p={ED}", "ed25519", 256),
        (f"v=DKIM1; h=sha1:sha256; s=email; t=y:s; n=note; p={RSA}", "rsa", 2048),
    ],
    ids=range(8),  # the keys are made anew, and each worker must know the tests by the same names
)
def test_sound_keys(text: str, algorithm: str, bits: int) -> None:
    key = parse_key(text)
    assert (key.algorithm, key.bits, key.faults) == (algorithm, bits, ())
    assert key.usable


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("v=DKIM1; k=rsa", "missing"),
        ("v=DKIM1; p=no key!", "not base64"),
        ("v=DKIM1; p=AAAA", "not a readable RSA key"),
        (f"v=DKIM1; p={EC}", "not an RSA one"),
        (f"v=DKIM1; p={ED}", "not a readable RSA key"),
        (f"v=DKIM1; k=ed25519; p={RSA}", "32 octets, not 294"),
        (f"v=DKIM1; k=dsa; p={RSA}", "k=dsa is unknown"),
        (f"v=DKIM2; p={RSA}", "v=DKIM1 must come first"),
        (f"k=rsa; v=DKIM1; p={RSA}", "v=DKIM1 must come first"),
        (f"v=DKIM1; h=sha1; p={RSA}", "leaves out SHA-256"),
        (f"v=DKIM1; s=tlsrpt; p={RSA}", "does not allow"),
        (f"v=DKIM1; k=rsa; k=rsa; p={RSA}", "twice"),
        (f"v=DKIM1; what is this; p={RSA}", "tag=value"),
    ],
    ids=range(13),
)
def test_each_fault(text: str, fault: str) -> None:
    key = parse_key(text)
    assert len(key.faults) == 1
    assert fault in key.faults[0]
    assert not key.usable


def test_flags_and_revocation() -> None:
    key = parse_key(f"v=DKIM1; t=y:s; s=email:*; h=sha256; p={RSA}")
    assert (key.testing, key.strict, key.services, key.hashes) == (
        True,
        True,
        ("email", "*"),
        ("sha256",),
    )
    revoked = parse_key("v=DKIM1; p=")
    assert (revoked.revoked, revoked.usable, revoked.faults) == (True, False, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("v=DKIM1; k=rsa", True), ("p=", True), ("v=spf1 -all", False), ("hello", False), ("", False)],
)
def test_what_may_be_a_key(text: str, expected: bool) -> None:
    assert looks_like_key(text) is expected


@given(st.text(max_size=100), st.sampled_from(["", "k=ed25519; ", "k=rsa; "]))
def test_any_text(text: str, kind: str) -> None:
    assert parse_key(f"v=DKIM1; {kind}p={text}").algorithm

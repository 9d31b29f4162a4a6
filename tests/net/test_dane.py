"""DANE: real certificates against every kind of TLSA record."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.certificates import public_key_info
from mailgui.net.dane import TlsaRecord, match_chain, parse_tlsa

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOST = "mx.good.example"
_FAR = timedelta(days=1000)


class Issued:
    """A certificate with its key."""

    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key
        self.der = certificate.public_bytes(Encoding.DER)
        public = certificate.public_key()
        self.spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def issue(
    common,
    issuer=None,
    *,
    key=None,
    ca=None,
    path_length=None,
    names=(),
    ends=NOW + _FAR,
    begins=NOW - _FAR,
    extensions=(),
    signs=None,
):
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    if names:
        general = [x509.DNSName(n) for n in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    if signs is not None:
        usage = x509.KeyUsage(True, False, False, False, False, signs, signs, False, False)
        builder = builder.add_extension(usage, critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Issued(builder.sign(signer, digest), key)


def record(usage, selector, matching, issued):
    octets = issued.spki if selector else issued.der
    digest = {0: None, 1: "sha256", 2: "sha512"}[matching]
    data = hashlib.new(digest, octets).digest() if digest else octets
    return TlsaRecord(usage, selector, matching, data)


@pytest.fixture(scope="module")
def pki():
    root = issue("Root", ca=True, signs=True)
    middle = issue("Middle", root, ca=True, path_length=0, signs=True)
    leaf = issue(HOST, middle, ca=False, names=(HOST,))
    return root, middle, leaf


def match(records, chain, names=(HOST,)):
    records = records if isinstance(records, list) else [records]
    return match_chain(records, [c.der for c in chain], names, now=NOW)


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
def test_usage_3_is_the_servers_own_certificate(pki, selector, matching):
    root, middle, leaf = pki
    fitting = record(3, selector, matching, leaf)
    result = match(fitting, [leaf])
    assert result.ok
    assert result.record == fitting
    assert result.reason.endswith(".")
    assert not match(record(3, selector, matching, middle), [leaf, middle, root]).ok


def test_usage_3_looks_neither_at_names_nor_at_dates():
    leaf = issue("old", ends=NOW - timedelta(days=1), names=("other.example",))
    assert match(record(3, 1, 1, leaf), [leaf], names=(HOST,)).ok


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("which", ["root", "middle"])
def test_usage_2_is_a_ca_of_the_chain(pki, selector, matching, which):
    root, middle, leaf = pki
    ca = root if which == "root" else middle
    result = match(record(2, selector, matching, ca), [leaf, middle, root])
    assert result.ok, result.reason
    assert "CA" in result.reason


def test_usage_2_takes_a_chain_in_any_order(pki):
    root, middle, leaf = pki
    assert match(record(2, 0, 1, root), [leaf, root, middle]).ok


@pytest.mark.parametrize("selector", [0, 1])
def test_a_ca_given_in_full_need_not_be_sent(pki, selector):
    root, middle, leaf = pki
    assert match(record(2, selector, 0, root), [leaf, middle]).ok
    assert match(record(2, selector, 0, middle), [leaf]).ok
    assert not match(record(2, selector, 0, root), [leaf]).ok  # the one between is missing


@pytest.mark.parametrize("matching", [1, 2])
def test_a_ca_given_as_a_digest_must_be_sent(pki, matching):
    root, middle, leaf = pki
    result = match(record(2, 0, matching, root), [leaf, middle])
    assert not result.ok
    assert "No certificate of the chain" in result.reason


def test_the_servers_own_certificate_is_no_ca_of_usage_2(pki):
    _, _, leaf = pki
    assert not match(record(2, 1, 1, leaf), [leaf]).ok
    alone = issue(HOST, names=(HOST,))
    assert not match(record(2, 0, 1, alone), [alone]).ok


def test_usage_2_wants_one_of_the_names(pki):
    root, middle, leaf = pki
    fitting = record(2, 0, 1, root)
    assert match(fitting, pki[::-1], names=("good.example", HOST)).ok
    result = match(fitting, [leaf, middle, root], names=("mx.other.example",))
    assert not result.ok
    assert HOST in result.reason
    assert "mx.other.example" in result.reason


def test_a_wildcard_counts(pki):
    root, middle, _ = pki
    leaf = issue("w", middle, names=("*.good.example",))
    assert match(record(2, 0, 1, root), [leaf, middle, root]).ok


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda root: [issue("x", root, names=(HOST,), ends=NOW - timedelta(days=1))], "expired"),
        (
            lambda root: [issue("x", root, names=(HOST,), begins=NOW + timedelta(days=1))],
            "only valid from",
        ),
        (
            lambda root: _under(issue("CA", root, ca=True, ends=NOW - timedelta(days=1))),
            "“CA” expired",
        ),
        (lambda root: _under(issue("CA", root, ca=False)), "not that of a CA"),
        (lambda root: _under(issue("CA", root)), "not that of a CA"),
        (lambda root: _under(issue("CA", root, ca=True, signs=False)), "may not sign"),
        (
            lambda root: _under(
                issue("Lower", issue("CA", root, ca=True, path_length=0), ca=True), keep=True
            ),
            "does not lead",
        ),
        (
            lambda root: [
                issue(
                    "x",
                    root,
                    names=(HOST,),
                    extensions=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)],
                )
            ],
            "not one for servers",
        ),
        (
            lambda root: [
                issue(
                    "x",
                    root,
                    names=(HOST,),
                    extensions=[
                        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b""), True)
                    ],
                )
            ],
            "1.2.3.4",
        ),
        (lambda root: [issue("x", names=(HOST,))], "does not lead"),
    ],
)
def test_what_usage_2_does_not_take(build, words):
    root = issue("Root", ca=True)
    result = match(record(2, 0, 1, root), [*build(root), root])
    assert not result.ok
    assert words in result.reason
    assert result.reason.endswith(".")


def _under(ca, *, keep=False):
    return [issue("leaf", ca, names=(HOST,)), ca]


def test_too_many_cas_below_one_that_limits_them():
    root = issue("Root", ca=True, path_length=0)
    middle = issue("Middle", root, ca=True)
    leaf = issue("leaf", middle, names=(HOST,))
    result = match(record(2, 0, 1, root), [leaf, middle, root])
    assert not result.ok
    assert "only 0 further CAs" in result.reason


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_a_bare_key_of_each_kind_signs(key):
    root = issue("Root", ca=True, key=key)
    leaf = issue("leaf", root, names=(HOST,))
    stranger = issue("leaf", issue("Root", ca=True), names=(HOST,))
    fitting = record(2, 1, 0, root)
    assert match(fitting, [leaf]).ok
    assert not match(fitting, [stranger]).ok


def test_a_chain_in_circles_ends():
    key = ec.generate_private_key(ec.SECP256R1())
    one = issue("One", ca=True, key=key)
    other = issue("Other", one, ca=True)
    again = issue("One", other, ca=True, key=key)
    leaf = issue("leaf", again, names=(HOST,))
    elsewhere = issue("Elsewhere", ca=True)
    chain = [leaf, again, other, elsewhere]
    assert not match(record(2, 0, 1, elsewhere), chain).ok


def test_several_records_one_of_which_fits(pki):
    root, middle, leaf = pki
    wrong = TlsaRecord(3, 1, 1, bytes(32))
    good = record(2, 1, 1, root)
    result = match([wrong, good], [leaf, middle, root])
    assert result.ok
    assert result.record == good
    refused = match([wrong, TlsaRecord(3, 0, 1, bytes(32))], [leaf])
    assert not refused.ok
    assert "None of the 2" in refused.reason


@pytest.mark.parametrize("usage", [0, 1, 4, 255])
def test_usages_0_and_1_are_not_for_smtp(pki, usage):
    leaf = pki[2]
    unfit = TlsaRecord(usage, 1, 1, hashlib.sha256(leaf.spki).digest())
    assert str(usage) in unfit.fault
    assert not match(unfit, [leaf]).ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3 2 1 " + "00" * 32, "Selector 2"),
        ("3 1 3 " + "00" * 32, "Matching type 3"),
        ("3 1 1 " + "00" * 31, "31 octets in place of 32"),
        ("3 1 2 " + "00" * 32, "32 octets in place of 64"),
        ("3 1 1", "0 octets"),
        ("3 0 0", "no data"),
    ],
)
def test_records_that_are_of_no_use(text, words):
    assert words in parse_tlsa(text).fault


@pytest.mark.parametrize(
    "text", ["", "3", "3 1", "a b c d", "3 1 1 xyz", "3 1 1 0", "300 1 1 00", "3 -1 1 00"]
)
def test_what_is_no_record(text):
    with pytest.raises(ValueError, match=r"is not a TLSA record\.$"):
        parse_tlsa(text)


def test_a_record_reads_as_it_is_written():
    text = "3 1 1 " + "0aff" * 16
    assert str(parse_tlsa(text)) == text
    assert parse_tlsa("3 1 1 " + "0AFF " * 16) == parse_tlsa(text)


def test_no_chain_and_an_unreadable_one(pki):
    fitting = record(3, 1, 1, pki[2])
    assert match_chain([fitting], [], [HOST]).reason == "The server showed no certificate."
    assert not match_chain([fitting], [b"\x30\x03abc"], [HOST]).ok
    assert not match_chain([record(2, 0, 0, pki[0])], [b"junk"], [HOST]).ok
    bad_ca = TlsaRecord(2, 0, 0, b"junk")
    assert not match_chain([bad_ca], [pki[2].der], [HOST]).ok


def test_the_public_key_is_taken_as_it_stands(pki):
    for issued in pki:
        assert public_key_info(issued.der) == issued.spki


@given(st.binary(max_size=200))
def test_no_octets_break_the_reader(octets):
    assert public_key_info(octets) is None or len(octets) > 10


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_damaged_certificate_breaks_the_matching(at, octet):
    der = bytearray(_SAMPLE.der)
    der[at % len(der)] = octet
    for fitting in (record(3, 1, 1, _SAMPLE), record(2, 1, 0, _SAMPLE)):
        match_chain([fitting], [bytes(der), _SAMPLE.der], [HOST], now=NOW)


_SAMPLE = issue(HOST, ca=True, names=(HOST,))

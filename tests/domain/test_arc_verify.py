import dkim
import pytest

from mailgui.domain.arc_verify import verify_arc
from mailgui.message.raw_message import read_raw
from tests.support.asking import against
from tests.support.name_server import Zone
from tests.support.signing import MESSAGE, body_hash, header_octets, pem, record, rsa_key, split

KEY = "arc._domainkey.{}"
HOSTS = ("one.example", "two.example", "three.example")


def zone(hosts=HOSTS):
    served = Zone()
    for host in hosts:
        served.add(KEY.format(host), "TXT", record(rsa_key()))
    return served


def seal(message, host):
    """Return the message with one more set on top, made by dkimpy."""
    told = (
        b"Authentication-Results: " + host.encode() + b"; spf=pass smtp.mailfrom=good.example\r\n"
    )
    if message.startswith(b"ARC-"):
        told = told[:-2] + b"; arc=pass\r\n"
    fields = dkim.arc_sign(
        told + message, b"arc", host.encode(), pem(rsa_key()), host.encode(), timestamp=1793700000
    )
    return b"".join(field if field.endswith(b"\r\n") else field + b"\r\n" for field in fields) + (
        told + message
    )


def chain(count):
    message = MESSAGE
    for host in HOSTS[:count]:
        message = seal(message, host)
    return message


def check(message, served=None):
    return against(served or zone(), lambda resolver: verify_arc(read_raw(message), resolver))


def own_set(message, instance=1, *, cv="none", ams=None, seal_tags=None, aar="ok.example; none"):
    """Return the message with a set of the tests' own signer; only for the first instance."""
    import base64

    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    fields, body = split(message)
    common = {"i": str(instance), "a": "rsa-sha256", "d": "one.example", "s": "arc"}
    first = common | {"c": "relaxed/relaxed", "h": "From:Subject", "bh": body_hash(body)}
    second = common | {"cv": cv}

    def made(name, tags, octets_of):
        text = "; ".join(f"{k}={v}" for k, v in tags.items() if v is not None)
        field = f"{name}: {text}; b="
        value = rsa_key().sign(octets_of(field), padding.PKCS1v15(), SHA256())
        return field + base64.b64encode(value).decode()

    results = f"ARC-Authentication-Results: i={instance}; {aar}"
    tags = first | (ams or {})
    signature = made(
        "ARC-Message-Signature", tags, lambda f: header_octets(fields, tags["h"] or "", f)
    )
    sealed = [("aar", results), ("ams", signature)]
    top = made(
        "ARC-Seal", second | (seal_tags or {}), lambda f: header_octets(sealed, "aar:ams", f)
    )
    return "\r\n".join([top, signature, results, ""]).encode() + message


def test_no_sets():
    got = check(MESSAGE)
    assert (got.result, got.instances, got.oldest_pass) == ("none", (), None)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_chains_that_dkimpy_sealed(count):
    got = check(chain(count))
    assert (got.result, len(got.instances), got.oldest_pass) == ("pass", count, 0), got.reason
    assert [each.set.cv for each in got.instances] == ["none", "pass", "pass"][:count]
    assert [each.seal_result for each in got.instances] == ["pass"] * count


def test_a_set_of_the_tests_own_signer():
    assert check(own_set(MESSAGE)).result == "pass"


def test_a_body_changed_between_two_handlers():
    once = chain(1)
    altered = seal(once.replace(b"lunch", b"dinner"), HOSTS[1])
    got = check(altered)
    assert (got.result, got.oldest_pass) == ("pass", 2)
    assert got.instances[0].message_signature.result == "fail"


def test_a_body_changed_after_the_last_handler():
    got = check(chain(2).replace(b"lunch", b"dinner"))
    assert (got.result, got.oldest_pass) == ("fail", None)
    assert got.reason.startswith("The message signature of set 2, the newest, does not hold.")


def test_a_seal_whose_results_were_changed():
    got = check(chain(2).replace(b"spf=pass", b"spf=fail"))
    assert got.result == "fail"
    assert "seal of set" in got.reason


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (own_set(MESSAGE, cv="pass"), "says cv=pass; it must say none"),
        (own_set(MESSAGE, cv="fail"), "had found the chain broken"),
        (own_set(MESSAGE, cv="maybe"), "cv=maybe"),
        (own_set(MESSAGE, 2, cv="pass"), "no ARC set 1"),
        (own_set(MESSAGE, 0), "no instance from 1 to 50"),
        (own_set(MESSAGE, 51, cv="pass"), "no instance from 1 to 50"),
        (own_set(own_set(MESSAGE)), "There are two ARC-"),
        (own_set(MESSAGE, seal_tags={"h": "From"}), "must not have the tag h="),
        (own_set(MESSAGE, ams={"h": "From:ARC-Seal"}), "signs ARC-Seal"),
        (own_set(MESSAGE, ams={"bh": None}), "bh="),
        (own_set(MESSAGE, seal_tags={"d": None}), "d="),
        (own_set(MESSAGE, seal_tags={"a": "rsa-sha1"}), "SHA-1"),
    ],
)  # fmt: skip
def test_chains_whose_form_is_broken(message, words):
    got = check(message)
    assert got.result == "fail"
    assert words in got.reason


@pytest.mark.parametrize(
    "name", ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"]
)
@pytest.mark.parametrize("number", [1, 2])
def test_a_field_that_is_missing(name, number):
    fields, body = split(chain(2))
    of_name = [field for field in fields if field[0] == name]
    fields.remove(of_name[::-1][number - 1])
    message = "\r\n".join(raw for _, raw in fields).encode() + b"\r\n\r\n" + body
    got = check(message)
    assert (got.result, got.reason) == ("fail", f"ARC set {number} lacks its {name}.")


def test_fifty_sets_are_allowed_as_far_as_their_form_goes():
    fields = b"".join(
        b"ARC-Seal: i=%d\r\nARC-Message-Signature: i=%d\r\nARC-Authentication-Results: i=%d; x\r\n"
        % (i, i, i)
        for i in range(50, 0, -1)
    )
    assert "seal of set 1" in check(fields + MESSAGE).reason
    more = b"ARC-Seal: i=51\r\n" + fields
    assert "no instance" in check(more + MESSAGE).reason


def test_a_key_that_cannot_be_asked_for_is_no_broken_chain():
    served = zone(HOSTS[:1])
    served.faults = Zone(f"{KEY.format('two.example')} @servfail").faults
    got = check(chain(2), served)
    assert got.result == "temperror"
    assert check(chain(2), zone(HOSTS[:1])).result == "fail"  # no such key


def test_a_signature_without_c():
    """By the letter simple/simple; sealers in the field mean relaxed. Either holds."""
    assert check(own_set(MESSAGE, ams={"c": None})).result == "pass"

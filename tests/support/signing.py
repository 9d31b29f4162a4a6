"""A DKIM signer of the tests' own, written from RFC 6376 line by line, and keys to sign with.

It shares nothing with what it tests; tags can be set, altered and left out at will.
"""

import base64
import hashlib
import re
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

MESSAGE = (
    b"From: Ann <ann@good.example>\r\n"
    b"To: Bob <bob@example.org>\r\n"
    b"Subject: Lunch  at\r\n noon\r\n"
    b"Date: Tue, 03 Nov 2026 12:00:00 +0000\r\n"
    b"Message-ID: <1@good.example>\r\n"
    b"\r\n"
    b"Hello Bob,\r\n\r\nlunch  at noon? \r\n\r\n\r\n"
)
NAMES = "From:To:Subject:Date:Message-ID"


@cache
def rsa_key(bits=2048):
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key():
    return ed25519.Ed25519PrivateKey.generate()


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def record(key, **tags):
    """Return the key record of a private key; tags come on top (``p=None`` leaves one out)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        octets = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        kind = "ed25519"
    else:
        octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        kind = "rsa"
    all_tags = {"v": "DKIM1", "k": kind, "p": base64.b64encode(octets).decode()} | tags
    return "; ".join(f"{name}={value}" for name, value in all_tags.items() if value is not None)


def body_hash(body, canonical="relaxed", length=None):
    lines = body.split(b"\r\n")
    if canonical == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    octets = b"".join(line + b"\r\n" for line in lines)
    if not octets and canonical == "simple":
        octets = b"\r\n"
    return base64.b64encode(hashlib.sha256(octets[:length]).digest()).decode()


def header_octets(fields, names, signature, canonical="relaxed"):
    """Return what is signed; ``fields`` are (name, raw field) from the top, ``names`` is h=."""
    left, lines = list(fields), []
    for name in names.split(":"):
        for index in range(len(left) - 1, -1, -1):
            if left[index][0].lower() == name.strip().lower():
                lines.append(left.pop(index)[1])
                break
    lines.append(signature)
    if canonical == "relaxed":
        lines = [_relaxed(line) for line in lines]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _relaxed(line):
    name, _, value = line.partition(":")
    value = re.sub(r"[ \t]+", " ", value.replace("\r\n", ""))
    return f"{name.lower().rstrip()}:{value.strip(' ')}"


def split(message):
    head, _, body = message.partition(b"\r\n\r\n")
    unfolded = re.split(r"\r\n(?![ \t])", head.decode("utf-8", "surrogateescape"))
    return [(line.partition(":")[0].strip(), line) for line in unfolded], body


def sign(message=MESSAGE, key=None, *, domain="good.example", selector="s1", name=None, **tags):
    """Return ``message`` with a signature on top. A tag given as None is left out."""
    key = key or rsa_key()
    kind = "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "rsa"
    fields, body = split(message)
    c = tags.get("c", "relaxed/relaxed") or "simple/simple"
    header, _, canonical = c.partition("/")
    length = int(tags["l"]) if tags.get("l", "").isdigit() else None
    first = {"v": "1", "a": f"{kind}-sha256", "c": "relaxed/relaxed", "d": domain, "s": selector}
    own = {"h": NAMES, "bh": body_hash(body, canonical or "simple", length)}
    chosen = {k: v for k, v in (first | own | tags).items() if v is not None}
    text = "; ".join(f"{tag}={value}" for tag, value in chosen.items())
    field = f"{name or 'DKIM-Signature'}: {text};\r\n b="
    octets = header_octets(fields, chosen.get("h", ""), field, header)
    if kind == "ed25519":
        value = key.sign(hashlib.sha256(octets).digest())
    else:
        hashed = SHA1() if tags.get("a") == "rsa-sha1" else SHA256()
        value = key.sign(octets, padding.PKCS1v15(), hashed)
    signed = f"{field}{base64.b64encode(value).decode()}\r\n"
    return signed.encode("utf-8", "surrogateescape") + message

"""Signed zones made in memory: a parent with DS records, and children that are sound or are not."""

import time
from dataclasses import dataclass

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm, DSDigest
from dns.rdtypes.ANY.DNSKEY import DNSKEY

DAY = 86400
_HEAD = """$TTL 300
@ IN SOA ns.{zone}. hostmaster.{zone}. 1 3600 600 86400 60
@ IN NS ns.{zone}.
ns IN A 127.0.0.1
"""


@dataclass(frozen=True)
class SignedZone:
    """A zone's text, ready to be served, and the DS record that its parent should hold."""

    name: str
    text: str
    ds: str


def sign(
    name: str, records: str = "", *, since: int = -DAY, until: int = 30 * DAY, sha1: bool = False
) -> SignedZone:
    """Return a signed zone; ``since`` and ``until`` are when its signatures hold, in seconds from
    now.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    dnskey = dns.dnssec.make_dnskey(key.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
    assert isinstance(dnskey, DNSKEY)
    zone = dns.zone.from_text(
        _HEAD.format(zone=name) + records, origin=name + ".", relativize=False
    )
    now = int(time.time())
    dns.dnssec.sign_zone(
        zone, keys=[(key, dnskey)], inception=now + since, expiration=now + until, add_dnskey=True,
        dnskey_ttl=300,
    )  # fmt: skip
    digest = DSDigest.SHA1 if sha1 else DSDigest.SHA256
    policy = dns.dnssec.allow_all_policy
    ds = dns.dnssec.make_ds(dns.name.from_text(name), dnskey, digest, policy=policy)
    return SignedZone(name, zone.to_text(relativize=False), ds.to_text())


def unsigned(name: str, records: str = "") -> SignedZone:
    """Return a zone without signatures."""
    text = f"$ORIGIN {name}.\n" + _HEAD.format(zone=name) + records
    return SignedZone(name, text, "4711 13 2 " + "ab" * 32)


def family() -> tuple[dict[str, str], str]:
    """Return zones by name, with ``example`` above the others, and the DS record of ``example``."""
    mail = "@ IN MX 10 mail\nmail IN A 192.0.2.1\n"
    good, other = sign("good.example", mail), sign("other.example", mail)
    children = [
        (good, good.ds),
        (sign("expired.example", mail, since=-9 * DAY, until=-DAY), None),
        (sign("early.example", mail, since=5 * DAY), None),
        (sign("soon.example", mail, since=-20 * DAY, until=DAY), None),
        (sign("wrongds.example", mail), other.ds),
        (sign("nods.example", mail), ""),
        (sign("sha1ds.example", mail, sha1=True), None),
        (unsigned("plain.example", mail), ""),
        (unsigned("nokeys.example", mail), None),
    ]
    tampered = sign("tampered.example", mail)
    soa = " 1 3600 600 86400 60"
    text = tampered.text.replace(soa, " 2 3600 600 86400 60")
    children.append((SignedZone(tampered.name, text, tampered.ds), None))
    above = ""
    for zone, ds in children:
        ds = zone.ds if ds is None else ds
        above += f"{zone.name}. IN NS ns.{zone.name}.\nns.{zone.name}. IN A 127.0.0.1\n"
        above += f"{zone.name}. IN DS {ds}\n" if ds else ""
    parent = sign("example", above)
    return {zone.name: zone.text for zone in (parent, *(child for child, _ in children))}, parent.ds

"""The domain of ``broken_domains`` with everything that it leads to: two mail hosts (scripted, with
real TLS) and a web server on loopback, of which one thing at a time is broken.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from mailgui.domain.connections import Connections
from mailgui.domain.report import DomainReport, check
from mailgui.net.resolver import Resolver
from tests.support.broken_domains import DOMAIN, ValidatingServer, good
from tests.support.exchangers import Exchangers, Script
from tests.support.hostile import GOODBYE, Hear, Say, Tls, hello
from tests.support.https_files import File, https_files
from tests.support.name_server import Zone

HOSTS = {f"mx1.{DOMAIN}": "127.0.0.2", f"mx2.{DOMAIN}": "127.0.0.3"}
POLICY = f"version: STSv1\nmode: enforce\nmx: *.{DOMAIN}\nmax_age: 1209600\n"
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" '
    b'viewBox="0 0 10 10"><title>Good</title><path d="M0 0h10v10H0z"/></svg>'
)
PLAIN: Script = [*hello("PIPELINING"), *GOODBYE]
GO: Script = [*hello("STARTTLS"), Hear("STARTTLS$"), Say("220 Go")]
SOUND: Script = [*GO, Tls(), *hello("PIPELINING")[1:], *GOODBYE]


@dataclass
class Setup:
    """What the second mail host and the web server do; by default all is in order.

    Attributes:
        script: of each connection to the second host; None: nobody listens there.
        pair: its certificate, as PEM of chain and key.
        deaf: it takes no connection, and does not refuse one either.
        digest: whether its TLSA record is that of its key.
        files: what the web server serves, in the place of what is in order.
        web_names: whom its certificate is for.
        zone: lines added to the zone.
        without_tlsa: hosts whose TLSA records are left out.
        timeout: seconds for each step of the dialogue with a host.
    """

    script: Script | None = field(default_factory=lambda: SOUND)
    pair: tuple[bytes, bytes] | None = None
    deaf: bool = False
    digest: bool = True
    files: Mapping[str, File] = field(default_factory=dict)
    web_names: Sequence[str] = (f"mta-sts.{DOMAIN}", DOMAIN)
    zone: Sequence[str] = ()
    without_tlsa: Sequence[str] = ()
    timeout: float = 20.0


class World:
    """Makes the servers of a setup and checks the domain; ``folder`` takes the certificates."""

    def __init__(self, folder: Path, mark: bytes) -> None:
        self.authority = trustme.CA()
        self._folder = folder
        self._mark = mark
        self.ca_file = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.ca_file)
        self._pairs = {name: self.issue(name) for name in HOSTS}

    def issue(self, *names: str, authority: trustme.CA | None = None, days: int = 90) -> Pair:
        """Return a certificate with its key; with ``days`` below zero it has ended."""
        now = datetime.now(UTC)
        since = now - timedelta(days=200) if days < 0 else None
        leaf = (authority or self.authority).issue_cert(
            *names, not_before=since, not_after=now + timedelta(days=days)
        )
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return chain, leaf.private_key_pem.bytes()

    def check(self, setup: Setup) -> DomainReport:
        """Return the report on the domain with this setup."""
        files = {
            "/.well-known/mta-sts.txt": File(POLICY.encode()),
            "/logo.svg": File(LOGO, "image/svg+xml"),
            "/logo.pem": File(self._mark, "application/x-pem-file"),
            **setup.files,
        }
        web = self._write("web", self.issue(*setup.web_names))
        with https_files(files, *web) as port:
            return asyncio.run(self._check(setup, port))

    async def _check(self, setup: Setup, web_port: int) -> DomainReport:
        first, second = HOSTS
        pairs = {first: self._pairs[first], second: setup.pair or self._pairs[second]}
        contexts = {HOSTS[name]: self._context(name, pair) for name, pair in pairs.items()}
        scripts: dict[str, Sequence[Script]] = {
            HOSTS[first]: [SOUND],
            HOSTS[second]: [setup.script] if setup.script and not setup.deaf else [],
        }
        lines = [*_lines({name: digest(pair[0]) for name, pair in pairs.items()}, setup)]
        async with (
            Exchangers(scripts, contexts) as farm,
            ValidatingServer(Zone("\n".join(lines))) as server,
        ):
            with ExitStack() as stack:
                if setup.deaf:
                    stack.enter_context(_Deaf(HOSTS[second], farm.port))
                resolver = Resolver(server.address)
                try:
                    return await check(
                        DOMAIN,
                        resolver=resolver,
                        connections=Connections(
                            timeout=setup.timeout,
                            smtp_port=farm.port,
                            https=("127.0.0.1", web_port),
                            stand_ins={
                                f"198.18.0.{number}": address
                                for number, address in enumerate(HOSTS.values(), 1)
                            },
                            ca_file=self.ca_file,
                        ),
                    )
                finally:
                    await resolver.close()

    def _write(self, name: str, pair: Pair) -> tuple[str, str]:
        paths = (self._folder / f"{name}.pem", self._folder / f"{name}.key")
        for path, octets in zip(paths, pair, strict=True):
            path.write_bytes(octets)
        return str(paths[0]), str(paths[1])

    def _context(self, name: str, pair: Pair) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._write(name, pair))
        return context


Pair = tuple[bytes, bytes]


def _lines(digests: Mapping[str, str], setup: Setup) -> list[str]:
    """Return the zone with addresses that are not made for examples, and the hosts' digests."""
    kept = []
    for line in good():
        line = line.replace("192.0.2.", "198.18.0.").replace(".2.0.192.", ".0.18.198.")
        if " AAAA " in line or ".ip6.arpa" in line:
            continue
        name = line.split()[0].removeprefix("_25._tcp.")
        if " TLSA " in line:
            line = f"_25._tcp.{name} TLSA 3 1 1 {digests[name]}"
            if name == list(HOSTS)[1] and not setup.digest:
                line = f"_25._tcp.{name} TLSA 3 1 1 {'00' * 32}"
            if name in setup.without_tlsa:
                continue
        kept.append(line)
    return [*kept, *setup.zone]


def digest(chain: bytes) -> str:
    """Return the SHA-256 of the first certificate's public key, as a TLSA record 3 1 1 has it."""
    leaf = x509.load_pem_x509_certificates(chain)[0]
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()


def self_signed(name: str) -> Pair:
    """Return a certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


class _Deaf:
    """A port whose queue is full: the system drops what comes, as a firewall does."""

    def __init__(self, address: str, port: int) -> None:
        self._sockets = [socket.socket()]
        self._place = (address, port)

    def __enter__(self) -> None:
        self._sockets[0].bind(self._place)
        self._sockets[0].listen(0)
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(self._place)
            self._sockets.append(waiting)

    def __exit__(self, *args: object) -> None:
        for each in self._sockets:
            each.close()

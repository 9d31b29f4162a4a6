import ssl
import stat
from pathlib import Path

import pytest

from mailgui.sandbox.certificates import Certificates, make_certificates


def handshake(certificates: Certificates, client: ssl.SSLContext, host: str) -> ssl.SSLObject:
    """Shake hands in memory; return the client's side."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificates.context.wrap_bio(to_server, to_client, server_side=True)
    one = client.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(10):
        done = 0
        for side in (one, server):
            try:
                side.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                pass
        if done == 2:
            return one
    raise AssertionError


def trusting(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificates.ca_pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "127.9.9.9"])
def test_the_authority_vouches_for_every_address(tmp_path: Path, host: str) -> None:
    certificates = make_certificates(tmp_path, ("127.9.9.9",))
    client = handshake(certificates, trusting(certificates), host)
    assert client.version() in {"TLSv1.2", "TLSv1.3"}


def test_it_vouches_for_no_other_name(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificates, trusting(certificates), "good.example")


def test_nobody_else_trusts_it(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(make_certificates(tmp_path), ssl.create_default_context(), "localhost")


def test_no_key_stays_on_the_disk(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert b"PRIVATE" not in certificates.ca_pem
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


def test_every_sandbox_has_its_own_authority(tmp_path: Path) -> None:
    one, other = make_certificates(tmp_path), make_certificates(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(one, trusting(other), "localhost")

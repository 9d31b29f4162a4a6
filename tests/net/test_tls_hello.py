"""The key exchange, read off real handshakes and off nonsense."""

import asyncio
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.connect import open_stream
from mailgui.net.stream import Endpoint
from mailgui.net.tls import TlsSettings, start_tls
from mailgui.net.tls_hello import HelloReader
from mailgui.transcript import Kind, Recorder


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return ca, str(path)


def settled(authority, *, version=None, ciphers=None, curve=None):
    """Shake hands with a server of that kind and return the summary."""
    ca, path = authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", key_type=trustme.KeyType.RSA).configure_cert(context)
    if version:
        context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if curve:
        context.set_ecdh_curve(curve)

    async def work():
        async def serve(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        recorder = Recorder(Kind.SMTP)
        stream = await open_stream(Endpoint("localhost", port), recorder=recorder, timeout=10)
        try:
            settings = TlsSettings(ca_file=path, ciphers=ciphers)
            stream = await start_tls(stream, settings, "localhost", recorder=recorder, timeout=10)
            return stream.tls
        finally:
            await stream.close()
            server.close()

    return asyncio.run(work())


@pytest.mark.parametrize("curve", ["prime256v1", "secp384r1"])
def test_tls_13_names_its_group(authority, curve):
    names = {"prime256v1": "secp256r1"}
    summary = settled(authority, curve=curve)
    assert summary.version == "TLSv1.3"
    assert summary.key_exchange == names.get(curve, curve)


def test_tls_12_names_its_curve(authority):
    summary = settled(authority, version=ssl.TLSVersion.TLSv1_2, curve="prime256v1")
    assert summary.key_exchange == "ECDHE secp256r1"


def test_tls_12_without_forward_secrecy_says_so(authority):
    summary = settled(authority, version=ssl.TLSVersion.TLSv1_2, ciphers="AES256-GCM-SHA384")
    assert summary.key_exchange == "RSA, without forward secrecy"


@given(st.lists(st.binary(max_size=200), max_size=8), st.sampled_from(["", "TLS_X", "ECDHE-X"]))
def test_nonsense_is_left_alone(chunks, cipher):
    reader = HelloReader()
    for chunk in chunks:
        reader.feed(b"\x16\x03\x03" + len(chunk).to_bytes(2, "big") + chunk)
    found = reader.key_exchange(cipher)
    assert found is None or isinstance(found, str)


def test_a_group_that_nobody_registered_is_shown_by_number():
    extension = (51).to_bytes(2, "big") + (2).to_bytes(2, "big") + b"\x7a\x7a"
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\x13\x01\0" + len(extension).to_bytes(2, "big")
    body = hello + extension
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    reader = HelloReader()
    reader.feed(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message)
    assert reader.key_exchange("TLS_AES_128_GCM_SHA256") == "group 0x7a7a"

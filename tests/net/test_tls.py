"""TLS against real servers: what is agreed, and every way a handshake is refused."""

import asyncio
import re
import socket
import ssl
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from mailgui.net import tls_context
from mailgui.net.connect import open_stream
from mailgui.net.errors import NetworkFault
from mailgui.net.stream import Endpoint
from mailgui.net.tls import SessionCache, TlsSettings, channel_binding, start_tls
from mailgui.net.tls_faults import handshake_verdict
from mailgui.transcript import Kind, Layer, Outcome, Recorder, Stage

NOW = datetime.now(UTC)


def echo(connection):
    while octets := connection.recv(65536):
        connection.sendall(octets)


def context_of(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_made(tmp_path, *, key=None, common="localhost", names=("localhost",), digest=None):
    """A server's context with a certificate that signs itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    if names:
        general = [x509.DNSName(n) for n in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    pem = builder.sign(key, digest or hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path = tmp_path / "self.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context, str(path)


async def connect(server, settings, recorder, *, host="localhost", timeout=5, cache=None):
    stream = await open_stream(
        Endpoint("127.0.0.1", server.port), recorder=recorder, timeout=timeout
    )
    return await start_tls(
        stream, settings, host, recorder=recorder, timeout=timeout, session_cache=cache
    )


def agreed(server, settings, recorder, **kwargs):
    """Shake hands, echo a word, and return the summary and both channel bindings."""

    async def main():
        stream = await connect(server, settings, recorder, **kwargs)
        await stream.write(b"hello")
        assert await stream.read() == b"hello"
        bindings = [channel_binding(stream, k) for k in ("tls-unique", "tls-server-end-point")]
        await stream.close()
        return stream.tls, bindings

    return asyncio.run(main())


def refused(server, settings, recorder, **kwargs):
    async def main():
        with pytest.raises(NetworkFault) as caught:
            await connect(server, settings, recorder, **kwargs)
        return caught.value

    fault = asyncio.run(main())
    assert fault.stage is Stage.TLS
    assert fault.sentence.endswith(".")
    assert not recorder.tls
    return fault


def test_a_good_handshake_is_verified_and_recorded(serve, server_tls, ca_file, recorder):
    server = serve(echo, server_tls)
    summary, _ = agreed(server, TlsSettings(ca_file=ca_file), recorder)
    transcript = recorder.finish(Outcome.COMPLETED)
    assert (summary.version, summary.verified, summary.fault) == ("TLSv1.3", True, None)
    assert summary.server_name == "localhost"
    assert [len(summary.chain), summary.chain[0].names[0]] == [2, "localhost"]
    assert recorder.tls
    assert transcript.phases[-1].name == "tls"
    remark = transcript.events[-1]
    assert (remark.layer, remark.stage) == (Layer.TLS, Stage.TLS)
    assert remark.text == f"TLSv1.3 · {summary.cipher} · certificate verified"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_addresses_are_verified_as_addresses(serve, server_tls, ca_file, recorder, host):
    server = serve(echo, server_tls)
    assert agreed(server, TlsSettings(ca_file=ca_file), recorder, host=host)[0].verified


def test_much_data_in_both_directions(serve, server_tls, ca_file, recorder):
    server = serve(echo, server_tls)
    payload = bytes(range(256)) * 12000  # 3 MB

    async def main():
        stream = await connect(server, TlsSettings(ca_file=ca_file), recorder)
        received = bytearray()

        async def read_all():
            while len(received) < len(payload):
                received.extend(await stream.read())

        async with asyncio.TaskGroup() as group:
            group.create_task(read_all())
            await stream.write(payload)
            await stream.write(b"")
        await stream.close()
        return bytes(received)

    assert asyncio.run(main()) == payload


def test_the_system_store_is_trusted(serve, server_tls, ca_file, recorder, monkeypatch):
    monkeypatch.setattr(tls_context, "_contexts", {})
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    assert agreed(serve(echo, server_tls), TlsSettings(), recorder)[0].verified


def test_without_verification_the_chain_is_shown_all_the_same(serve, server_tls, recorder):
    summary, _ = agreed(serve(echo, server_tls), TlsSettings(verify=False), recorder, host="a.b")
    assert not summary.verified
    assert summary.chain[0].names[0] == "localhost"
    assert "certificate not verified" in recorder.finish(Outcome.COMPLETED).events[-1].text


def test_the_name_asked_for_can_be_chosen(serve, server_tls, ca, ca_file, recorder):
    asked = []
    context = context_of(ca.issue_cert("other.example"))
    context.sni_callback = lambda sock, name, ctx: asked.append(name)
    settings = TlsSettings(ca_file=ca_file, server_name="other.example")
    summary, _ = agreed(serve(echo, context), settings, recorder, host="localhost")
    assert asked == ["other.example"]
    assert summary.server_name == "other.example"


def test_alpn(serve, ca, ca_file, recorder):
    context = context_of(ca.issue_cert("localhost"))
    context.set_alpn_protocols(["b"])
    settings = TlsSettings(ca_file=ca_file, alpn=("a", "b"))
    assert agreed(serve(echo, context), settings, recorder)[0].alpn == "b"


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_versions_can_be_fixed(serve, server_tls, ca_file, recorder, version):
    settings = TlsSettings(ca_file=ca_file, minimum=version, maximum=version)
    assert agreed(serve(echo, server_tls), settings, recorder)[0].version == version


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_session_is_resumed_with_its_chain(serve, server_tls, ca_file, version):
    server = serve(echo, server_tls)
    settings = TlsSettings(ca_file=ca_file, maximum=version)
    cache = SessionCache()
    first, _ = agreed(server, settings, Recorder(Kind.SMTP), cache=cache)
    recorder = Recorder(Kind.SMTP)
    second, _ = agreed(server, settings, recorder, cache=cache)
    assert (first.resumed, second.resumed) == (False, True)
    assert second.verified
    assert second.chain == first.chain
    assert recorder.finish(Outcome.COMPLETED).phases[-1].note == "resumed"


def test_a_session_made_without_verification_is_not_resumed_with_it(serve, server_tls):
    server = serve(echo, server_tls)
    cache = SessionCache()
    agreed(server, TlsSettings(verify=False), Recorder(Kind.SMTP), cache=cache)
    fault = refused(server, TlsSettings(), Recorder(Kind.SMTP), cache=cache)
    assert fault.kind == "certificate_untrusted"


def test_the_cache_forgets_the_oldest():
    cache = SessionCache(size=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    cache.put(context, "a:1", "session a", ())
    cache.put(context, "b:1", "session b", ())
    assert cache.get(context, "a:1") == (None, ())
    assert cache.get(context, "b:1") == ("session b", ())


def test_channel_bindings_are_the_servers_own(serve, server_tls, ca_file, recorder):
    unique = []

    def handler(connection):
        unique.append(connection.get_channel_binding("tls-unique"))
        echo(connection)

    server = serve(handler, server_tls)
    settings = TlsSettings(ca_file=ca_file, maximum="TLSv1.2")
    summary, bindings = agreed(server, settings, recorder)
    assert bindings[0] == unique[0]
    assert bindings[1] == bytes.fromhex(summary.chain[0].sha256)  # signed with SHA-256
    _, bindings = agreed(server, TlsSettings(ca_file=ca_file), recorder)
    assert bindings == [None, bytes.fromhex(summary.chain[0].sha256)]


def test_no_channel_binding_without_tls(serve, recorder):
    server = serve(echo)

    async def main():
        stream = await open_stream(Endpoint("127.0.0.1", server.port), recorder=recorder, timeout=5)
        binding = channel_binding(stream, "tls-unique")
        await stream.close()
        return binding

    assert asyncio.run(main()) is None


# Ends


def test_we_say_close_notify(serve, server_tls, ca_file, recorder):
    ends = []
    server = serve(lambda connection: ends.append(connection.recv(10)), server_tls)

    async def main():
        stream = await connect(server, TlsSettings(ca_file=ca_file), recorder)
        await stream.close()

    asyncio.run(main())
    server.stop()
    assert (ends, server.errors) == ([b""], [])


def test_an_end_without_close_notify_is_an_end(serve, server_tls, ca_file, recorder):
    def handler(connection):
        connection.sendall(b"221 bye\r\n")
        connection.shutdown(socket.SHUT_RDWR)  # of the socket: TLS is not told

    server = serve(handler, server_tls)

    async def main():
        stream = await connect(server, TlsSettings(ca_file=ca_file), recorder)
        octets = [await stream.read(), await stream.read(), await stream.read()]
        await stream.close()
        return octets

    assert asyncio.run(main()) == [b"221 bye\r\n", b"", b""]


# Refused certificates


def test_an_unknown_ca(serve, server_tls, recorder):
    fault = refused(serve(echo, server_tls), TlsSettings(), recorder)
    assert fault.kind == "certificate_untrusted"
    assert "Testing CA" in fault.sentence
    assert fault.tls.chain[0].names[0] == "localhost"
    assert fault.tls.fault == fault.sentence
    assert not fault.tls.verified


def test_a_missing_intermediate(serve, ca, ca_file, recorder):
    leaf = ca.create_child_ca().issue_cert("localhost")
    context = context_of(leaf)
    assert agreed(serve(echo, context), TlsSettings(ca_file=ca_file), recorder)[0].verified
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with leaf.private_key_pem.tempfile() as key, leaf.cert_chain_pems[0].tempfile() as pem:
        context.load_cert_chain(pem, key)
    fault = refused(serve(echo, context), TlsSettings(ca_file=ca_file), Recorder(Kind.SMTP))
    assert fault.kind == "certificate_untrusted"
    assert "intermediate" in fault.sentence
    assert len(fault.tls.chain) == 1


def test_a_self_signed_certificate_and_its_pinning(serve, tmp_path, recorder):
    context, path = self_made(tmp_path)
    server = serve(echo, context)
    fault = refused(server, TlsSettings(), recorder)
    assert fault.kind == "certificate_self_signed"
    assert agreed(server, TlsSettings(ca_file=path), recorder)[0].verified


def test_an_intermediate_can_be_the_anchor(serve, ca, tmp_path, recorder):
    child = ca.create_child_ca()
    path = tmp_path / "child.pem"
    child.cert_pem.write_to_path(str(path))
    server = serve(echo, context_of(child.issue_cert("localhost")))
    assert agreed(server, TlsSettings(ca_file=str(path)), recorder)[0].verified


@pytest.mark.parametrize(
    ("days", "kind", "words"),
    [
        ((-60, -30), "certificate_expired", "expired on"),
        ((30, 60), "certificate_not_yet_valid", "is only valid from"),
    ],
)
def test_dates(serve, ca, ca_file, recorder, days, kind, words):
    begin, end = (NOW + timedelta(days=d) for d in days)
    leaf = ca.issue_cert("localhost", not_before=begin, not_after=end)
    fault = refused(serve(echo, context_of(leaf)), TlsSettings(ca_file=ca_file), recorder)
    assert fault.kind == kind
    assert words in fault.sentence
    shown = end if kind == "certificate_expired" else begin
    assert f"{shown:%Y-%m-%d}" in fault.sentence
    assert fault.tls.chain


def test_another_host(serve, server_tls, ca_file, recorder):
    server = serve(echo, server_tls)
    fault = refused(server, TlsSettings(ca_file=ca_file), recorder, host="mx.example")
    assert fault.kind == "certificate_wrong_host"
    assert fault.sentence.startswith("The certificate is not for mx.example, but for localhost,")


def test_another_address(serve, server_tls, ca_file, recorder):
    server = serve(echo, server_tls)
    fault = refused(server, TlsSettings(ca_file=ca_file), recorder, host="192.0.2.1")
    assert fault.kind == "certificate_wrong_host"


def test_a_host_in_the_common_name_only(serve, tmp_path, recorder):
    context, path = self_made(tmp_path, names=())
    fault = refused(serve(echo, context), TlsSettings(ca_file=path), recorder)
    assert fault.kind == "certificate_wrong_host"
    assert "only in its Common Name (“localhost”)" in fault.sentence


def test_a_weak_key(serve, tmp_path, recorder):
    key = rsa.generate_private_key(65537, 1024)
    context, path = self_made(tmp_path, key=key)
    settings = TlsSettings(ca_file=path, ciphers="DEFAULT:@SECLEVEL=2")
    fault = refused(serve(echo, context), settings, recorder)
    assert fault.kind == "certificate_weak"
    assert "RSA 1024" in fault.sentence


def test_an_expired_intermediate_is_named(serve, ca, recorder):
    fault = refused(serve(echo, context_of(ca.issue_cert("localhost"))), TlsSettings(), recorder)
    leaf = fault.tls.chain[0]
    old = replace(leaf, subject="CN=Old CA", not_after=NOW - timedelta(days=400))
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code = 10
    kind, sentence = handshake_verdict(error, "p", "localhost", (leaf, old))
    assert kind == "certificate_expired"
    assert sentence.startswith("The CA certificate “Old CA” above localhost expired on")


# Peers that speak no TLS, or stop


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"220 mx.example ESMTP\r\n", "(“220 mx.example ESMTP”), not TLS. Choose STARTTLS"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "http://"),
        (b"+OK ready\r\n", "POP3"),
        (b"* OK ready\r\n", "IMAP"),
        (b"\x00\xff\x1b[2J", "\\x1b[2J"),
    ],
)
def test_plain_text_where_tls_was_due(serve, recorder, greeting, words):
    def handler(connection):
        connection.sendall(greeting)
        connection.recv(1000)

    fault = refused(serve(handler), TlsSettings(verify=False), recorder)
    assert fault.kind == "tls_plaintext_peer"
    assert words in fault.sentence
    assert "\x1b" not in fault.sentence


def test_a_secret_echoed_in_plain_text_is_masked(serve):
    recorder = Recorder(Kind.SMTP)
    recorder.masker.add("hunter22")
    server = serve(lambda c: (c.sendall(b"220 hunter22\r\n"), c.recv(1000)))
    fault = refused(server, TlsSettings(verify=False), recorder)
    assert "hunter22" not in fault.sentence


def test_a_peer_that_hangs_up(serve, recorder):
    fault = refused(serve(lambda c: c.recv(1000)), TlsSettings(verify=False), recorder)
    assert fault.kind == "tls_handshake"
    assert "closed the connection during the TLS handshake" in fault.sentence


def test_a_peer_that_resets(serve, recorder):
    def handler(connection):
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        connection.shutdown(socket.SHUT_RD)

    fault = refused(serve(handler), TlsSettings(verify=False), recorder)
    assert fault.kind in ("reset", "tls_handshake")


def test_a_silent_peer(serve, recorder):
    server = serve(lambda c: c.recv(1000) and c.recv(1000))
    fault = refused(server, TlsSettings(verify=False), recorder, timeout=0.2)
    assert fault.kind == "timed_out"
    assert "within 0.2 seconds" in fault.sentence
    assert recorder.finish(Outcome.FAILED).phases[-1].failed


def test_cancelling_closes_the_connection(serve, recorder):
    ends = []

    def handler(connection):
        connection.recv(1000)
        greeted.set_from_thread()
        ends.append(connection.recv(1000))

    class Signal:
        def __init__(self):
            self.loop = asyncio.get_running_loop()
            self.event = asyncio.Event()

        def set_from_thread(self):
            self.loop.call_soon_threadsafe(self.event.set)

    greeted = None
    server = serve(handler)

    async def main():
        nonlocal greeted
        greeted = Signal()
        task = asyncio.ensure_future(connect(server, TlsSettings(verify=False), recorder))
        await greeted.event.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(main())
    server.stop()
    assert len(ends) + len(server.errors) == 1


# Versions, ciphers, alerts


def test_a_server_that_is_too_old(serve, ca, ca_file, recorder):
    context = context_of(ca.issue_cert("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    settings = TlsSettings(ca_file=ca_file, minimum="TLSv1.3")
    assert refused(serve(echo, context), settings, recorder).kind == "tls_version"


def test_a_server_that_is_too_new(serve, ca, ca_file, recorder):
    context = context_of(ca.issue_cert("localhost"))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    settings = TlsSettings(ca_file=ca_file, maximum="TLSv1.2")
    assert refused(serve(echo, context), settings, recorder).kind == "tls_version"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_an_old_server_can_be_allowed_expressly(serve, tmp_path, recorder):
    context, path = self_made(tmp_path, key=rsa.generate_private_key(65537, 2048))
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(echo, context)
    assert refused(server, TlsSettings(ca_file=path), recorder).kind == "tls_version"
    settings = TlsSettings(ca_file=path, minimum="TLSv1.1")
    assert agreed(server, settings, recorder)[0].version == "TLSv1.1"


def test_no_cipher_in_common(serve, ca, ca_file, recorder):
    context = context_of(ca.issue_cert("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    settings = TlsSettings(ca_file=ca_file, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384")
    fault = refused(serve(echo, context), settings, recorder)
    assert fault.kind == "tls_alert"
    assert "handshake failure" in fault.sentence


def test_an_alert_is_told_in_words(serve, ca, ca_file, recorder):
    context = context_of(ca.issue_cert("localhost"))
    context.sni_callback = lambda sock, name, ctx: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    fault = refused(serve(echo, context), TlsSettings(ca_file=ca_file), recorder)
    assert fault.kind == "tls_alert"
    assert re.search(r"broke the TLS connection off: unrecognized name\.$", fault.sentence)


# Client certificates


def demanding(ca):
    context = context_of(ca.issue_cert("localhost"))
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    return context


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate(serve, ca, ca_file, recorder, tmp_path, version):
    path = tmp_path / "client.pem"
    ca.issue_cert("me@example.org").private_key_and_cert_chain_pem.write_to_path(str(path))
    settings = TlsSettings(ca_file=ca_file, client_cert=str(path), maximum=version)
    assert agreed(serve(echo, demanding(ca)), settings, recorder)[0].verified


def test_a_client_certificate_of_someone_else(serve, ca, ca_file, recorder, tmp_path):
    path = tmp_path / "client.pem"
    stranger = trustme.CA().issue_cert("me@example.org")
    stranger.private_key_and_cert_chain_pem.write_to_path(str(path))
    settings = TlsSettings(ca_file=ca_file, client_cert=str(path), maximum="TLSv1.2")
    fault = refused(serve(echo, demanding(ca)), settings, recorder)
    assert fault.kind == "tls_client_certificate"
    assert "(unknown ca)" in fault.sentence


def test_a_demanded_client_certificate_is_missed_at_the_first_read(serve, ca, ca_file, recorder):
    server = serve(echo, demanding(ca))

    async def main():
        stream = await connect(server, TlsSettings(ca_file=ca_file), recorder)
        with pytest.raises(NetworkFault) as caught:
            await stream.read()
        await stream.close()
        return caught.value

    fault = asyncio.run(main())
    assert fault.kind == "tls_client_certificate"
    assert fault.sentence.endswith("demands a client certificate.")


# Settings that cannot work


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (TlsSettings(ca_file="/nonexistent/ca.pem"), "ca_unreadable"),
        (TlsSettings(client_cert="/nonexistent/me.pem"), "tls_client_certificate"),
        (TlsSettings(minimum="SSLv9"), "tls_version"),
        (TlsSettings(ciphers="NO-SUCH-CIPHER"), "tls_handshake"),
        (TlsSettings(server_name="a b"), "tls_handshake"),
    ],
)
def test_settings_that_cannot_work(serve, recorder, settings, kind):
    fault = refused(serve(echo), settings, recorder)
    assert fault.kind == kind
    assert len(recorder.finish(Outcome.FAILED).phases) <= 3


def test_files_that_are_no_certificates(serve, recorder, tmp_path, ca):
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    server = serve(echo)
    fault = refused(server, TlsSettings(ca_file=str(nonsense)), recorder)
    assert fault.kind == "ca_unreadable"
    fault = refused(server, TlsSettings(client_cert=str(nonsense)), recorder)
    assert fault.kind == "tls_client_certificate"


def test_a_changed_ca_file_is_noticed(serve, server_tls, ca_file, ca, tmp_path):
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    server = serve(echo, server_tls)
    settings = TlsSettings(ca_file=str(path))
    assert refused(server, settings, Recorder(Kind.SMTP)).kind == "certificate_untrusted"
    path.write_bytes(ca.cert_pem.bytes() + b"\n# changed\n")
    assert agreed(server, settings, Recorder(Kind.SMTP))[0].verified

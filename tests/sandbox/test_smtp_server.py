import base64
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from mailgui.sandbox import smtp_handler, smtp_server, smtp_session
from mailgui.sandbox.sandbox import Sandbox

Drive = Callable[..., None]
SENDER = "ana@good.example"


@contextmanager
def client(sandbox: Sandbox, *, tls: bool = False) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
        if tls:
            smtp.starttls(context=ssl.create_default_context(cafile=str(sandbox.ca_pem_path)))
        yield smtp


@contextmanager
def raw(sandbox: Sandbox) -> Iterator[tuple[socket.socket, Callable[[], bytes]]]:
    """A bare connection, and a function that reads one line from it."""
    address = (sandbox.smtp.host, sandbox.smtp.port)
    with (
        socket.create_connection(address, timeout=20) as connection,
        connection.makefile("rb") as lines,
    ):
        yield connection, lines.readline


def test_a_message_arrives_octet_for_octet(drive: Drive) -> None:
    octets = (
        b"From: ana@good.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        b"Message-ID: <1@good.example>\r\n\r\n.dot\r\n..\r\n\r\n8 bit: \xc3\xbc\r\n.\r\n"
    )

    def work(sandbox: Sandbox) -> None:
        with client(sandbox, tls=True) as smtp:
            smtp.login(sandbox.username, sandbox.password)
            smtp.sendmail(SENDER, ["a@x.example", "b@x.example"], octets, ["BODY=8BITMIME"])
        (message,) = sandbox.mailbox.list()
        assert sandbox.mailbox.body(message.id) == octets
        assert (message.road, message.provider) == ("smtp", None)
        assert message.envelope_from == SENDER
        assert message.recipients == ("a@x.example", "b@x.example")
        assert message.subject == "Grüße"
        assert message.message_id == "<1@good.example>"
        assert message.size == len(octets)
        assert message.tls
        assert message.user == sandbox.username
        assert message.greeting
        assert message.peer.startswith("127.0.0.1:")

    drive(work)


def test_what_it_offers(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.ehlo()
            offered = dict(smtp.esmtp_features)
            assert offered["size"] == str(64 * 1024 * 1024)
            assert {"8bitmime", "smtputf8", "pipelining", "starttls"} <= set(offered)
            assert set(offered["auth"].split()) == {"PLAIN", "LOGIN"}
            smtp.starttls(context=ssl.create_default_context(cafile=str(sandbox.ca_pem_path)))
            smtp.ehlo()
            assert "starttls" not in smtp.esmtp_features
            assert smtp.docmd("STARTTLS")[0] == 503

    drive(work)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("tls", [False, True])
def test_signing_in(drive: Drive, mechanism: str, tls: bool) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox, tls=tls) as smtp:
            smtp.ehlo()
            smtp.esmtp_features["auth"] = mechanism
            smtp.user, smtp.password = sandbox.username, "wrong"
            with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
                smtp.login(sandbox.username, "wrong")
            assert caught.value.smtp_code == 535
            assert b"5.7.8" in caught.value.smtp_error
            assert smtp.login(sandbox.username, sandbox.password)[0] == 235
            assert smtp.docmd("AUTH", "PLAIN")[0] == 503

    drive(work)


@pytest.mark.parametrize("blob", ["!!!", base64.b64encode(b"no zeros").decode(), "="])
def test_credentials_that_are_no_base64_or_no_pair(drive: Drive, blob: str) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.ehlo()
            assert smtp.docmd("AUTH", f"PLAIN {blob}")[0] == 501
            assert smtp.docmd("AUTH", "CRAM-MD5")[0] == 504
            assert smtp.login(sandbox.username, sandbox.password)[0] == 235

    drive(work)


def test_a_whole_dialogue_in_one_packet(drive: Drive) -> None:
    """PIPELINING is offered, so it has to work: also after refusals, and with DATA last."""

    def work(sandbox: Sandbox) -> None:
        with raw(sandbox) as (connection, line):
            assert line().startswith(b"220 ")
            connection.sendall(
                b"EHLO client.example\r\n"
                b"MAIL FROM:<ana@good.example>\r\nRCPT TO:<refuse@x.example>\r\n"
                b"RCPT TO:<a@x.example>\r\nDATA\r\n"
                b"Subject: one\r\n\r\n.\r\n"
                b"MAIL FROM:<ana@good.example>\r\nRCPT TO:<refuse@x.example>\r\nDATA\r\nRSET\r\n"
                b"QUIT\r\n"
            )
            answers = []
            while answer := line():
                if answer[3:4] == b" ":
                    answers.append(int(answer[:3]))
        assert answers == [250, 250, 550, 250, 354, 250, 250, 550, 503, 250, 221]
        (message,) = sandbox.mailbox.list()
        assert message.recipients == ("a@x.example",)
        assert message.greeting == "client.example"

    drive(work)


def test_what_is_sent_ahead_of_the_handshake_is_dropped(drive: Drive) -> None:
    """RFC 3207: a man in the middle must not smuggle commands into the encrypted part."""

    def work(sandbox: Sandbox) -> None:
        with socket.create_connection((sandbox.smtp.host, sandbox.smtp.port), timeout=20) as plain:
            assert plain.recv(1000).startswith(b"220 ")
            plain.sendall(b"EHLO a.example\r\n")
            while not plain.recv(1000).endswith(b" HELP\r\n"):
                pass
            plain.sendall(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
            assert plain.recv(1000) == b"220 2.0.0 Ready to start TLS\r\n"
            context = ssl.create_default_context(cafile=str(sandbox.ca_pem_path))
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                # And the server has forgotten the greeting.
                secure.sendall(b"MAIL FROM:<ana@good.example>\r\n")
                assert secure.recv(1000).startswith(b"503 ")
                secure.sendall(b"EHLO a.example\r\nMAIL FROM:<ana@good.example>\r\nNOOP\r\n")
                answer = b""
                while answer.count(b"\r\n250 ") < 3:
                    answer += secure.recv(1000)
                assert b"503" not in answer

    drive(work)


def test_clients_that_do_not_trust_the_certificate_harm_nobody(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        for _ in range(3):
            with client(sandbox) as smtp, pytest.raises(ssl.SSLCertVerificationError):
                smtp.starttls(context=ssl.create_default_context())
        with raw(sandbox) as (connection, line):
            line()
            connection.sendall(b"STARTTLS\r\n")
            line()
            connection.sendall(b"this is no handshake" * 20)
            while line():
                pass
        with client(sandbox, tls=True) as smtp:
            smtp.sendmail(SENDER, ["a@x.example"], b"Subject: x\r\n\r\n")
        assert len(sandbox.mailbox) == 1

    drive(work)


@pytest.mark.parametrize(
    ("recipient", "code", "words"),
    [
        ("refuse@x.example", 550, b"5.1.1"),
        ("busy@x.example", 451, b"4.7.1 Greylisted"),
        ("full@x.example", 452, b"4.2.2"),
        ("quota@x.example", 552, b"5.2.2"),
        ("relay@x.example", 554, b"5.7.1"),
        ("multiline@x.example", 550, b"own domain only.\n5.7.1 See"),
        ("refuse-data@x.example", 554, b"5.6.0"),
        ("spam@x.example", 550, b"5.7.1"),
        ("busy-data@x.example", 451, b"4.3.0"),
    ],
)
def test_recipients_that_provoke_refusals(
    drive: Drive, recipient: str, code: int, words: bytes
) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as caught:
                smtp.sendmail(SENDER, [recipient], b"Subject: x\r\n\r\n")
            fault = caught.value
            if isinstance(fault, smtplib.SMTPRecipientsRefused):
                found_code, text = fault.recipients[recipient]
            else:
                found_code, text = fault.smtp_code, fault.smtp_error
            assert found_code == code
            assert words in text
            smtp.sendmail(SENDER, ["fine@x.example"], b"Subject: x\r\n\r\n")
        assert len(sandbox.mailbox) == 1

    drive(work)


@pytest.mark.parametrize(
    ("sender", "code", "enhanced"),
    [
        ("spoof@x.example", 550, b"5.7.26"),
        ("blocked@x.example", 550, b"5.7.1"),
        ("unknown@x.example", 450, b"4.1.8"),
    ],
)
def test_senders_that_provoke_refusals(
    drive: Drive, sender: str, code: int, enhanced: bytes
) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp, pytest.raises(smtplib.SMTPResponseException) as caught:
            smtp.sendmail(sender, ["a@x.example"], b"Subject: x\r\n\r\n")
        assert caught.value.smtp_code == code
        assert enhanced in caught.value.smtp_error
        assert len(sandbox.mailbox) == 0

    drive(work)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("drop@x.example", "a@x.example"),
        (SENDER, "drop@x.example"),
        (SENDER, "drop-data@x.example"),
    ],
)
def test_connections_that_are_dropped(drive: Drive, sender: str, recipient: str, tls: bool) -> None:
    def work(sandbox: Sandbox) -> None:
        lost = (smtplib.SMTPServerDisconnected, ConnectionError, ssl.SSLError)
        with pytest.raises(lost), client(sandbox, tls=tls) as smtp:
            smtp.sendmail(sender, [recipient], b"Subject: x\r\n\r\n")
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_a_server_that_shuts_down_says_so_first(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with raw(sandbox) as (connection, line):
            line()
            connection.sendall(
                b"HELO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<closing@x.example>\r\n"
            )
            assert [line()[:3], line()[:3], line()[:3], line()] == [b"250", b"250", b"421", b""]

    drive(work)


@pytest.mark.parametrize("recipient", ["slow@x.example", "slow-data@x.example"])
def test_slow_answers_come_all_the_same(drive: Drive, recipient: str) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.sendmail(SENDER, [recipient], b"Subject: x\r\n\r\n")
        (message,) = sandbox.mailbox.list()
        assert message.faults == (recipient.partition("@")[0],)

    drive(work)


def test_the_null_sender_and_international_addresses(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.sendmail("", ["a@x.example"], b"Subject: bounce\r\n\r\n")
            message = EmailMessage()
            message["From"], message["To"] = "用户@例え.example", "bücher@x.example"
            message["Subject"] = "x"
            smtp.send_message(message)
        international, bounce = sandbox.mailbox.list()
        assert bounce.envelope_from == ""
        assert international.envelope_from == "用户@例え.example"
        assert international.recipients == ("bücher@x.example",)

    drive(work)


def test_big_messages(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    big = b"Subject: big\r\n\r\n" + (b"y" * 76 + b"\r\n") * 100_000

    def work(sandbox: Sandbox) -> None:
        with client(sandbox, tls=True) as smtp:
            smtp.sendmail(SENDER, ["a@x.example"], big)
            (message,) = sandbox.mailbox.list()
            assert sandbox.mailbox.body(message.id) == big
            monkeypatch.setattr(smtp_session, "MAX_MESSAGE", 1_000_000)
            with pytest.raises(smtplib.SMTPDataError) as caught:
                smtp.sendmail(SENDER, ["a@x.example"], big)
            assert caught.value.smtp_code == 552
            assert smtp.noop()[0] == 250

    drive(work)


def test_a_declared_size_is_refused_early(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.ehlo()
            assert smtp.mail(SENDER, [f"SIZE={10**9}"])[0] == 552

    drive(work)


def test_too_many_recipients(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_handler, "MAX_RECIPIENTS", 2)

    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            refused = smtp.sendmail(SENDER, ["a@x", "b@x", "c@x"], b"Subject: x\r\n\r\n")
        assert refused == {"c@x": (452, b"4.5.3 Too many recipients")}

    drive(work)


def test_too_many_connections(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_server, "MAX_CONNECTIONS", 1)

    def work(sandbox: Sandbox) -> None:
        with raw(sandbox) as (_, line):
            assert line().startswith(b"220 ")
            with raw(sandbox) as (_, other):
                assert other() == b"421 4.3.2 Too many connections\r\n"
                assert other() == b""

    drive(work)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (b"NONSENSE\r\n", b"500"),
        (b"\xff\xfe\x00\r\n", b"500"),
        (b"MAIL FROM:<" + b"a" * 5000 + b"@x.example>\r\n", b"500"),
        (b"X" * 200_000 + b"\r\n", b"500"),
        (b"MAIL FROM:<\r\n", b"5"),  # 500 or 553, as the Python is that reads the address
        (b"MAIL FROM:\r\n", b"501"),
        (b"RCPT TO:<a@x.example>\r\n", b"503"),
        (b"DATA\r\n", b"503"),
        (b"STARTTLS now\r\n", b"501"),
        (b"AUTH\r\n", b"501"),
        (b"\r\n", b"500"),
    ],
)
def test_what_no_client_should_say(drive: Drive, command: bytes, code: bytes) -> None:
    def work(sandbox: Sandbox) -> None:
        with raw(sandbox) as (connection, line):
            line()
            connection.sendall(b"EHLO x\r\n")
            while not line().startswith(b"250 "):
                pass
            connection.sendall(command + b"NOOP\r\n")
            assert line()[:3].startswith(code)
            assert line()[:3] == b"250"

    drive(work)


def test_clients_that_vanish_at_any_point(drive: Drive) -> None:
    dialogue = [
        b"EHLO x\r\n",
        b"MAIL FROM:<a@x.example>\r\n",
        b"RCPT TO:<b@x.example>\r\n",
        b"DATA\r\n",
        b"Subject: half",
    ]

    def work(sandbox: Sandbox) -> None:
        for length in range(len(dialogue) + 1):
            for reset in (False, True):
                with raw(sandbox) as (connection, line):
                    line()
                    connection.sendall(b"".join(dialogue[:length]))
                    if reset:
                        connection.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                        )
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_swaks_gets_through(drive: Drive) -> None:
    def swaks(sandbox: Sandbox, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                "swaks", "--server", sandbox.smtp.host, "--port", str(sandbox.smtp.port),
                "--from", SENDER, "--auth-user", sandbox.username,
                "--auth-password", sandbox.password, "--pipeline", *more,
            ],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def work(sandbox: Sandbox) -> None:
        for mechanism in ("PLAIN", "LOGIN"):
            result = swaks(sandbox, "--auth", mechanism, "--to", "a@x.example,refuse@x.example")
            assert result.returncode == 0, result.stdout
        assert swaks(sandbox, "--to", "refuse@x.example").returncode == 24
        assert swaks(sandbox, "--to", "spam@x.example").returncode == 26
        assert [m.recipients for m in sandbox.mailbox.list()] == [("a@x.example",)] * 2
        assert all(m.user for m in sandbox.mailbox.list())

    try:
        subprocess.run(["swaks", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("swaks is not installed")
    drive(work)


def test_nothing_is_logged_to_the_terminal(drive: Drive, capfd: pytest.CaptureFixture[str]) -> None:
    def work(sandbox: Sandbox) -> None:
        with client(sandbox) as smtp:
            smtp.docmd("NONSENSE")
            smtp.login(sandbox.username, sandbox.password)

    drive(work)
    assert capfd.readouterr() == ("", "")

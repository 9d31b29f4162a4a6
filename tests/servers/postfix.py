"""A Postfix of the tests' own, on loopback, that delivers everything it takes into one Maildir.

Nothing leaves the machine: mail for whatever domain goes to the same delivery agent. Every octet
that arrived can be read back.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from tests.servers import availability
from tests.servers.certificates import KeyPair
from tests.servers.dovecot import DovecotAuth
from tests.servers.process import (
    ServerFault,
    ServerProcess,
    answers,
    free_port,
    new_folder,
    wait_until,
)

HOST_NAME = "mail.inbox.example"
DOMAIN = "inbox.example"
USER = f"user@{DOMAIN}"
PASSWORD = "s3cret pass-word"
MECHANISMS = ("plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256")

_MAIN = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": HOST_NAME,
    "myorigin": HOST_NAME,
    "mydestination": "",
    "mynetworks": "",  # nobody may relay by address alone
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "",
    "local_header_rewrite_clients": "",
    "disable_dns_lookups": "yes",
    "smtpd_peername_lookup": "no",
    "virtual_mailbox_domains": DOMAIN,
    "virtual_mailbox_maps": "static:inbox/",
    "virtual_minimum_uid": "1",
    "virtual_mailbox_limit": "0",
    "default_transport": "virtual",
    "relay_transport": "virtual",
    "message_size_limit": "62914560",
    "in_flow_delay": "0",
    "smtpd_error_sleep_time": "0",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_tls_security_level": "may",
    "smtpd_tls_auth_only": "yes",
    "smtpd_tls_session_cache_database": "",
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_sasl_type": "dovecot",
    "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
    "smtpd_recipient_restrictions": (
        f"check_recipient_access inline:{{ {{ unknown@{DOMAIN} = 550 5.1.1 No such user here }},"
        f" {{ later@{DOMAIN} = 450 4.2.1 Mailbox busy }},"
        f" {{ full@{DOMAIN} = 552 5.2.2 Mailbox full }} }}"
    ),
}

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
127.0.0.1:{plain_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_tls_auth_only=no
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as Postfix delivered it.

    ``sender`` and ``recipient`` are the envelope's; ``received`` is the trace header that Postfix
    put before the message; ``content`` is what came over the wire, octet for octet, with CRLF.
    """

    sender: str
    recipient: str
    received: str
    content: bytes


class Postfix:
    """Postfix with its own configuration, queue, data and mailbox, and Dovecot for its passwords.

    Attributes: ``host``; ``port`` (STARTTLS offered, AUTH only after it), ``tls_port`` (implicit
    TLS), ``plain_port`` (no TLS, AUTH offered). Anyone at inbox.example gets mail, except
    ``unknown@`` (550), ``later@`` (450) and ``full@`` (552); other domains need AUTH as USER with
    PASSWORD. ``settings`` are main.cf's, and win over the defaults. Needs root.
    """

    host = "127.0.0.1"

    def __init__(self, pair: KeyPair, settings: Mapping[str, str] | None = None) -> None:
        availability.root("Postfix")
        self._program = availability.program("postfix", "postfix")
        self._auth = DovecotAuth({USER: PASSWORD}, MECHANISMS)
        self.folder = new_folder("postfix")
        self.port, self.tls_port, self.plain_port = free_port(), free_port(), free_port()
        self._configure(pair, settings or {})
        # Not by "postfix start", nor without "-d": master(8) would leave for a session of its own,
        # and outlive the tests.
        self._process = ServerProcess(
            [f"{_ask('daemon_directory')}/master", "-d", "-c", str(self.folder / "etc")],
            self.folder / "start.log",
        )

    def start(self) -> None:
        """Start both servers; returns when all ports answer."""
        self._auth.start()
        check = [
            self._program,
            "-c",
            str(self.folder / "etc"),
            "check",
        ]  # makes the queue's folders
        done = subprocess.run(check, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFault(f"Postfix does not take its configuration:\n{done.stderr}")
        ports = (self.port, self.tls_port, self.plain_port)
        self._process.start(lambda: all(map(answers, ports)))

    def stop(self) -> None:
        """Stop both and delete their folders."""
        self._process.stop()
        self._auth.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def delivered(self, recipient: str) -> list[Delivered]:
        """Return what has been delivered to the address so far, oldest first."""
        inbox = self.folder / "mail" / "inbox" / "new"
        paths = sorted(inbox.glob("*"), key=lambda path: path.stat().st_mtime_ns)
        messages = (_read(path.read_bytes()) for path in paths)
        return [message for message in messages if message.recipient == recipient]

    def wait_for(self, recipient: str, count: int = 1) -> list[Delivered]:
        """Return what was delivered to the address, once there are ``count`` messages.

        Raises ServerFault when they do not come.
        """
        wait_until(
            lambda: len(self.delivered(recipient)) >= count,
            lambda: f"Nothing, or too little, was delivered to {recipient}:\n{self.log()[-3000:]}",
        )
        return self.delivered(recipient)

    def log(self) -> str:
        """Return Postfix's log."""
        return (self.folder / "log" / "mail.log").read_text("utf-8", "replace")

    def _configure(self, pair: KeyPair, settings: Mapping[str, str]) -> None:
        for name in ("etc", "queue", "data", "log", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", "nobody", "nogroup")
        nobody = (self.folder / "mail").stat()
        values = {
            **_MAIN,
            "queue_directory": str(self.folder / "queue"),
            "data_directory": str(self.folder / "data"),
            "maillog_file": str(self.folder / "log" / "mail.log"),
            "maillog_file_prefixes": str(self.folder),
            "virtual_mailbox_base": str(self.folder / "mail"),
            "virtual_uid_maps": f"static:{nobody.st_uid}",
            "virtual_gid_maps": f"static:{nobody.st_gid}",
            "smtpd_sasl_path": self._auth.socket,
            "smtpd_tls_cert_file": pair.certificate,
            "smtpd_tls_key_file": pair.key,
            **settings,
        }
        main = "".join(f"{name} = {value}\n" for name, value in values.items())
        (self.folder / "etc" / "main.cf").write_text(main)
        ports = {name: getattr(self, name) for name in ("port", "tls_port", "plain_port")}
        (self.folder / "etc" / "master.cf").write_text(_MASTER.format(**ports))


def _ask(setting: str) -> str:
    """Return the built-in value of a setting."""
    postconf = availability.program("postconf", "postfix")
    return subprocess.check_output([postconf, "-d", "-h", setting], text=True).strip()


def _read(octets: bytes) -> Delivered:
    """Part a file in a Maildir into the message and what virtual(8) and smtpd(8) put before it."""
    trace: dict[str, str] = {}
    rest = octets
    for name in ("Return-Path", "X-Original-To", "Delivered-To", "Received"):
        line, _, rest = rest.partition(b"\n")
        assert line.startswith(name.encode() + b": "), f"{name} expected, found {line!r}"
        while rest[:1] in {b" ", b"\t"}:
            more, _, rest = rest.partition(b"\n")
            line += b"\n" + more
        trace[name] = line.decode("utf-8", "replace").partition(": ")[2]
    return Delivered(
        sender=trace["Return-Path"].strip("<>"),
        recipient=trace["X-Original-To"],
        received=trace["Received"],
        content=rest.replace(b"\n", b"\r\n"),
    )

"""An OpenSMTPD of the tests' own, on loopback, that keeps everything it takes in one Maildir."""

import shutil

from tests.servers.process import ServerProcess, answers, free_port, wait_until
from tests.servers.root_folder import RootFolder

_USERS = ("opensmtpd", "opensmtpq", "inbox")

_CONFIGURATION = """
table people {{ "@" = "inbox" }}
listen on 127.0.0.1 port {port} hostname osmtpd.inbox.example
action "keep" maildir "/var/mail/kept" virtual <people>
match from any for domain "inbox.example" action "keep"
"""


class OpenSmtpd:
    """OpenSMTPD on ``port``, without TLS: Debian 12's is at odds with OpenSSL 3 about its keys.

    Anyone at inbox.example gets mail; other domains are refused. Needs root.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._root = root = RootFolder("smtpd", _USERS)
        self.port = free_port()
        for folder in ("/var/lib/opensmtpd/empty", "/var/spool", "/var/mail/kept"):
            root.inside(folder).mkdir(parents=True, exist_ok=True)
            root.inside(folder).chmod(0o755)
        shutil.chown(root.inside("/var/mail/kept"), 903, 903)
        shutil.chown(root.inside("/var/mail"), 903, 903)
        root.write("/etc/smtpd.conf", _CONFIGURATION.format(port=self.port), 0o600)
        self._log = root.path / "start.log"
        self._process = ServerProcess(root.command("/usr/sbin/smtpd", "-d", "-v"), self._log)

    def start(self) -> None:
        """Start; returns when both ports answer."""
        self._process.start(lambda: answers(self.port))

    def stop(self) -> None:
        """Stop, and delete its folder."""
        self._process.stop()
        self._root.remove()

    def wait_for(self, recipient: str) -> bytes:
        """Return the message that was delivered to the address, once it is there."""
        wait_until(
            lambda: any(recipient.encode() in octets for octets in self._delivered()),
            lambda: f"Nothing was delivered to {recipient}:\n{self.log()[-3000:]}",
        )
        return next(octets for octets in self._delivered() if recipient.encode() in octets)

    def log(self) -> str:
        """Return what it logged."""
        return self._log.read_text("utf-8", "replace")

    def _delivered(self) -> list[bytes]:
        return [p.read_bytes() for p in self._root.inside("/var/mail/kept").rglob("new/*")]

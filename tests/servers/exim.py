"""An Exim of the tests' own, on loopback, that keeps everything it takes in one Maildir."""

import shutil

from tests.servers.certificates import KeyPair
from tests.servers.process import ServerProcess, answers, free_port, wait_until
from tests.servers.root_folder import RootFolder

USER, PASSWORD = "user@inbox.example", "s3cret pass-word"

_CONFIGURATION = """
primary_hostname = exim.inbox.example
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
spool_directory = /var/spool/exim4
log_file_path = /var/spool/exim4/log/%slog
pid_file_path = /run/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = /etc/pair.pem
tls_privatekey = /etc/pair.key
chunking_advertise_hosts = *
dsn_advertise_hosts = *
pipelining_connect_advertise_hosts = *
smtputf8_advertise_hosts = *
prdr_enable = true
accept_8bitmime = true
host_lookup =
rfc1413_hosts =
smtp_enforce_sync = true
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
begin acl
check_rcpt:
  deny local_parts = unknown
       message = 550 5.1.1 Unknown user
  defer local_parts = later
       message = 451 4.2.1 Mailbox busy
  accept domains = inbox.example
  deny message = relay not permitted
begin routers
all:
  driver = accept
  transport = inbox
begin transports
inbox:
  driver = appendfile
  directory = /var/mail/inbox
  maildir_format
  envelope_to_add
  return_path_add
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""


class Exim:
    """Exim with STARTTLS on ``port`` and implicit TLS on ``tls_port``.

    Anyone at inbox.example gets mail, except ``unknown@`` (550) and ``later@`` (451). Needs root.
    """

    host = "127.0.0.1"

    def __init__(self, pair: KeyPair) -> None:
        self._root = RootFolder("exim4", ["Debian-exim"])
        self.port, self.tls_port = free_port(), free_port()
        for source, name in ((pair.certificate, "pair.pem"), (pair.key, "pair.key")):
            shutil.copy(source, self._root.inside(f"/etc/{name}"))
            shutil.chown(self._root.inside(f"/etc/{name}"), 901, 901)
        for folder in ("/var/spool/exim4", "/var/mail", "/run"):
            self._root.inside(folder).mkdir(parents=True, exist_ok=True)
            shutil.chown(self._root.inside(folder), 901, 901)
        values = {"port": self.port, "tls_port": self.tls_port, "user": USER, "password": PASSWORD}
        self._root.write("/etc/exim.conf", _CONFIGURATION.format(**values))
        command = self._root.command("/usr/sbin/exim4", "-C", "/etc/exim.conf", "-bdf", "-q1h")
        self._process = ServerProcess(command, self._root.path / "start.log")

    def start(self) -> None:
        """Start; returns when both ports answer."""
        self._process.start(lambda: answers(self.port) and answers(self.tls_port))

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
        """Return what Exim logged."""
        logs = sorted(self._root.inside("/var/spool/exim4/log").glob("*log"))
        return "".join(path.read_text("utf-8", "replace") for path in logs)

    def _delivered(self) -> list[bytes]:
        inbox = self._root.inside("/var/mail/inbox/new")
        return [path.read_bytes() for path in inbox.glob("*")] if inbox.is_dir() else []

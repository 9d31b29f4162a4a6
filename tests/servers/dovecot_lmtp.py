"""Dovecot's LMTP service on a UNIX socket, delivering into Maildirs of the tests' own."""

import shutil
import subprocess
from pathlib import Path

from tests.servers import availability
from tests.servers.process import ServerProcess, new_folder, wait_until

DOMAIN = "inbox.example"
FULL = f"nobody@{DOMAIN}"
"""An address that is not taken."""

_COMMON = """
protocols {protocols}
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = mailgui-test-lmtp
log_path = /dev/stderr
listen = 127.0.0.1
ssl = no
first_valid_uid = 1
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  unix_listener {socket} {{
    mode = 0666
  }}
}}
"""
_BEFORE_2_4 = """
mail_location = maildir:{folder}/mail/%n
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {users}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {users}
}}
"""
_SINCE_2_4 = """
dovecot_config_version = {version}
dovecot_storage_version = {version}
mail_driver = maildir
mail_path = {folder}/mail/%{{user | username}}
passdb passwd-file {{
  passwd_file_path = {users}
  default_password_scheme = PLAIN
}}
userdb passwd-file {{
  passwd_file_path = {users}
}}
"""


class DovecotLmtp:
    """The service, and its users ``one`` and ``two`` at inbox.example; others are refused.

    Attributes: ``socket``, the path to speak LMTP to. Needs root.
    """

    def __init__(self) -> None:
        availability.root("Dovecot")
        self._program = availability.program("dovecot", "dovecot-core")
        availability.program("/usr/lib/dovecot/lmtp", "dovecot-lmtpd")
        self.folder = new_folder("lmtp")
        self.socket = str(self.folder / "lmtp")
        self._process = ServerProcess(
            [self._program, "-F", "-c", str(self._configure())], self.folder / "dovecot.log"
        )

    def start(self) -> None:
        """Start; returns when the socket is there."""
        self._process.start(Path(self.socket).exists)

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_for(self, name: str) -> bytes:
        """Return the first message delivered to a user, with LF; raises ServerFault without one."""
        inbox = self.folder / "mail" / name / "new"
        wait_until(lambda: any(inbox.glob("*")), self._log)
        return next(iter(sorted(inbox.glob("*")))).read_bytes()

    def _log(self) -> str:
        return (self.folder / "dovecot.log").read_text("utf-8", "replace")[-3000:]

    def _configure(self) -> Path:
        for name in ("state", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "mail", "nobody", "nogroup")
        nobody = (self.folder / "mail").stat()
        users = self.folder / "users"
        home = self.folder / "mail"
        users.write_text(
            "".join(
                f"{name}@{DOMAIN}:x:{nobody.st_uid}:{nobody.st_gid}::{home / name}::\n"
                for name in ("one", "two")
            )
        )
        users.chmod(0o644)
        answer = subprocess.check_output([self._program, "--version"], text=True)
        version = answer.split()[0].split("-")[0]
        old = version.startswith("2.3")
        values = {
            "folder": self.folder,
            "socket": self.socket,
            "users": users,
            "version": version,
            "protocols": "= lmtp" if old else "{\n  lmtp = yes\n}",
        }
        path = self.folder / "dovecot.conf"
        path.write_text(((_BEFORE_2_4 if old else _SINCE_2_4) + _COMMON).format(**values))
        return path

"""Dovecot's authentication service, which Postfix asks about passwords."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers import availability
from tests.servers.process import ServerProcess, new_folder

_COMMON = """
protocols =
base_dir = {folder}/run
log_path = /dev/stderr
listen = 127.0.0.1
ssl = no
first_valid_uid = 1
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
service anvil {{
  # Without this socket nobody counts wrong passwords and slows their address down.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {socket} {{
    mode = 0666
  }}
}}
"""
_BEFORE_2_4 = """
state_dir = {folder}/state
instance_name = mailgui-test
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {users}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
"""
_SINCE_2_4 = """
dovecot_config_version = {version}
dovecot_storage_version = {version}
state_dir = {folder}/state
instance_name = mailgui-test
auth_allow_cleartext = yes
passdb passwd-file {{
  passwd_file_path = {users}
  default_password_scheme = PLAIN
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = /nonexistent
  }}
}}
"""


class DovecotAuth:
    """The service and its users.

    Attributes: ``socket``, the path that takes Postfix's questions. Needs root.
    """

    def __init__(self, users: Mapping[str, str], mechanisms: Sequence[str]) -> None:
        availability.root("Dovecot")
        self._program = availability.program("dovecot", "dovecot-core")
        self._folder = new_folder("dovecot")
        self.socket = str(self._folder / "auth")
        self._process = ServerProcess(
            [self._program, "-F", "-c", str(self._configure(users, mechanisms))],
            self._folder / "dovecot.log",
        )

    def start(self) -> None:
        """Start; returns when the socket is there."""
        self._process.start(Path(self.socket).exists)

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _configure(self, users: Mapping[str, str], mechanisms: Sequence[str]) -> Path:
        (self._folder / "state").mkdir()
        passwords = self._folder / "users"
        passwords.write_text("".join(f"{name}:{word}\n" for name, word in users.items()))
        passwords.chmod(0o644)  # Dovecot's own user reads it
        version = self._version()
        values = {
            "folder": self._folder,
            "mechanisms": " ".join(mechanisms),
            "socket": self.socket,
            "users": passwords,
            "version": version,
        }
        rest = _BEFORE_2_4 if version.startswith("2.3") else _SINCE_2_4
        # Since 2.4 the version of the language must be the file's first setting.
        text = rest + _COMMON
        if not version.startswith("2.3"):
            # There an empty list is written as an empty block.
            text = text.replace("protocols =\n", "protocols {{\n}}\n")
        path = self._folder / "dovecot.conf"
        path.write_text(text.format(**values))
        return path

    def _version(self) -> str:
        answer = subprocess.check_output([self._program, "--version"], text=True)
        return answer.split()[0].split("-")[0]

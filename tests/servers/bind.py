"""BIND on loopback, authoritative for the zones that a test gives it. Needs no root."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.servers import availability
from tests.servers.process import ServerProcess, free_port, new_folder

_OPTIONS = """
options {{
  directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  notify no;
  allow-transfer {{ any; }};
  {extra}
}};
controls {{ }};
"""
_ZONE = 'zone "{name}" {{ type primary; file "{file}"; }};\n'
_START = """$ORIGIN {name}.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
"""


class Bind:
    """A name server with ``host`` and ``port``.

    ``zones`` maps a zone's name to its records in zone-file form, relative to the zone; SOA and NS
    are added unless the text has an SOA. ``options`` are more of named.conf's options.
    """

    host = "127.0.0.1"

    def __init__(self, zones: Mapping[str, str], options: str = "") -> None:
        self._folder = new_folder("bind")
        self._program = self._copy_if_confined()
        self.port = free_port()
        self.address = f"{self.host}:{self.port}"
        self._zones = list(zones)
        text = _OPTIONS.format(folder=self._folder, port=self.port, extra=self._no_lock() + options)
        for number, (name, records) in enumerate(zones.items()):
            start = "" if " SOA " in records else _START.format(name=name or ".")
            (self._folder / f"zone{number}").write_text(start + records.rstrip() + "\n")
            text += _ZONE.format(name=name, file=f"zone{number}")
        (self._folder / "named.conf").write_text(text)
        command = [self._program, "-g", "-n", "1", "-c", str(self._folder / "named.conf")]
        self._process = ServerProcess(command, self._folder / "named.log")

    def start(self) -> None:
        """Start; returns when every zone is served. A fault in a zone raises ServerFault."""
        self._process.start(lambda: all(map(self._serves, self._zones)))

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """Return what named said so far."""
        return (self._folder / "named.log").read_text("utf-8", "replace")

    def _copy_if_confined(self) -> str:
        """Return the path of named.

        Where AppArmor is on, Debian's profile keeps /usr/sbin/named to its own folders; it goes by
        the path of the program, so that a copy elsewhere is free.
        """
        found = availability.program("named", "bind9")
        switch = Path("/sys/module/apparmor/parameters/enabled")
        if not (switch.exists() and switch.read_text().startswith("Y")):
            return found
        return shutil.copy(found, self._folder / "named")

    def _no_lock(self) -> str:
        """Return what keeps BIND before 9.20 from its lock in a folder of the system's."""
        answer = subprocess.check_output([self._program, "-v"], text=True)
        version = re.search(r"(\d+)\.(\d+)", answer)
        assert version is not None, answer
        return "lock-file none;" if (int(version[1]), int(version[2])) < (9, 20) else ""

    def _serves(self, zone: str) -> bool:
        import dns.exception
        import dns.flags
        import dns.message
        import dns.query

        question = dns.message.make_query(zone + ".", "SOA")
        try:
            answer = dns.query.tcp(question, self.host, timeout=2, port=self.port)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(answer.answer) and bool(answer.flags & dns.flags.AA)

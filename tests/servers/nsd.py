"""NSD on loopback, authoritative for the zones that a test gives it. Needs no root."""

import shutil
from collections.abc import Mapping

from tests.servers import availability
from tests.servers.process import ServerProcess, free_port, new_folder

_CONFIG = """
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  logfile: "{folder}/nsd.log"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  cookie-secret-file: ""
  do-ip6: no
remote-control:
  control-enable: no
"""


class Nsd:
    """A name server with ``address``; ``zones`` maps a zone's name to its whole text."""

    host = "127.0.0.1"

    def __init__(self, zones: Mapping[str, str]) -> None:
        program = availability.program("nsd", "nsd")
        self._folder = new_folder("nsd")
        self.port = free_port()
        self.address = f"{self.host}:{self.port}"
        self._zones = list(zones)
        text = _CONFIG.format(folder=self._folder, port=self.port)
        for number, (name, records) in enumerate(zones.items()):
            (self._folder / f"zone{number}").write_text(records)
            text += f'zone:\n  name: "{name}"\n  zonefile: "zone{number}"\n'
        path = self._folder / "nsd.conf"
        path.write_text(text)
        self._process = ServerProcess([program, "-d", "-c", str(path)], self._folder / "out.log")

    def start(self) -> None:
        """Start; returns when every zone is served."""
        self._process.start(lambda: all(map(self._serves, self._zones)))

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serves(self, zone: str) -> bool:
        import dns.exception
        import dns.message
        import dns.query

        question = dns.message.make_query(f"{zone}.", "SOA")
        try:
            answer = dns.query.udp(question, self.host, timeout=1, port=self.port)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(answer.answer)

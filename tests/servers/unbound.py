"""Unbound on loopback: a validating resolver whose whole world is one name server of the tests."""

import shutil

from tests.servers import availability
from tests.servers.process import ServerProcess, free_port, new_folder

_CONFIG = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  interface: 127.0.0.1@{port}
  port: {port}
  do-ip6: no
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
  ede: yes
  qname-minimisation: no
  local-zone: "example." nodefault
remote-control:
  control-enable: no
stub-zone:
  name: "{zone}"
  stub-addr: {upstream}
  stub-prime: no
"""


class Unbound:
    """A resolver with ``address`` that asks ``upstream`` (ADDRESS@PORT) for ``zone`` and below, and
    trusts the DS record ``anchor``.
    """

    def __init__(self, zone: str, upstream: str, anchor: str) -> None:
        program = availability.program("unbound", "unbound")
        self._folder = new_folder("unbound")
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._zone = zone
        text = _CONFIG.format(
            folder=self._folder,
            port=self.port,
            anchor=f"{zone}. IN DS {anchor}",
            zone=zone,
            upstream=upstream,
        )
        path = self._folder / "unbound.conf"
        path.write_text(text)
        self._process = ServerProcess([program, "-d", "-c", str(path)], self._folder / "log")

    def start(self) -> None:
        """Start; returns when it answers."""
        self._process.start(self._answers)

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        import dns.exception
        import dns.message
        import dns.query

        question = dns.message.make_query(f"{self._zone}.", "SOA")
        try:
            answer = dns.query.udp(question, "127.0.0.1", timeout=1, port=self.port)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(answer.answer)

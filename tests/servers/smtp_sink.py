"""Postfix's smtp-sink: takes mail at full speed and throws it away, or fails where told to."""

import os
import shutil

from tests.servers import availability
from tests.servers.process import ServerProcess, answers, free_port, new_folder


class SmtpSink:
    """A server with ``host`` and ``port``; ``options`` as in smtp-sink(1), such as ``-f rcpt``."""

    host = "127.0.0.1"

    def __init__(self, *options: str) -> None:
        program = availability.program("smtp-sink", "postfix")
        rights = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to be root
        self.port = free_port()
        self._folder = new_folder("sink")
        self._process = ServerProcess(
            [program, *rights, *options, f"{self.host}:{self.port}", "256"],
            self._folder / "sink.log",
        )

    def start(self) -> None:
        """Start; returns when connections are taken."""
        self._process.start(lambda: answers(self.port))

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

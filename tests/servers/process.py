"""A real server as a child process: started, waited for, stopped; and a free port for it."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE = 30.0  # seconds until a server that is not ready, or does not end, counts as broken
_PAUSE = 0.02  # seconds between two looks
_RANGE = range(20000, 32000)  # below the ports that the system hands out by itself


class ServerFault(Exception):
    """A server did not start, or did not do what it was waited for; the text ends with its log."""


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on, neither with TCP nor with UDP."""
    for port in random.sample(_RANGE, 200):
        with contextlib.ExitStack() as stack:
            try:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    probe = stack.enter_context(socket.socket(socket.AF_INET, kind))
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFault("There is no free port.")


def new_folder(name: str) -> Path:
    """Make a folder that a server can reach after it has given up root's rights.

    pytest's own temporary folders are closed to other users.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"mailgui-{name}-"))
    folder.chmod(0o755)
    return folder


def answers(port: int) -> bool:
    """Return whether a TCP connection to the port on 127.0.0.1 is taken."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], failure: Callable[[], str]) -> None:
    """Look until the condition holds; after PATIENCE raise ServerFault, saying ``failure()``."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise ServerFault(failure())
        time.sleep(_PAUSE)


def _guard(group: int) -> subprocess.Popen[bytes]:
    """Start a shell that kills the process group when these tests end without stopping it.

    Its input ends with this process, however that ends.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "sh", str(group)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


class ServerProcess:
    """A server in the foreground, its output in a log file; it ends with the tests in any case."""

    def __init__(
        self, command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        self.command = list(command)
        self.log = log
        self._variables = dict(variables or {})
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool]) -> None:
        """Start, and return when ``ready`` says so; raise ServerFault when it ends or never is."""
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C.UTF-8", **self._variables},
                start_new_session=True,
            )
        self._guard = _guard(self._child.pid)
        try:
            wait_until(lambda: self._ended() or ready(), lambda: self._fault("is not ready"))
        except BaseException:
            self.stop()
            raise
        if self._ended():
            raise ServerFault(self._fault("ended at once"))

    def stop(self) -> None:
        """End it and all that it started; does nothing when it has ended."""
        child, self._child = self._child, None
        guard, self._guard = self._guard, None
        if child is None or guard is None:
            return
        guard.kill()
        child.terminate()
        try:
            child.wait(PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            guard.communicate()

    def _ended(self) -> bool:
        return self._child is None or self._child.poll() is not None

    def _fault(self, what: str) -> str:
        tail = self.log.read_text("utf-8", "replace")[-3000:] if self.log.exists() else ""
        return f"{Path(self.command[0]).name} {what}:\n{tail}"

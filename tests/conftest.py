"""What holds for every test: a home of its own, no way out to the network, the real servers."""

import errno
import ipaddress
import os
import shutil
import sys
import tempfile

from hypothesis import settings

# Set before anything of ours or of Qt is imported, and handed on to every program a test starts.
_HOME = tempfile.mkdtemp(prefix="mailgui-home-")
os.environ["MAILGUI_HOME"] = _HOME
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.servers.fixtures"]

# A time limit on each example would make the suite fail on a busy machine.
settings.register_profile("mailgui", deadline=None)
settings.load_profile("mailgui")


def pytest_unconfigure() -> None:
    """Delete the home."""
    shutil.rmtree(_HOME, ignore_errors=True)


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    """Make every network but loopback unreachable, so that no test depends on the internet."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return  # a UNIX socket
    host = str(address[0]).partition("%")[0]
    if host in {"", "localhost"}:
        return
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        pass  # another host's name
    else:
        if parsed.is_loopback or parsed.is_unspecified:
            return
    raise OSError(errno.ENETUNREACH, f"Network is unreachable for tests: {host}")


sys.addaudithook(_only_loopback)

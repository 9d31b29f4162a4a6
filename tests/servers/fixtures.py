"""The real servers as fixtures, for every test folder.

A test that asks for one of them is marked ``server`` or ``display`` by itself, and those that share
a running server go to the same worker when the tests are spread over several.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Protocol, TypeVar

import pytest

from tests.servers.bind import Bind
from tests.servers.certificates import Authority, KeyPair
from tests.servers.dovecot_lmtp import DovecotLmtp
from tests.servers.exim import Exim
from tests.servers.opensmtpd import OpenSmtpd
from tests.servers.postfix import HOST_NAME, Postfix
from tests.servers.smtp_sink import SmtpSink
from tests.servers.xvfb import Xvfb

# fixture: (marker, group of tests that one worker runs)
SHARED = {
    "postfix": ("server", "postfix"),
    "start_postfix": ("server", "postfix"),
    "lmtp": ("server", "lmtp"),
    "exim": ("server", "exim"),
    "opensmtpd": ("server", "opensmtpd"),
    "start_sink": ("server", "sink"),
    "start_bind": ("server", "bind"),
    "display": ("display", "display"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by the servers that they ask for."""
    for item in items:
        used = [name for name in SHARED if name in getattr(item, "fixturenames", ())]
        for name in used:
            item.add_marker(SHARED[name][0])
        if used:
            item.add_marker(pytest.mark.xdist_group("+".join({SHARED[n][1]: 0 for n in used})))


class Startable(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


S = TypeVar("S", bound=Startable)


def _started(stack: ExitStack, server: S) -> S:
    stack.callback(server.stop)  # a server that fails to start leaves nothing behind either
    server.start()
    return server


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """The authority behind the servers' certificates; clients trust ``authority.ca_file``."""
    made = Authority()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def server_pair(authority: Authority) -> KeyPair:
    """A certificate for 127.0.0.1, localhost and Postfix's name."""
    return authority.issue("127.0.0.1", "localhost", HOST_NAME)


@pytest.fixture(scope="session")
def postfix(server_pair: KeyPair) -> Iterator[Postfix]:
    """A running Postfix that all tests share: let each use recipients of its own."""
    with ExitStack() as stack:
        yield _started(stack, Postfix(server_pair))


@pytest.fixture
def start_postfix(server_pair: KeyPair) -> Iterator[Callable[..., Postfix]]:
    """Starts a Postfix with settings of main.cf, or a certificate, of the test's own."""
    with ExitStack() as stack:

        def start(
            settings: Mapping[str, str] | None = None, pair: KeyPair | None = None
        ) -> Postfix:
            return _started(stack, Postfix(pair or server_pair, settings))

        yield start


@pytest.fixture(scope="module")
def lmtp() -> Iterator[DovecotLmtp]:
    """A running LMTP service on a UNIX socket."""
    with ExitStack() as stack:
        yield _started(stack, DovecotLmtp())


@pytest.fixture(scope="module")
def exim(server_pair: KeyPair) -> Iterator[Exim]:
    """A running Exim: let each test use recipients of its own."""
    with ExitStack() as stack:
        yield _started(stack, Exim(server_pair))


@pytest.fixture(scope="module")
def opensmtpd() -> Iterator[OpenSmtpd]:
    """A running OpenSMTPD."""
    with ExitStack() as stack:
        yield _started(stack, OpenSmtpd())


@pytest.fixture
def start_sink() -> Iterator[Callable[..., SmtpSink]]:
    """Starts an smtp-sink with the options given."""
    with ExitStack() as stack:
        yield lambda *options: _started(stack, SmtpSink(*options))


@pytest.fixture(scope="module")
def start_bind() -> Iterator[Callable[..., Bind]]:
    """Starts a BIND with the zones given; it runs until the module's tests are done."""
    with ExitStack() as stack:
        yield lambda zones, options="": _started(stack, Bind(zones, options))


@pytest.fixture(scope="session")
def display() -> Iterator[Xvfb]:
    """A display: start programs with ``env=display.variables``."""
    with ExitStack() as stack:
        yield _started(stack, Xvfb())

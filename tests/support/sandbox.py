"""A running sandbox beside the test, in an engine thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from mailgui.sandbox.sandbox import Sandbox
from mailgui.worker import Worker


@contextmanager
def running_sandbox(*, delay: float = 0.05) -> Iterator[Sandbox]:
    """Yield a sandbox whose servers answer while the block runs."""
    worker = Worker()
    sandbox = Sandbox(delay=delay)
    worker.submit(sandbox.start).result(30)
    try:
        yield sandbox
    finally:
        worker.submit(sandbox.stop).result(30)
        assert worker.drain(10)

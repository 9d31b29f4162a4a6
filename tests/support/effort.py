"""A bound on how much computing something may take, for what an attacker chooses the size of."""

import contextlib
import signal
from collections.abc import Iterator

ENOUGH = 20.0


@contextlib.contextmanager
def bounded_effort(seconds: float = ENOUGH) -> Iterator[None]:
    """Fail where the block computes for longer than ``seconds``.

    It is no measurement: what is given takes milliseconds, and where the time grows with the square
    of the size, hours. The processor's time counts, so that a busy machine makes no difference.
    Does nothing where the system has no such timer; of the main thread only.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def enough(number: int, frame: object) -> None:
        raise AssertionError(f"It had not come to an end after {seconds:g} seconds of computing.")

    before = signal.signal(signal.SIGVTALRM, enough)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

"""What the embedded servers hold of messages that are still coming in, all of them together.

Each message has a bound of its own; two hundred clients that send one at once must not fill the
memory all the same.
"""

from typing import Self

MAX_WAITING = 256 * 1024 * 1024  # octets


class Budget:
    """The octets that are held. Belongs to one event loop."""

    def __init__(self) -> None:
        self.held = 0

    def share(self) -> "Share":
        """Return what one message may take from; as a context manager, it gives all back."""
        return Share(self)


class Share:
    """What one message holds."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = 0

    def take(self, octets: int) -> bool:
        """Hold so much more; return whether there was room."""
        if self._budget.held + octets > MAX_WAITING:
            return False
        self._budget.held += octets
        self._held += octets
        return True

    def give_back(self) -> None:
        """Hold nothing any more."""
        self._budget.held -= self._held
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

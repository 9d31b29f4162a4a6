"""Building the trace of an evaluation while it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailgui.domain.spf_result import TraceNode
from mailgui.transcript import visible


@dataclass
class TraceBuilder:
    """A TraceNode in the making."""

    term: str
    result: str = "not reached"
    own_lookups: int = 0
    void: bool = False
    domain: str | None = None
    resolved: tuple[str, ...] = ()
    detail: str = ""
    record: str | None = None
    duration: float = 0.0
    children: list["TraceBuilder"] = field(default_factory=list)
    lookups: int = 0
    voids: int = 0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the block's time as the term's."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.duration = time.perf_counter() - started

    def settle(self) -> None:
        """Add up what the term and those below it took of the budgets."""
        self.lookups = self.own_lookups + sum(child.lookups for child in self.children)
        self.voids = int(self.void) + sum(child.voids for child in self.children)

    def freeze(self) -> TraceNode:
        """Return the finished node, with everything below it."""
        self.settle()
        return TraceNode(
            term=visible(self.term),
            result=self.result,
            lookups=self.lookups,
            void_lookups=self.voids,
            domain=visible(self.domain) if self.domain is not None else None,
            resolved=self.resolved,
            children=tuple(child.freeze() for child in self.children),
            duration=self.duration,
            detail=visible(self.detail),
            record=self.record,
            void=self.void,
        )

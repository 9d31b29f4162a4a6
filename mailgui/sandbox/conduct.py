"""How the embedded servers are told to behave to everyone: replies on order, and a rate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailgui.sandbox.rate_limit import Admission, RateLimit, RateWindow
from mailgui.sandbox.stage_replies import Stage, StageReply

_AT = {
    **{stage: f"at {stage.upper()}" for stage in Stage},
    Stage.BANNER: "as its greeting",
    Stage.MESSAGE: "after the dot",
}


@dataclass(frozen=True, slots=True)
class Orders:
    """What was ordered; without anything the servers behave as they do by themselves."""

    replies: Mapping[Stage, StageReply] = field(default_factory=dict)
    rate: RateLimit | None = None

    def __bool__(self) -> bool:
        return bool(self.replies) or self.rate is not None

    @property
    def sentence(self) -> str:
        """What is in force, as a sentence; "" where nothing is."""
        told = [f"{reply.code} {_AT[stage]}" for stage, reply in self.replies.items()]
        told += [f"at most {self.rate.sentence}"] if self.rate else []
        return f"In force: {', '.join(told)}." if told else ""


class Conduct:
    """The orders in force, and what was counted under them. Belongs to one event loop."""

    def __init__(self) -> None:
        self._orders = Orders()
        self._windows: dict[str, RateWindow] = {}

    @property
    def orders(self) -> Orders:
        """What is in force."""
        return self._orders

    @orders.setter
    def orders(self, orders: Orders) -> None:
        if orders.rate != self._orders.rate:
            self._windows.clear()
        self._orders = orders

    def reply(self, stage: Stage) -> StageReply | None:
        """Return the reply on order at ``stage``, or None."""
        return self._orders.replies.get(stage)

    def admit(self, road: str) -> Admission | None:
        """Count one message by ``road`` (``smtp``, or a provider's id: each has a count of its
        own), and return what it is told; None where there is no limit.
        """
        rate = self._orders.rate
        if rate is None:
            return None
        if road not in self._windows:
            self._windows[road] = RateWindow(rate)
        return self._windows[road].admit()

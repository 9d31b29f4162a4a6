"""A question under way, shared by everybody who waits for its answer."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from mailgui.net.dns_answer import Answer
from mailgui.net.dns_question import Question
from mailgui.net.dns_udp import UdpExchange


class Key(NamedTuple):
    """What tells one question from another."""

    name: str
    rdtype: str
    signed: bool = False


class Flight:
    """Attributes:
    question: what is asked; None until it has been made.
    started: when it was sent, by the loop's clock.
    exchange: the datagram under way, while no task is needed.
    task: looks after it once it is more than a datagram and its answer.
    waiting: whoever wants the answer.
    """

    __slots__ = ("exchange", "key", "question", "started", "task", "waiting")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.question: Question | None = None
        self.started = 0.0
        self.exchange: UdpExchange | None = None
        self.task: asyncio.Task[None] | None = None
        self.waiting: set[asyncio.Future[Answer]] = set()

    def ground(self) -> None:
        """Stop listening for the datagram's answer."""
        if self.exchange is not None:
            self.exchange.drop()
            self.exchange = None

    def tell(self, answer: Answer) -> None:
        """Give everybody the answer."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(answer)

"""The DNS tree walk: RFC 9989, section 4.10."""

import asyncio
from dataclasses import dataclass

from mailgui.domain.dmarc_record import DmarcRecord, is_dmarc, parse_dmarc
from mailgui.domain.questions import Asker
from mailgui.net.dns_answer import Answer

MAX_QUESTIONS = 8


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One name of the walk. ``record`` is None with none, or with several: all are discarded."""

    name: str
    answer: Answer
    texts: tuple[str, ...]
    record: DmarcRecord | None

    @property
    def psd(self) -> str | None:
        """The record's ``psd`` tag, where it decides something."""
        value = self.record.value("psd") if self.record else None
        return value if value in ("y", "n") else None


@dataclass(frozen=True, slots=True)
class Walk:
    """A whole walk, from the starting name upwards, as far as it goes.

    Attributes:
        organizational: the organizational domain.
        complete: whether every name on the way could be asked for.
    """

    start: str
    steps: tuple[WalkStep, ...]
    organizational: str
    complete: bool

    def at(self, name: str) -> WalkStep | None:
        """Return the step at ``name``, if the walk came there."""
        return next((step for step in self.steps if step.name == name), None)


def names_to_ask(domain: str) -> tuple[str, ...]:
    """Return the names of the walk from ``domain``: itself, then upwards to the top-level domain.

    A name of eight or more labels is followed by its last seven.
    """
    labels = domain.split(".")
    rest = labels[-(MAX_QUESTIONS - 1) :] if len(labels) >= MAX_QUESTIONS else labels[1:]
    return (domain, *(".".join(rest[index:]) for index in range(len(rest))))


async def walk(domain: str, asker: Asker) -> Walk:
    """Return the walk from ``domain`` (A-labels, lower case).

    All its names are asked for at once; what lies above the name that ends the walk is left out.
    """
    names = names_to_ask(domain)
    answers = await asyncio.gather(*(asker.ask(f"_dmarc.{name}", "TXT") for name in names))
    steps: list[WalkStep] = []
    for name, answer in zip(names, answers, strict=True):
        step = _step(name, answer)
        steps.append(step)
        if step.psd is not None:
            break
    return Walk(
        start=domain,
        steps=tuple(steps),
        organizational=_organizational(domain, steps),
        complete=all(step.answer.conclusive for step in steps),
    )


def _step(name: str, answer: Answer) -> WalkStep:
    texts = tuple(text for text in answer.records if is_dmarc(text))
    return WalkStep(name, answer, texts, parse_dmarc(texts[0]) if len(texts) == 1 else None)


def _organizational(start: str, steps: list[WalkStep]) -> str:
    """Section 4.10.2: psd=n selects its name, psd=y the one below, else the shortest with a
    record.
    """
    for step in steps:
        if step.psd == "n":
            return step.name
        if step.psd == "y" and step.name != start:
            labels = start.split(".")
            return ".".join(labels[-(step.name.count(".") + 2) :])
    with_record = [step.name for step in steps if step.record is not None]
    return min(with_record, key=lambda name: name.count("."), default=start)

"""Where mail for a domain goes: RFC 5321 section 5.1 and the null MX of RFC 7505."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from mailgui.transcript import Recorder

if TYPE_CHECKING:
    from mailgui.net.resolver import Answer, Resolver


@dataclass(frozen=True, slots=True)
class MailExchanger:
    """One host that takes a domain's mail; lower preferences are tried first."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Route:
    """A domain's mail exchangers, by preference and name.

    Attributes:
        implicit: it has no MX record, so the domain's own address is used.
        secure: the answer was validated (DNSSEC), as the resolver says; whether to believe it is
            another matter (``server``).
    """

    domain: str
    exchangers: tuple[MailExchanger, ...]
    implicit: bool = False
    secure: bool = False
    server: str = ""

    def to_try(
        self, shuffle: Callable[[list[MailExchanger]], None] = random.shuffle
    ) -> tuple[MailExchanger, ...]:
        """Return them in the order to try: those of equal preference at random (section 5.1)."""
        ordered: list[MailExchanger] = []
        for _, equals in groupby(self.exchangers, key=lambda mx: mx.preference):
            some = list(equals)
            shuffle(some)
            ordered += some
        return tuple(ordered)


class NoRoute(Exception):
    """A domain takes no mail, or it could not be found out whether it does.

    Attributes:
        kind: ``null_mx``, ``name_not_found`` or ``name_failed``.
        temporary: whether trying later can help.
        sentence: what is the matter, for a person.
    """

    def __init__(self, kind: str, sentence: str, *, temporary: bool = False) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.temporary = temporary


async def find_route(domain: str, resolver: Resolver, recorder: Recorder | None = None) -> Route:
    """Return where mail for ``domain`` (A-labels) goes.

    Raises NoRoute for a null MX, a name that does not exist, and when DNS gives no answer.
    """
    answer = await resolver.ask(domain, "MX", recorder=recorder)
    if answer.status == "found":
        return _explicit(domain, answer)
    if answer.status == "nxdomain":
        raise NoRoute("name_not_found", f"The domain {domain} does not exist.")
    if answer.status != "nodata":
        sentence = (
            f"The MX records of {domain} could not be looked up ({answer.status}); try again."
        )
        raise NoRoute("name_failed", f"{sentence} {answer.reason}".rstrip(), temporary=True)
    itself = (MailExchanger(0, domain),)
    return Route(domain, itself, implicit=True, secure=answer.ad, server=answer.server)


def _explicit(domain: str, answer: Answer) -> Route:
    exchangers = sorted(map(_parse, answer.records), key=lambda mx: (mx.preference, mx.host))
    hosts = tuple(mx for mx in exchangers if mx.host)
    if not hosts:
        raise NoRoute("null_mx", f"{domain} says that it takes no mail at all (null MX, RFC 7505).")
    return Route(domain, hosts, secure=answer.ad, server=answer.server)


def _parse(record: str) -> MailExchanger:
    preference, _, host = record.partition(" ")
    return MailExchanger(int(preference), host.strip().rstrip(".").lower())

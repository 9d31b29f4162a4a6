"""Where mail for a domain goes: RFC 5321 section 5.1 and the null MX of RFC 7505."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A domain's mail exchangers in the order to try. ``implicit``: it has no MX record, so the
    domain's own address is used.
    """

    domain: str
    exchangers: tuple[MailExchanger, ...]
    implicit: bool = False


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
        raise NoRoute(
            "name_failed",
            f"The MX records of {domain} could not be looked up ({answer.status}); try again.",
            temporary=True,
        )
    return Route(domain, (MailExchanger(0, domain),), implicit=True)


def _explicit(domain: str, answer: Answer) -> Route:
    exchangers = sorted(map(_parse, answer.records), key=lambda mx: (mx.preference, mx.host))
    if any(mx.host == "" for mx in exchangers):
        raise NoRoute("null_mx", f"{domain} says that it takes no mail at all (null MX, RFC 7505).")
    return Route(domain, tuple(exchangers))


def _parse(record: str) -> MailExchanger:
    preference, _, host = record.partition(" ")
    return MailExchanger(int(preference), host.strip().rstrip(".").lower())

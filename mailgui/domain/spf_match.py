"""The mechanisms that look for the client's address, and the budgets they spend.

RFC 7208, sections 4.6.4 (limits), 5.3 to 5.7 (mechanisms) and 7 (macros).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from mailgui.domain.names import is_askable, is_within
from mailgui.domain.questions import Asker
from mailgui.domain.spf_macro import MacroString, as_target_name
from mailgui.domain.spf_record import Directive
from mailgui.domain.spf_request import SpfRequest
from mailgui.domain.spf_result import SpfResult
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

MAX_LOOKUPS = 10
MAX_VOIDS = 2
MAX_HOSTS = 10  # MX hosts, or PTR names, of one term


class SpfStop(Exception):
    """The evaluation ends here, with ``result``."""

    def __init__(self, result: SpfResult, sentence: str) -> None:
        super().__init__(sentence)
        self.result = result
        self.sentence = visible(sentence)


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a term matched, and what it took."""

    matched: bool
    lookups: int = 0
    void: bool = False
    domain: str | None = None
    resolved: tuple[str, ...] = ()
    detail: str = ""


class Terms:
    """Matches terms against one request and keeps its budgets.

    ``lookups`` and ``voids`` are what was spent: of terms that ask the DNS, and of those whose
    questions found nothing.
    """

    def __init__(self, request: SpfRequest, asker: Asker) -> None:
        self.lookups = 0
        self.voids = 0
        self._request = request
        self._asker = asker

    def spend(self, term: str) -> int:
        """Count a term that asks the DNS; return 1. Raises SpfStop beyond the limit."""
        if self.lookups >= MAX_LOOKUPS:
            sentence = f"“{term}” would be look-up number 11; SPF allows 10."
            raise SpfStop(SpfResult.PERMERROR, sentence)
        self.lookups += 1
        return 1

    def spend_void(self, term: str) -> None:
        """Count a term whose question found nothing. Raises SpfStop beyond the limit."""
        self.voids += 1
        if self.voids > MAX_VOIDS:
            sentence = f"“{term}” is the third term that finds nothing; SPF allows two."
            raise SpfStop(SpfResult.PERMERROR, sentence)

    async def match(self, directive: Directive, domain: str) -> Match:
        """Return whether any mechanism but ``include`` matches. Raises SpfStop."""
        if directive.mechanism == "all":
            return Match(True)
        if directive.network is not None:
            matched = self._request.ip in directive.network
            return Match(matched, resolved=(str(directive.network),))
        self.spend(directive.text)
        target = domain
        if directive.domain is not None:
            expanded = await self.expand(directive.domain, domain)
            if expanded is None:
                detail = "The sender's local part is not ASCII: such a term matches nobody."
                return Match(False, 1, detail=detail)
            target = expanded
        if not is_askable(target):
            detail = f"{target} is not a name that the DNS can be asked for."
            return Match(False, 1, domain=target, detail=detail)
        match directive.mechanism:
            case "a":
                return await self._match_a(directive, target)
            case "mx":
                return await self._match_mx(directive, target)
            case "exists":
                return await self._match_exists(directive, target)
            case _:
                return await self._match_ptr(directive, target)

    async def expand(self, spec: MacroString, domain: str) -> str | None:
        """Return the name that ``spec`` stands for.

        None when it cannot match anybody: it has the local part in it, which is not ASCII (RFC
        8616, section 4).
        """
        if not self._request.local.isascii() and spec.letters & {"s", "l"}:
            return None
        return as_target_name(spec.expand(await self.macro_values(spec, domain)))

    async def macro_values(self, spec: MacroString, domain: str) -> dict[str, str]:
        """Return the values of the macros in ``spec``."""
        values = self._request.macro_values(domain, spec.letters)
        if "p" in spec.letters:
            values["p"] = await self._validated_name(domain)
        return values

    async def _match_a(self, directive: Directive, target: str) -> Match:
        answer = await self._ask(target, self._request.address_type, directive)
        if answer.absent:
            self.spend_void(directive.text)
        matched = self._any_inside(answer.records, directive)
        return Match(matched, 1, answer.absent, target, answer.records)

    async def _match_mx(self, directive: Directive, target: str) -> Match:
        answer = await self._ask(target, "MX", directive)
        if answer.absent:
            self.spend_void(directive.text)
            return Match(False, 1, True, target)
        hosts = mx_hosts(answer)
        if len(hosts) > MAX_HOSTS:
            sentence = f"“{directive.text}” leads to {len(hosts)} MX hosts; SPF allows 10."
            raise SpfStop(SpfResult.PERMERROR, sentence)
        void, resolved = False, []
        async with self._asked(hosts, self._request.address_type) as answers:
            for host, question in zip(hosts, answers, strict=True):
                found = await question
                self._require(found, directive)
                # The limit speaks of terms (section 4.6.4), so a term is void once at most.
                if found.absent and not void:
                    void = True
                    self.spend_void(directive.text)
                resolved += [f"{host} {address}" for address in found.records]
                if self._any_inside(found.records, directive):
                    return Match(True, 1, void, target, tuple(resolved))
        return Match(False, 1, void, target, tuple(resolved))

    async def _match_exists(self, directive: Directive, target: str) -> Match:
        answer = await self._ask(target, "A", directive)
        if answer.absent:
            self.spend_void(directive.text)
        return Match(bool(answer.records), 1, answer.absent, target, answer.records)

    async def _match_ptr(self, directive: Directive, target: str) -> Match:
        answer = await self._reverse()
        if answer.absent:
            self.spend_void(directive.text)
        validated = await self._validated(answer)
        matched = any(is_within(name, target.lower()) for name in validated)
        return Match(matched, 1, answer.absent, target, tuple(validated))

    async def _validated_name(self, domain: str) -> str:
        """Return what ``%{p}`` stands for (section 7.3): best the domain itself, then one below it.

        Its question is about the client, not the record, and counts nowhere.
        """
        names = await self._validated(await self._reverse())
        domain = domain.lower().removesuffix(".")
        for name in names:
            if name == domain:
                return name
        for name in names:
            if is_within(name, domain):
                return name
        return names[0] if names else "unknown"

    async def _reverse(self) -> Answer:
        assert self._request.ip is not None  # noqa: S101  # check_host() demands it
        return await self._asker.ask(self._request.ip.reverse_pointer, "PTR")

    async def _validated(self, answer: Answer) -> list[str]:
        """Return the client's names that lead back to its address, of the first ten."""
        names = [record.rstrip(".").lower() for record in answer.records][:MAX_HOSTS]
        names = [name for name in names if is_askable(name)]
        async with self._asked(names, self._request.address_type) as questions:
            answers = await asyncio.gather(*questions)
        return [
            name
            for name, found in zip(names, answers, strict=True)
            if any(ip_address(address) == self._request.ip for address in found.records)
        ]

    @asynccontextmanager
    async def _asked(
        self, names: Sequence[str], rdtype: str
    ) -> AsyncIterator[list[asyncio.Task[Answer]]]:
        """Ask for several names at once; what is not needed any more is given up at the end."""
        tasks = [asyncio.ensure_future(self._asker.ask(name, rdtype)) for name in names]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, name: str, rdtype: str, directive: Directive) -> Answer:
        answer = await self._asker.ask(name, rdtype)
        self._require(answer, directive)
        return answer

    def _require(self, answer: Answer, directive: Directive) -> None:
        """Raise SpfStop unless the DNS answered (section 5: any other rcode is a temperror)."""
        if not answer.conclusive:
            sentence = (
                f"“{directive.text}” could not be looked up: {answer.name} {answer.rdtype} "
                f"({answer.status.value})."
            )
            raise SpfStop(SpfResult.TEMPERROR, sentence)

    def _any_inside(self, addresses: Sequence[str], directive: Directive) -> bool:
        ip = self._request.ip
        assert ip is not None  # noqa: S101  # check_host() demands it
        prefix = directive.prefix4 if ip.version == 4 else directive.prefix6
        return any(ip in ip_network(f"{address}/{prefix}", strict=False) for address in addresses)


def mx_hosts(answer: Answer) -> list[str]:
    """Return the hosts of an MX answer by preference; the null MX's root is none."""
    pairs = sorted(record.split(" ", 1) for record in answer.records)
    pairs.sort(key=lambda pair: int(pair[0]))
    hosts = [host.rstrip(".").lower() for _, host in pairs]
    return [host for host in hosts if host and is_askable(host)]

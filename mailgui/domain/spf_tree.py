"""The whole tree of an SPF policy: every record it leads to, fetched side by side.

Where ``check_host`` stops at the first match, this follows every term up to ``all``. It shows what
the policy costs at worst, whom it lets send, and which terms lead nowhere.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from ipaddress import ip_network

from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.spf_explain import read_explanation
from mailgui.domain.spf_macro import MacroString, as_target_name
from mailgui.domain.spf_match import MAX_HOSTS, mx_hosts
from mailgui.domain.spf_record import LOOKUP_MECHANISMS, Directive, Modifier, SpfRecord
from mailgui.domain.spf_request import SpfRequest
from mailgui.domain.spf_result import TraceNode
from mailgui.domain.spf_select import SpfSelection, select_record
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

MAX_TERMS = 50  # terms that ask the DNS; five times what is allowed
_MAX_DEPTH = 12
_DEPENDS = "It depends on the message: give an IP address and a sender."


@dataclass(frozen=True, slots=True)
class Authorised:
    """A network that a policy names. ``path`` is the terms that lead to it."""

    network: str
    qualifier: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpfTree:
    """A policy as a whole.

    Attributes:
        selection: the starting record, or why there is none.
        lookups_total: terms that ask the DNS, in the whole tree.
        voids: terms that find nothing, as (term, domain of its record).
        complete: False where an answer could not be had, or the tree is too large to be followed.
        networks: what it authorises (or denies), in the order of evaluation.
    """

    selection: SpfSelection
    trace: tuple[TraceNode, ...] = ()
    lookups_total: int = 0
    voids: tuple[tuple[str, str], ...] = ()
    complete: bool = True
    networks: tuple[Authorised, ...] = ()


async def walk(request: SpfRequest, asker: Asker) -> SpfTree:
    """Return the tree of ``request.domain``. Without an IP address, addresses of both families are
    looked up, and terms that depend on the message stay unresolved.
    """
    walker = _Walker(request, asker)
    selection = await select_record(request.domain, asker)
    if selection.record is None:
        return SpfTree(selection, complete=selection.answer is None or selection.answer.conclusive)
    trace = await walker.record(selection.record, request.domain, (), explained=True)
    return SpfTree(
        selection=selection,
        trace=trace,
        lookups_total=sum(node.lookups for node in trace),
        voids=tuple(walker.voids),
        complete=walker.complete,
        networks=tuple(_flatten(trace, (), None)),
    )


class _Walker:
    """Follows terms. ``path`` is the domains on the way to the record at hand."""

    def __init__(self, request: SpfRequest, asker: Asker) -> None:
        self.voids: list[tuple[str, str]] = []
        self.complete = True
        self._request = request
        self._asker = asker
        self._left = MAX_TERMS
        types = ("A", "AAAA") if request.ip is None else (request.address_type,)
        self._address_types = types

    async def record(
        self, record: SpfRecord, domain: str, path: tuple[str, ...], *, explained: bool
    ) -> tuple[TraceNode, ...]:
        """Return the nodes of a record's terms. ``explained``: its ``exp=`` may come to be used,
        as it is not where the record is included.
        """
        path = (*path, domain.lower())
        ended = False
        pending: list[asyncio.Task[TraceNode]] = []
        async with asyncio.TaskGroup() as group:
            for directive in record.directives:
                work = (
                    _skipped(directive) if ended else self._term(directive, domain, path, explained)
                )
                pending.append(group.create_task(work))
                ended = ended or directive.mechanism == "all"
            redirect = record.modifier("redirect")
            if redirect is not None:
                work = (
                    _skipped(redirect) if ended else self._term(redirect, domain, path, explained)
                )
                pending.append(group.create_task(work))
            exp = record.modifier("exp")
            if exp is not None and explained:
                pending.append(group.create_task(self._explanation(exp, domain)))
        nodes = [task.result() for task in pending]
        nodes += [
            TraceNode(fault.shown, "permerror", detail=fault.sentence) for fault in record.faults
        ]
        return tuple(nodes)

    async def _explanation(self, exp: Modifier, domain: str) -> TraceNode:
        node = TraceNode(visible(exp.text), "resolved")
        target = self._expand(exp.value, domain)
        if target is None:
            return replace(node, result="unresolved", detail=_DEPENDS)
        node = replace(node, domain=visible(target))
        if not is_askable(target):
            return replace(node, result="not used", detail="No such name can exist.")
        text, fault = await read_explanation(target, self._asker)
        if text is None:
            return replace(node, result="not used", detail=visible(fault))
        return replace(node, detail=visible(text.text))

    async def _term(
        self, term: Directive | Modifier, domain: str, path: tuple[str, ...], explained: bool
    ) -> TraceNode:
        node = TraceNode(visible(term.text), "resolved")
        if isinstance(term, Directive):
            if term.network is not None:
                return replace(node, resolved=(str(term.network),))
            if term.mechanism not in LOOKUP_MECHANISMS:
                return node
        if self._left <= 0:
            self.complete = False
            return replace(node, result="not reached", detail="The tree is too large.", lookups=1)
        self._left -= 1
        node = replace(node, lookups=1)
        follows = isinstance(term, Modifier) or term.mechanism == "include"
        spec = term.value if isinstance(term, Modifier) else term.domain
        target = domain if spec is None else self._expand(spec, domain)
        if target is None:
            return replace(node, result="unresolved", detail=_DEPENDS)
        node = replace(node, domain=visible(target))
        if not is_askable(target):
            result = "permerror" if follows else "void"
            return replace(node, result=result, detail="No such name can exist.")
        started = time.perf_counter()
        if isinstance(term, Modifier):
            node = await self._follow(node, target, path, explained=explained)
        elif follows:
            node = await self._follow(node, target, path, explained=False)
        else:
            node = await self._addresses(node, term, target)
        if node.void:
            self.voids.append((node.term, domain))
        return replace(node, duration=time.perf_counter() - started)

    async def _follow(
        self, node: TraceNode, target: str, path: tuple[str, ...], *, explained: bool
    ) -> TraceNode:
        """Follow an include or a redirect to its record."""
        if target.lower() in path:
            return replace(node, result="loop", detail=f"{target} leads back to itself.")
        if len(path) >= _MAX_DEPTH:
            self.complete = False
            return replace(node, result="not reached", detail="The tree is too deep.")
        selection = await select_record(target, self._asker)
        if selection.record is None:
            return self._without_record(node, selection)
        children = await self.record(selection.record, target, path, explained=explained)
        return replace(
            node,
            result="permerror" if selection.record.faults else "resolved",
            record="\n".join(selection.texts),
            children=children,
            lookups=node.lookups + sum(child.lookups for child in children),
            void_lookups=sum(child.void_lookups for child in children),
        )

    def _without_record(self, node: TraceNode, selection: SpfSelection) -> TraceNode:
        assert selection.result is not None  # noqa: S101  # there is no record
        node = replace(node, detail=selection.sentence, record="\n".join(selection.texts) or None)
        if selection.void:
            return replace(node, result="void", void=True, void_lookups=1)
        if selection.result == "temperror":
            self.complete = False
            return replace(node, result="temperror")
        return replace(node, result="permerror")

    async def _addresses(self, node: TraceNode, term: Directive, target: str) -> TraceNode:
        if term.mechanism == "exists":
            return self._found(node, [await self._asker.ask(target, "A")], term)
        if term.mechanism == "ptr":
            detail = "It asks for the client's names, whoever that is."
            return replace(node, result="unresolved", detail=detail)
        if term.mechanism == "a":
            return self._found(node, await self._ask_all([target]), term)
        answer = await self._asker.ask(target, "MX")
        if answer.status != "found":
            return self._found(node, [answer], term)
        hosts = mx_hosts(answer)
        if len(hosts) > MAX_HOSTS:
            detail = f"It leads to {len(hosts)} MX hosts; SPF allows 10."
            return replace(node, result="permerror", detail=detail)
        return self._found(node, await self._ask_all(hosts), term, hosts)

    async def _ask_all(self, names: list[str]) -> list[Answer]:
        questions = [self._asker.ask(n, t) for n in names for t in self._address_types]
        return list(await asyncio.gather(*questions))

    def _found(
        self,
        node: TraceNode,
        answers: list[Answer],
        term: Directive,
        hosts: list[str] | None = None,
    ) -> TraceNode:
        failed = [answer for answer in answers if not answer.conclusive]
        if failed:
            self.complete = False
            answer = failed[0]
            detail = f"{answer.name} {answer.rdtype} could not be had ({answer.status.value})."
            return replace(node, result="temperror", detail=detail)
        addresses = [record for answer in answers for record in answer.records]
        if term.mechanism != "exists":
            addresses = [_as_network(address, term) for address in addresses]
        resolved = tuple(dict.fromkeys(addresses))
        if resolved or hosts == []:
            return replace(node, resolved=resolved)
        return replace(node, result="void", void=True, void_lookups=1)

    def _expand(self, spec: MacroString, domain: str) -> str | None:
        if not spec.letters <= self._request.known:
            return None
        if not self._request.local.isascii() and spec.letters & {"s", "l"}:
            return None
        return as_target_name(spec.expand(self._request.macro_values(domain, spec.letters)))


async def _skipped(term: Directive | Modifier) -> TraceNode:
    detail = "It stands behind all, and is never reached."
    return TraceNode(visible(term.text), "not reached", detail=detail)


def _as_network(address: str, term: Directive) -> str:
    prefix = term.prefix6 if ":" in address else term.prefix4
    return str(ip_network(f"{address}/{prefix}", strict=False))


def _flatten(
    nodes: tuple[TraceNode, ...], path: tuple[str, ...], outer: str | None
) -> list[Authorised]:
    """Return the networks that terms name.

    ``outer`` is what a match within an include means outside it: only a pass there counts (RFC
    7208, section 5.2); None at the top, where each qualifier stands for itself.
    """
    found: list[Authorised] = []
    for node in nodes:
        here = (*path, node.term)
        qualifier = node.term[0] if node.term[0] in "-~?" else "+"
        mechanism = node.term.lstrip("+-~?").lower()
        if mechanism.startswith("redirect="):
            found += _flatten(node.children, here, outer)
            continue
        effect = qualifier if outer is None else outer
        if mechanism.startswith("exists") or (outer is not None and qualifier != "+"):
            continue
        found += [Authorised(network, effect, here) for network in node.resolved]
        found += _flatten(node.children, here, effect)
    return found

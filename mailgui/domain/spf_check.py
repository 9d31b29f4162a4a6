"""check_host(): RFC 7208, sections 4 to 6, with a trace of every term.

Terms are evaluated one after another, as the result demands; the addresses of a term's hosts are
asked for at once.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailgui.domain.questions import Asker
from mailgui.domain.spf_explain import explain
from mailgui.domain.spf_match import Match, SpfStop, Terms
from mailgui.domain.spf_record import Directive, Modifier, SpfRecord
from mailgui.domain.spf_request import SpfRequest
from mailgui.domain.spf_result import QUALIFIERS, SpfOutcome, SpfResult, TraceNode
from mailgui.domain.spf_select import SpfSelection, select_record
from mailgui.domain.spf_trace import TraceBuilder
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

_SECONDS = 30.0  # section 4.6.4 wants at least 20


async def check_host(request: SpfRequest, asker: Asker, *, timeout: float = _SECONDS) -> SpfOutcome:
    """Return what SPF says about ``request``, which must have an IP address.

    Takes at most ``timeout`` seconds: then it is a temperror. Raises ValueError without an IP
    address.
    """
    if request.ip is None:
        raise WrongInput("SPF can only be evaluated for an IP address.")
    evaluation = _Evaluation(request, asker)
    started = time.perf_counter()
    try:
        async with asyncio.timeout(timeout):
            result = await evaluation.start()
    except TimeoutError:
        evaluation.error = f"The evaluation took longer than {timeout:g} seconds."
        result = SpfResult.TEMPERROR
    return SpfOutcome(
        result=result,
        explanation=evaluation.explanation,
        lookups=evaluation.terms.lookups,
        void_lookups=evaluation.terms.voids,
        trace=tuple(builder.freeze() for builder in evaluation.trace),
        record=evaluation.record,
        error=evaluation.error,
        duration=time.perf_counter() - started,
    )


@dataclass
class _Frame:
    """One record under evaluation. ``nodes`` collects its terms' traces."""

    domain: str
    nodes: list[TraceBuilder]
    included: bool = False


@dataclass
class _Evaluation:
    """The state of one evaluation."""

    request: SpfRequest
    asker: Asker
    trace: list[TraceBuilder] = field(default_factory=list)
    record: str | None = None
    error: str | None = None
    explanation: str | None = None

    def __post_init__(self) -> None:
        self.terms = Terms(self.request, self.asker)

    async def start(self) -> SpfResult:
        domain = self.request.domain
        if "." not in domain.strip(".") or domain.startswith("["):
            self.error = f"{visible(domain)} is not a full domain name."
            return SpfResult.NONE  # section 4.3
        try:
            selection = await select_record(domain, self.asker)
            self.record = "\n".join(selection.texts) or None
            return await self._evaluate(selection, _Frame(domain, self.trace))
        except SpfStop as stop:
            self.error = stop.sentence
            return stop.result

    async def _evaluate(self, selection: SpfSelection, frame: _Frame) -> SpfResult:
        """Evaluate a domain's record. Raises SpfStop for an error."""
        if selection.record is None:
            if selection.result is not SpfResult.NONE:
                raise SpfStop(selection.result or SpfResult.PERMERROR, selection.sentence)
            self.error = selection.sentence
            return SpfResult.NONE
        record = selection.record
        if record.faults:
            frame.nodes.extend(_faulty_nodes(record))
            fault = record.faults[0]
            raise SpfStop(
                SpfResult.PERMERROR,
                f"The SPF record of {visible(frame.domain)} is wrong at "
                f"“{fault.shown}”: {fault.sentence}",
            )
        for index, directive in enumerate(record.directives):
            match = await self._directive(directive, frame)
            if match:
                self._skip(record, index + 1, frame)
                result = QUALIFIERS[directive.qualifier]
                if result is SpfResult.FAIL and not frame.included:
                    await self._explain(record, frame)
                return result
        redirect = record.modifier("redirect")
        return await self._redirect(redirect, frame) if redirect else SpfResult.NEUTRAL

    async def _directive(self, directive: Directive, frame: _Frame) -> bool:
        node = TraceBuilder(directive.text)
        frame.nodes.append(node)
        with _traced(node):
            if directive.mechanism == "include":
                matched = await self._include(directive, frame, node)
            else:
                match = await self.terms.match(directive, frame.domain)
                matched = _note(match, node)
        node.result = "match" if matched else "no match"
        return matched

    async def _include(self, directive: Directive, frame: _Frame, node: TraceBuilder) -> bool:
        """Section 5.2: a pass there is a match here, an error there is one here."""
        node.own_lookups = self.terms.spend(directive.text)
        target = await self._target(directive, frame, node)
        if target is None:
            node.detail = "The sender's local part is not ASCII: such a term matches nobody."
            return False
        selection = await select_record(target, self.asker)
        self._note_void(selection, node)
        result = await self._evaluate(selection, _Frame(target, node.children, included=True))
        if result is SpfResult.NONE:
            raise SpfStop(SpfResult.PERMERROR, f"{directive.text}: {selection.sentence}")
        node.detail = f"{target} says {result.value}."
        return result is SpfResult.PASS

    async def _redirect(self, modifier: Modifier, frame: _Frame) -> SpfResult:
        """Section 6.1: the result is that of the other record; none there is a permerror."""
        node = TraceBuilder(modifier.text)
        frame.nodes.append(node)
        with _traced(node):
            node.own_lookups = self.terms.spend(modifier.text)
            target = await self.terms.expand(modifier.value, frame.domain)
            if target is None:
                raise SpfStop(SpfResult.PERMERROR, f"{modifier.text} leads nowhere.")
            node.domain = target
            selection = await select_record(target, self.asker)
            self._note_void(selection, node)
            following = _Frame(target, node.children, included=frame.included)
            result = await self._evaluate(selection, following)
            if result is SpfResult.NONE:
                raise SpfStop(SpfResult.PERMERROR, f"{modifier.text}: {selection.sentence}")
        node.result = result.value
        return result

    async def _target(self, directive: Directive, frame: _Frame, node: TraceBuilder) -> str | None:
        assert directive.domain is not None  # noqa: S101  # the grammar wants one
        target = await self.terms.expand(directive.domain, frame.domain)
        node.domain = target
        return target

    def _note_void(self, selection: SpfSelection, node: TraceBuilder) -> None:
        node.record = "\n".join(selection.texts) or None
        if selection.void:
            node.void = True
            self.terms.spend_void(node.term)

    async def _explain(self, record: SpfRecord, frame: _Frame) -> None:
        modifier = record.modifier("exp")
        if modifier is None:
            return
        node = TraceBuilder(modifier.text)
        frame.nodes.append(node)
        with node.timed():
            self.explanation = await explain(modifier, frame.domain, self.terms, self.asker)
        node.result = "not used" if self.explanation is None else "used"

    def _skip(self, record: SpfRecord, index: int, frame: _Frame) -> None:
        for directive in record.directives[index:]:
            frame.nodes.append(TraceBuilder(directive.text, "not reached"))


@contextmanager
def _traced(node: TraceBuilder) -> Iterator[None]:
    """Time the evaluation of a term, and note in its node how it ended if that was early."""
    with node.timed():
        try:
            yield
        except SpfStop as stop:
            node.result = stop.result.value
            node.detail = node.detail or stop.sentence
            raise
        finally:
            node.settle()


def _note(match: Match, node: TraceBuilder) -> bool:
    node.own_lookups, node.void = match.lookups, match.void
    node.domain, node.resolved, node.detail = match.domain, match.resolved, match.detail
    return match.matched


def _faulty_nodes(record: SpfRecord) -> list[TraceBuilder]:
    faults = {fault.shown: fault.sentence for fault in record.faults}
    nodes = [TraceBuilder(term.text, "not reached") for term in record.terms]
    nodes += [TraceBuilder(term, "permerror", detail=text) for term, text in faults.items()]
    return nodes


__all__ = ["TraceNode", "check_host"]

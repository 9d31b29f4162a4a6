"""SPF for one domain: the policy's tree and, for a sender, its evaluation, side by side."""

import asyncio
from dataclasses import dataclass

from mailgui.domain.questions import Asker, Questions
from mailgui.domain.spf_check import check_host
from mailgui.domain.spf_request import SpfRequest, make_request
from mailgui.domain.spf_result import SpfOutcome, SpfResult
from mailgui.domain.spf_tree import SpfTree, walk
from mailgui.net.dns_answer import Answer
from mailgui.transcript import Recorder

__all__ = ["SpfReport", "evaluate", "to_json_dict"]


@dataclass(frozen=True, slots=True)
class SpfReport:
    """What SPF says about a domain. ``outcome`` is None without an IP address."""

    request: SpfRequest
    tree: SpfTree
    outcome: SpfOutcome | None
    answers: tuple[Answer, ...]
    dns_seconds: float

    @property
    def result(self) -> SpfResult | None:
        """The result; without an IP address only where it is the same for every one."""
        if self.outcome is not None:
            return self.outcome.result
        if self.tree.selection.record is not None and self.tree.selection.record.faults:
            return SpfResult.PERMERROR
        return self.tree.selection.result

    @property
    def error(self) -> str | None:
        """Why there is no verdict, one sentence."""
        if self.outcome is not None:
            return self.outcome.error
        record = self.tree.selection.record
        if record is not None and record.faults:
            return record.faults[0].sentence
        return self.tree.selection.sentence or None


async def evaluate(
    domain: str,
    *,
    resolver: Asker,
    ip: str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    receiver: str = "unknown",
    recorder: Recorder | None = None,
) -> SpfReport:
    """Return what SPF says about mail from ``domain``, for the client ``ip`` if given.

    ``mail_from`` is the envelope's sender, ``""`` the null one. A malformed ``domain`` is no error:
    SPF's answer to it is "none". Raises ValueError with a sentence when ``ip`` is not an address.
    """
    request = make_request(domain, ip, mail_from=mail_from, helo=helo, receiver=receiver)
    questions = Questions(resolver, recorder)
    async with asyncio.TaskGroup() as group:
        # The tree asks for everything at once; the evaluation, one term after another, finds its
        # answers already under way.
        tree = group.create_task(walk(request, questions))
        outcome = None
        if request.ip is not None:
            outcome = group.create_task(check_host(request, questions))
    return SpfReport(
        request=request,
        tree=tree.result(),
        outcome=None if outcome is None else outcome.result(),
        answers=questions.answers,
        dns_seconds=questions.last_answer,
    )


def to_json_dict(report: SpfReport) -> dict[str, object]:
    """Return the document that ``mailgui spf --json`` prints."""
    outcome, tree, request = report.outcome, report.tree, report.request
    trace = tree.trace if outcome is None else outcome.trace
    return {
        "domain": request.domain,
        "ip": None if request.ip is None else str(request.ip),
        "result": report.result,
        "explanation": None if outcome is None else outcome.explanation,
        "lookups": None if outcome is None else outcome.lookups,
        "lookups_total": tree.lookups_total,
        "void_lookups": len(tree.voids) if outcome is None else outcome.void_lookups,
        "trace": [node.to_json_dict() for node in trace],
        "error": report.error,
        "records": list(tree.selection.texts),
        "complete": tree.complete,
        "networks": [
            {"network": n.network, "qualifier": n.qualifier, "path": list(n.path)}
            for n in tree.networks
        ],
        "queries": sum(not answer.cached for answer in report.answers),
        "dns_ms": round(report.dns_seconds * 1000, 3),
    }

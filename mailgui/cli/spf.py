"""``mailgui spf``: RFC 7208's check_host() with its trace; without an IP address the whole tree."""

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mailgui.cli.fail_on import add_fail_on, fail_code
from mailgui.cli.output import print_json, print_text
from mailgui.cli.resolver_option import add_resolver_option
from mailgui.cli.usage import INTERRUPTED, UsageProblem, say
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.domain.spf import SpfReport
    from mailgui.domain.spf_result import TraceNode
    from mailgui.findings import Severity

_BROKEN = ("fail", "permerror")
_KEYS = ("result", "explanation", "lookups", "lookups_total", "void_lookups")
_STOPPED = "Stopped before SPF was evaluated."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spf``."""
    parser.add_argument("domain", metavar="DOMAIN", help="such as example.com")
    parser.add_argument(
        "--ip",
        metavar="IP",
        action="append",
        default=[],
        help="the client whose mail is judged (without one: the whole tree); give it twice to see "
        "two side by side",
    )
    parser.add_argument(
        "--mail-from", metavar="A", help="the envelope's sender; '' is the null sender"
    )
    parser.add_argument("--helo", metavar="H", help="the name that the client greets with")
    add_fail_on(parser, "the result (fail, permerror: broken; others than pass: attention)")
    add_resolver_option(parser, own=True)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Evaluate, print, return the exit code."""
    try:
        reports = asyncio.run(_evaluate_all(options))
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    if reports is None:
        if options.json:
            print_json(dict.fromkeys(_KEYS) | {"trace": [], "error": _STOPPED})
        say(_STOPPED)
        return INTERRUPTED
    if options.json:
        from mailgui.domain.spf import to_json_dict

        documents = [to_json_dict(report) for report in reports]
        print_json(documents[0] if len(documents) == 1 else documents)
    elif len(reports) == 1:
        print_text(spf_text(reports[0]) + "\n")
    else:
        print_text(side_by_side(reports) + "\n")
    return fail_code(options.fail_on, _severities(reports))


def _severities(reports: "Sequence[SpfReport]") -> "Iterator[Severity]":
    """Return how bad each result is that is not a pass. A tree without a fault has none."""
    from mailgui.findings import Severity

    for report in reports:
        result = report.result.value if report.result else "none" if report.error else "pass"
        if result != "pass":
            yield Severity.BROKEN if result in _BROKEN else Severity.ATTENTION


async def _evaluate_all(options: argparse.Namespace) -> "list[SpfReport] | None":
    from mailgui.cli.terminal import until_interrupted
    from mailgui.jobs.services import Services
    from mailgui.jobs.spf import evaluate

    services = Services()

    async def one(ip: str | None) -> "SpfReport":
        return await evaluate(
            services,
            options.domain,
            ip=ip,
            mail_from=options.mail_from,
            helo=options.helo,
            server=options.resolver,
        )

    async def every() -> "list[SpfReport]":
        return list(await asyncio.gather(*map(one, options.ip or [None])))

    try:
        return await until_interrupted(every())
    finally:
        await services.close()


def spf_text(report: "SpfReport") -> str:
    """Return the report as text: the result and why, the records, the tree, the budget."""
    from mailgui.transcript import visible

    outcome, tree = report.outcome, report.tree
    result = report.result.value if report.result else "depends on the sender"
    lines = [f"{visible(report.request.domain)}: {result}"]
    if report.error:
        lines.append(visible(report.error))
    if outcome is not None and outcome.explanation:
        lines.append(f"The domain's own words: {visible(outcome.explanation)}")
    lines += ["", *(visible(text) for text in tree.selection.texts)]
    for node in tree.trace if outcome is None else outcome.trace:
        lines += _node_lines(node, 1)
    if outcome is not None:
        spent = f"Look-ups {outcome.lookups} of 10, void {outcome.void_lookups} of 2; "
        lines += ["", f"{spent}the whole tree has {tree.lookups_total}."]
    else:
        lines += ["", f"Look-ups {tree.lookups_total} of 10, void {len(tree.voids)} of 2."]
    return "\n".join(lines)


def side_by_side(reports: "Sequence[SpfReport]") -> str:
    """Return several evaluations of one policy as a table: a line a term, a column an address."""
    heads = [str(report.request.ip) for report in reports]
    columns = [dict(_results(report.outcome.trace, 0)) for report in reports if report.outcome]
    fullest = sorted(columns, key=len, reverse=True)  # it knows the order of the most terms
    terms = list(dict.fromkeys(term for column in fullest for term in column))
    rows = [["", *heads], ["", *(report.result or "" for report in reports)]]
    rows += [[term, *(column.get(term, "not reached") for column in columns)] for term in terms]
    spent = [f"{r.outcome.lookups} of 10" for r in reports if r.outcome]
    rows.append(["look-ups", *spent])
    widths = [max(len(row[index]) for row in rows) for index in range(len(heads) + 1)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, *filter(None, dict.fromkeys(r.error for r in reports))])


def _results(nodes: "Iterable[TraceNode]", depth: int) -> "Iterator[tuple[str, str]]":
    for node in nodes:
        yield f"{'  ' * depth}{node.term}", node.result
        yield from _results(node.children, depth + 1)


def _node_lines(node: "TraceNode", depth: int) -> list[str]:
    cost = f", look-ups {node.lookups}" if node.lookups else ""
    detail = f" ({node.detail})" if node.detail else ""
    lines = [f"{'  ' * depth}{node.term}: {node.result}{cost}{detail}"]
    for child in node.children:
        lines += _node_lines(child, depth + 1)
    return lines

"""``mailgui check``: the report on one or several domains."""

import argparse
import asyncio
import gc
from typing import TYPE_CHECKING

from mailgui.cli.mx_matrix import add_matrix_options, run_matrix
from mailgui.cli.output import print_json, print_text
from mailgui.cli.resolver_option import add_resolver_option
from mailgui.cli.usage import UsageProblem
from mailgui.findings import Severity

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport

_ORDER = [Severity.INFO, Severity.ATTENTION, Severity.BROKEN]
_AT_ONCE = 100  # domains checked side by side; how many questions at once is the resolver's matter
_FEW = 5  # with more domains, the search for DKIM keys ends at the first, and JSON has no answers
_COLLECT_AFTER = 50_000  # new objects; the usual 700 let Python look for garbage all the time


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``check``."""
    parser.add_argument("domains", nargs="+", metavar="DOMAIN")
    parser.add_argument(
        "--selector", action="append", default=[], metavar="S", help="a DKIM selector to look up"
    )
    parser.add_argument(
        "--dns-only", action="store_true", help="open no connection but to the name server"
    )
    parser.add_argument(
        "--fail-on",
        choices=[severity.value for severity in _ORDER],
        metavar="SEVERITY",
        help="end in 1 when a finding is at least: info, attention or broken",
    )
    add_matrix_options(parser)
    add_resolver_option(parser, own=True)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Check the domains, print the report, return the exit code."""
    try:
        if options.matrix:
            return run_matrix(options)
        reports = asyncio.run(_check_all(options))
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None
    _print(options, reports)
    return _exit_code(options.fail_on, reports)


async def _check_all(options: argparse.Namespace) -> "list[DomainReport]":
    from mailgui.jobs.check import check_domain
    from mailgui.jobs.services import Services

    if len(options.domains) > _FEW:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
    services = Services()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(domain: str) -> "DomainReport":
        async with gate:
            return await check_domain(
                services,
                domain,
                server=options.resolver,
                selectors=tuple(options.selector),
                dns_only=options.dns_only,
                thorough=len(options.domains) <= _FEW,
            )

    try:
        return list(await asyncio.gather(*map(one, options.domains)))
    finally:
        await services.close()


def _print(options: argparse.Namespace, reports: "list[DomainReport]") -> None:
    from mailgui.domain.report import to_json_dict
    from mailgui.jobs.report_text import report_text

    if options.json:
        evidence = len(reports) <= _FEW
        documents = [to_json_dict(report, evidence=evidence) for report in reports]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    print_text("\n\n".join(report_text(report) for report in reports) + "\n")


def _exit_code(fail_on: str | None, reports: "list[DomainReport]") -> int:
    if fail_on is None:
        return 0
    bar = _ORDER.index(Severity(fail_on))
    severities = [finding.severity for report in reports for finding in report.findings]
    return int(any(_ORDER.index(severity) >= bar for severity in severities))

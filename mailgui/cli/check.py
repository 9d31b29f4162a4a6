"""``mailgui check``: the report on one or several domains."""

import argparse
import asyncio
import gc
from typing import TYPE_CHECKING

from mailgui.cli.fail_on import add_fail_on, fail_code
from mailgui.cli.mx_matrix import add_matrix_options, run_matrix
from mailgui.cli.output import print_json, print_text
from mailgui.cli.resolver_option import add_resolver_option
from mailgui.cli.usage import INTERRUPTED, UsageProblem, say
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport, Section
    from mailgui.jobs.services import Services

_AT_ONCE = 100  # domains checked side by side; how many questions at once is the resolver's matter
_FEW = 5  # with more domains, the search for DKIM keys ends at the first, and JSON has no answers
_COLLECT_AFTER = 50_000  # new objects; the usual 700 let Python look for garbage all the time


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``check``."""
    parser.add_argument("domains", nargs="+", metavar="DOMAIN", help="such as example.com")
    parser.add_argument(
        "--selector",
        action="append",
        default=[],
        metavar="S",
        help="a DKIM selector to look up beside the usual ones; may be given repeatedly",
    )
    parser.add_argument(
        "--dns-only", action="store_true", help="open no connection but to the name server"
    )
    add_fail_on(parser)
    add_matrix_options(parser)
    add_resolver_option(parser, own=True)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Check the domains, print the report, return the exit code."""
    try:
        if options.matrix:
            return run_matrix(options)
        checks = [_Check(domain) for domain in options.domains]
        asyncio.run(_run_all(options, checks))
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    _print(options, checks)
    reports = [check.report for check in checks if check.report]
    if len(reports) < len(checks):
        say(f"Stopped: {len(reports)} of {len(checks)} domains were checked to the end.")
        return INTERRUPTED
    return fail_code(options.fail_on, (f.severity for report in reports for f in report.findings))


class _Check:
    """One domain: its report, or the sections that there were when it was stopped."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.report: DomainReport | None = None
        self.sections: dict[str, Section] = {}

    async def run(self, services: "Services", options: argparse.Namespace) -> None:
        """Check it."""
        from mailgui.domain.connections import Connections
        from mailgui.jobs.check import check_domain

        usual = Connections()
        self.report = await check_domain(
            services,
            self.domain,
            server=options.resolver,
            selectors=tuple(options.selector),
            dns_only=options.dns_only,
            thorough=len(options.domains) <= _FEW,
            connections=Connections(
                smtp_port=options.mx_port or usual.smtp_port,
                timeout=options.mx_timeout or usual.timeout,
                ca_file=options.tls_ca,
            ),
            on_section=self._note,
        )

    def _note(self, section: "Section") -> None:
        self.sections[section.name] = section

    def to_json_dict(self, *, evidence: bool) -> dict[str, object]:
        """Return the document; what was not reached is unchecked, what was not counted null."""
        from mailgui.domain.report import cut_short, to_json_dict

        if self.report:
            return to_json_dict(self.report, evidence=evidence)
        document = to_json_dict(cut_short(self.domain, self.sections.values()), evidence=evidence)
        return {**document, "queries": None, "dns_ms": None, "elapsed_ms": None}


async def _run_all(options: argparse.Namespace, checks: "list[_Check]") -> None:
    """Run the checks side by side, until all have ended or somebody stops them."""
    from mailgui.cli.terminal import until_interrupted
    from mailgui.jobs.services import Services

    if len(checks) > _FEW:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
    services = Services()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(check: _Check) -> None:
        async with gate:
            await check.run(services, options)

    async def every() -> None:
        await asyncio.gather(*map(one, checks))

    try:
        await until_interrupted(every())
    finally:
        await services.close()


def _print(options: argparse.Namespace, checks: "list[_Check]") -> None:
    from mailgui.domain.report import notes_on
    from mailgui.jobs.report_text import report_text

    if options.json:
        evidence = len(checks) <= _FEW
        documents = [check.to_json_dict(evidence=evidence) for check in checks]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    texts = [report_text(check.report) for check in checks if check.report]
    if texts:
        told = dict.fromkeys(note for c in checks if c.report for note in notes_on(c.report))
        print_text("\n\n".join([*texts, *told]) + "\n")

"""``mailgui reports``: DMARC aggregate reports read and summed up."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from mailgui.cli.output import findings_text, print_json, print_text
from mailgui.cli.standard_input import file_or_input
from mailgui.cli.usage import UsageProblem, say
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.aggregate_summary import Summary

_MOST = 40  # sources listed


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``reports``."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="XML, gzip or zip, or a message with one of these; - is standard input",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Read, print, return the exit code: 1 where a file could not be read."""
    from mailgui.domain.aggregate_summary import summarise
    from mailgui.jobs.aggregate import read_report_files, to_json_dict

    read = asyncio.run(read_report_files(map(file_or_input, options.files)))
    if not read.reports:
        raise UsageProblem(" ".join(read.problems))
    if options.json:
        print_json(to_json_dict(read))
    else:
        for problem in read.problems:
            say(problem)
        print_text("\n\n".join(summary_text(each) for each in summarise(read.reports)) + "\n")
    return int(bool(read.problems))


def summary_text(summary: "Summary") -> str:
    """Return a summary as text: the numbers, a line a source, what to make of it."""
    from mailgui.domain.aggregate_summary import advice

    share = summary.fails / summary.messages if summary.messages else 0.0
    count = f"{_count(summary.messages, 'message')} in {_count(summary.reports, 'report')}"
    lost = f"{summary.fails:,} ({share:.1%}) would be lost under p=reject"
    lines = [
        f"{visible(summary.domain)}: {count}, {lost}",
        "",
        f"{'source':<40} {'messages':>9} {'both':>8} {'DKIM':>8} {'SPF':>8} {'neither':>8}",
    ]
    for source in summary.sources[:_MOST]:
        numbers = (source.messages, source.both, source.by_dkim, source.by_spf, source.fails)
        figures = " ".join(
            f"{number:>{width},}" for number, width in zip(numbers, (9, 8, 8, 8, 8), strict=True)
        )
        named = visible(", ".join(source.domains[:3]))
        lines.append(f"{source.address:<40} {figures}  {named}".rstrip())
    if len(summary.sources) > _MOST:
        lines.append(f"… and {len(summary.sources) - _MOST:,} more sources")
    return "\n".join([*lines, "", findings_text(advice(summary))])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

"""``mailgui verify``: a received message read and judged."""

import argparse
import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailgui.cli.fail_on import add_fail_on, fail_code
from mailgui.cli.output import findings_text, print_json, print_text
from mailgui.cli.resolver_option import add_resolver_option
from mailgui.cli.standard_input import file_or_input
from mailgui.cli.usage import INTERRUPTED, UsageProblem, say
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.domain.verify_message import VerifyReport
    from mailgui.message.received_hops import Hop

_KEYS = ("dkim", "arc", "spf", "dmarc", "hops")
_LONGEST = 1_000  # characters of a field
_STOPPED = "Stopped before the message was judged."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``verify``."""
    parser.add_argument(
        "file", metavar="FILE.eml", help="the message, with all its headers; - is standard input"
    )
    parser.add_argument("--ip", metavar="IP", help="the client that it came from, for SPF")
    parser.add_argument(
        "--mail-from", metavar="A", help="the envelope's sender; '' is the null sender"
    )
    parser.add_argument("--helo", metavar="H", help="the name that the client greeted with")
    add_fail_on(parser)
    add_resolver_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Judge the message, print, return the exit code."""
    try:
        report = asyncio.run(_verify(options))
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    if report is None:
        if options.json:
            print_json(dict.fromkeys(_KEYS) | {"findings": [], "error": _STOPPED})
        say(_STOPPED)
        return INTERRUPTED
    if options.json:
        from mailgui.domain.verify_json import to_json_dict

        print_json(to_json_dict(report))
    else:
        print_text(verify_text(report) + "\n")
    return fail_code(options.fail_on, (finding.severity for finding in report.findings))


async def _verify(options: argparse.Namespace) -> "VerifyReport | None":
    from mailgui.cli.terminal import until_interrupted
    from mailgui.jobs.services import Services
    from mailgui.jobs.verify import verify_message

    source = file_or_input(options.file)
    services = Services()
    try:
        return await until_interrupted(
            verify_message(
                services,
                source,
                ip=options.ip,
                mail_from=options.mail_from,
                helo=options.helo,
                server=options.resolver,
            )
        )
    finally:
        await services.close()


def verify_text(report: "VerifyReport") -> str:
    """Return the judgement as text: the verdicts, the way, what to do."""
    author, subject = (_cut(visible(text)) for text in (report.author, report.subject))
    lines = [f"From    {author}", f"Subject {subject}", ""]
    lines += _verdicts(report)
    if report.hops:
        lines += ["", "The way it took, the first hop first:"]
        lines += [_hop_line(number, hop) for number, hop in enumerate(report.hops, 1)]
    for claim in report.claims:
        told = ", ".join(f"{each.method}={each.result}" for each in claim.results)
        lines += ["", f"{visible(claim.server)} said: {visible(told) or 'nothing'}"]
    if report.findings:
        lines += ["", findings_text(report.findings)]
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _verdicts(report: "VerifyReport") -> Iterator[str]:
    for each in report.signatures:
        bits = f", {each.bits} bits" if each.bits else ""
        made = each.signature
        named = f"{visible(made.domain)}, selector {visible(made.selector)}"
        yield f"DKIM    {each.result}: {named}, {visible(made.algorithm)}{bits}"
        yield f"        {each.reason}"
        if each.hint:
            yield f"        {each.hint}"
    if not report.signatures:
        yield "DKIM    none: the message is not signed"
    yield f"ARC     {report.arc.result}: {report.arc.reason}"
    yield f"SPF     {report.spf.result or 'not evaluated'}: {visible(report.spf.reason)}"
    policy = f" (policy {report.dmarc.policy})" if report.dmarc.policy else ""
    yield f"DMARC   {report.dmarc.result}{policy}: {report.dmarc.reason}"


def _hop_line(number: int, hop: "Hop") -> str:
    parts = [visible(hop.sender or hop.ip or "?"), "→", visible(hop.by or "?")]
    if hop.protocol:
        parts.append(visible(hop.protocol))
    if hop.tls_version:
        parts.append(hop.tls_version)
    if hop.delay is not None:
        parts.append(f"{hop.delay:+.0f} s")
    return f"  {number}. " + " ".join(parts)

"""``mailgui send``: one message by SMTP or through an e-mail API, exit codes as swaks'."""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui.cli.auth_all import add_auth_all_options, check_auth_all_options, run_auth_all
from mailgui.cli.code_options import add_code_options, check_code_options, run_code
from mailgui.cli.message_options import add_api_options, add_message_options
from mailgui.cli.output import OutputProblem, findings_text, print_json, print_text
from mailgui.cli.request import file_sentence, in_flags, load_draft
from mailgui.cli.resolver_option import add_resolver_option, chosen_resolver
from mailgui.cli.roads import check_road
from mailgui.cli.route_options import (
    add_many_options,
    add_route_options,
    check_route_options,
    over_route,
    policies_from,
    via_from,
)
from mailgui.cli.smtp_odd_options import ProxyProblem
from mailgui.cli.smtp_options import STOPS, add_smtp_options, plan_from
from mailgui.cli.usage import EX_USAGE, UsageProblem, say
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.reports import SendReport
    from mailgui.jobs.services import Services
    from mailgui.message.outgoing import Outgoing
    from mailgui.smtp.settings import SmtpSettings
    from mailgui.transcript import TlsSummary

_KEY_MISSING = "api.key_missing"
_BEFORE_MESSAGE = frozenset(STOPS[: STOPS.index("mail")])


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``send``."""
    parser.usage = (
        "mailgui send [FILE.eml] (--server HOST:PORT | --profile NAME | --mx |\n"
        "                    --socket PATH | --provider ID) --from A --to A [option ...]"
    )
    add_resolver_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    _add_road(parser)
    add_message_options(parser)
    add_smtp_options(parser)
    add_auth_all_options(parser)
    add_route_options(parser)
    add_many_options(parser)
    add_api_options(parser)
    _add_api_sending(parser)
    add_code_options(parser)


def _add_road(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to send").add_mutually_exclusive_group(required=True)
    group.add_argument("--server", metavar="HOST:PORT", help="an SMTP server")
    group.add_argument("--profile", metavar="NAME", help="a profile; flags override it")
    group.add_argument("--socket", metavar="PATH", help="a UNIX socket, such as LMTP servers have")
    group.add_argument("--mx", action="store_true", help="the mail exchangers of the recipient")
    group.add_argument("--provider", metavar="ID", help="an e-mail API, such as resend")


def _add_api_sending(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "sending by an e-mail API",
        "What is said above of password, time-out, verification, authorities, proxy, trying again "
        "and many messages holds here too.",
    )
    group.add_argument(
        "--batch",
        action="store_true",
        help="by the provider's batch call: with --count N copies, else one message to each To",
    )
    group.add_argument("--sandbox-mode", action="store_true", help="checked, but not delivered")


def run(options: argparse.Namespace) -> int:
    """Send, print what happened, return swaks' exit code for it."""
    if options.auth_all:
        return run_auth_all(options)
    check_auth_all_options(options)
    try:
        if options.as_kind:
            return run_code(options)
        check_code_options(options)
        report = asyncio.run(_send(options))
    except ProxyProblem as problem:
        from mailgui.smtp.exit_codes import PROXY_OPTIONS

        say(str(problem))
        return PROXY_OPTIONS
    except WrongInput as problem:
        raise UsageProblem(in_flags(str(problem))) from None
    except OSError as problem:
        raise UsageProblem(file_sentence(problem)) from None
    code = _exit_code(report)
    if code == EX_USAGE:
        raise UsageProblem(report.transcript.summary)
    if report.transcript.fault == _KEY_MISSING:
        lacking = report.transcript.summary.partition(":")[0]
        raise UsageProblem(f"{lacking}: name the variable that holds it with --key-env.")
    if options.json:
        print_json(report.to_json_dict())
    else:
        _print_text(report)
    if options.tls_chain:
        _save_chain(report.transcript.tls, options.tls_chain)
    return code


def _save_chain(tls: "TlsSummary | None", path: str) -> None:
    """Save the certificates that the server showed; where there are none, say so."""
    import ssl

    if tls is None or not tls.chain:
        say(f"The server showed no certificate, so {path} was not written.")
        return
    pem = "".join(ssl.DER_cert_to_PEM_cert(each.der) for each in tls.chain)
    try:
        Path(path).write_text(pem, encoding="ascii")
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise OutputProblem(f"The certificates could not be written to {path}: {reason}.") from None


def _print_text(report: "SendReport") -> None:
    from mailgui.transcript.export_text import to_text

    for attempt in report.attempts[:-1]:
        print_text(to_text(attempt.report).rstrip("\n") + "\n")
        again = f"Attempt {attempt.number + 1} after {attempt.wait:.1f} s"
        print_text(f"\n=== {attempt.reason} {again}\n\n")
    print_text(to_text(report.transcript).rstrip("\n") + "\n")
    if report.findings:
        print_text("\n" + findings_text(report.findings) + "\n")


def _exit_code(report: "SendReport") -> int:
    from mailgui.smtp.exit_codes import exit_code

    return exit_code(report.transcript)


async def _send(options: argparse.Namespace) -> "SendReport":
    from mailgui.cli.send_account import account_from, open_services

    async with open_services() as services:
        account = await account_from(options, services)
        return await _send_with(options, services, account)


async def _send_with(
    options: argparse.Namespace, services: "Services", account: "Account"
) -> "SendReport":
    from mailgui.api.settings import ApiSettings
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs import send

    cancel = asyncio.Event()
    check_route_options(options)
    check_road(options, api=isinstance(account.settings, ApiSettings))
    if options.count or options.batch:
        from mailgui.cli.send_many import send_many

        return await send_many(options, services, account, plan_from(options))
    if options.connections:
        raise UsageProblem("--connections goes with --count.")
    if isinstance(account.settings, ApiSettings):
        draft = await asyncio.to_thread(load_draft, options)
        resolver = chosen_resolver(options, services)
        on_interrupt(cancel.set)
        return await send.send_by_api(account, draft, cancel=cancel, resolver=resolver)
    return await _send_by_smtp(options, services, account, cancel)


async def _send_by_smtp(
    options: argparse.Namespace, services: "Services", account: "Account", cancel: asyncio.Event
) -> "SendReport":
    from mailgui.cli.send_account import outgoing_from
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs import send

    outgoing = None
    if (options.stop_after or options.drop_after) not in _BEFORE_MESSAGE or options.mx:
        outgoing = await asyncio.to_thread(outgoing_from, options)
    on_interrupt(cancel.set)
    account, settings = _with_route(account, options)
    resolver = chosen_resolver(options, services)
    plan = plan_from(options)

    async def send_once(some: "Outgoing | None") -> "SendReport":
        if not options.mx or some is None:
            return await send.send_by_smtp(
                account, some, plan=plan, resolver=resolver, cancel=cancel
            )
        from mailgui.jobs.direct import send_direct

        return await send_direct(
            account,
            some,
            plan=plan,
            resolver=services.resolver(options.resolver),
            policies=policies_from(options),
            cancel=cancel,
            via=via_from(options),
        )

    if outgoing is None:
        return await send_once(None)
    from mailgui.jobs.smtp_attempts import send_trying_again

    return await send_trying_again(send_once, outgoing, settings, cancel=cancel)


def _with_route(account: "Account", options: argparse.Namespace) -> "tuple[Account, SmtpSettings]":
    from mailgui.smtp.settings import SmtpSettings

    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    settings = over_route(account.settings, options)
    return replace(account, settings=settings), settings

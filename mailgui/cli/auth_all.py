"""``mailgui send --auth-all``: every way to sign in, tried; no message is sent."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from mailgui.cli.output import print_json, print_text
from mailgui.cli.resolver_option import chosen_resolver
from mailgui.cli.usage import UsageProblem, secret_from_env

if TYPE_CHECKING:
    from mailgui.jobs.auth_probe import AuthReport
    from mailgui.smtp.auth_probe import AuthProbe, MechanismResult

_TITLES = {
    "accepted": "accepted",
    "refused": "refused",
    "failed": "failed",
    "not_tried": "not tried",
}


def add_auth_all_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the probe."""
    group = parser.add_argument_group("SMTP: trying every sign-in")
    group.add_argument(
        "--auth-all",
        action="store_true",
        help="try every way to sign in that the server offers, one attempt each, and tell which it "
        "accepts; no message is sent. Many refusals in a row can make a server lock the account",
    )
    group.add_argument(
        "--auth-not-offered", action="store_true", help="with --auth-all: the others as well"
    )
    group.add_argument(
        "--token-env",
        metavar="VAR",
        help="with --auth-all: the variable with an access token, beside the password",
    )


def check_auth_all_options(options: argparse.Namespace) -> None:
    """Raise UsageProblem for what goes with ``--auth-all`` where that is missing."""
    for flag, value in {
        "--auth-not-offered": options.auth_not_offered,
        "--token-env": options.token_env,
    }.items():
        if value:
            raise UsageProblem(f"{flag} goes with --auth-all.")


def run_auth_all(options: argparse.Namespace) -> int:
    """Probe, print the table, return the exit code: 0 where one way or more was accepted."""
    from mailgui.smtp.exit_codes import exit_code

    report = asyncio.run(_probe(options))
    if options.json:
        print_json(report.to_json_dict())
    else:
        _print_text(report)
    return exit_code(report.probe.transcript)


async def _probe(options: argparse.Namespace) -> "AuthReport":
    from mailgui.cli.send_account import account_from, open_services
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs.auth_probe import try_every_sign_in
    from mailgui.smtp.settings import SmtpSettings

    if options.mx or options.count:
        raise UsageProblem("--auth-all goes with a server or a profile, and sends nothing.")
    async with open_services() as services:
        account = await account_from(options, services)
        if not isinstance(account.settings, SmtpSettings):
            raise UsageProblem("--auth-all is for SMTP; an e-mail API has one way to sign in.")
        if not account.settings.username and not options.token_env:
            raise UsageProblem("--auth-all needs to know who signs in: --user, or a profile.")
        cancel = asyncio.Event()
        on_interrupt(cancel.set)
        resolver = chosen_resolver(options, services)
        token = secret_from_env(options.token_env) if options.token_env else None
        return await try_every_sign_in(
            None,
            account,
            token=token,
            not_offered=options.auth_not_offered,
            resolver=resolver,
            cancel=cancel,
        )


def _print_text(report: "AuthReport") -> None:
    from mailgui.transcript.export_text import to_text

    print_text(to_text(report.probe.transcript).rstrip("\n") + "\n\n")
    print_text(table(report.probe))


def table(probe: "AuthProbe") -> str:
    """Return the results as lines of text, the automatic choice marked with a star."""
    lines = [_line(result) for result in probe.results]
    if probe.reason:
        lines += ["", f"* automatic choice: {probe.reason}"]
    return "\n".join(lines) + "\n" if lines else ""


def _line(result: "MechanismResult") -> str:
    from mailgui.smtp.faults import show

    mark = "*" if result.automatic else " "
    offered = "offered" if result.offered else "not offered"
    said = result.reason
    if result.reply is not None and result.attempt.value == "accepted":
        said = show(result.reply)
    title = _TITLES[result.attempt.value]
    return f"{mark} {result.name:<19} {offered:<12} {title:<10} {said}".rstrip()

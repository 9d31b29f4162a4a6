"""``--as KIND``: code that would send the message, printed in place of sending it."""

import argparse
import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.cli.output import print_json, print_text, write_octets
from mailgui.cli.usage import UsageProblem, host_port
from mailgui.jobs.code import CodeKind
from mailgui.smtp.settings import SmtpSettings
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.jobs.code_secrets import Secrets
    from mailgui.jobs.services import Services

_HELP = (
    "print code that sends the message, and send nothing: "
    f"{', '.join(CodeKind)}. Secrets are read from environment variables (those of --key-env and "
    "--password-env, where given). For an e-mail API, the kinds that speak SMTP go through the "
    "provider's SMTP server. Of FILE.eml the message is made anew from its fields"
)


_HOW = (
    "count",
    "connections",
    "rate",
    "batch",
    "raw",
    "tls_no_resume",
    "resolver",
    "retries",
    "retry_delay",
    "retry_cap",
    "tls_chain",
)


def add_code_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--as`` and ``--inline-secret``."""
    group = parser.add_argument_group("code")
    group.add_argument("--as", dest="as_kind", choices=list(CodeKind), metavar="KIND", help=_HELP)
    group.add_argument(
        "--inline-secret",
        action="store_true",
        help="with --as: write the secret itself into the code",
    )


def check_code_options(options: argparse.Namespace) -> None:
    """Raise UsageProblem for what goes with ``--as`` where that is missing."""
    if options.inline_secret:
        raise UsageProblem("--inline-secret goes with --as.")


def run_code(options: argparse.Namespace) -> int:
    """Print the code; returns the exit code."""
    from mailgui.cli.request import file_sentence, in_flags, load_draft
    from mailgui.cli.roads import check_road
    from mailgui.cli.send_account import from_nobody
    from mailgui.cli.smtp_options import plan_from
    from mailgui.jobs.code import export_code

    try:
        settings, secrets, sender = asyncio.run(_account(options))
        if sender and options.sender is None and not options.file:
            options.sender = sender
        draft = from_nobody(options) if options.sender in ("", "<>") else load_draft(options)
        by_smtp = isinstance(settings, SmtpSettings)
        if hasattr(options, "server"):  # of ``send``, which knows both roads
            check_road(options, api=not by_smtp)
        plan = plan_from(options) if by_smtp else None
        lost = _lost(options)
        code = export_code(options.as_kind, draft, settings, secrets, plan=plan, lost=lost)
    except WrongInput as problem:
        raise UsageProblem(in_flags(str(problem))) from None
    except OSError as problem:
        raise UsageProblem(file_sentence(problem)) from None
    if options.json:
        print_json({"kind": options.as_kind, "code": code})
    elif options.as_kind == CodeKind.RAW and not sys.stdout.isatty():
        write_octets(code.encode("utf-8", "surrogateescape"))
    else:
        print_text(code)
    return 0


def _lost(options: argparse.Namespace) -> list[str]:
    """Return the flags that say how to send, which no code carries."""
    return [f"--{name.replace('_', '-')}" for name in _HOW if getattr(options, name, None)]


async def _account(
    options: argparse.Namespace,
) -> "tuple[SmtpSettings | ApiSettings, Secrets, str]":
    """Return the settings, how the code comes by their secrets, and the profile's usual author."""
    from mailgui.jobs.services import Services

    if getattr(options, "mx", False) or getattr(options, "socket", None):
        raise UsageProblem("--as needs a server to name: --server, --profile or --provider.")
    services = Services()
    try:
        return await _account_with(options, services)
    finally:
        await services.close()


async def _account_with(
    options: argparse.Namespace, services: "Services"
) -> "tuple[SmtpSettings | ApiSettings, Secrets, str]":
    from mailgui.cli.request import api_settings
    from mailgui.cli.smtp_options import over_smtp

    if options.provider:
        settings = api_settings(options)
        return settings, _secrets_of_api(options, settings), ""
    if options.profile:
        return await _of_profile(options, services)
    host, port = host_port(options.server, default_port=25)
    smtp = over_smtp(SmtpSettings(host=host, port=port), options)
    return smtp, _secrets_of_smtp(options), ""


async def _of_profile(
    options: argparse.Namespace, services: "Services"
) -> "tuple[SmtpSettings | ApiSettings, Secrets, str]":
    from mailgui.cli.request import over_settings
    from mailgui.cli.send_account import find_profile
    from mailgui.cli.smtp_options import over_smtp
    from mailgui.jobs.accounts import SecretMissing, open_account

    profile = find_profile(services, options.profile)
    if profile.sandbox:
        raise UsageProblem(
            "The sandbox of a profile runs only while MailGUI does: start `mailgui sandbox`, and "
            "give --server or --base-url the address that it prints."
        )
    settings = profile.settings
    if isinstance(settings, ApiSettings):
        settings = over_settings(settings, options)
        secrets = _secrets_of_api(options, settings)
    else:
        settings = over_smtp(settings, options)
        secrets = _secrets_of_smtp(options)
    if options.inline_secret and not secrets.inline:
        try:
            account = await open_account(services, replace(profile, settings=settings))
        except SecretMissing as problem:
            raise UsageProblem(problem.sentence) from None
        secrets = replace(secrets, inline=account.secrets)
    return settings, secrets, profile.sender


def _secrets_of_api(options: argparse.Namespace, settings: ApiSettings) -> "Secrets":
    from mailgui.cli.secrets import key_variables, keys_from_env
    from mailgui.jobs.code_secrets import Secrets

    names = key_variables(options, settings)
    inline = keys_from_env(options, settings) if options.inline_secret else {}
    if options.inline_secret and not (inline or getattr(options, "profile", None)):
        raise UsageProblem("--inline-secret needs the secret: name its variable with --key-env.")
    return Secrets(names, inline)


def _secrets_of_smtp(options: argparse.Namespace) -> "Secrets":
    from mailgui.cli.usage import secret_from_env
    from mailgui.jobs.code_secrets import Secrets

    variable = options.password_env
    names = {"password": variable} if variable else {}
    if not options.inline_secret:
        return Secrets(names)
    if not variable and not options.profile:
        raise UsageProblem(
            "--inline-secret needs the secret: name its variable with --password-env."
        )
    return Secrets(names, {"password": secret_from_env(variable)} if variable else {})

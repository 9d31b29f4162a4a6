"""``mailgui profile``: list, add, test and remove profiles."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.cli.message_options import add_api_account_options
from mailgui.cli.output import findings_text, print_json, print_text
from mailgui.cli.request import api_settings
from mailgui.cli.resolver_option import add_resolver_option, chosen_resolver
from mailgui.cli.route_options import add_retry_options, over_retries
from mailgui.cli.secrets import add_key_option, add_secret_options, asked, given_secrets
from mailgui.cli.smtp_options import add_account_options, over_smtp
from mailgui.cli.usage import UsageProblem, host_port, say
from mailgui.smtp.settings import SmtpSettings
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.store.profile import Profile

_DEFAULT_PORT = 587
_LMTP_PORT = 24  # as for ``send --socket``


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``profile``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the profiles, without their secrets")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    purpose = "add a profile, or replace one"
    _configure_add(actions.add_parser("add", help=purpose, description=f"{purpose.capitalize()}."))
    for name, purpose in (("test", "connect and sign in"), ("remove", "remove a profile")):
        action = actions.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
        action.add_argument("name", metavar="NAME", help="as `mailgui profile list` shows it")
        action.add_argument("--json", action="store_true", help="print one JSON document")
    add_secret_options(actions.choices["test"])
    add_resolver_option(actions.choices["test"])


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.usage = (
        "mailgui profile add NAME (--server HOST:PORT | --socket PATH |\n"
        "                                --provider ID) [option ...]"
    )
    parser.add_argument("name", metavar="NAME", help="what it is to be called")
    road = parser.add_mutually_exclusive_group(required=True)
    road.add_argument("--server", metavar="HOST:PORT", help="an SMTP server")
    road.add_argument("--socket", metavar="PATH", help="a UNIX socket, such as LMTP servers have")
    road.add_argument("--provider", metavar="ID", help="an e-mail API, such as resend")
    parser.add_argument("--from", dest="sender", default="", metavar="A", help="the usual author")
    parser.add_argument("--replace", action="store_true", help="replace a profile of that name")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_account_options(parser)
    add_key_option(add_api_account_options(parser))
    add_retry_options(parser)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code."""
    from mailgui.store.files import StoreProblem

    actions = {"list": _list, "add": _add, "test": _test, "remove": _remove}
    try:
        return asyncio.run(actions[options.action](options))
    except (StoreProblem, WrongInput) as problem:
        raise UsageProblem(str(problem)) from None


def profile_to_dict(profile: "Profile") -> dict[str, Any]:
    """Return a profile for a JSON document: everything but its secret."""
    import msgspec

    settings = msgspec.to_builtins(profile.settings)
    return {
        "name": profile.name,
        "road": profile.road,
        "sandbox": profile.sandbox,
        "sender": profile.sender,
        "settings": settings,
    }


async def _list(options: argparse.Namespace) -> int:
    from mailgui.jobs.services import Services

    loaded = Services().profiles.load()
    for problem in loaded.problems:
        say(problem)
    if options.json:
        print_json([profile_to_dict(profile) for profile in loaded.profiles])
        return 0
    for profile in loaded.profiles:
        print_text(f"{profile.name:<24} {profile.road:<5} {_where(profile)}\n")
    return 0


def _where(profile: "Profile") -> str:
    if profile.sandbox:
        return "the embedded sandbox"
    settings = profile.settings
    if isinstance(settings, ApiSettings):
        return f"{settings.provider} {settings.base_url or ''}".rstrip()
    return f"{settings.host}:{settings.port} {settings.tls_mode} {settings.username}".rstrip()


async def _add(options: argparse.Namespace) -> int:
    from mailgui.jobs.accounts import secret_labels
    from mailgui.jobs.services import Services
    from mailgui.store.profile import Profile

    services = Services()
    profile = Profile(options.name, _settings(options), sender=options.sender)
    secrets = _secrets(options, profile)
    old = services.profiles.load().find(options.name) if options.replace else None
    if old is not None:
        profile = services.profiles.replace(options.name, profile)
        for name in secret_labels(old.settings):
            await services.secrets.move(old, profile, name)  # forgets those of another address
    else:
        profile = services.profiles.add(profile)
    for name, secret in secrets.items():
        keeping = await services.secrets.set(profile, secret, name)
        if keeping.kind == "memory":
            say(f"{keeping.sentence} Here that is at once: give it by --password-env each time.")
    await services.close()
    if options.json:
        print_json(profile_to_dict(profile))
    else:
        print_text(f"Added {profile.name}.\n")
    return 0


def _settings(options: argparse.Namespace) -> SmtpSettings | ApiSettings:
    if options.provider:
        return api_settings(options)
    host, port = ("localhost", _LMTP_PORT) if options.socket else ("", _DEFAULT_PORT)
    if options.server:
        host, port = host_port(options.server, default_port=port)
    return over_retries(over_smtp(SmtpSettings(host=host, port=port), options), options)


def _secrets(options: argparse.Namespace, profile: "Profile") -> dict[str, str]:
    """Return the account's secrets by name: as the flags name them, else typed."""
    from mailgui.cli.terminal import ask_secret, at_terminal
    from mailgui.jobs.accounts import secret_labels

    given = given_secrets(options, profile.settings)
    secrets = {}
    for name, label in secret_labels(profile.settings).items():
        if given and name not in given and not at_terminal():
            say(f"The {label} is not known yet: give it by --key-env {name}=VAR.")
            continue
        prompt = f"{label[:1].upper()}{label[1:]} of {options.name}: "
        secrets[name] = given.get(name) or ask_secret(prompt)
    return secrets


async def _test(options: argparse.Namespace) -> int:
    from mailgui.cli.send_account import find_profile, open_services
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs.send import try_connection
    from mailgui.smtp.exit_codes import exit_code
    from mailgui.transcript.export_text import to_text

    cancel = asyncio.Event()
    async with open_services() as services:
        profile = find_profile(services, options.name)
        given = given_secrets(options, profile.settings)
        if not isinstance(profile.settings, ApiSettings):  # an API's key is not tried
            given = await asked(services, profile, given)
        resolver = chosen_resolver(options, services)
        on_interrupt(cancel.set)
        report = await try_connection(
            None, services, profile, given=given, cancel=cancel, resolver=resolver
        )
    if options.json:
        print_json(report.to_json_dict())
    else:
        print_text(to_text(report.transcript))
        if report.findings:
            print_text("\n" + findings_text(report.findings) + "\n")
    return exit_code(report.transcript)


async def _remove(options: argparse.Namespace) -> int:
    from mailgui.cli.send_account import find_profile
    from mailgui.jobs.accounts import secret_labels
    from mailgui.jobs.services import Services

    services = Services()
    profile = find_profile(services, options.name)
    if not profile.sandbox:
        for name in secret_labels(profile.settings):
            await services.secrets.delete(profile, name)
    services.profiles.remove(profile.name)
    await services.close()
    if options.json:
        print_json(profile_to_dict(profile))
    else:
        print_text(f"Removed {profile.name}.\n")
    return 0

"""``mailgui compare``: the same message by two profiles in turns, and what it measured."""

import argparse
import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.cli.message_options import add_api_options, add_message_options
from mailgui.cli.output import print_json, print_text
from mailgui.cli.resolver_option import add_resolver_option, chosen_resolver
from mailgui.cli.standard_input import file_or_input
from mailgui.cli.usage import UsageProblem, secret_from_env, whole_number
from mailgui.message.draft import Draft
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.compare import Comparison
    from mailgui.jobs.services import Services

_MOST = 10_000  # messages a side


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``compare``."""
    parser.usage = "mailgui compare PROFILE PROFILE [FILE.eml] [option ...]"
    parser.add_argument("profiles", nargs=2, metavar="PROFILE", help="a profile's name")
    parser.add_argument(
        "--count", type=whole_number, default=10, metavar="N", help="messages on each side (10)"
    )
    parser.add_argument(
        "--new-connection", action="store_true", help="a connection of its own for every message"
    )
    parser.add_argument(
        "--price",
        type=_price,
        nargs=2,
        metavar="P",
        default=[None, None],
        help="what 1,000 messages cost by the first and by the second",
    )
    parser.add_argument(
        "--password-env",
        action="append",
        default=[],
        metavar="VAR",
        help="the variable with the first profile's secret; given again, the second's",
    )
    add_resolver_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_message_options(parser)
    add_api_options(parser)


def _price(text: str) -> float:
    price = float(text)
    if not 0 <= price < 1e9:
        raise ValueError(text)
    return price


def run(options: argparse.Namespace) -> int:
    """Compare and print; returns 0, or 1 when a side took no message at all."""
    from mailgui.cli.request import file_sentence, in_flags

    if options.count > _MOST:
        raise UsageProblem(f"--count takes at most {_MOST:,} here.")
    try:
        result = asyncio.run(_compare(options))
    except WrongInput as problem:
        raise UsageProblem(in_flags(str(problem))) from None
    except OSError as problem:
        raise UsageProblem(file_sentence(problem)) from None
    if options.json:
        print_json(result.to_json_dict())
    else:
        from mailgui.jobs.compare_text import comparison_text

        print_text(comparison_text(result) + "\n")
    return 0 if all(side.taken for side in result.sides) else 1


async def _compare(options: argparse.Namespace) -> "Comparison":
    from mailgui.cli.send_account import open_services
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs.compare import compare

    cancel = asyncio.Event()
    async with open_services() as services:
        first, second = [
            await _account(services, name, options.password_env[index : index + 1])
            for index, name in enumerate(options.profiles)
        ]
        draft = await asyncio.to_thread(_draft, options, services)
        resolver = chosen_resolver(options, services)
        on_interrupt(cancel.set)
        return await compare(
            (first, second),
            draft,
            count=options.count,
            fresh=options.new_connection,
            prices=options.price,
            resolver=resolver,
            cancel=cancel,
        )


async def _account(services: "Services", name: str, variables: list[str]) -> "Account":
    from mailgui.cli.secrets import open_asking
    from mailgui.cli.send_account import find_profile
    from mailgui.jobs.accounts import secret_labels

    profile = find_profile(services, name)
    given: dict[str, str] = {}
    if variables:
        names = list(secret_labels(profile.settings)) or ["password"]
        given = {names[0]: secret_from_env(variables[0])}
    return await open_asking(services, profile, given)


def _draft(options: argparse.Namespace, services: "Services") -> Draft:
    """Return the message: the sample's where the options leave something out."""
    from mailgui.cli.message_options import build_draft
    from mailgui.cli.send_account import find_profile
    from mailgui.jobs.demo import sample_draft

    profiles = [find_profile(services, name) for name in options.profiles]
    outside = next((each for each in profiles if not each.sandbox), None)
    people = bool(options.to or options.cc or options.bcc)
    if outside is not None and not (people or options.file):
        raise UsageProblem(
            f"“{outside.name}” sends to real mailboxes: say by --to whose, so that nobody else "
            "gets test messages."
        )
    if options.sender is None:
        options.sender = next((each.sender for each in profiles if each.sender), None)
    base = sample_draft()
    if options.file:
        from mailgui.message.draft_from_eml import draft_from_eml

        base = draft_from_eml(file_or_input(options.file))
    if people:
        base = replace(base, to=(), cc=(), bcc=())
    return build_draft(options, base)

"""The account and the message of ``mailgui send``, from its flags."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.cli.request import api_settings, load_draft, over_settings
from mailgui.cli.secrets import given_secrets, keys_from_env, open_asking, passwords
from mailgui.cli.smtp_options import over_smtp
from mailgui.cli.standard_input import file_or_input
from mailgui.cli.usage import UsageProblem, host_port
from mailgui.jobs.accounts import Account, SecretMissing
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings, TlsMode

if TYPE_CHECKING:
    from mailgui.message.draft import Draft
    from mailgui.message.outgoing import Outgoing
    from mailgui.store.profile import Profile

_DEFAULT_PORT = 25
_LMTP_PORT = 24  # as swaks


@asynccontextmanager
async def open_services() -> AsyncIterator[Services]:
    """Give the services, and close them. A secret that is missing inside is wrong usage."""
    services = Services()
    try:
        yield services
    except SecretMissing as problem:
        raise UsageProblem(
            f"{problem.sentence.rstrip('.')} in the window, or give it by --password-env."
        ) from None
    finally:
        await services.close()


async def account_from(options: argparse.Namespace, services: Services) -> Account:
    """Return the account that the flags name.

    With ``--mx`` its host is empty: routing fills it in. Raises UsageProblem and SecretMissing.
    """
    if options.provider:
        settings = api_settings(options)
        return Account(options.provider, settings, keys_from_env(options, settings))
    if options.profile:
        return await _from_profile(options, services)
    if options.mx and (options.user or options.auth or options.password_env):
        raise UsageProblem(
            "A mail exchanger takes mail without a sign-in, so --user, --auth and --password-env "
            "cannot be used with --mx."
        )
    default = _LMTP_PORT if options.protocol == "lmtp" else _DEFAULT_PORT
    host, port = ("localhost", default) if options.socket else ("", default)
    if options.server:
        host, port = host_port(options.server, default_port=default)
    smtp = over_smtp(SmtpSettings(host=host, port=port), options)
    if options.mx and options.tls is None:
        smtp = replace(smtp, tls=TlsMode.OPPORTUNISTIC)  # as servers do among themselves
    return Account(options.server or options.socket or "MX", smtp, passwords(options))


async def _from_profile(options: argparse.Namespace, services: Services) -> Account:
    profile = find_profile(services, options.profile)
    if options.sender is None and not options.file:
        options.sender = profile.sender or None
    settings = profile.settings
    if isinstance(settings, ApiSettings):
        profile = replace(profile, settings=over_settings(settings, options))
    else:
        profile = replace(profile, settings=over_smtp(settings, options))
    return await open_asking(services, profile, given_secrets(options, profile.settings))


def find_profile(services: Services, name: str) -> "Profile":
    """Return the profile called ``name``; raises UsageProblem where there is none."""
    loaded = services.profiles.load()
    profile = loaded.find(name)
    if profile is None:
        known = ", ".join(f"“{each.name}”" for each in loaded.profiles)
        raise UsageProblem(f"There is no profile “{name}”; the known ones are: {known}.")
    return profile


def outgoing_from(options: argparse.Namespace) -> "Outgoing":
    """Return the message that the flags describe; a FILE.eml octet for octet.

    Reads files, so it blocks. Raises DraftProblem, UsageProblem and OSError.
    """
    if not options.file:
        from mailgui.message.compose import compose

        if options.sender in ("", "<>"):
            return compose(from_nobody(options))
        return compose(load_draft(options))
    changes = ("subject", "text", "html", "attach", "inline", "header", "reply_to")
    given = [name for name in changes if getattr(options, name)]
    if given:
        raise UsageProblem(
            f"FILE.eml goes out as it is, so --{given[0].replace('_', '-')} cannot be used with it."
        )
    return _stored(options)


def from_nobody(options: argparse.Namespace) -> "Draft":
    """Return a draft with the null sender, as a bounce has; its author is the mail system."""
    from mailgui.message.addresses import parse_address

    options.sender = f"MAILER-DAEMON@{options.helo or 'localhost'}"
    author = replace(parse_address(options.sender, field="from"), name="Mail Delivery System")
    return replace(load_draft(options), sender=author, envelope_from="")


def _stored(options: argparse.Namespace) -> "Outgoing":
    from mailgui.message.addresses import ascii_domain, parse_address, parse_addresses
    from mailgui.message.eml import read_eml

    people = [
        ascii_domain(mailbox.address)
        for field in ("to", "cc", "bcc")
        for text in getattr(options, field)
        for mailbox in parse_addresses(text, field)
    ]
    sender = options.sender
    if sender not in (None, "", "<>"):
        sender = ascii_domain(parse_address(sender, field="from").address)
    return read_eml(
        file_or_input(options.file),
        sender="" if sender == "<>" else sender,
        recipients=tuple(people) or None,
        raw=options.raw,
    )

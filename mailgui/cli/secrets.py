"""Where an account's secrets come from: the variables that flags name, or the terminal."""

import argparse
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.cli.usage import UsageProblem, secret_from_env

if TYPE_CHECKING:
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.services import Services
    from mailgui.smtp.settings import SmtpSettings
    from mailgui.store.profile import Profile

_SIGN_INS_WITHOUT = ("EXTERNAL", "ANONYMOUS")


def add_secret_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name variables, to a command that has none of the others' groups."""
    group = parser.add_argument_group("secrets")
    group.add_argument(
        "--password-env", metavar="VAR", help="the variable with the password, or the API's key"
    )
    add_key_option(group)


def add_key_option(group: argparse._ArgumentGroup) -> None:
    """Add ``--key-env``."""
    group.add_argument(
        "--key-env",
        action="append",
        default=[],
        metavar="VAR or NAME=VAR",
        help="the variable with the API's key; may be given repeatedly",
    )


def key_variables(options: argparse.Namespace, settings: ApiSettings) -> dict[str, str]:
    """Return an API's secrets by name, with the variable that the flags name for each.

    A bare VAR, and ``--password-env``, fill the first secret that the provider asks for. Raises
    UsageProblem for a name that it does not ask for, and ValueError for an unknown provider.
    """
    from mailgui.jobs.request import provider_of

    provider = provider_of(settings)
    known = [secret.name for secret in provider.auth.secrets] or ["key"]
    usual = getattr(options, "password_env", None)
    variables = {known[0]: usual} if usual else {}
    for item in options.key_env:
        name, equals, variable = item.partition("=")
        if not equals:
            name, variable = known[0], item
        if name not in known:
            has = ", ".join(known)
            raise UsageProblem(f"{provider.name} has no secret “{name}”; it has: {has}.")
        variables[name] = variable
    return variables


def keys_from_env(options: argparse.Namespace, settings: ApiSettings) -> dict[str, str]:
    """Return an API's secrets by name, from the variables that the flags name, and its proxy's."""
    variables = key_variables(options, settings)
    secrets = {name: secret_from_env(variable) for name, variable in variables.items()}
    return {**secrets, **_of_proxy(options)}


def passwords(options: argparse.Namespace) -> dict[str, str]:
    """Return the secrets of an SMTP account that the flags name: its password, and its proxy's.

    Where a user is named and no password, it is asked for. Raises UsageProblem without a terminal.
    """
    secrets = {}
    mechanism = (getattr(options, "auth", None) or "").upper()
    if options.password_env:
        secrets["password"] = secret_from_env(options.password_env)
    elif getattr(options, "user", None) and mechanism not in _SIGN_INS_WITHOUT:
        from mailgui.cli.terminal import ask_secret

        secrets["password"] = ask_secret(f"Password of {options.user}: ")
    return {**secrets, **_of_proxy(options)}


def given_secrets(
    options: argparse.Namespace, settings: "SmtpSettings | ApiSettings"
) -> dict[str, str]:
    """Return the secrets that the flags name for an account of either road."""
    if isinstance(settings, ApiSettings):
        return keys_from_env(options, settings)
    return passwords(options)


async def open_asking(services: "Services", profile: "Profile", given: dict[str, str]) -> "Account":
    """Return a profile's account; a secret that is not known is asked for at the terminal.

    Raises SecretMissing where there is none.
    """
    from mailgui.jobs.accounts import open_account

    return await open_account(services, profile, given=await asked(services, profile, given))


async def asked(services: "Services", profile: "Profile", given: dict[str, str]) -> dict[str, str]:
    """Return ``given`` and, where there is a terminal, what else the profile needs and lacks."""
    from mailgui.cli.terminal import ask_secret, at_terminal
    from mailgui.jobs.accounts import secret_labels

    if profile.sandbox or not at_terminal():
        return given
    secrets = dict(given)
    for name, label in secret_labels(profile.settings).items():
        if name not in secrets and not await services.secrets.get(profile, name):
            secrets[name] = ask_secret(f"{label[:1].upper()}{label[1:]} of {profile.name}: ")
    return secrets


def _of_proxy(options: argparse.Namespace) -> dict[str, str]:
    if not getattr(options, "proxy", None) and not getattr(options, "proxy_password_env", None):
        return {}
    from mailgui.cli.smtp_options import proxy_of
    from mailgui.net.proxy_address import PROXY_PASSWORD

    password = proxy_of(options)[1]
    return {PROXY_PASSWORD: password} if password else {}

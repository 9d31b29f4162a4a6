"""What the engine's thread does for the page: read, save, remove and try profiles."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account, SecretMissing, open_account
from mailgui.jobs.reports import SendReport
from mailgui.jobs.send import try_account
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.files import StoreProblem
from mailgui.store.profile import Profile
from mailgui.store.profile_format import ProfileProblem
from mailgui.store.secrets import Keeping, reference
from mailgui.transcript import Observer

if TYPE_CHECKING:
    from mailgui.api.definition import Provider
    from mailgui.store.profiles import LoadedProfiles


@dataclass(frozen=True, slots=True)
class Everything:
    """What the page shows: the profiles, what is wrong with others, the providers there are."""

    profiles: tuple[Profile, ...]
    problems: tuple[str, ...]
    providers: "Mapping[str, Provider]"
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class Change:
    """A profile to keep.

    Attributes:
        old: the one that it replaces; None for a new one.
        secrets: by name: what was entered, or "" to forget.
    """

    profile: Profile
    old: Profile | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """It is done. ``profile`` is the profile as it is kept now, None for a removed one."""

    profile: Profile | None


@dataclass(frozen=True, slots=True)
class NotKept:
    """Nothing was changed; the sentence says why. ``about_name``: the name has to be another."""

    sentence: str
    about_name: bool = False


def secret_names(settings: object, providers: "Mapping[str, Provider]") -> dict[str, str]:
    """Return every secret that an account may have: its name, and what to call it."""
    if not isinstance(settings, ApiSettings):
        return {"password": "Password"}
    provider = providers.get(settings.provider)
    secrets = provider.auth.secrets if provider else ()
    return {s.name: f"{s.label} (optional)" if s.optional else s.label for s in secrets}


async def load(services: Services) -> Everything:
    """Read profiles and providers, and find out where secrets are kept."""
    loaded, known, broken = await asyncio.to_thread(_read, services)
    problems = (*loaded.problems, *broken)
    return Everything(loaded.profiles, problems, known, await services.secrets.open())


def _read(
    services: Services,
) -> "tuple[LoadedProfiles, Mapping[str, Provider], tuple[str, ...]]":
    from mailgui.jobs.request import provider_problems, providers

    return services.profiles.load(), providers(), provider_problems()


async def stored_secrets(
    services: Services, profile: Profile, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return which of a profile's secrets are kept. The secrets themselves stay here."""
    found = [name for name in names if await services.secrets.get(profile, name)]
    return tuple(found)


async def keep(services: Services, change: Change, names: tuple[str, ...]) -> Kept | NotKept:
    """Save a profile and its secrets; those of an address that it left are forgotten."""
    store = services.profiles
    try:
        if change.old is None:
            kept = await asyncio.to_thread(store.add, change.profile)
        else:
            kept = await asyncio.to_thread(store.replace, change.old.name, change.profile)
    except ProfileProblem as problem:  # the form has judged everything but the name
        return NotKept(problem.sentence, about_name=True)
    except StoreProblem as problem:
        return NotKept(problem.sentence)
    for name in names:
        if change.old is not None:
            await services.secrets.move(change.old, kept, name)
        entered = change.secrets.get(name)
        if entered:
            await services.secrets.set(kept, entered, name)
        elif entered is not None:
            await services.secrets.delete(kept, name)
    return Kept(kept)


async def remove(services: Services, profile: Profile, names: tuple[str, ...]) -> Kept | NotKept:
    """Remove a profile, and forget its secrets."""
    try:
        await asyncio.to_thread(services.profiles.remove, profile.name)
    except (ProfileProblem, StoreProblem) as problem:
        return NotKept(problem.sentence)
    for name in names:
        await services.secrets.delete(profile, name)
    return Kept(None)


async def try_values(
    observer: Observer, services: Services, change: Change, *, cancel: asyncio.Event
) -> SendReport | NotKept:
    """Try the connection with the values in the form, saved or not."""
    profile = change.profile
    secret: str | None = None
    if isinstance(profile.settings, SmtpSettings) and not profile.sandbox:
        secret = change.secrets.get("password")
        if secret is None and change.old is not None and _same_place(change.old, profile):
            secret = await services.secrets.get(change.old, "password")
        if not secret and profile.settings.username:
            return NotKept("Enter the password to test the sign-in, or clear the user name.")
    try:
        if isinstance(profile.settings, ApiSettings) and not profile.sandbox:
            account = Account(profile.name, profile.settings)  # no request, so no key is needed
        else:
            given = {"password": secret} if secret else {}
            account = await open_account(services, profile, given=given)
        return await try_account(account, observer=observer, cancel=cancel)
    except (SecretMissing, ProfileProblem) as problem:
        return NotKept(problem.sentence)
    except ValueError as problem:  # an unknown provider
        return NotKept(str(problem))


def _same_place(old: Profile, new: Profile) -> bool:
    return reference(old).place == reference(replace(new, name=old.name)).place

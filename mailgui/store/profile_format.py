"""A profile as a table of the profiles file, and back.

Reading works on one table at a time, so that one bad profile costs no other. Writing changes only
the keys that MailGUI knows: what a newer version or a person put beside them stays.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import TLS_VERSIONS, SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

Table = dict[str, Any]

_ROADS: Mapping[str, type[SmtpSettings] | type[ApiSettings]] = {
    "smtp": SmtpSettings,
    "api": ApiSettings,
}
_KEYS = frozenset({"name", "sender", "sandbox", *_ROADS})
_NAME_LIMIT = 100


class ProfileProblem(WrongInput):
    """A profile cannot be used or kept as it is. ``sentence`` says why, for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def clean_name(name: str) -> str:
    """Return ``name`` without blanks at its ends. Raises ProfileProblem when it is none."""
    name = name.strip()
    if not name:
        raise ProfileProblem("A profile needs a name.")
    if len(name) > _NAME_LIMIT:
        raise ProfileProblem(f"A profile's name may have {_NAME_LIMIT} characters at most.")
    if visible(name) != name:
        raise ProfileProblem("A profile's name may not hold control characters.")
    return name


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same to a person, who does not see case."""
    return one.strip().casefold() == other.strip().casefold()


def read_profile(table: Table) -> Profile:
    """Return the profile in ``table``. Raises ProfileProblem with a sentence that names it."""
    name = clean_name(str(table.get("name", "")))
    given = [road for road in _ROADS if isinstance(table.get(road), dict)]
    if len(given) != 1:
        raise ProfileProblem(
            f"The profile “{name}” needs either an [profile.smtp] or an [profile.api] table."
        )
    try:
        settings = msgspec.convert(table[given[0]], _ROADS[given[0]])
        sandbox = msgspec.convert(table.get("sandbox", False), bool)
        sender = msgspec.convert(table.get("sender", ""), str)
    except msgspec.ValidationError as fault:
        raise ProfileProblem(f"The profile “{name}” cannot be read: {_plain(fault)}.") from fault
    profile = Profile(name, settings, sandbox, sender)
    check_profile(profile)
    return profile


def check_profile(profile: Profile) -> None:
    """Raise ProfileProblem where a value of ``profile`` cannot be meant."""
    clean_name(profile.name)
    settings, about = profile.settings, f"The profile “{profile.name}”"
    if settings.timeout <= 0:
        raise ProfileProblem(f"{about} needs a timeout of more than 0 seconds.")
    if isinstance(settings, SmtpSettings):
        if not settings.host.strip():
            raise ProfileProblem(f"{about} needs a server.")
        if not 0 < settings.port < 65536:
            raise ProfileProblem(f"{about} needs a port between 1 and 65535.")
        _check_reach(settings, about)
    elif not settings.provider.strip():
        raise ProfileProblem(f"{about} needs a provider.")
    elif settings.base_url and _names_someone(settings.base_url):
        raise ProfileProblem(
            f"{about} has a user name or password in its base URL; take it out: this file is no "
            "place for secrets."
        )
    else:
        _check_proxy(settings.proxy, about)


def _check_reach(settings: SmtpSettings, about: str) -> None:
    for version in (settings.tls_minimum, settings.tls_maximum):
        if version and version not in TLS_VERSIONS:
            raise ProfileProblem(f"{about} names a TLS version that there is not: “{version}”.")
    _check_proxy(settings.proxy, about)


def _check_proxy(proxy: str | None, about: str) -> None:
    if not proxy:
        return
    from mailgui.net.proxy_address import without_password

    try:
        _, password = without_password(proxy)
    except ValueError as problem:
        raise ProfileProblem(f"{about} names a proxy that cannot be used. {problem}") from None
    if password:
        raise ProfileProblem(
            f"{about} has a password in its proxy's address; take it out: this file is no place "
            "for secrets."
        )


def _names_someone(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return "@" in url


def unknown_keys(table: Table) -> tuple[str, ...]:
    """Return the keys of ``table`` that this version does not know, such as ``smtp.tls_verfy``."""
    unknown = [key for key in table if key not in _KEYS]
    for road, kind in _ROADS.items():
        inner = table.get(road)
        if isinstance(inner, dict):
            known = {field.name for field in dataclasses.fields(kind)}
            unknown += [f"{road}.{key}" for key in inner if key not in known]
    return tuple(unknown)


def write_profile(profile: Profile, old: Table | None = None) -> Table:
    """Return the table of ``profile``; keys of ``old`` that are not ours are kept."""
    table: Table = {k: v for k, v in (old or {}).items() if k not in _KEYS}
    head: Table = {"name": profile.name}
    if profile.sender:
        head["sender"] = profile.sender
    if profile.sandbox:
        head["sandbox"] = True
    kept = (old or {}).get(profile.road)
    known = {field.name for field in dataclasses.fields(profile.settings)}
    inner = {k: v for k, v in kept.items() if k not in known} if isinstance(kept, dict) else {}
    values = msgspec.to_builtins(profile.settings)
    # TOML has no null: what is None is left out, and reads back as the default, which is None.
    ours = {key: value for key, value in values.items() if value is not None and value != {}}
    return {**head, **table, profile.road: {**ours, **inner}}


def _plain(fault: msgspec.ValidationError) -> str:
    """Return msgspec's message with the key first: ``port: expected `int`, got `str```."""
    message, separator, place = str(fault).partition(" - at `$.")
    message = message[:1].lower() + message[1:]
    return f"{place.rstrip('`')}: {message}" if separator else message

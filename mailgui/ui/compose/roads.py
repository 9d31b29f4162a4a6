"""The profiles as the page offers them: each with what there is to say about it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

DIRECT = "Direct to MX"
"""The road to the recipients' mail exchangers, which needs no profile."""

_TLS = {
    TlsMode.NONE: "no TLS",
    TlsMode.OPPORTUNISTIC: "TLS if offered",
    TlsMode.STARTTLS: "STARTTLS",
    TlsMode.IMPLICIT: "TLS",
}


@dataclass(frozen=True, slots=True)
class Road:
    """A profile, what stands beside its name, how large a request its provider takes, and the
    provider itself where there is one. ``direct``: there is no such profile; it stands for the
    recipients' own mail exchangers.
    """

    profile: Profile
    detail: str
    limit: int | None = None
    provider: "Provider | None" = None
    direct: bool = False

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    @property
    def by_api(self) -> bool:
        """Whether it leads to an e-mail API."""
        return self.profile.road == "api"


@dataclass(frozen=True, slots=True)
class Roads:
    """Every usable profile, and a sentence for each thing that is wrong with the others."""

    roads: tuple[Road, ...] = ()
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> Road | None:
        """Return the road of that name, or None."""
        return next((road for road in self.roads if road.name == name), None)


async def load_roads(services: Services) -> Roads:
    """Read the profiles and the providers they name."""
    return await asyncio.to_thread(_read, services)


def _read(services: Services) -> Roads:
    loaded = services.profiles.load()
    known: Mapping[str, Provider] = {}
    if any(profile.road == "api" for profile in loaded.profiles):
        from mailgui.jobs.request import providers

        known = providers()
    roads = tuple(_road(profile, known) for profile in loaded.profiles)
    return Roads((*roads, _direct(roads)), loaded.problems)


def _direct(roads: tuple[Road, ...]) -> Road:
    taken = {road.name.casefold() for road in roads}
    name = DIRECT if DIRECT.casefold() not in taken else f"{DIRECT} (no profile)"
    profile = Profile(name, SmtpSettings(host="", port=25, tls=TlsMode.OPPORTUNISTIC))
    return Road(profile, "SMTP · no profile", direct=True)


def _as_described(provider: "Provider | None", settings: ApiSettings) -> "Provider | None":
    """Return a provider as the account's options describe it; what is wrong there is said later."""
    if provider is None:
        return None
    from mailgui.api.generic import ShapeProblem, shaped

    try:
        return shaped(provider, settings.options)
    except ShapeProblem:
        return provider


def _road(profile: Profile, known: "Mapping[str, Provider]") -> Road:
    settings = profile.settings
    if isinstance(settings, SmtpSettings):
        # The sandbox's port is another one at each start.
        port = "" if profile.sandbox else f" {settings.port}"
        return Road(profile, f"SMTP · {_TLS[settings.tls_mode]}{port}")
    provider = _as_described(known.get(settings.provider), settings)
    if provider is None:
        return Road(profile, f"API · {settings.provider}")
    return Road(profile, f"API · {provider.name}", provider.limits.request_octets, provider)

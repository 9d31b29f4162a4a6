"""The HTTP request that a draft would be sent as."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.message.draft import Draft
from mailgui.store.paths import config_folder
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.api.definition import Provider
    from mailgui.api.render import RenderedRequest


class UnknownProvider(WrongInput):
    """No provider file has the id that was asked for; the text is a sentence."""


def providers() -> "dict[str, Provider]":
    """Return every provider by its id: MailGUI's own and a person's files."""
    from mailgui.api.provider import load_providers

    return load_providers(config_folder() / "providers")


def find_provider(provider_id: str) -> "Provider":
    """Return the provider with that id; raises UnknownProvider."""
    known = providers()
    try:
        return known[provider_id]
    except KeyError:
        raise UnknownProvider(
            f"There is no provider “{provider_id}”; the known ones are: {', '.join(sorted(known))}."
        ) from None


def provider_problems() -> tuple[str, ...]:
    """Return what is wrong with provider files that cannot be used: file, place and reason."""
    from mailgui.api.provider import catalogue

    return tuple(
        f"The provider file {problem}"
        for problem in catalogue(config_folder() / "providers").problems
    )


def provider_of(settings: ApiSettings) -> "Provider":
    """Return the provider of an account, as its options describe it where they do.

    Raises UnknownProvider, and ShapeProblem for an option that cannot be used.
    """
    from mailgui.api.generic import shaped

    return shaped(find_provider(settings.provider), settings.options)


def losses_of(draft: Draft, settings: ApiSettings) -> "tuple[Finding, ...]":
    """Return what rendering ``draft`` would find, files measured and not read.

    Nothing about a draft that cannot be rendered at all. Blocks. Raises UnknownProvider.
    """
    from mailgui.api.foresee import losses

    return losses(draft, provider_of(settings), settings)


def render_requests(
    drafts: Sequence[Draft], settings: ApiSettings, secrets: Mapping[str, str] | None = None
) -> "list[RenderedRequest]":
    """Return the requests that send ``drafts`` by the provider's batch call; see render_request."""
    from mailgui.api.batch_render import render_batch

    return render_batch(drafts, provider_of(settings), settings, dict(secrets or {}))


def render_request(
    draft: Draft, settings: ApiSettings, secrets: Mapping[str, str] | None = None
) -> "RenderedRequest":
    """Return the request that sends ``draft``; placeholders stand for secrets not given.

    Reads the attachments, so it blocks. Raises DraftProblem and UnknownProvider.
    """
    from mailgui.api.render import render

    return render(draft, provider_of(settings), settings, dict(secrets or {}))

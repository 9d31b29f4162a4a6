"""What would be lost of a draft, found out without reading its files: cheap enough for each key."""

from dataclasses import replace

from mailgui.api import preflight
from mailgui.api.definition import Provider
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.message.attachments import check_attachment
from mailgui.message.draft import Draft, DraftProblem


def foresee(draft: Draft, provider: Provider, settings: ApiSettings) -> tuple[Finding, ...]:
    """Return what ``render`` would find, as far as a draft is finished.

    Files are measured, never read, so a size is known up to the quoting of JSON. Raises
    DraftProblem where nothing can be rendered at all.
    """
    empty = tuple(replace(a, path=None, data=b"") for a in draft.attachments)
    rendered = render(replace(draft, attachments=empty), provider, settings)
    carried = sum(_length(provider, check_attachment(a)) for a in draft.attachments)
    size = preflight.size_findings(provider, len(rendered.content) + carried, 0)
    others = [finding for finding in rendered.findings if finding.id != "api.limit.size"]
    return (*others, *size)


def losses(draft: Draft, provider: Provider, settings: ApiSettings) -> tuple[Finding, ...]:
    """Return what ``foresee`` does; nothing about a draft that is still being written."""
    try:
        return foresee(draft, provider, settings)
    except DraftProblem:
        return ()


def _length(provider: Provider, octets: int) -> int:
    """Return how long a file is in the request: in base64, except in a multipart form."""
    return octets if provider.request.body in ("form", "multipart") else (octets + 2) // 3 * 4

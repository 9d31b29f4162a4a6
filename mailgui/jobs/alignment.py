"""Alignment of an envelope sender's and DKIM's domain with an author's, explained."""

from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.alignment import Aligned


async def align(
    services: Services, author: str, *, envelope: str, dkim: str, server: str | None = None
) -> "Aligned":
    """Ask the DNS and explain. Raises ValueError with a sentence for what is no domain."""
    from mailgui.domain.alignment import explain_alignment

    asker = services.asker(server)
    return await explain_alignment(author, envelope=envelope, dkim=dkim, asker=asker)

"""Checking domains: the whole report, and SPF alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport, Section


async def check_domain(
    services: Services,
    domain: str,
    *,
    server: str | None = None,
    selectors: tuple[str, ...] = (),
    dns_only: bool = False,
    on_section: Callable[["Section"], None] | None = None,
) -> "DomainReport":
    """Check ``domain`` and return its report; ``on_section`` is told each section as it is ready.

    ``server`` is the name server to ask, or None for the system's. Raises ValueError with a
    sentence when the domain's name or the server's address is malformed.
    """
    from mailgui.domain.report import check

    resolver = services.resolver(server)
    return await check(
        domain,
        resolver=resolver,
        selectors=selectors,
        dns_only=dns_only,
        on_section=on_section,
    )

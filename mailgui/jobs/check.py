"""Checking domains: the whole report, and SPF alone."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.connections import Connections
    from mailgui.domain.report import DomainReport, Section
    from mailgui.store.selectors import SelectorMemory


async def check_domain(
    services: Services,
    domain: str,
    *,
    server: str | None = None,
    selectors: tuple[str, ...] = (),
    dns_only: bool = False,
    thorough: bool = True,
    only: str = "",
    connections: "Connections | None" = None,
    on_section: Callable[["Section"], None] | None = None,
) -> "DomainReport":
    """Check ``domain`` and return its report; ``on_section`` is told each section as it is ready.

    ``server`` is the name server to ask, OWN_SERVERS, or None for the system's. DKIM selectors that
    turn out to have a key are remembered for the next check; unless ``thorough``, the first of the
    usual ones that has a key ends the search; ``only`` names one section to check; ``connections``
    says how others than name servers are connected to. Raises
    ValueError with a sentence when the domain's name or the server's address is malformed.
    """
    from mailgui.domain.connections import Connections
    from mailgui.domain.report import check
    from mailgui.store.selectors import SelectorMemory

    resolver = services.asker(server)
    memory = SelectorMemory()
    report = await check(
        domain,
        resolver=resolver,
        selectors=selectors,
        learned=memory.of(domain.strip()),
        dns_only=dns_only,
        thorough=thorough,
        only=only,
        connections=connections or Connections(),
        on_section=on_section,
    )
    _remember(memory, report)
    return report


def _remember(memory: "SelectorMemory", report: "DomainReport") -> None:
    """Keep the selectors with a key that a later check would not find by itself."""
    from mailgui.domain.dkim_selectors import selector_list

    section = report.section("dkim")
    found = section.details.get("selectors") if section else None
    names = [s["selector"] for s in found if s["usable"]] if isinstance(found, list) else []
    own = [name for name in names if name not in selector_list().all]
    with suppress(OSError):  # a disk that is full does no harm to a report
        memory.add(report.domain, own)

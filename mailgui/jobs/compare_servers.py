"""One record as the domain's own servers, the system's resolver and others tell it."""

from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.server_comparison import ServerComparison

PUBLIC = (
    ("9.9.9.9", "Quad9"),
    ("8.8.8.8", "Google"),
    ("1.1.1.1", "Cloudflare"),
)
"""The resolvers that most of the world asks, for want of one's own choice."""


async def compare_name_servers(
    services: Services,
    name: str,
    rdtype: str,
    *,
    server: str | None = None,
    others: tuple[tuple[str, str], ...] = PUBLIC,
    played: bool = False,
) -> "ServerComparison":
    """Ask everybody for one record. ``server`` finds the domain's own servers, and is asked too.

    ``played``: ``server`` is the sandbox's, which answers for every server of its zones too.

    Raises ValueError with a sentence when the name or a server is malformed.
    """
    from mailgui.domain.server_comparison import compare_servers

    label = "Your resolver" if server is None else server
    system = services.resolver(server)

    asked = [("", label), *others]
    return await compare_servers(
        name,
        rdtype,
        system=system,
        resolvers=asked,
        ask_server=lambda address: services.resolver(address) if address and not played else system,
    )

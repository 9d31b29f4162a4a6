"""SPF alone: a domain's policy as a tree, or its evaluation for one sender."""

from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.spf import SpfReport


async def evaluate(
    services: Services,
    domain: str,
    *,
    ip: str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    server: str | None = None,
) -> "SpfReport":
    """Return what SPF says about mail from ``domain``, for the client ``ip`` if given.

    ``server`` is the name server to ask, OWN_SERVERS, or None for the system's. Raises ValueError
    with a sentence when ``ip`` or the server's address is malformed.
    """
    from mailgui.domain.spf import evaluate as evaluate_spf

    resolver = services.asker(server)
    return await evaluate_spf(domain, resolver=resolver, ip=ip, mail_from=mail_from, helo=helo)

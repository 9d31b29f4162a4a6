"""``--resolver``: the name server that a command asks."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgui.jobs.services import Services
    from mailgui.net.resolver import Resolver


def add_resolver_option(parser: argparse.ArgumentParser, *, own: bool = False) -> None:
    """Add ``--resolver``; with ``own``, the help names the domain's own servers too."""
    further = ", or own: each domain's own servers" if own else ""
    parser.add_argument(
        "--resolver",
        metavar="ADDRESS[:PORT]",
        help=f"the name server to ask; also https://… (DoH), tls://… (DoT){further}",
    )


def chosen_resolver(options: argparse.Namespace, services: "Services") -> "Resolver | None":
    """Return the resolver that was named; None where names are looked up as the system does.

    Raises ValueError with a sentence when it is not the address of a name server.
    """
    return None if options.resolver is None else services.resolver(options.resolver)

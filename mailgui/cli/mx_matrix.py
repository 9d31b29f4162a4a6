"""``mailgui check DOMAIN --matrix``: every mail exchanger, every address, who offers what."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from mailgui.cli.output import print_json, print_text
from mailgui.cli.usage import INTERRUPTED

if TYPE_CHECKING:
    from mailgui.jobs.mx_matrix import MxMatrix


def add_matrix_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--matrix`` and what goes with it."""
    from mailgui.cli.usage import port_number, seconds

    group = parser.add_argument_group("the mail exchangers")
    group.add_argument(
        "--matrix",
        action="store_true",
        help="in place of the report: knock at every address of each of them, no mail sent",
    )
    group.add_argument("--mx-port", type=port_number, metavar="PORT", help="in place of port 25")
    group.add_argument(
        "--mx-timeout",
        type=seconds,
        metavar="S",
        help="seconds for each of their replies (10; with --matrix 15)",
    )
    group.add_argument("--tls-ca", metavar="FILE", help="PEM certificates to trust as well")


def run_matrix(options: argparse.Namespace) -> int:
    """Knock and print; returns 0 whatever came of it. Raises ValueError with a sentence."""
    matrices, stopped = asyncio.run(_all(options))
    from mailgui.jobs.mx_matrix_forms import to_json_dict, to_text

    if options.json:
        documents = [to_json_dict(matrix) for matrix in matrices]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        print_text("\n\n".join(map(to_text, matrices)) + "\n")
    return INTERRUPTED if stopped else 0


async def _all(options: argparse.Namespace) -> "tuple[list[MxMatrix], bool]":
    """Return the matrices, and whether they were stopped."""
    from mailgui.cli.terminal import on_interrupt
    from mailgui.jobs.mx_matrix import mx_matrix
    from mailgui.jobs.services import Services
    from mailgui.smtp.probe_mx import TIMEOUT

    services, cancel = Services(), asyncio.Event()
    on_interrupt(cancel.set)
    try:
        resolver = services.resolver(options.resolver)
        matrices = [
            await mx_matrix(
                domain,
                resolver=resolver,
                port=options.mx_port or 25,
                timeout=options.mx_timeout or TIMEOUT,
                ca_file=options.tls_ca,
                cancel=cancel,
            )
            for domain in options.domains
        ]
        return matrices, cancel.is_set()
    finally:
        await services.close()

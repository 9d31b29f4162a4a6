"""``mailgui sandbox``: the embedded servers alone, until they are stopped."""

import argparse
import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from mailgui.cli.output import print_json, print_text
from mailgui.cli.usage import UsageProblem
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.sandbox.sandbox import Sandbox


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``sandbox``."""
    for name, purpose in (("smtp", "SMTP"), ("http", "HTTP"), ("dns", "DNS")):
        parser.add_argument(
            f"--{name}",
            default="127.0.0.1:0",
            metavar="H:P",
            help=f"where the {purpose} server listens, on loopback; port 0 takes a free one",
        )
    parser.add_argument(
        "--reply",
        action="append",
        default=[],
        metavar="STAGE=CODE[ TEXT]",
        help=r"what SMTP says at a stage in place of its own reply (\n in TEXT begins a line; 421 "
        "closes); may be repeated. Stages: banner ehlo starttls auth mail rcpt data message "
        "(after the dot) quit",
    )
    parser.add_argument(
        "--rate",
        metavar="N[/SECONDS]",
        help="take at most N messages a minute, or in so many seconds, by SMTP and by each API; "
        "beyond that 451 or 429 with the provider's headers and Retry-After",
    )
    parser.add_argument(
        "--rate-code",
        choices=("451", "421"),
        default="451",
        help="what SMTP says beyond the rate: 451, or 421 and the connection closes",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the addresses as one JSON document"
    )


def run(options: argparse.Namespace) -> int:
    """Run the servers until Ctrl+C or SIGTERM."""
    try:
        asyncio.run(_serve(options))
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    except OSError as problem:
        raise UsageProblem(
            f"The sandbox cannot listen there: {(problem.strerror or str(problem)).lower()}."
        ) from None
    return 0


async def _serve(options: argparse.Namespace) -> None:
    from mailgui.sandbox.conduct import Orders
    from mailgui.sandbox.rate_limit import parse_rate
    from mailgui.sandbox.sandbox import Sandbox
    from mailgui.sandbox.stage_replies import parse_stage_replies

    sandbox = Sandbox()
    rate = parse_rate(options.rate, options.rate_code) if options.rate is not None else None
    sandbox.orders = Orders(parse_stage_replies(options.reply), rate)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await sandbox.start(smtp=options.smtp, http=options.http, dns=options.dns)
    try:
        _announce(sandbox, as_json=options.json)
        await stop.wait()
    finally:
        await sandbox.stop()


def sandbox_to_dict(sandbox: "Sandbox") -> dict[str, object]:
    """Return where the servers listen and what they ask for. The secrets are of this run only."""
    return {
        "smtp": str(sandbox.smtp),
        "http": f"http://{sandbox.http}",
        "dns": str(sandbox.dns),
        "user": sandbox.username,
        "password": sandbox.password,
        "api_key": sandbox.api_key,
        "ca_file": str(sandbox.ca_pem_path),
        "replies": {stage: reply.wire for stage, reply in sandbox.orders.replies.items()},
        "rate": str(sandbox.orders.rate) if sandbox.orders.rate else None,
    }


def _announce(sandbox: "Sandbox", *, as_json: bool) -> None:
    places = sandbox_to_dict(sandbox)
    if as_json:
        print_json(places)
        return
    lines = [f"{name:<9} {value}" for name, value in places.items() if isinstance(value, str)]
    lines += [sandbox.orders.sentence] if sandbox.orders else []
    print_text("\n".join((*lines, "The sandbox runs; Ctrl+C stops it.")))
    sys.stdout.flush()

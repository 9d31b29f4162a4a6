"""The command line: parses the first word and hands over to the module of that sub-command."""

from collections.abc import Sequence
from importlib import import_module

from mailgui import __version__
from mailgui.cli.usage import EX_USAGE, INTERRUPTED, Parser, UsageProblem, say

COMMANDS = {
    "demo": "show what MailGUI does: no display, account or network needed",
    "send": "send a message by SMTP or through an e-mail API",
    "request": "print the HTTP request that an e-mail API would be sent",
    "profile": "list, add, test and remove profiles",
    "check": "check a domain's mail set-up: SPF, DKIM, DMARC and more",
    "spf": "evaluate SPF for an address, with its trace",
    "verify": "judge a received message: DKIM, ARC, SPF, DMARC, its way",
    "reports": "read DMARC aggregate reports and sum them up",
    "compare": "measure two profiles side by side with the same message",
    "webhook": "check a provider's webhook, or send a sample of one to your own receiver",
    "sandbox": "run the embedded SMTP, HTTP and DNS servers",
}
"""Each sub-command and what it does. It lives in ``mailgui.cli.<name>``, which has
``configure(parser)`` and ``run(arguments) -> int``."""


def _parser() -> Parser:
    parser = Parser(
        prog="mailgui",
        description="Compose, send, watch and understand e-mail. Alone it opens the window.",
    )
    parser.add_argument(
        "--version", action="version", version=f"mailgui {__version__}", help="print the version"
    )
    parser.add_argument(
        "--smoke-test", action="store_true", help="open the window, let it paint once, and end"
    )
    parser.add_argument(
        "--scheme", choices=["system", "light", "dark"], help="the window's colours, this time"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        commands.add_parser(name, help=purpose, add_help=False)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Run ``mailgui`` with the arguments after its name; returns the exit code."""
    from mailgui.cli.output import EX_IOERR, OutputProblem, flush, ready_streams

    ready_streams()
    try:
        code = _run(arguments)
        flush()
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    except OutputProblem as problem:
        say(str(problem))
        return EX_IOERR
    return code


def _run(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        return _run_command(arguments[0], arguments[1:])
    try:
        options = _parser().parse_args(list(arguments))
    except SystemExit as leaving:
        return int(leaving.code or 0)
    from mailgui.ui.application import open_window

    return open_window(smoke_test=options.smoke_test, scheme=options.scheme)


def _run_command(name: str, arguments: Sequence[str]) -> int:
    module = import_module(f"mailgui.cli.{name}")
    purpose = COMMANDS[name]
    parser = Parser(prog=f"mailgui {name}", description=f"{purpose[0].upper()}{purpose[1:]}.")
    module.configure(parser)
    try:
        return int(module.run(parser.parse_args(list(arguments))))
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except UsageProblem as problem:
        say(str(problem))
        return EX_USAGE

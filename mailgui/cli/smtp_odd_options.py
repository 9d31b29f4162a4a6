"""Options of SMTP for testing servers: posing as others, the PROXY protocol, broken rules."""

import argparse
from typing import TYPE_CHECKING

from mailgui.cli.usage import UsageProblem, host_port
from mailgui.smtp.arguments import XCLIENT_ATTRIBUTES
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.proxy_header import ProxyHeader
    from mailgui.smtp.steps import Step, XClient
    from mailgui.smtp.wanted import Breaks

_ANYWAY = ("auth", "starttls", "pipelining", "extensions")


class ProxyProblem(UsageProblem):
    """What is to be announced by the PROXY protocol cannot be."""


def add_odd_options(parser: argparse.ArgumentParser) -> None:
    """Add all of them."""
    _add_xclient(parser)
    _add_proxy(parser)
    _add_breaks(parser)


def _add_xclient(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SMTP: posing as another client (XCLIENT)")
    for name in XCLIENT_ATTRIBUTES:
        flag = f"--xclient-{name.lower().replace('_', '-')}"
        group.add_argument(flag, metavar="VALUE", help=f"its {name}")
    group.add_argument(
        "--xclient",
        action="append",
        default=[],
        metavar="TEXT",
        help="a command of its own with TEXT as it is; may be given repeatedly",
    )
    group.add_argument(
        "--xclient-before-starttls", action="store_true", help="in place of after it"
    )


def _add_proxy(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "SMTP: the PROXY protocol", "A header before all else, as load balancers send it."
    )
    # Not ``choices``: what is wrong with these has an exit code of its own.
    group.add_argument("--proxy-version", metavar="1|2", help="of the header (1)")
    group.add_argument("--proxy-source", metavar="IP:PORT", help="who the client is said to be")
    group.add_argument("--proxy-dest", metavar="IP:PORT", help="whom it is said to talk to")
    group.add_argument("--proxy-local", action="store_true", help="say that it is the proxy itself")
    group.add_argument("--proxy-raw", metavar="TEXT", help="TEXT as it is; \\xNN for any octet")


def _add_breaks(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SMTP: rules broken on purpose")
    for name in _ANYWAY:
        what = "MAIL's and RCPT's, XCLIENT, BDAT" if name == "extensions" else name.upper()
        group.add_argument(
            f"--{name}-anyway", action="store_true", help=f"{what}, though not offered"
        )
    group.add_argument("--bare-lf", action="store_true", help="end the message's lines with LF")
    group.add_argument(
        "--no-dot-stuffing", action="store_true", help="do not double dots at the start of lines"
    )
    group.add_argument(
        "--end-of-data", metavar="TEXT", help="in place of CRLF . CRLF, such as '\\n.\\n'"
    )
    group.add_argument("--go-on", action="store_true", help="go on after a refusal")
    group.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="STEP",
        help="an order of one's own, one --step each: connect proxy banner ehlo helo lhlo starttls "
        "tls xclient auth send mail rcpt data message quit drop, or a line to send",
    )


def xclient_of(options: argparse.Namespace) -> "tuple[XClient, ...]":
    """Return the XCLIENT commands that the flags describe."""
    from mailgui.smtp.steps import XClient

    anyway = options.extensions_anyway
    given = [(name, getattr(options, f"xclient_{name.lower()}")) for name in XCLIENT_ATTRIBUTES]
    pairs = tuple((name, value) for name, value in given if value is not None)
    poses = [XClient(pairs, although_not_offered=anyway)] if pairs else []
    poses += [XClient(raw=text, although_not_offered=anyway) for text in options.xclient]
    return tuple(poses)


def proxy_header_of(options: argparse.Namespace) -> "ProxyHeader | None":
    """Return the header that the flags describe. Raises ProxyProblem."""
    from mailgui.smtp.proxy_header import ProxyHeader
    from mailgui.smtp.step_words import unescape

    source, destination, raw = options.proxy_source, options.proxy_dest, options.proxy_raw
    if options.proxy_version not in (None, "1", "2"):
        raise ProxyProblem(f"--proxy-version is 1 or 2, not “{options.proxy_version}”.")
    version = int(options.proxy_version or 1)
    if not (source or destination or raw is not None or options.proxy_local):
        if options.proxy_version:
            raise ProxyProblem("--proxy-version goes with --proxy-source and --proxy-dest.")
        return None
    try:
        if raw is not None:
            return ProxyHeader(version, raw=unescape(raw))
        if options.proxy_local:
            return ProxyHeader(version, local=True)
        if not (source and destination):
            raise ProxyProblem("--proxy-source and --proxy-dest go together.")
        return ProxyHeader(version, *host_port(source), *host_port(destination))
    except (WrongInput, UsageProblem) as problem:
        raise ProxyProblem(str(problem)) from None


def breaks_of(options: argparse.Namespace) -> "Breaks":
    """Return the rules that the flags break. Raises UsageProblem."""
    from mailgui.smtp.step_words import unescape
    from mailgui.smtp.wanted import Breaks

    try:
        end = unescape(options.end_of_data) if options.end_of_data is not None else None
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    return Breaks(
        auth_not_offered=options.auth_anyway,
        starttls_not_offered=options.starttls_anyway,
        extensions_not_offered=options.extensions_anyway,
        pipelining_not_offered=options.pipelining_anyway,
        bare_lf=options.bare_lf,
        no_dot_stuffing=options.no_dot_stuffing,
        end_of_data=end,
        go_on=options.go_on,
    )


def steps_of(options: argparse.Namespace, plan: "Plan") -> "tuple[Step, ...] | None":
    """Return an order of a person's own, or None. Raises UsageProblem."""
    from mailgui.smtp.step_words import parse

    if not options.step:
        return None
    if not all(text.strip() for text in options.step):
        raise UsageProblem("--step takes a step or a line to send; one is empty.")
    if options.count:
        raise UsageProblem("--count sends by the usual steps: leave --step away.")
    try:
        return tuple(step for text in options.step for step in parse(text, plan))
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None

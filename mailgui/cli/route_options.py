"""The flags of sending straight to mail exchangers, and of trying again."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.cli.usage import UsageProblem, port_number, seconds, whole_number

if TYPE_CHECKING:
    from mailgui.smtp.direct import Policies
    from mailgui.smtp.settings import SmtpSettings

_APPLY = ("apply", "ignore")


def add_route_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--mta-sts``, ``--dane``, ``--trust-dnssec``, ``--mx-port`` and ``--retry-…``."""
    group = parser.add_argument_group("with --mx")
    group.add_argument(
        "--mta-sts", choices=_APPLY, help="the domain's MTA-STS policy (apply unless given)"
    )
    group.add_argument("--dane", choices=_APPLY, help="its TLSA records (apply unless given)")
    group.add_argument(
        "--trust-dnssec",
        action="store_true",
        help="believe the name server that it validated, though anybody on the way could say so",
    )
    group.add_argument(
        "--mx-domain", metavar="DOMAIN", help="the exchangers of DOMAIN, whoever the recipients are"
    )
    group.add_argument("--mx-port", type=port_number, metavar="PORT", help="in place of port 25")
    add_retry_options(parser)


def add_many_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--count`` and what goes with it."""
    group = parser.add_argument_group("many messages")
    group.add_argument("--count", type=whole_number, metavar="N", help="send the message N times")
    group.add_argument("--connections", type=whole_number, metavar="N", help="over N connections")
    group.add_argument("--rate", type=_rate, metavar="N", help="at most N messages a second")
    group.add_argument(
        "--reset-between", action="store_true", help="by SMTP: RSET before each message"
    )


def add_retry_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--retries``, ``--retry-delay`` and ``--retry-cap``."""
    group = parser.add_argument_group("trying again")
    group.add_argument(
        "--retries",
        type=whole_number,
        metavar="N",
        help="try up to N times again, where no message can go out twice",
    )
    group.add_argument(
        "--retry-delay",
        type=seconds,
        metavar="S",
        help="by SMTP: the longest first wait, doubled for each further try (5)",
    )
    group.add_argument(
        "--retry-cap", type=seconds, metavar="S", help="by SMTP: the longest wait of all (300)"
    )


def policies_from(options: argparse.Namespace) -> "Policies":
    """Return what of the domain's policies to apply. Raises UsageProblem without ``--mx``."""
    from mailgui.smtp.direct import Policies

    return Policies(
        mta_sts=options.mta_sts != "ignore",
        dane=options.dane != "ignore",
        trust_ad=True if options.trust_dnssec else None,
        policy_ca=options.tls_ca,
    )


def via_from(options: argparse.Namespace) -> str | None:
    """Return the domain of ``--mx-domain`` as the DNS has it. Raises WrongInput."""
    from mailgui.net.hosts import ascii_host

    return ascii_host(options.mx_domain).lower() if options.mx_domain is not None else None


def check_route_options(options: argparse.Namespace) -> None:
    """Raise UsageProblem for flags that go with ``--mx`` or ``--retries`` where that is missing."""
    if options.rate is not None and not options.count:
        raise UsageProblem("--rate goes with --count.")
    given = {
        "--mta-sts": options.mta_sts,
        "--dane": options.dane,
        "--trust-dnssec": options.trust_dnssec,
        "--mx-port": options.mx_port,
        "--mx-domain": options.mx_domain,
    }
    for flag, value in given.items():
        if value and not options.mx:
            raise UsageProblem(f"{flag} goes with --mx.")
    for flag, value in {
        "--retry-delay": options.retry_delay,
        "--retry-cap": options.retry_cap,
    }.items():
        if value is not None and not options.retries and not options.profile:
            raise UsageProblem(f"{flag} goes with --retries.")


def over_route(settings: "SmtpSettings", options: argparse.Namespace) -> "SmtpSettings":
    """Return ``settings`` with what the flags name in place of them."""
    settings = over_retries(settings, options)
    return replace(settings, port=options.mx_port) if options.mx_port else settings


def over_retries(settings: "SmtpSettings", options: argparse.Namespace) -> "SmtpSettings":
    """Return ``settings`` with what the flags say of trying again."""
    given = {
        "retries": options.retries,
        "retry_delay": options.retry_delay,
        "retry_cap": options.retry_cap,
    }
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1_000_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of messages above 0")
    return value

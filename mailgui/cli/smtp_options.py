"""The options of SMTP, in groups; the settings and the plan that they make."""

import argparse
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailgui.cli.usage import UsageProblem, ip_address, moment, seconds, whole_number
from mailgui.smtp.settings import TLS_VERSIONS, SmtpSettings, TlsMode
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.wanted import Breaks, DsnRequest, Wanted

STOPS = "dns connect banner ehlo starttls tls auth mail rcpt data message quit".split()  # noqa: SIM905
_GREETINGS = {"esmtp": "auto", "smtp": "HELO", "lmtp": "LHLO"}
_EXTENSIONS = ("SIZE", "8BITMIME", "SMTPUTF8", "PIPELINING")


def add_smtp_options(parser: argparse.ArgumentParser) -> None:
    """Add all of them."""
    from mailgui.cli.smtp_odd_options import add_odd_options

    _add_dialogue(parser)
    add_account_options(parser)
    _add_extensions(parser)
    add_odd_options(parser)


def add_account_options(parser: argparse.ArgumentParser) -> None:
    """Add what an SMTP account is, but for where its server is; see ``over_smtp``."""
    group = parser.add_argument_group("SMTP: the account")
    group.add_argument(
        "--protocol", choices=list(_GREETINGS), help="EHLO (the default), HELO or LHLO"
    )
    group.add_argument("--helo", metavar="NAME", help="the name to greet with")
    group.add_argument("--timeout", type=seconds, metavar="S", help="seconds for each reply (30)")
    _add_sign_in(parser)
    _add_tls(parser)
    _add_network(parser)


def _add_dialogue(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SMTP: how far")
    group.add_argument(
        "--stop-after",
        choices=STOPS,
        metavar="STAGE",
        help=f"{', '.join(STOPS)}; where a stage never comes, it ends where that would have come",
    )
    group.add_argument("--drop", action="store_true", help="end without QUIT")
    group.add_argument(
        "--drop-after", choices=STOPS, metavar="STAGE", help="--stop-after, without QUIT"
    )
    group.add_argument(
        "--raw", action="store_true", help="FILE.eml octet for octet, whatever it is"
    )
    group.add_argument(
        "--tls-chain", metavar="FILE", help="save the certificates that the server showed, as PEM"
    )


def _add_sign_in(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SMTP: signing in")
    group.add_argument(
        "--auth", metavar="MECH", help="such as SCRAM-SHA-256; the strongest unless given"
    )
    group.add_argument("--user", metavar="U", help="who signs in")
    group.add_argument(
        "--password-env", metavar="VAR", help="the variable with the password or access token"
    )
    group.add_argument(
        "--allow-insecure-auth",
        action="store_true",
        help="let the password go over a connection that is not verified TLS",
    )
    group.add_argument(
        "--channel-binding",
        choices=["tls-unique", "tls-server-end-point"],
        help="of SCRAM's -PLUS forms; by default the first up to TLS 1.2, then the second",
    )


def _add_tls(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SMTP: TLS")
    group.add_argument(
        "--tls",
        choices=[mode.value for mode in TlsMode],
        help="implicit on port 465, none to this machine, else starttls, unless given",
    )
    group.add_argument(
        "--tls-verify", choices=["full", "none"], help="check the certificate (full unless given)"
    )
    group.add_argument("--tls-ca", metavar="FILE", help="PEM certificates to trust as well")
    group.add_argument("--tls-sni", metavar="NAME", help="ask for and expect another host's name")
    group.add_argument("--tls-min", choices=TLS_VERSIONS, help="the oldest version (TLSv1.2)")
    group.add_argument("--tls-max", choices=TLS_VERSIONS, help="the newest version")
    group.add_argument(
        "--tls-ciphers", metavar="LIST", help="as OpenSSL writes it, for TLS up to 1.2"
    )
    group.add_argument("--tls-cert", metavar="FILE", help="PEM certificate to show the server")
    group.add_argument("--tls-key", metavar="FILE", help="its PEM key, if in another file")
    group.add_argument(
        "--tls-no-resume",
        action="store_true",
        help="a full handshake for each further connection of --count",
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("from where, and through what")
    group.add_argument(
        "--source", type=ip_address, metavar="ADDRESS", help="the local address to connect from"
    )
    family = group.add_mutually_exclusive_group()
    for number in ("4", "6"):
        help_ = f"by SMTP: IPv{number} only"
        family.add_argument(f"--ipv{number}", action="store_true", help=help_)
    group.add_argument(
        "--proxy",
        metavar="URL",
        help="socks5://, http:// or https://[USER@]HOST[:PORT]; it looks the name up",
    )
    group.add_argument("--proxy-password-env", metavar="VAR", help="the variable with its password")


def _add_extensions(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "SMTP: extensions", "What a server does not offer is said, or the message is not sent."
    )
    group.add_argument("--chunking", action="store_true", help="BDAT in place of DATA")
    group.add_argument(
        "--binarymime", action="store_true", help="the octets as they are, by BDAT (RFC 3030)"
    )
    group.add_argument(
        "--no-extension",
        action="append",
        default=[],
        type=str.upper,
        choices=_EXTENSIONS,
        metavar="NAME",
        help=f"leave one unused: {', '.join(_EXTENSIONS)}",
    )
    group.add_argument(
        "--dsn-notify", metavar="WHEN", help="NEVER, or any of SUCCESS,FAILURE,DELAY (RFC 3461)"
    )
    group.add_argument(
        "--dsn-ret", type=str.upper, choices=["FULL", "HDRS"], help="how much a report brings back"
    )
    group.add_argument("--dsn-envid", metavar="ID", help="what a report is to call the message")
    group.add_argument("--dsn-orcpt", action="store_true", help="name the original recipient")
    group.add_argument(
        "--requiretls", action="store_true", help="only over verified TLS all the way (RFC 8689)"
    )
    group.add_argument(
        "--mt-priority", type=int, metavar="N", help="from -9 to 9, the most urgent (RFC 6710)"
    )
    group.add_argument(
        "--deliver-by",
        metavar="S[;MODE]",
        help="seconds; N tells, R returns when late, T traces, such as '3600;RT' (RFC 2852)",
    )
    group.add_argument(
        "--hold-for", type=whole_number, metavar="S", help="deliver S seconds later (RFC 4865)"
    )
    group.add_argument("--hold-until", metavar="ISO8601", help="deliver at that time")
    for verb in ("mail", "rcpt"):
        group.add_argument(
            f"--{verb}-parameter",
            action="append",
            default=[],
            metavar="P",
            help=f"a further parameter of {verb.upper()}, as it is",
        )


def over_smtp(settings: SmtpSettings, options: argparse.Namespace) -> SmtpSettings:
    """Return ``settings`` with what the flags name in place of them. The proxy's password is not
    among it: see ``proxy_password``.
    """
    given = {
        "tls": TlsMode(options.tls) if options.tls else None,
        "tls_verify": options.tls_verify == "full" if options.tls_verify else None,
        "tls_ca": options.tls_ca,
        "tls_server_name": options.tls_sni,
        "tls_minimum": options.tls_min,
        "tls_maximum": options.tls_max,
        "tls_ciphers": options.tls_ciphers,
        "tls_client_cert": options.tls_cert,
        "tls_client_key": options.tls_key,
        "tls_resume": False if options.tls_no_resume else None,
        "channel_binding": options.channel_binding,
        "source": options.source,
        "family": "ipv4" if options.ipv4 else "ipv6" if options.ipv6 else None,
        "proxy": proxy_of(options)[0] or None,
        "unix_socket": options.socket,
        "lmtp": options.protocol == "lmtp" if options.protocol else None,
        "auth": options.auth.upper() if options.auth else None,
        "username": options.user,
        "helo": options.helo,
        "timeout": options.timeout,
        "allow_insecure_auth": options.allow_insecure_auth or None,
    }
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def proxy_of(options: argparse.Namespace) -> tuple[str, str]:
    """Return the proxy that the flags name without its password, and the password.

    Raises UsageProblem.
    """
    from mailgui.cli.usage import secret_from_env
    from mailgui.net.proxy_address import without_password

    if not options.proxy:
        if options.proxy_password_env:
            raise UsageProblem("--proxy-password-env goes with --proxy.")
        return "", ""
    try:
        address, password = without_password(options.proxy)
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None
    if options.proxy_password_env:
        password = secret_from_env(options.proxy_password_env)
    return address, password


def plan_from(options: argparse.Namespace) -> "Plan":
    """Return the plan that the flags describe. Raises UsageProblem."""
    from mailgui.cli.smtp_odd_options import breaks_of, proxy_header_of, steps_of, xclient_of
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.steps import Greeting
    from mailgui.transcript import Stage

    if options.stop_after and options.drop_after:
        raise UsageProblem("Give one of --stop-after and --drop-after.")
    stop = options.stop_after or options.drop_after
    breaks: Breaks = breaks_of(options)
    left_out = frozenset(options.no_extension)
    usual = Plan()
    plan = Plan(
        stop_after=Stage(stop) if stop else None,
        drop=options.drop or bool(options.drop_after),
        greeting=Greeting(_GREETINGS[options.protocol]) if options.protocol else usual.greeting,
        pipelining="PIPELINING" not in left_out,
        chunking=options.chunking or options.binarymime,
        use=usual.use - left_out,
        dsn=_dsn(options),
        wanted=_wanted(options),
        mail_parameters=tuple(options.mail_parameter),
        rcpt_parameters=tuple(options.rcpt_parameter),
        proxy=proxy_header_of(options),
        xclient=xclient_of(options),
        xclient_before_tls=options.xclient_before_starttls,
        reset_between=options.reset_between,
        breaks=breaks,
    )
    return replace(plan, steps=steps_of(options, plan))


def _dsn(options: argparse.Namespace) -> "DsnRequest | None":
    from mailgui.smtp.wanted import DsnRequest

    notify = tuple(word.strip().upper() for word in (options.dsn_notify or "").split(",") if word)
    known = {"NEVER", "SUCCESS", "FAILURE", "DELAY"}
    if set(notify) - known or ("NEVER" in notify and len(notify) > 1):
        raise UsageProblem("--dsn-notify takes NEVER, or any of SUCCESS,FAILURE,DELAY.")
    request = DsnRequest(notify, options.dsn_ret, options.dsn_envid, options.dsn_orcpt)
    return request if request != DsnRequest() else None


def _wanted(options: argparse.Namespace) -> "Wanted":
    from mailgui.smtp.wanted import Wanted

    fields: dict[str, Any] = {
        "require_tls": options.requiretls,
        "priority": options.mt_priority,
        "hold_for": options.hold_for,
        "binary": options.binarymime,
    }
    try:
        if options.deliver_by:
            fields["deliver_by"] = _deliver_by(options.deliver_by)
        if options.hold_until:
            fields["hold_until"] = moment(options.hold_until, "--hold-until")
        return Wanted(**fields)
    except WrongInput as problem:
        raise UsageProblem(str(problem)) from None


def _deliver_by(text: str) -> Any:
    from mailgui.smtp.wanted import DeliverBy

    match = re.fullmatch(r"([-+]?[0-9]{1,12})(?:;([NR]T?))?", text.upper(), re.ASCII)
    if match is None:
        raise UsageProblem("--deliver-by takes seconds and N or R, with T to trace: '3600;R'.")
    mode = match[2] or ""
    return DeliverBy(int(match[1]), give_back="R" in mode, trace="T" in mode)

"""Wrong usage and the sentences and exit codes that the command line ends with."""

import argparse
import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from datetime import datetime

EX_USAGE = 64
"""The exit code for wrong usage, everywhere (sysexits' EX_USAGE)."""
INTERRUPTED = 130
"""The exit code after Ctrl+C or SIGTERM, as a shell reports an interrupt."""


class UsageProblem(Exception):
    """What was typed cannot be carried out; the text is one plain sentence."""


class Parser(argparse.ArgumentParser):
    """An argument parser that ends wrong usage with one sentence and exit code 64."""

    def error(self, message: str) -> NoReturn:
        """Print ``message`` as a sentence on stderr and leave."""
        sentence = message[:1].upper() + message[1:].rstrip(".")
        say(f"{sentence}. Type `{self.prog} --help` for the options.")
        raise SystemExit(EX_USAGE)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print the help; argparse would hide that a disk is full."""
        from mailgui.cli.output import print_text

        if file is sys.stdout:
            print_text(message)
        else:
            super()._print_message(message, file)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the choices as a person types them; argparse prints their ``repr``."""
        if action.choices is not None and value not in action.choices:
            known = ", ".join(str(choice) for choice in action.choices)
            raise argparse.ArgumentError(action, f"“{value}” is none of: {known}")

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """Say what is wrong with a number; argparse names the Python function that failed."""
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError as problem:
            if not problem.message.startswith("invalid "):
                raise
            raise argparse.ArgumentError(action, f"“{arg_string}” is not a number") from None


def say(sentence: str) -> None:
    """Print one plain sentence on stderr; octets of an argument that are not UTF-8 as ``\\xNN``."""
    from mailgui.transcript import visible

    with suppress(UnicodeEncodeError):  # half a character that no octet stands for
        octets = sentence.encode("utf-8", "surrogateescape")
        sentence = octets.decode("utf-8", "backslashreplace")
    try:
        sys.stderr.write(visible(sentence) + "\n")
        sys.stderr.flush()
    except OSError:
        from mailgui.cli.output import abandon

        abandon(sys.stderr)


def seconds(text: str) -> float:
    """Return an option's number of seconds, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of seconds above 0")
    return value


def whole_number(text: str) -> int:
    """Return an option's whole number above 0, for argparse."""
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number above 0")
    return int(text)


def port_number(text: str) -> int:
    """Return an option's port, for argparse."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536):
        raise argparse.ArgumentTypeError(f"“{text}” is not a port; one is from 1 to 65535")
    return int(text)


def ip_address(text: str) -> str:
    """Return an option's IP address, for argparse."""
    from ipaddress import ip_address as parse

    try:
        return str(parse(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not an IP address") from None


def moment(text: str, flag: str) -> "datetime":
    """Return the moment that an option names, in this machine's zone unless it says another.

    Raises UsageProblem when it is none.
    """
    from datetime import datetime

    try:
        value = datetime.fromisoformat(text)
        return value if value.tzinfo else value.astimezone()
    except (ValueError, OverflowError, OSError):  # or a year that this machine's clock lacks
        raise UsageProblem(
            f"{flag} takes a time such as 2026-12-01T09:30:00Z; “{text}” is not one."
        ) from None


def web_address(text: str) -> str:
    """Return a base URL as it is, for argparse; an empty one must not mean the provider's own."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not a web address such as https://api.example.com"
        )
    return text


def host_port(text: str, *, default_port: int | None = None) -> tuple[str, int]:
    """Return ``HOST:PORT`` (``[V6]:PORT`` for IPv6) as a pair.

    Raises UsageProblem when it is not one, or the port is missing and has no default.
    """
    host, port_text = _split(text)
    if not host:
        raise UsageProblem(f"“{text}” names no host; write HOST:PORT, such as 127.0.0.1:2525.")
    if not port_text:
        if default_port is None:
            raise UsageProblem(f"“{text}” names no port; write HOST:PORT, such as {host}:2525.")
        return host, default_port
    if not port_text.isascii() or not port_text.isdigit() or not 0 < int(port_text[:6]) <= 65535:
        raise UsageProblem(f"“{port_text}” is not a port; a port is a number from 1 to 65535.")
    return host, int(port_text)


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        if "]" not in text:
            raise UsageProblem(f"“{text}” lacks its closing bracket; write [ADDRESS]:PORT.")
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    if text.count(":") > 1:  # a bare IPv6 address
        return text, ""
    host, _, port = text.partition(":")
    return host, port


def secret_from_env(variable: str) -> str:
    """Return the secret that the environment variable holds; raises UsageProblem without one."""
    try:
        return os.environ[variable]
    except KeyError:
        raise UsageProblem(
            f"The environment variable {variable} is not set; set it to the password or key."
        ) from None

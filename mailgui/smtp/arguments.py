"""Guarding what goes into a command line: nothing may end the line or leave its place in it."""

import re

from mailgui.smtp.faults import SmtpFault
from mailgui.transcript import Stage, visible

_LINE_BREAKERS = re.compile("[\r\n\0]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_OUTSIDE = re.compile("[\x00-\x20\x7f<>]")
_XTEXT = re.compile(rb"[^!-*,-<>-~]")  # RFC 3461, section 4: all but "+", "=" and the unprintable


def check_argument(value: str, what: str, stage: Stage) -> None:
    """Refuse a value with CR, LF or NUL: it would end the command and begin another.

    ``what`` names it in the sentence. Raises SmtpFault (``unsafe_argument``).
    """
    if _LINE_BREAKERS.search(value):
        raise SmtpFault(
            stage,
            "unsafe_argument",
            f"The {what} contains a line break or a NUL character, which could smuggle in a "
            "command; nothing was sent.",
        )
    try:
        value.encode()
    except UnicodeEncodeError:  # an octet of the command line that is not UTF-8
        sentence = f"The {what} “{visible(value)}” is not UTF-8 text; nothing was sent."
        raise SmtpFault(stage, "malformed_argument", sentence) from None


def check_word(value: str, what: str, stage: Stage) -> None:
    """Refuse a value that is not one word, such as a host name or a parameter with a blank."""
    check_argument(value, what, stage)
    if not value or _OUTSIDE.search(value):
        raise SmtpFault(
            stage,
            "malformed_argument",
            f"The {what} “{visible(value)}” is empty or contains a blank, a control character or "
            "an angle bracket.",
        )


def check_address(address: str, what: str, stage: Stage) -> None:
    """Refuse an address that would not stay between its angle brackets.

    Only the shape is checked; whether a mailbox of that name exists is for the server to say.
    """
    check_argument(address, f"{what} address", stage)
    bare = _QUOTED.sub("", address)
    if _OUTSIDE.search(bare) or '"' in bare:
        raise SmtpFault(
            stage,
            "malformed_address",
            f"The {what} address “{visible(address)}” contains a blank, a control character or an "
            "angle bracket outside quotes; nothing was sent.",
        )


def xtext(value: str) -> str:
    """Return ``value`` as xtext (RFC 3461, section 4), for ENVID and ORCPT."""
    return _XTEXT.sub(lambda match: b"+%02X" % match[0][0], value.encode()).decode("ascii")


XCLIENT_ATTRIBUTES = (
    "NAME", "REVERSE_NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT",
)  # fmt: skip


def xclient_attribute(name: str, value: str) -> str:
    """Return one attribute of XCLIENT; an IPv6 address gets its prefix, the value is xtext."""
    name = name.upper()
    if name in ("ADDR", "DESTADDR") and ":" in value and not value.upper().startswith("IPV6:"):
        value = f"IPV6:{value}"
    return f"{name}={xtext(value)}"

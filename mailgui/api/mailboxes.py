"""Addresses in the forms that e-mail APIs ask for."""

import re
from collections.abc import Iterable
from email.charset import QP, Charset
from email.header import Header
from typing import Any

from mailgui.message.addresses import ascii_domain, check_address, check_name
from mailgui.message.draft import Address, DraftProblem

_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')  # RFC 5322, section 3.2.3
_UTF8_Q = Charset("utf-8")
_UTF8_Q.header_encoding = QP


def checked(address: Address, field: str) -> Address:
    """Return ``address`` with its domain as A-labels; raise DraftProblem where it is malformed."""
    check_address(address.address, field)
    check_name(address.name, field)
    try:
        return Address(ascii_domain(address.address), address.name.strip())
    except ValueError as fault:
        raise DraftProblem(field, str(fault)) from None


def mailbox(address: Address) -> str:
    """Return RFC 5322's ``Name <a@b>``; other scripts stay as they are (RFC 6532)."""
    name = address.name
    if not name:
        return address.address
    if _SPECIALS.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address.address}>"


def mailbox_ascii(address: Address) -> str:
    """Return ``Name <a@b>`` with a name in another script as RFC 2047 encoded words."""
    if address.name.isascii():
        return mailbox(address)
    words = Header(address.name, charset=_UTF8_Q, maxlinelen=75).encode(linesep="", splitchars=" ")
    return f"{words} <{address.address}>"


def mailbox_list(addresses: Iterable[Address]) -> str:
    """Return the addresses as the value of a header."""
    return ", ".join(map(mailbox, addresses))


def placeholders_of(address: Address) -> dict[str, Any]:
    """Return what a template may say of one address."""
    return {
        "mailbox": mailbox(address),
        "mailbox_ascii": mailbox_ascii(address),
        "address": address.address,
        "name": address.name or None,
    }

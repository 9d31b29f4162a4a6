"""SASLprep (RFC 4013): one form for each user name and password, whatever keyboard typed it."""

import stringprep
import unicodedata
from collections.abc import Callable

from mailgui.smtp.sasl.base import SaslFault

_PROHIBITED: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str, what: str = "password") -> str:
    """Return ``text`` prepared as a query string (unassigned code points are let through).

    Raises SaslFault, which does not say which character: it may be part of a password.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    if any(table(char) for char in prepared for table in _PROHIBITED):
        raise SaslFault(
            "saslprep", f"The {what} contains a character that SASLprep (RFC 4013) forbids."
        )
    if any(map(stringprep.in_table_d1, prepared)):
        mixed = any(map(stringprep.in_table_d2, prepared))
        framed = stringprep.in_table_d1(prepared[0]) and stringprep.in_table_d1(prepared[-1])
        if mixed or not framed:
            raise SaslFault(
                "saslprep", f"The {what} mixes writing directions in a way that RFC 4013 forbids."
            )
    return prepared


def prepared(text: str) -> str:
    """Return ``text`` prepared where that can be done, else as it is (RFC 4616 only advises it)."""
    try:
        return saslprep(text)
    except SaslFault:
        return text

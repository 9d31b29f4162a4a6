"""Addresses as people write them, and as envelopes and headers need them.

Syntax: RFC 5321 section 4.1.2, with RFC 6531's UTF-8 in both halves. Names of domains become
A-labels by UTS 46 and IDNA 2008 wherever they must be ASCII.
"""

import re
from ipaddress import IPv4Address, IPv6Address

from mailgui.message.draft import Address, DraftProblem
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

MAX_LOCAL = 64  # octets, RFC 5321 section 4.5.3.1.1
MAX_DOMAIN = 253  # octets in presentation form, RFC 1035 section 2.3.4

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\U0010ffff-]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SEPARATORS = ",;\r\n"
_QUOTED_PAIR = re.compile(r"\\(.)")


def is_ascii(address: str) -> bool:
    """Return whether an address can travel without SMTPUTF8 once its domain is in A-labels."""
    return address.rpartition("@")[0].isascii()


def ascii_domain(address: str) -> str:
    """Return ``address`` (or a bare domain) with its domain as A-labels; the rest unchanged.

    Raises ValueError, with a sentence, when the domain cannot be written so.
    """
    local, at, domain = address.rpartition("@")
    return local + at + _a_labels(domain)


def check_address(address: str, field: str) -> str:
    """Return ``address`` if it is a well-formed addr-spec; DraftProblem in ``field`` if not."""
    local, at, domain = address.rpartition("@")
    shown = f"“{visible(address)}”"
    if not at:
        raise DraftProblem(field, f"{shown} is not an e-mail address: it has no @.")
    if not local:
        raise DraftProblem(field, f"{shown} has nothing before its @.")
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local)) or not _encodable(local):
        raise DraftProblem(
            field, f"{shown} is not an e-mail address: the part before the @ is malformed."
        )
    if len(local.encode()) > MAX_LOCAL:
        raise DraftProblem(
            field, f"{shown} has more than {MAX_LOCAL} octets before its @, the most there may be."
        )
    fault = _domain_fault(domain)
    if fault:
        raise DraftProblem(field, f"{shown} is not an e-mail address: {fault}.")
    return address


def parse_address(text: str, field: str = "to") -> Address:
    """Return the one mailbox in ``text``: ``a@b``, ``Name <a@b>`` or ``a@b (Name)``.

    Raises DraftProblem in ``field``.
    """
    found = parse_addresses(text, field)
    if len(found) != 1:
        many = "no address" if not found else f"{len(found)} addresses"
        raise DraftProblem(field, f"Give one address here: there is {many} in “{visible(text)}”.")
    return found[0]


def parse_addresses(text: str, field: str = "to") -> tuple[Address, ...]:
    """Return the mailboxes of a list separated by commas, semicolons or line ends.

    Separators inside quotation marks, brackets or comments belong to the mailbox. Empty places
    are passed over. Raises DraftProblem in ``field``.
    """
    return tuple(_parse_one(item, field) for item in _split(text) if item.strip())


def format_address(address: Address) -> str:
    """Return ``Name <a@b>`` for people and text fields; ``parse_address`` reads it back."""
    if not address.name:
        return address.address
    name = address.name
    if re.search(r'[()<>\[\]:;@\\,"]', name) or name != name.strip():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address.address}>"


def check_name(name: str, field: str) -> str:
    """Return a display name if it can stand in a header; DraftProblem in ``field`` if not."""
    if _FORBIDDEN.search(name):
        raise DraftProblem(
            field, f"The name “{visible(name)}” holds a line break or a control character."
        )
    return name


def _encodable(text: str) -> bool:
    return not _FORBIDDEN.search(text)


def _a_labels(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise WrongInput(f"“{visible(domain)}” is not a valid domain name: {error}.") from error


def _domain_fault(domain: str) -> str | None:
    if not domain:
        return "nothing follows its @"
    if domain.startswith("[") and domain.endswith("]"):
        return _literal_fault(domain[1:-1])
    try:
        ascii_form = _a_labels(domain)
    except ValueError:
        return f"“{visible(domain)}” is not a valid domain name"
    if domain.endswith("."):
        return "its domain must not end in a dot"
    if len(ascii_form) > MAX_DOMAIN:
        return f"its domain is longer than {MAX_DOMAIN} octets"
    if not all(_LABEL.fullmatch(label) for label in ascii_form.split(".")):
        return f"“{visible(domain)}” is not a valid domain name"
    return None


def _literal_fault(literal: str) -> str | None:
    try:
        if literal[:5].lower() == "ipv6:":
            IPv6Address(literal[5:])
        else:
            IPv4Address(literal)
    except ValueError:
        return f"“[{visible(literal)}]” is not an IP address"
    return None


def _split(text: str) -> list[str]:
    """Cut a list at its separators, minding quotes, brackets, comments and escapes."""
    items, start, depth = [], 0, 0
    quoted = bracketed = escaped = False
    for index, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif char in "<>" and not depth:
            bracketed = char == "<"
        elif char in _SEPARATORS and not depth and not bracketed:
            items.append(text[start:index])
            start = index + 1
    return [*items, text[start:]]


def _parse_one(item: str, field: str) -> Address:
    item = item.strip()
    if _FORBIDDEN.search(item.replace("\t", " ")):
        raise DraftProblem(
            field, f"“{visible(item)}” holds a line break or a control character; take it out."
        )
    item = item.replace("\t", " ")
    if item.endswith(">") and "<" in item:
        name, _, address = item[:-1].rpartition("<")
        return Address(check_address(address.strip(), field), _unquote(name, item, field))
    comment = re.fullmatch(r"([^\s()]+)\s*\((.*)\)", item)
    if comment:
        return Address(check_address(comment[1], field), comment[2].strip())
    if "@" not in item:
        raise DraftProblem(
            field,
            f"“{visible(item)}” is not an e-mail address: it has no @."
            " A name that holds a comma goes in quotation marks.",
        )
    return Address(check_address(item, field))


def _unquote(name: str, item: str, field: str) -> str:
    name = name.strip()
    if len(name) >= 2 and name.startswith('"') and name.endswith('"'):
        inner = name[1:-1]
        if not re.search(r'(?<!\\)(?:\\\\)*"', inner):
            return _QUOTED_PAIR.sub(r"\1", inner)
    if '"' in name or "<" in name or ">" in name:
        raise DraftProblem(
            field, f"In “{visible(item)}” quotation marks or angle brackets do not pair up."
        )
    return name

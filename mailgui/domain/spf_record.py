"""An SPF record read into terms, with every syntax fault in it (RFC 7208, sections 4.5 to 6)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from mailgui.domain.spf_macro import (
    MacroString,
    MacroSyntaxError,
    parse_domain_spec,
    parse_macro_string,
)
from mailgui.transcript import visible

_VERSION = "v=spf1"
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([+\-?~]?)([A-Za-z][A-Za-z0-9]*)([:/].*)?", re.DOTALL)
_PREFIX = r"(?:0|[1-9][0-9]{0,2})"
_DUAL_PREFIX = re.compile(rf"(?:/({_PREFIX}))?(?://({_PREFIX}))?$")
_NETWORK = re.compile(rf"([^/]*)(?:/({_PREFIX}))?")
LOOKUP_MECHANISMS = ("include", "a", "mx", "ptr", "exists")
MECHANISMS = ("all", *LOOKUP_MECHANISMS, "ip4", "ip6")


@dataclass(frozen=True, slots=True)
class Directive:
    """A mechanism with its qualifier. ``position`` is the term's, from the record's start."""

    text: str
    position: int
    qualifier: str
    mechanism: str
    domain: MacroString | None = None
    network: IPv4Network | IPv6Network | None = None
    prefix4: int = 32
    prefix6: int = 128


@dataclass(frozen=True, slots=True)
class Modifier:
    """``redirect=``, ``exp=`` or one that this version of SPF does not know."""

    text: str
    position: int
    name: str
    value: MacroString


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """One place where a record breaks the grammar."""

    position: int
    term: str
    sentence: str

    @property
    def shown(self) -> str:
        """The term fit to be shown: its octets as UTF-8 where they are, else as ``\\xNN``."""
        return visible(self.term.encode("latin-1").decode("utf-8", "backslashreplace"))


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record's terms in order, and its faults. With a fault it means permerror as a whole."""

    text: str
    directives: tuple[Directive, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    faults: tuple[SyntaxFault, ...] = ()

    def modifier(self, name: str) -> Modifier | None:
        """Return the modifier of that name, or None."""
        return next((m for m in self.modifiers if m.name == name), None)

    @property
    def terms(self) -> tuple[Directive | Modifier, ...]:
        """Directives and modifiers in the order written."""
        return tuple(sorted((*self.directives, *self.modifiers), key=lambda t: t.position))


def is_spf(octets: bytes) -> bool:
    """Return whether a TXT record is one of SPF version 1 (section 4.5)."""
    return octets[:6].lower() == b"v=spf1" and octets[6:7] in (b"", b" ")


def parse_record(octets: bytes) -> SpfRecord:
    """Return a record (one for which ``is_spf`` holds) parsed; never raises."""
    text = octets.decode("latin-1")
    directives: list[Directive] = []
    modifiers: list[Modifier] = []
    faults: list[SyntaxFault] = []
    for match in re.finditer(r"[^ ]+", text[len(_VERSION) :]):
        position, term = match.start() + len(_VERSION), match.group()
        try:
            parsed = _parse_term(term, position)
        except MacroSyntaxError as error:
            faults.append(SyntaxFault(position + error.position, term, str(error)))
            continue
        if isinstance(parsed, Directive):
            directives.append(parsed)
        elif parsed.name in ("redirect", "exp") and any(m.name == parsed.name for m in modifiers):
            faults.append(SyntaxFault(position, term, f"{parsed.name}= stands here twice."))
        else:
            modifiers.append(parsed)
    return SpfRecord(text, tuple(directives), tuple(modifiers), tuple(faults))


def _parse_term(term: str, position: int) -> Directive | Modifier:
    strange = re.search(r"[^\x21-\x7e]", term)
    if strange:
        code = ord(strange.group())
        raise MacroSyntaxError(strange.start(), f"The octet \\x{code:02x} is not allowed.")
    modifier = _MODIFIER.fullmatch(term)
    if modifier:
        return _parse_modifier(term, position, modifier.group(1).lower(), modifier.group(2))
    directive = _DIRECTIVE.fullmatch(term)
    if directive is None:
        raise MacroSyntaxError(0, f"“{term}” is neither a mechanism nor a modifier.")
    qualifier, name, argument = directive.groups()
    mechanism = name.lower()
    if mechanism not in MECHANISMS:
        hint = " It is written with an = sign." if mechanism in ("redirect", "exp") else ""
        raise MacroSyntaxError(len(qualifier), f"There is no mechanism “{name}”.{hint}")
    offset = len(qualifier) + len(name)
    try:
        return _parse_directive(term, position, qualifier or "+", mechanism, argument or "")
    except MacroSyntaxError as error:
        raise MacroSyntaxError(offset + error.position, str(error)) from None


def _parse_modifier(term: str, position: int, name: str, value: str) -> Modifier:
    offset = len(term) - len(value)
    try:
        if name in ("redirect", "exp"):
            parsed = parse_domain_spec(value)
        else:
            parsed = parse_macro_string(value, explanation=True)
    except MacroSyntaxError as error:
        raise MacroSyntaxError(offset + error.position, str(error)) from None
    return Modifier(term, position, name, parsed)


def _parse_directive(
    term: str, position: int, qualifier: str, mechanism: str, argument: str
) -> Directive:
    if mechanism == "all":
        if argument:
            raise MacroSyntaxError(0, "all takes no argument.")
        return Directive(term, position, qualifier, mechanism)
    if mechanism in ("ip4", "ip6"):
        network = _parse_network(mechanism, argument)
        return Directive(term, position, qualifier, mechanism, network=network)
    if mechanism in ("a", "mx"):
        domain_text, prefix4, prefix6 = _split_prefixes(argument)
        domain = _parse_domain(domain_text, required=False)
        return Directive(term, position, qualifier, mechanism, domain, None, prefix4, prefix6)
    domain = _parse_domain(argument, required=mechanism in ("include", "exists"))
    return Directive(term, position, qualifier, mechanism, domain)


def _parse_domain(argument: str, *, required: bool) -> MacroString | None:
    if not argument:
        if required:
            raise MacroSyntaxError(0, "The domain name is missing.")
        return None
    if not argument.startswith(":"):
        raise MacroSyntaxError(0, "A prefix length has no place here.")
    try:
        return parse_domain_spec(argument[1:])
    except MacroSyntaxError as error:
        raise MacroSyntaxError(1 + error.position, str(error)) from None


def _split_prefixes(argument: str) -> tuple[str, int, int]:
    """Split ``[":" domain] ["/" ip4-length] ["//" ip6-length]`` (section 5.6's
    dual-cidr-length).
    """
    match = _DUAL_PREFIX.search(argument)
    if match is None or not match.group():
        return argument, 32, 128
    prefix4 = _prefix(match.group(1), 32, match.start())
    prefix6 = _prefix(match.group(2), 128, match.start())
    return argument[: match.start()], prefix4, prefix6


def _prefix(digits: str | None, longest: int, position: int) -> int:
    if digits is None:
        return longest
    if int(digits) > longest:
        raise MacroSyntaxError(position, f"A prefix length goes up to {longest}, not {digits}.")
    return int(digits)


def _parse_network(mechanism: str, argument: str) -> IPv4Network | IPv6Network:
    version, longest = (4, 32) if mechanism == "ip4" else (6, 128)
    if not argument.startswith(":") or argument == ":":
        raise MacroSyntaxError(0, f"{mechanism} needs an address, as in {mechanism}:ADDRESS.")
    match = _NETWORK.fullmatch(argument, 1)
    if match is None or "%" in argument:
        raise MacroSyntaxError(1, f"“{argument[1:]}” is not an IPv{version} network.")
    prefix = _prefix(match.group(2), longest, match.start(2) - 1)
    try:
        network = ip_network(f"{match.group(1)}/{prefix}", strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version:
        raise MacroSyntaxError(1, f"“{match.group(1)}” is not an IPv{version} address.")
    return network

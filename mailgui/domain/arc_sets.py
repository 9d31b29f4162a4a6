"""The ARC sets of a message, gathered and checked for form: RFC 8617, sections 4.2 and 5.2."""

import re
from dataclasses import dataclass

from mailgui.domain.dkim_signature import Signature, SignatureKind, parse_signature
from mailgui.message.raw_message import Field, RawMessage

MAX_SETS = 50
_NAMES = ("ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal")
_INSTANCE = re.compile(r"[0-9]{1,2}")
# Possessive, or a million blanks would be tried in every way.
_AAR = re.compile(
    r"[ \t]*+i[ \t]*+=[ \t]*+([^;\s(]*+)[ \t]*+(?:\([^)]*+\)[ \t]*+)*+(?:;|$)(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class ArcSet:
    """What one handler added. ``results`` is the payload of its ARC-Authentication-Results."""

    instance: int
    results: str
    results_field: Field
    message_signature: Signature
    seal: Signature

    @property
    def cv(self) -> str:
        """What the handler found the chain before it to be."""
        return self.seal.tags.get("cv") or ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sets in order, the first handler's first; ``fault`` says what is wrong with their form.

    ``present`` tells whether there are any ARC fields at all.
    """

    present: bool
    sets: tuple[ArcSet, ...] = ()
    fault: str = ""


def gather(message: RawMessage) -> Gathered:
    """Return the ARC sets of a message; never raises."""
    by_name: dict[str, dict[int, Field]] = {}
    payloads: dict[int, str] = {}
    present = any(message.all(name) for name in _NAMES)
    for name in _NAMES:
        found = by_name.setdefault(name, {})
        for field in message.all(name):
            instance, payload = _instance(name, field)
            if instance is None:
                return Gathered(True, fault=f"An {name} field has no instance from 1 to 50 (i=).")
            if instance in found:
                return Gathered(True, fault=f"There are two {name} fields of instance {instance}.")
            found[instance] = field
            if name == _NAMES[0]:
                payloads[instance] = payload
    if not present:
        return Gathered(False)
    fault = _gap(by_name)
    if fault:
        return Gathered(True, fault=fault)
    results, messages, seals = (by_name[name] for name in _NAMES)
    sets = tuple(
        ArcSet(
            instance,
            payloads[instance],
            results[instance],
            parse_signature(messages[instance], SignatureKind.AMS),
            parse_signature(seals[instance], SignatureKind.SEAL),
        )
        for instance in sorted(seals)
    )
    return Gathered(True, sets, _bad_status(sets))


def _instance(name: str, field: Field) -> tuple[int | None, str]:
    """Return a field's instance, None where it has none, and what follows it."""
    if name == _NAMES[0]:
        match = _AAR.match(field.text)
        text, payload = (match[1], match[2].strip()) if match else ("", "")
    else:
        kind = SignatureKind.SEAL if name == _NAMES[2] else SignatureKind.AMS
        text, payload = parse_signature(field, kind).tags.get("i") or "", ""
    if not _INSTANCE.fullmatch(text) or not 1 <= int(text) <= MAX_SETS:
        return None, payload
    return int(text), payload


def _gap(by_name: dict[str, dict[int, Field]]) -> str:
    highest = max(instance for found in by_name.values() for instance in found)
    for instance in range(1, highest + 1):
        lacking = [name for name, found in by_name.items() if instance not in found]
        if len(lacking) == len(_NAMES):
            return f"There is no ARC set {instance}, but one of a higher instance."
        if lacking:
            return f"ARC set {instance} lacks its {' and '.join(lacking)}."
    return ""


def _bad_status(sets: tuple[ArcSet, ...]) -> str:
    """Step 3C: the first seal says none, all others pass; a chain that failed stays failed."""
    if sets[-1].cv == "fail":
        return f"The last handler, set {sets[-1].instance}, had found the chain broken (cv=fail)."
    for each in sets:
        wanted = "none" if each.instance == 1 else "pass"
        if each.cv != wanted:
            return f"The seal of set {each.instance} says cv={each.cv[:20]}; it must say {wanted}."
    return ""

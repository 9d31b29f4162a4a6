"""What an SPF record should look like, as far as that can be told from the record alone."""

import re
from collections.abc import Sequence

from mailgui.domain.spf_record import Directive, SpfRecord

_ADDRESS = re.compile(r"([+\-?~]?)(?:a|mx|ip4):([0-9]{1,3}(?:\.[0-9]{1,3}){3})", re.IGNORECASE)


def repaired(record: SpfRecord, *, explained: bool = True) -> str:
    """Return ``record`` with its mechanical faults mended.

    Repeated terms, terms behind ``all``, ``ptr`` and what cannot be read are left out; an address
    behind ``a:`` becomes ``ip4:``; ``+all`` becomes ``~all``, which is also added where neither
    ``all`` nor ``redirect=`` ends the record. ``exp=`` goes too unless ``explained``.
    """
    terms: list[str] = []
    ending = ""
    for text, directive in _in_order(record):
        if directive is not None and directive.mechanism == "all":
            ending = "~all" if directive.qualifier in "+?" else directive.text
            break
        if directive is not None and directive.mechanism == "ptr":
            continue
        if text.lower() not in (term.lower() for term in terms):
            terms.append(text)
    redirect, exp = record.modifier("redirect"), record.modifier("exp")
    if not ending:
        ending = redirect.text if redirect else "~all"
    others = [exp.text] if exp and explained else []
    return " ".join(["v=spf1", *terms, ending, *others])


def merged(records: Sequence[SpfRecord]) -> str | None:
    """Return several records as one: the terms of all, each once, with the mildest ending.

    None where they cannot be joined: one of them hands everything to another by ``redirect=``.
    """
    if any(record.modifier("redirect") for record in records):
        return None
    terms: list[str] = []
    endings: list[str] = []
    for record in records:
        for term in repaired(record, explained=False).split()[1:]:
            if term.lstrip("+-~?").lower() == "all":
                endings.append(term.lower())
            elif term.lower() not in (other.lower() for other in terms):
                terms.append(term)
    ending = "~all" if "~all" in endings else "-all"
    return " ".join(["v=spf1", *terms, ending])


def _in_order(record: SpfRecord) -> list[tuple[str, Directive | None]]:
    """Return the directives, and those faulty terms whose meaning is clear, in order."""
    found: list[tuple[int, str, Directive | None]] = [
        (d.position, d.text, d) for d in record.directives
    ]
    for fault in record.faults:
        address = _ADDRESS.fullmatch(fault.term)
        if address and all(int(part) < 256 for part in address.group(2).split(".")):
            found.append((fault.position, f"{address.group(1)}ip4:{address.group(2)}", None))
    found.sort(key=lambda entry: entry[0])
    return [(text, directive) for _, text, directive in found]

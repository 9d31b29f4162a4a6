"""How an SPF record is stored: the strings that it is cut into, and records of a type long gone."""

from itertools import pairwise

from mailgui.domain.publish import txt_record
from mailgui.domain.spf_record import SpfRecord, is_spf, parse_record
from mailgui.findings import Finding, Severity
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

_STRING = 255  # octets of one string: RFC 1035, section 3.3
_MANY = 10


def lint_strings(record: SpfRecord, answer: Answer | None, domain: str) -> tuple[Finding, ...]:
    """Return the findings on the strings of a record, as ``answer`` holds them.

    They are joined without anything between them (RFC 7208, section 3.3): a blank that was
    forgotten at the end of one glues two terms together.
    """
    strings = next((s for s in answer.strings if is_spf(b"".join(s))), ()) if answer else ()
    if len(strings) < 2:
        return ()
    apart = parse_record(b" ".join(part.strip(b" ") for part in strings))
    glued = [
        visible((left[-20:] + right[:20]).decode("latin-1"))
        for left, right in pairwise(strings)
        if left and right and not left.endswith(b" ") and not right.startswith(b" ")
        and len(left) < _STRING
    ]  # fmt: skip
    better = len(apart.faults) < len(record.faults) or len(apart.terms) > len(record.terms)
    if glued and better and not apart.faults:
        return (
            Finding(
                "spf.strings.glued",
                Severity.BROKEN,
                "The SPF record's strings run into each other",
                "The record is stored in several strings, which are joined without a blank: two "
                "terms become one that nobody wrote.",
                "Put a blank at the end of each string but the last.",
                tuple(glued),
                txt_record(domain, apart.text),
            ),
        )
    if len(strings) > _MANY:
        return (
            Finding(
                "spf.strings.many",
                Severity.INFO,
                f"The SPF record is stored in {len(strings)} strings",
                "A string holds 255 octets; fewer would do.",
                "Publish it in as few strings as it needs.",
                (),
                txt_record(domain, record.text),
            ),
        )
    return ()


def of_type_99(records: tuple[str, ...]) -> Finding:
    """Return the finding on records of the type SPF (99)."""
    return Finding(
        "spf.type99",
        Severity.ATTENTION,
        "The domain has SPF records of the type that is given up",
        "Records of type SPF (99) were an experiment that RFC 7208 ended; nobody reads them, and "
        "they go out of date beside the TXT record.",
        "Remove them; keep the TXT record.",
        tuple(map(visible, records)),
    )

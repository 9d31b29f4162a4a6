"""What the page calls things."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailgui.transcript import visible
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.formatting import duration

if TYPE_CHECKING:
    from mailgui.net.dns_answer import Answer

SPF_TONES = {
    "pass": Tone.PASS,
    "fail": Tone.BROKEN,
    "softfail": Tone.ATTENTION,
    "neutral": Tone.ATTENTION,
    "none": Tone.INFO,
    "temperror": Tone.NEUTRAL,
    "permerror": Tone.BROKEN,
}

SPF_MEANINGS = {
    "pass": "This address may send for the domain.",
    "fail": "The domain says that this address may not send for it.",
    "softfail": "The domain says that this address probably may not send for it.",
    "neutral": "The domain says nothing about this address.",
    "none": "There is no SPF record to judge by.",
    "temperror": "An answer could not be had; receivers would try again later.",
    "permerror": "The record is broken; receivers cannot use it.",
}

DMARC_TAGS = {
    "v": "version",
    "p": "what receivers shall do with mail that fails",
    "sp": "the same for subdomains",
    "np": "the same for subdomains that do not exist",
    "adkim": "how closely the DKIM domain must match",
    "aspf": "how closely the SPF domain must match",
    "fo": "when to send failure reports",
    "rua": "where summary reports go",
    "ruf": "where failure reports go",
    "psd": "whether this is a public suffix",
    "t": "whether the policy is only being tested",
    "pct": "share of mail the policy is for (dropped by RFC 9989)",
    "rf": "format of failure reports (dropped by RFC 9989)",
    "ri": "seconds between reports (dropped by RFC 9989)",
}

_DMARC_VALUES = {
    ("p", "none"): "do nothing",
    ("p", "quarantine"): "treat it as suspicious",
    ("p", "reject"): "refuse it",
    ("adkim", "r"): "same organization suffices",
    ("adkim", "s"): "exactly the same",
    ("t", "y"): "yes",
    ("t", "n"): "no",
}

STATUSES = {
    "nodata": "no such record",
    "nxdomain": "no such name",
    "servfail": "the server failed",
    "refused": "refused",
    "timeout": "no answer in time",
    "failed": "could not be asked",
}


def dmarc_meaning(tag: str, value: str) -> str:
    """Return what a DMARC tag says, in a few words."""
    meaning = DMARC_TAGS.get(tag, "not known; receivers ignore it")
    family = {"sp": "p", "np": "p", "aspf": "adkim"}.get(tag, tag)
    said = _DMARC_VALUES.get((family, value.strip().lower()), "")
    return f"{meaning}: {said}" if said else meaning


def key_flags(key: Mapping[str, object]) -> str:
    """Return what is special about a DKIM key, in a few words."""
    flags = [
        words
        for name, words in (
            ("revoked", "revoked"),
            ("testing", "testing (t=y)"),
            ("strict", "no subdomains (t=s)"),
        )
        if key.get(name)
    ]
    hashes = key.get("hashes")
    if isinstance(hashes, list) and hashes:
        flags.append(f"only {', '.join(map(str, hashes))}")
    if key.get("usable") is False and not key.get("revoked"):
        flags.append("not usable")
    return ", ".join(flags)


def provenance(answer: "Answer") -> str:
    """Return where an answer is from: "TXT at example.com · TTL 300 s · answered by … in 21 ms"."""
    parts = [f"{answer.rdtype} at {visible(answer.name)}"]
    status = STATUSES.get(answer.status.value)
    if status:
        parts.append(status)
    if answer.cname:
        parts.append(f"by way of {visible(answer.cname[-1])}")
    if answer.ttl is not None:
        parts.append(f"TTL {answer.ttl:,} s")
    if answer.server:
        verb = "answered by" if answer.conclusive else "asked"
        how = "" if answer.cached else f" in {duration(answer.duration)}"
        parts.append(f"{verb} {visible(answer.server)}{how}")
    if answer.cached:
        parts.append("known from an earlier question")
    if answer.ad:
        parts.append("validated by DNSSEC")
    return " · ".join(parts)

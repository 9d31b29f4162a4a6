"""The MX matrix as JSON and as text."""

from collections.abc import Sequence
from typing import Any

from mailgui.jobs.mx_matrix import MatrixRow, MxMatrix
from mailgui.jobs.route_findings import protection_json
from mailgui.smtp.probe_mx import MxProbe

EXTENSIONS = (
    "PIPELINING",
    "8BITMIME",
    "SMTPUTF8",
    "CHUNKING",
    "BINARYMIME",
    "DSN",
    "REQUIRETLS",
    "ENHANCEDSTATUSCODES",
    "LIMITS",
)
REACHES = {
    "open": "answers",
    "refused": "refused",
    "timed_out": "no answer",
    "unreachable": "no route",
    "blocked": "blocked here",
    "failed": "failed",
}
_SILENT = "silent"


def reach_words(row: MatrixRow) -> str:
    """Return in a word or two whether the address could be reached."""
    if row.probe is None:
        return "no address"
    if row.probe.reach == "open" and not row.probe.answered:
        return "turned away" if row.probe.banner else _SILENT
    return REACHES[row.probe.reach]


def tls_words(probe: MxProbe) -> str:
    """Return the TLS version, or why there is none."""
    if probe.tls is not None and probe.tls.version:
        return probe.tls.version.replace("TLSv", "TLS ")
    if not probe.answered:
        return ""
    return "failed" if probe.starttls else "not offered"


def certificate_words(probe: MxProbe) -> str:
    """Return the verdict on the certificate in a word."""
    return {"valid": "valid", "refused": "not valid", "none": ""}[probe.certificate]


def dane_words(row: MatrixRow) -> str:
    """Return what DANE says about the address."""
    tlsa = row.protection.tlsa
    if tlsa is None or tlsa.status == "none":
        return "–"
    if tlsa.status in ("bogus", "unknown"):
        return tlsa.status
    fits = "" if row.match is None else ("fits" if row.match.ok else "does not fit")
    if tlsa.status == "insecure" or row.protection.demand not in ("dane", "dane_encrypted"):
        return f"unsigned, {fits}" if fits else "unsigned"
    if row.protection.demand == "dane_encrypted":
        return "unusable"
    return fits or "not tried"


def mta_sts_words(row: MatrixRow) -> str:
    """Return whether the MTA-STS policy names the host."""
    named = row.protection.named
    return "–" if named is None else "named" if named else "not named"


def to_json_dict(matrix: MxMatrix) -> dict[str, Any]:
    """Return the document of ``mailgui check DOMAIN --matrix --json``."""
    fetch = matrix.policy
    policy = fetch.policy if fetch else None
    return {
        "domain": matrix.domain,
        "sentence": matrix.sentence,
        "problem": matrix.problem,
        "port_25_blocked": matrix.blocked,
        "implicit": matrix.implicit,
        "left_out": matrix.left_out,
        "mta_sts": {
            "mode": policy.mode if policy else None,
            "mx": list(policy.mx) if policy else [],
            "max_age": policy.max_age if policy else None,
            "problem": fetch.problem if fetch else "",
        },
        "rows": [_row_json(row) for row in matrix.rows],
    }


def _row_json(row: MatrixRow) -> dict[str, Any]:
    probe, place = row.probe, row.place
    document: dict[str, Any] = {
        "host": place.exchanger.host,
        "preference": place.exchanger.preference,
        "address": place.address or None,
        "port": place.port,
        "reach": probe.reach if probe else "no_address",
        "problem": row.problem,
        **{k: v for k, v in protection_json(row.protection).items() if k != "host"},
        "dane_match": row.match.ok if row.match else None,
        "dane_reason": row.match.reason if row.match else "",
    }
    return {**document, **_probe_json(probe)} if probe else document


def _probe_json(probe: MxProbe) -> dict[str, Any]:
    tls, offers = probe.tls, probe.best_offers
    leaf = tls.chain[0] if tls and tls.chain else None
    extensions = offers.answer.capabilities if offers.answer else {}
    return {
        "banner": probe.banner,
        "answered": probe.answered,
        "starttls": probe.starttls,
        "tls": tls.version if tls else None,
        "cipher": tls.cipher if tls else None,
        "certificate": probe.certificate,
        "certificate_fault": probe.fault,
        "certificate_names": list(leaf.names) if leaf else [],
        "certificate_ends": leaf.not_after.isoformat() if leaf else None,
        "size": offers.size_limit,
        "extensions": {name: list(parameters) for name, parameters in extensions.items()},
    }


def to_text(matrix: MxMatrix) -> str:
    """Return the matrix as a table of text."""
    if matrix.problem:
        return f"{matrix.domain}: {matrix.problem}"
    head = ["", "host", "address", "reached", "TLS", "certificate", "DANE", "MTA-STS", "SIZE"]
    head += list(EXTENSIONS[:7])
    lines = [head, *map(_text_row, matrix.rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    faults = [
        f"{row.place.exchanger.host} {row.place.address}: {row.problem}"
        for row in matrix.rows
        if row.problem
    ]
    remarks = dict.fromkeys(r.sentence for row in matrix.rows for r in row.protection.remarks)
    fetch = matrix.policy
    policy = [fetch.problem] if fetch and fetch.problem else []
    return "\n".join(
        [
            f"{matrix.domain}: {matrix.sentence}",
            "",
            *table,
            *_block(faults),
            *_block([*policy, *remarks]),
        ]
    )


def _text_row(row: MatrixRow) -> list[str]:
    probe = row.probe
    cells = [
        str(row.place.exchanger.preference),
        row.place.exchanger.host,
        row.place.address or "–",
        reach_words(row),
        tls_words(probe) if probe else "",
        certificate_words(probe) if probe else "",
        dane_words(row),
        mta_sts_words(row),
    ]
    if probe is None or not probe.answered:
        return cells + [""] * 8
    offers = probe.best_offers
    size = str(offers.size_limit) if offers.size_limit else ("yes" if "SIZE" in offers else "–")
    return [*cells, size, *("✓" if name in offers else "–" for name in EXTENSIONS[:7])]


def _block(lines: Sequence[str]) -> list[str]:
    return ["", *lines] if lines else []

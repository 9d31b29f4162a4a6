"""A section's details as small tables of words: hosts, keys, lists, files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailgui.transcript import visible

Details = Mapping[str, object]
_UNCHECKED = "unchecked"
_REACHES = {
    "open": "answers",
    "refused": "refuses",
    "timed_out": "silent",
    "unreachable": "no route",
    "blocked": "blocked here",
    "failed": "fails",
}
_TLSA_STATES = {
    "secure": "validated",
    "insecure": "not validated",
    "none": "no records",
    "bogus": "validation fails",
    "unknown": "not known",
}
_LIST_STATES = {"clean": "not listed", "listed": "listed", _UNCHECKED: "not checked"}


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``name`` tells it from others; columns in ``mono`` are what stands in the DNS."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mono: tuple[int, ...] = ()


def tables_of(key: str, details: Details) -> tuple[Table, ...]:
    """Return the tables for the section ``key``; those without rows are left out."""
    make = _MAKERS.get(key)
    return tuple(table for table in make(details) if table.rows) if make else ()


def _mx(details: Details) -> Iterable[Table]:
    rows = [
        (
            _text(probe, "host"),
            _text(probe, "address"),
            _REACHES.get(_text(probe, "reach"), _text(probe, "reach")),
            _encryption(probe),
        )
        for probe in _list(details, "probes")
    ]
    heads = ("Host", "Address", "Port 25", "Encryption")
    yield Table("mx-probes", "What the hosts do", heads, tuple(rows), (0, 1))


def _encryption(probe: Details) -> str:
    if probe.get("reach") != "open":
        return "–"
    if probe.get("starttls") is False:
        return "not offered"
    version = _text(probe, "tls")
    if not version:
        return "does not come about"
    until = _day(probe.get("expires"))
    holds = f"holds until {until}" if until else "holds"
    words = {"valid": holds, "refused": "does not hold"}.get(_text(probe, "certificate"))
    return f"{version}, certificate {words}" if words else version


def _spf(details: Details) -> Iterable[Table]:
    rows = [
        (
            _text(network, "network"),
            _QUALIFIERS.get(_text(network, "qualifier"), ""),
            " → ".join(map(str, _items(network, "path"))),
        )
        for network in _list(details, "networks")
    ]
    heads = ("Network", "May send", "By way of")
    yield Table("spf-networks", "Who may send", heads, tuple(rows), (0, 2))


_QUALIFIERS = {"+": "yes", "-": "no", "~": "rather not", "?": "not said"}


def _mta_sts(details: Details) -> Iterable[Table]:
    policy = details.get("policy")
    if policy == _UNCHECKED or not isinstance(policy, Mapping):
        return
    days = policy.get("max_age")
    rows = [
        ("Mode", _text(policy, "mode")),
        ("Kept for", f"{days / 86400:,.1f} days" if isinstance(days, int) else "–"),
        ("Mail hosts named", ", ".join(map(str, _items(policy, "mx"))) or "none"),
        ("Served at", _text(details, "policy_url")),
    ]
    yield Table("mta-sts-policy", "The policy", ("What", "Value"), tuple(rows))
    hosts = [
        (_text(host, "host"), "named" if host.get("named") else "not named")
        for host in _list(details, "hosts")
    ]
    heads = ("Mail host", "In the policy")
    yield Table("mta-sts-hosts", "The mail hosts", heads, tuple(hosts), (0,))


def _dane(details: Details) -> Iterable[Table]:
    rows = [
        (
            _text(host, "host"),
            ", ".join(map(_brief, _items(host, "records"))) or "–",
            _TLSA_STATES.get(_text(host, "status"), _text(host, "status")),
            _matches(host),
        )
        for host in _list(details, "hosts")
    ]
    heads = ("Mail host", "TLSA records", "DNSSEC", "Certificate")
    yield Table("dane-hosts", "The mail hosts", heads, tuple(rows), (0, 1))


def _brief(record: object) -> str:
    """Return a TLSA record with its digest cut short: the whole one stands in its box above."""
    head, _, digest = visible(str(record)).rpartition(" ")
    return f"{head} {digest[:8]}…" if len(digest) > 8 else f"{head} {digest}"


def _matches(host: Details) -> str:
    if not _items(host, "records"):
        return "–"
    found = _list(host, "addresses")
    if not found:
        return "not looked at"
    return ", ".join(f"{_text(a, 'address')} {_fit(a.get('matches'))}" for a in found)


def _fit(matches: object) -> str:
    if matches is None:
        return "not seen"
    return "fits" if matches else "does not fit"


def _dnssec(details: Details) -> Iterable[Table]:
    states = {
        "secure": "secure",
        "insecure": "not secured",
        "bogus": "bogus",
        _UNCHECKED: "could not be checked",
    }
    by = {"resolver": "the name server", "MailGUI": "MailGUI, signature by signature"}
    days = details.get("days_left")
    rows = [("State", states.get(_text(details, "state"), "–"))]
    if details.get("validated_by"):
        rows.append(("Checked by", by.get(_text(details, "validated_by"), "–")))
    if isinstance(days, int | float) and _items(details, "keys"):
        rows.append(("Signatures end in", f"{days:,.1f} days"))
    keys = [_text(key, "words") for key in _list(details, "keys")]
    if keys:
        rows.append(("Keys", "; ".join(keys)))
    if len(rows) > 1:
        yield Table("dnssec-state", "What was found", ("What", "Value"), tuple(rows))
    chain = [
        (
            "the root" if link.get("zone") == "." else _text(link, "zone"),
            "\n".join(map(str, _items(link, "keys"))) or "–",
            f"fails: {_text(link, 'fault')}" if link.get("fault") else "holds",
        )
        for link in _list(details, "chain")
    ]
    heads = ("Zone", "Keys", "Link")
    yield Table("dnssec-chain", "From the trust anchor down", heads, tuple(chain), (0,))


def _blocklists(details: Details) -> Iterable[Table]:
    order = {"listed": 0, "clean": 1, _UNCHECKED: 2}
    entries = sorted(_list(details, "entries"), key=lambda e: order.get(_text(e, "status"), 3))
    rows = [
        (
            _text(entry, "list"),
            _text(entry, "target"),
            _LIST_STATES.get(_text(entry, "status"), "–"),
            "; ".join(map(str, _items(entry, "meanings")))
            or _text(entry, "reason").removeprefix(_text(entry, "list")).strip()
            or ", ".join(map(str, _items(entry, "codes")))
            or "–",
        )
        for entry in entries
    ]
    heads = ("List", "Asked about", "Answer", "Why")
    yield Table("blocklist-entries", "The lists", heads, tuple(rows))


def _bimi(details: Details) -> Iterable[Table]:
    logo, certificate = details.get("logo"), details.get("certificate")
    if isinstance(logo, Mapping):
        size = logo.get("octets")
        rows = [
            ("Address", _text(logo, "url")),
            ("Title", _text(logo, "title") or "–"),
            ("Profile", _text(logo, "profile") or "–"),
            ("Size", f"{size / 1024:.1f} KB" if isinstance(size, int) else "–"),
            ("Square", "yes" if logo.get("square") else "no"),
        ]
        yield Table("bimi-logo", "The logo", ("What", "Value"), tuple(rows))
    if isinstance(certificate, Mapping):
        rows = [
            ("Address", _text(certificate, "url")),
            ("For", ", ".join(map(str, _items(certificate, "names"))) or "–"),
            ("Mark", _text(certificate, "mark") or "–"),
            ("Issued by", _text(certificate, "issuer") or "–"),
            ("Until", _day(certificate.get("expires")) or "–"),
        ]
        yield Table("bimi-certificate", "The certificate", ("What", "Value"), tuple(rows))


def _caa(details: Details) -> Iterable[Table]:
    rows = [
        (
            _text(entry, "tag"),
            _text(entry, "value") or "nobody",
            _text(entry, "fault") or _text(entry, "meaning") or "not known",
        )
        for entry in _list(details, "entries")
    ]
    yield Table("caa-records", "Who may issue", ("Tag", "Value", "For"), tuple(rows), (0, 1))


_MAKERS: dict[str, Callable[[Details], Iterable[Table]]] = {
    "mx": _mx,
    "spf": _spf,
    "mta_sts": _mta_sts,
    "dane": _dane,
    "dnssec": _dnssec,
    "blocklists": _blocklists,
    "bimi": _bimi,
    "caa": _caa,
}


def _items(details: Details, key: str) -> Sequence[object]:
    value = details.get(key)
    return value if isinstance(value, list | tuple) else ()


def _list(details: Details, key: str) -> list[Details]:
    return [item for item in _items(details, key) if isinstance(item, Mapping)]


def _text(details: Details, key: str) -> str:
    value = details.get(key)
    return "" if value is None else visible(str(value))


def _day(value: object) -> str:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC).strftime("%Y-%m-%d")
    except ValueError:
        return ""

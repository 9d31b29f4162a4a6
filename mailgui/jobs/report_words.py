"""What the sections and verdicts of a domain's report are called, wherever it is shown."""

from mailgui.findings import Verdict

TITLES = {
    "mx": "MX and addresses",
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "mta_sts": "MTA-STS",
    "tls_rpt": "TLS-RPT",
    "dane": "DANE",
    "dnssec": "DNSSEC",
    "blocklists": "Block lists",
    "bimi": "BIMI",
    "caa": "CAA",
}
"""Each section's title, in the order of the report."""
_VERDICTS = {
    Verdict.PASS: "pass",
    Verdict.ATTENTION: "needs attention",
    Verdict.BROKEN: "broken",
    Verdict.NOT_SET_UP: "not set up",
    Verdict.UNCHECKED: "could not be checked",
}


def section_title(name: str) -> str:
    """Return what a section is called."""
    return TITLES.get(name, name.replace("_", " ").upper())


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict in words."""
    return _VERDICTS[verdict]

"""A DMARC record made from wishes (RFC 9989), with what to know before publishing it."""

from dataclasses import dataclass

from mailgui.domain.dmarc_record import Policy, parse_dmarc
from mailgui.domain.names import is_within, parse_domain
from mailgui.domain.publish import txt_record
from mailgui.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class DmarcWish:
    """What a person wants of receivers.

    Attributes:
        subdomains, nonexistent: None to let ``policy`` hold for them too.
        testing: ask receivers to apply the next milder policy (``t=y``).
        summaries, failures: mailboxes for aggregate and for failure reports.
        strict_dkim, strict_spf: demand the very same domain, not only the same organization.
        each_failure: a failure report when either check fails (``fo=1``), not only when both do.
    """

    policy: Policy = Policy.NONE
    subdomains: Policy | None = None
    nonexistent: Policy | None = None
    testing: bool = False
    summaries: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    strict_dkim: bool = False
    strict_spf: bool = False
    each_failure: bool = False


@dataclass(frozen=True, slots=True)
class BuiltDmarc:
    """The record to publish: where, and what."""

    name: str
    text: str
    findings: tuple[Finding, ...]

    @property
    def zone_line(self) -> str:
        """The record as a zone file has it."""
        return txt_record(self.name, self.text)


def build_dmarc(domain: str, wish: DmarcWish) -> BuiltDmarc:
    """Return the record for ``domain``. Raises ValueError with a sentence."""
    name = parse_domain(domain)
    tags = [("v", "DMARC1"), ("p", wish.policy.value)]
    if wish.subdomains is not None and wish.subdomains is not wish.policy:
        tags.append(("sp", wish.subdomains.value))
    below = wish.subdomains or wish.policy
    if wish.nonexistent is not None and wish.nonexistent is not below:
        tags.append(("np", wish.nonexistent.value))
    tags += [("adkim", "s")] if wish.strict_dkim else []
    tags += [("aspf", "s")] if wish.strict_spf else []
    tags += [("t", "y")] if wish.testing else []
    for tag, mailboxes in (("rua", wish.summaries), ("ruf", wish.failures)):
        uris = [_uri(mailbox) for mailbox in mailboxes if mailbox.strip()]
        tags += [(tag, ",".join(uris))] if uris else []
    if wish.each_failure and wish.failures:
        tags.append(("fo", "1"))
    text = "; ".join(f"{tag}={value}" for tag, value in tags)
    return BuiltDmarc(f"_dmarc.{name}", text, tuple(_remarks(name, wish, text)))


def _uri(mailbox: str) -> str:
    """Return the ``mailto:`` URI; ``,``, ``!`` and ``;`` would end it early (RFC 9989, 4.7)."""
    address = mailbox.strip().removeprefix("mailto:")
    local, at, host = address.rpartition("@")
    if not at or not local or any(char.isspace() for char in address):
        raise ValueError(f"“{mailbox.strip()}” is not a mailbox for reports.")
    for char, escaped in ((",", "%2C"), ("!", "%21"), (";", "%3B")):
        local = local.replace(char, escaped)
    return f"mailto:{local}@{parse_domain(host)}"


def _remarks(domain: str, wish: DmarcWish, text: str) -> list[Finding]:
    record = parse_dmarc(text)
    hosts = dict.fromkeys(report.host for report in record.rua + record.ruf)
    found = [_external(domain, host) for host in hosts if not is_within(host, domain)]
    if not wish.summaries:
        found.append(
            Finding(
                "dmarc.build.no_reports",
                Severity.ATTENTION,
                "Without a mailbox for summary reports you do not learn whose mail fails",
                "Every receiver sends at most a few files a day.",
                "Name a mailbox; open what arrives there under Reports.",
            )
        )
    if wish.policy is not Policy.NONE and not wish.testing:
        found.append(
            Finding(
                "dmarc.build.strict_start",
                Severity.INFO,
                f"p={wish.policy.value} holds from the moment receivers read the record",
                "Mail of services that are not aligned is then treated so, too.",
                "First publish it with t=y or p=none, and read the reports of two weeks.",
            )
        )
    return found


def _external(domain: str, host: str) -> Finding:
    return Finding(
        "dmarc.build.external",
        Severity.ATTENTION,
        f"{host} must say that it takes reports for {domain}",
        "Receivers send none to another organization that has not agreed to it.",
        "The operator of that domain publishes this record.",
        record=txt_record(f"{domain}._report._dmarc.{host}", "v=DMARC1"),
    )

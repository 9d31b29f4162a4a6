"""Which policy applies to a domain, a subdomain of it, and one that does not exist.

Once by the tree walk of RFC 9989, and once by the public suffix list of RFC 7489, which many
receivers still follow.
"""

from dataclasses import dataclass

from mailgui.domain.dmarc_record import DmarcRecord, Policy, parse_dmarc
from mailgui.domain.dmarc_walk import Walk
from mailgui.domain.names import is_public_suffix, organizational_by_suffix_list

_LOWERED = {
    Policy.REJECT: Policy.QUARANTINE,
    Policy.QUARANTINE: Policy.NONE,
    Policy.NONE: Policy.NONE,
}


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What one standard makes of a domain's records. None stands for "no DMARC at all".

    Attributes:
        organizational: the organizational domain.
        record_domain: where the record that applies to the domain itself stands.
        domain, subdomain, nonexistent: the policies in force for the domain itself, for a subdomain
            without a record of its own, and for one that does not exist.
        percent: the share of mail that it applies to (RFC 7489 only).
        note: one sentence on a record that needs interpretation.
    """

    organizational: str
    record_domain: str | None = None
    record: DmarcRecord | None = None
    domain: Policy | None = None
    subdomain: Policy | None = None
    nonexistent: Policy | None = None
    testing: bool = False
    percent: int = 100
    note: str = ""

    def to_json_dict(self) -> dict[str, object]:
        """Return the view as the ``dmarc`` section's ``rfc9989`` and ``rfc7489`` hold it."""
        return {
            "organizational_domain": self.organizational,
            "record_domain": self.record_domain,
            "record": self.record.text if self.record else None,
            "policy": {
                "domain": self.domain,
                "subdomain": self.subdomain,
                "nonexistent": self.nonexistent,
            },
            "testing": self.testing,
            "percent": self.percent,
            "note": self.note,
        }


def by_tree_walk(domain: str, walk: Walk, *, exists: bool = True) -> PolicyView:
    """Return RFC 9989's view (sections 4.7, 4.10.1). ``walk`` starts at ``domain``."""
    above = _policy_record_above(walk)
    own = walk.steps[0].record
    source, record = (domain, own) if own is not None else above
    applies = _usable(record) if record else None
    if record is None or source is None or applies is None:
        note = "" if record is None else _unusable_note(record)
        return PolicyView(walk.organizational, source if record else None, record, note=note)
    here = _for_domain(applies, at_own_name=source == domain, exists=exists)
    # To a subdomain without a record of its own the organizational domain's applies, which may be
    # another one than that of the domain itself.
    beneath = _below(domain, walk, own, above)
    below = _usable(beneath) if beneath else None
    return PolicyView(
        organizational=walk.organizational,
        record_domain=source,
        record=record,
        domain=_lower(here, applies.testing),
        subdomain=_lower(below.sp or below.p, below.testing) if below else None,
        nonexistent=_lower(below.np or below.sp or below.p, below.testing) if below else None,
        testing=applies.testing,
        note=_note(record),
    )


def _policy_record_above(walk: Walk) -> tuple[str | None, DmarcRecord | None]:
    """Return the organizational domain's record, or else that of the public suffix above it."""
    step = walk.at(walk.organizational)
    if step is not None and step.record is not None:
        return step.name, step.record
    for step in walk.steps:
        if step.psd == "y" and step.name != walk.start:
            return step.name, step.record
    return None, None


def _below(
    domain: str,
    walk: Walk,
    own: DmarcRecord | None,
    above: tuple[str | None, DmarcRecord | None],
) -> DmarcRecord | None:
    """Return the record that applies to a subdomain of ``domain`` without one of its own."""
    if own is not None and own.value("psd") in ("y", "n"):
        return own  # the walk from below ends here
    return above[1] if above[1] is not None else own


def _for_domain(record: DmarcRecord, *, at_own_name: bool, exists: bool) -> Policy | None:
    if at_own_name:
        return record.p
    return record.sp or record.p if exists else record.np or record.sp or record.p


def _usable(record: DmarcRecord) -> DmarcRecord | None:
    """Return the record as it is to be read, or None where no DMARC applies (section 4.10.1).

    With a policy missing or invalid it counts as p=none, if there is somewhere to report to.
    """
    if record.policies_sound:
        return record
    if not record.rua:
        return None
    testing = "; t=y" if record.testing else ""
    return parse_dmarc(f"v=DMARC1; p=none{testing}")


def _unusable_note(record: DmarcRecord) -> str:
    return "Its policy cannot be read and it names nowhere to report to: no DMARC applies."


def _note(record: DmarcRecord) -> str:
    if record.policies_sound:
        return ""
    return "Its policy is missing or cannot be read; with a report address it counts as p=none."


def _lower(policy: Policy | None, testing: bool) -> Policy | None:
    return _LOWERED[policy] if policy is not None and testing else policy


def organizational_for_7489(domain: str) -> str:
    """Return the organizational domain by the public suffix list."""
    return domain if is_public_suffix(domain) else organizational_by_suffix_list(domain)


def by_suffix_list(domain: str, own: DmarcRecord | None, org: DmarcRecord | None) -> PolicyView:
    """Return RFC 7489's view (section 6.6.3), from the records at the domain and at its
    organizational domain. It knows neither ``np`` nor ``t`` nor ``psd``.
    """
    organizational = organizational_for_7489(domain)
    source, record = (domain, own) if own is not None else (organizational, org)
    if record is None:
        return PolicyView(organizational)
    applies = _usable_7489(record)
    if applies is None:
        return PolicyView(organizational, source, record, note=_unusable_note(record))
    above = own if domain == organizational else org
    beneath = _usable_7489(above) if above is not None else None
    here = applies.p if source == domain else applies.sp or applies.p
    below = (beneath.sp or beneath.p) if beneath else None
    return PolicyView(
        organizational=organizational,
        record_domain=source,
        record=record,
        domain=here,
        subdomain=below,
        nonexistent=below,
        percent=record.percent,
        note="" if applies is record else _note(record),
    )


def _usable_7489(record: DmarcRecord) -> DmarcRecord | None:
    sp_invalid = any(tag == "sp" for tag, _ in record.invalid)
    if record.p is not None and not sp_invalid:
        return record
    return parse_dmarc("v=DMARC1; p=none") if record.rua else None

"""What there is to say about a domain's DMARC records."""

import re
from collections.abc import Iterator, Sequence

from mailgui.domain.dmarc_policy import PolicyView
from mailgui.domain.dmarc_record import GONE, TAGS, DmarcRecord, Policy, parse_dmarc
from mailgui.domain.dmarc_reports import Destination
from mailgui.domain.dmarc_walk import WalkStep
from mailgui.domain.names import is_public_suffix
from mailgui.domain.publish import txt_record
from mailgui.findings import Finding, Severity
from mailgui.transcript import visible

_MAILBOX = r"[^@\s,;:!]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+"
_STRENGTH = {Policy.NONE: 0, Policy.QUARANTINE: 1, Policy.REJECT: 2}


def starting_record(domain: str) -> str:
    """Return the record to begin with: it changes nothing, and shows who sends."""
    text = f"v=DMARC1; p=none; rua=mailto:dmarc-reports@{domain}"
    return txt_record(f"_dmarc.{domain}", text)


def of_absence(domain: str) -> Finding:
    """Return the finding where there is no DMARC record at all."""
    return Finding(
        "dmarc.missing",
        Severity.ATTENTION,
        "The domain has no DMARC record",
        "Receivers do not know what to do with mail that only claims to come from it, and large "
        "ones demand a record from everybody who sends in bulk.",
        "Publish this record; it changes nothing yet. Read the reports for some weeks, then raise "
        "the policy to quarantine and to reject.",
        (),
        starting_record(domain),
    )


def of_step(step: WalkStep) -> Iterator[Finding]:
    """Yield what is wrong with the records at one name, whether any of them counts."""
    if len(step.texts) > 1:
        yield Finding(
            "dmarc.multiple",
            Severity.BROKEN,
            f"There are {len(step.texts)} DMARC records at _dmarc.{step.name}",
            "Receivers discard all of them: it is as if there were none.",
            "Keep one and remove the others.",
            tuple(map(visible, step.texts)),
        )


def of_near_miss(domain: str, texts: Sequence[str]) -> Finding:
    """Return the finding where records were meant as DMARC and do not count as such."""
    return Finding(
        "dmarc.version",
        Severity.BROKEN,
        "A record at _dmarc does not begin with v=DMARC1",
        "The version must come first, in exactly these letters; so receivers ignore the record.",
        "Begin the record with “v=DMARC1;”.",
        tuple(map(visible, texts)),
        txt_record(f"_dmarc.{domain}", _tidy(parse_dmarc(texts[0]))),
    )


def of_misplaced(domain: str, texts: Sequence[str]) -> Finding:
    """Return the finding where the record stands at the domain itself."""
    return Finding(
        "dmarc.misplaced",
        Severity.BROKEN,
        "The DMARC record stands at the wrong name",
        f"It is at {domain} itself, and receivers look at _dmarc.{domain} only: it has no effect.",
        f"Publish it at _dmarc.{domain}, and remove it from {domain}.",
        tuple(map(visible, texts)),
        txt_record(f"_dmarc.{domain}", texts[0]),
    )


def of_suffix(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """Yield the finding on a domain that says wrongly that names are registered below it."""
    if record.value("psd") == "y" and not is_public_suffix(name):
        yield Finding(
            "dmarc.psd",
            Severity.ATTENTION,
            "The DMARC record says that names are registered below the domain",
            f"psd=y is for public suffixes. Here it makes every subdomain of {name} an "
            "organization of its own: their mail is no longer aligned with the domain's.",
            "Remove psd=y.",
            (visible(record.text),),
            txt_record(f"_dmarc.{name}", _tidy(record, without=("psd",))),
        )


def of_record(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """Yield what there is to say on the tags of the record that applies."""
    place = f"_dmarc.{name}"
    yield from _policy_tags(record, name)
    yield from of_suffix(record, name)
    for tag, value in record.invalid:
        if tag not in ("p", "sp", "np", "pct"):
            yield Finding(
                "dmarc.tag.invalid",
                Severity.ATTENTION,
                f"The DMARC tag {tag}= has a value that is not allowed",
                f"“{visible(value)}” is ignored, as if the tag were not there.",
                f"Correct or remove {tag}=.",
                (visible(f"{tag}={value}"),),
                txt_record(place, _tidy(record)),
            )
    gone = [tag for tag in GONE if tag in record.tags.names]
    if gone:
        yield Finding(
            "dmarc.tag.gone",
            Severity.ATTENTION,
            f"The DMARC record uses tags that no longer exist: {', '.join(gone)}",
            "RFC 9989 dropped them in 2026. Receivers that follow it ignore them, so that the "
            "policy applies in full.",
            "Remove them. In place of pct= use t=y while you try out a policy.",
            tuple(visible(f"{tag}={record.tags.get(tag)}") for tag in gone),
            txt_record(place, _tidy(record)),
        )
    if record.unknown:
        yield Finding(
            "dmarc.tag.unknown",
            Severity.INFO,
            f"The DMARC record has tags that mean nothing: {visible(', '.join(record.unknown))}",
            "Receivers ignore them.",
            "Check them for typing errors.",
            tuple(visible(f"{tag}={record.tags.get(tag)}") for tag in record.unknown),
            txt_record(place, _tidy(record)),
        )
    faults = [*record.tags.faults, *(f"{n}= stands here twice." for n in record.tags.repeated)]
    if faults:
        yield Finding(
            "dmarc.syntax",
            Severity.ATTENTION,
            "Parts of the DMARC record cannot be read",
            visible(" ".join(faults)) + " Receivers differ in what they make of it.",
            "Correct the record.",
            (visible(record.text),),
            txt_record(place, _tidy(record)),
        )
    if any(address.size for address in (*record.rua, *record.ruf)):
        yield Finding(
            "dmarc.size",
            Severity.INFO,
            "A report address carries a size limit, which is obsolete",
            "Receivers ignore what stands behind the exclamation mark.",
            "Remove it.",
            (visible(record.text),),
            txt_record(place, _tidy(record)),
        )


def _policy_tags(record: DmarcRecord, name: str) -> Iterator[Finding]:
    invalid = [(tag, value) for tag, value in record.invalid if tag in ("p", "sp", "np")]
    consequence = (
        "Because it names a report address, receivers take it as p=none."
        if record.rua
        else "It names no valid report address either, so receivers apply no DMARC at all."
    )
    for tag, value in invalid:
        yield Finding(
            "dmarc.policy.invalid",
            Severity.BROKEN,
            f"The DMARC policy {tag}={visible(value)} does not exist",
            f"A policy is none, quarantine or reject. {consequence}",
            f"Correct {tag}=.",
            (visible(record.text),),
            txt_record(f"_dmarc.{name}", _tidy(record)),
        )
    if record.p is None and record.tags.get("p") is None:
        yield Finding(
            "dmarc.policy.missing",
            Severity.BROKEN,
            "The DMARC record names no policy",
            "RFC 9989 reads a missing p= as none in one place and not at all in another. "
            f"{consequence}",
            "Add p=none, p=quarantine or p=reject.",
            (visible(record.text),),
            txt_record(f"_dmarc.{name}", _tidy(record)),
        )


def _tidy(record: DmarcRecord, *, without: Sequence[str] = (), rua: str = "") -> str:
    """Return the record with sound policies, each tag once, and without what no longer exists, what
    is not allowed, and the tags ``without``. Reports go to ``rua`` if that is given.
    """
    tags: dict[str, str] = {}
    for tag, value in record.tags.tags:
        kept = tag in TAGS and tag not in ("v", "p", *without)
        if kept and (tag, value) not in record.invalid:
            tags.setdefault(tag, re.sub(r"!\d+[kmgtKMGT]?(?=\s*(?:,|$))", "", value))
    wanted = record.tags.get("rua")
    if wanted and "rua" not in tags:  # what was meant as an address
        mended = [
            part.strip() for part in wanted.split(",") if re.fullmatch(_MAILBOX, part.strip())
        ]
        rua = rua or ",".join(f"mailto:{mailbox}" for mailbox in mended)
    if rua:
        tags["rua"] = rua
    policy = record.p or Policy.NONE
    return "; ".join(
        ["v=DMARC1", f"p={policy}", *(f"{tag}={value}" for tag, value in tags.items())]
    )


def of_policy(view: PolicyView, older: PolicyView, domain: str) -> Iterator[Finding]:
    """Yield what there is to say on the policy in force, by both standards."""
    record = view.record
    if record is None or view.domain is None:
        return
    place = f"_dmarc.{view.record_domain}"
    if view.domain is Policy.NONE and record.policies_sound and not record.testing:
        yield Finding(
            "dmarc.policy.none",
            Severity.ATTENTION,
            "DMARC asks receivers to do nothing with forged mail",
            "With p=none anybody can send mail in the domain's name, and it is delivered.",
            "When the reports show that all your own mail passes, raise the policy to quarantine.",
            (visible(record.text),),
        )
    if record.testing:
        yield Finding(
            "dmarc.testing",
            Severity.ATTENTION,
            "The DMARC policy is only being tried out",
            "With t=y receivers apply the next weaker policy: quarantine in place of reject, none "
            "in place of quarantine. Older receivers apply it in full.",
            "Remove t=y when the reports are clean.",
            (visible(record.text),),
            txt_record(place, _tidy(record, without=("t",))),
        )
    for words, policy in (
        ("subdomains", view.subdomain),
        ("names that do not exist", view.nonexistent),
    ):
        if policy is not None and _STRENGTH[policy] < _STRENGTH[view.domain]:
            yield Finding(
                "dmarc.policy.subdomain",
                Severity.ATTENTION,
                f"The DMARC policy is weaker for {words}: {policy}",
                f"Forgers will write from a subdomain of {domain} in its place.",
                "Raise sp= (and np=), or remove them: without them p= applies.",
                (visible(record.text),),
                txt_record(place, _tidy(record, without=("sp", "np")))
                if view.record_domain == domain and _sets_subdomains(record)
                else None,
            )
            break
    here, there = (view.domain, view.subdomain), (older.domain, older.subdomain)
    if here != there and not record.testing:
        yield Finding(
            "dmarc.readings_differ",
            Severity.INFO,
            "Old and new receivers read the DMARC records differently",
            f"By RFC 9989 (tree walk) the policy is {_words(view)}; by RFC 7489 (public suffix "
            f"list) it is {_words(older)}.",
            f"Publish a record of its own at _dmarc.{domain} where the difference matters.",
        )
    if record.tags.get("rua") is None:  # one that is wrong is told as such
        yield Finding(
            "dmarc.rua.missing",
            Severity.ATTENTION,
            "Nobody receives DMARC reports",
            "Without rua= you never learn who sends in the domain's name, or what fails.",
            f"Add rua=mailto:dmarc-reports@{domain} to the record.",
            (visible(record.text),),
            txt_record(place, _tidy(record, rua=f"mailto:dmarc-reports@{domain}")),
        )


def _sets_subdomains(record: DmarcRecord) -> bool:
    return record.sp is not None or record.np is not None


def _words(view: PolicyView) -> str:
    return "/".join(str(policy or "absent") for policy in (view.domain, view.subdomain))


def of_destinations(destinations: Sequence[Destination]) -> Iterator[Finding]:
    """Yield which external places do not take the domain's reports."""
    for destination in destinations:
        host = visible(destination.address.host)
        if destination.authorised is None:
            yield Finding(
                "dmarc.destination.unchecked",
                Severity.ATTENTION,
                f"Whether {host} takes the reports could not be looked up",
                "The name server gave no answer; it may well be in order.",
                "Check again in a minute.",
                (destination.name,),
            )
        elif not destination.authorised:
            yield Finding(
                "dmarc.destination.unauthorised",
                Severity.ATTENTION,
                f"{host} has not agreed to receive the DMARC reports",
                f"{destination.tag}= leads to another organization, so receivers send nothing "
                "there until it says that it wants them.",
                f"Whoever runs {host} must publish this record, or choose another address.",
                (visible(destination.address.uri),),
                destination.record if destination.name else None,
            )

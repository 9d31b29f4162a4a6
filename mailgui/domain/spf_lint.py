"""What is wrong, or unwise, in an SPF policy, each with its place and what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator

from mailgui.domain.publish import txt_record
from mailgui.domain.reachable import is_unreachable
from mailgui.domain.spf_match import MAX_LOOKUPS, MAX_VOIDS
from mailgui.domain.spf_record import SpfRecord
from mailgui.domain.spf_repair import repaired
from mailgui.domain.spf_result import TraceNode
from mailgui.domain.spf_tree import SpfTree
from mailgui.findings import Finding, Severity
from mailgui.transcript import visible

_BROAD = {4: 16, 6: 32}  # shorter prefixes than these hold more than any sender has
_LONG = 450  # octets; with the rest of the answer more than the 512 that always fit a datagram


def lint_record(record: SpfRecord, domain: str) -> tuple[Finding, ...]:
    """Return the findings on one record by itself, without asking the DNS."""
    mended = txt_record(domain, repaired(record))
    findings = [
        Finding(
            "spf.syntax",
            Severity.BROKEN,
            f"The SPF record cannot be read at “{fault.shown}”",
            f"{visible(fault.sentence)} With one unreadable term the whole record is an error "
            "(permerror), and none of its permissions hold.",
            "Correct or remove this term.",
            (f"character {fault.position + 1}: {fault.shown}",),
            mended,
        )
        for fault in record.faults
    ]
    findings += _ending(record, mended)
    findings += _terms(record, mended)
    if len(record.text) > _LONG:
        findings.append(
            Finding(
                "spf.long",
                Severity.INFO,
                f"The SPF record is {len(record.text)} octets long",
                "Answers over 512 octets may need a second question over TCP, which not every "
                "network lets through.",
                "Move networks into a record of their own and include that.",
            )
        )
    return tuple(findings)


def lint_tree(tree: SpfTree, domain: str) -> tuple[Finding, ...]:
    """Return the findings on what the record leads to."""
    findings = [*_limits(tree)]
    for node, path in _walk(tree.trace, ()):
        place = (" → ".join((*path, node.term)),)
        if node.term.lower().startswith("exp="):
            findings += _explanation(node, tree if not path else None, domain, place)
        else:
            findings += _leads(node, domain, place)
    return tuple(findings)


def _ending(record: SpfRecord, mended: str) -> Iterator[Finding]:
    """Yield what there is to say on how the record ends."""
    alls = [d for d in record.directives if d.mechanism == "all"]
    redirect = record.modifier("redirect")
    if not alls and not redirect and not record.faults:
        yield Finding(
            "spf.no_all",
            Severity.ATTENTION,
            "The SPF record says nothing about all other senders",
            "Without all at its end, mail from anywhere else is neutral: as if there were no SPF.",
            "End the record with ~all, or with -all.",
            (visible(record.text),),
            mended,
        )
    if not alls:
        return
    first = alls[0]
    if first.qualifier == "+":
        yield Finding(
            "spf.all.pass",
            Severity.BROKEN,
            "The SPF record lets the whole world send",
            f"“{first.text}” makes every address on the Internet a permitted sender.",
            "End the record with ~all or -all in its place.",
            (first.text,),
            mended,
        )
    elif first.qualifier == "?":
        yield Finding(
            "spf.all.neutral",
            Severity.ATTENTION,
            "The SPF record takes no position on other senders",
            "?all protects against nothing.",
            "End the record with ~all, or with -all.",
            (first.text,),
            mended,
        )
    behind = [d.text for d in record.directives if d.position > first.position]
    if behind:
        yield Finding(
            "spf.unreachable",
            Severity.ATTENTION,
            f"Terms stand behind {first.text} and are never reached",
            "Evaluation ends at all, so that these permissions do not count: "
            + visible(", ".join(behind))
            + ".",
            "Move them before all, or remove them.",
            tuple(map(visible, behind)),
            mended,
        )
    if redirect:
        yield Finding(
            "spf.redirect.ignored",
            Severity.ATTENTION,
            "redirect= has no effect beside all",
            "A redirect is followed only in a record without all (RFC 7208, section 6.1).",
            f"Remove {first.text}, or the redirect.",
            (visible(redirect.text),),
            mended,
        )


def _terms(record: SpfRecord, mended: str) -> Iterator[Finding]:
    """Yield what there is to say on single terms."""
    counts = Counter(d.text.lower().removeprefix("+") for d in record.directives)
    repeated = [term for term, count in counts.items() if count > 1]
    if repeated:
        yield Finding(
            "spf.duplicate",
            Severity.ATTENTION,
            "Terms stand in the SPF record twice",
            "The second has no effect, but may cost a look-up: "
            + visible(", ".join(repeated))
            + ".",
            "Remove the repetitions.",
            tuple(map(visible, repeated)),
            mended,
        )
    for directive in record.directives:
        if directive.mechanism == "ptr":
            yield Finding(
                "spf.ptr",
                Severity.ATTENTION,
                "The SPF record uses ptr",
                "It is slow and unreliable, and RFC 7208 says not to publish it; large receivers "
                "skip it.",
                "Name the senders' networks with ip4: and ip6:.",
                (visible(directive.text),),
                mended,
            )
        network = directive.network
        if network is None or directive.qualifier == "-":
            continue
        if network.prefixlen < _BROAD[network.version]:
            yield Finding(
                "spf.network.broad",
                Severity.ATTENTION,
                f"The SPF record lets a very large network send: {network}",
                f"It holds {network.num_addresses:,} addresses, most of them surely not yours.",
                "Name the networks that send your mail, and no others.",
                (directive.text,),
            )
        elif is_unreachable(str(network)):
            yield Finding(
                "spf.network.private",
                Severity.INFO,
                f"The SPF record names an address that never reaches the Internet: {network}",
                "No receiver outside your network will ever see it.",
                "Remove it.",
                (directive.text,),
            )


def _limits(tree: SpfTree) -> Iterator[Finding]:
    total = tree.lookups_total
    costs = tuple(f"{node.term}: {node.lookups}" for node in tree.trace if node.lookups)
    if total > MAX_LOOKUPS:
        more = "" if tree.complete else "at least "
        yield Finding(
            "spf.lookups.too_many",
            Severity.BROKEN,
            f"The SPF record needs {more}{total} look-ups; 10 are allowed",
            "Receivers stop at the eleventh with an error (permerror): senders named behind it are "
            "not recognised.",
            "Remove services that no longer send for you, or replace includes by the networks they "
            "stand for, or give a service a subdomain of its own.",
            costs,
        )
    elif total > MAX_LOOKUPS - 2:
        yield Finding(
            "spf.lookups.near",
            Severity.INFO,
            f"The SPF record needs {total} of the 10 look-ups that are allowed",
            "A service that adds an include of its own can break it without your doing.",
            "Remove what no longer sends for you.",
            costs,
        )
    broken = len(tree.voids) > MAX_VOIDS
    # That an include finds nothing is a fault of its own, and told as such.
    names = tuple(
        f"{term} in {domain}" for term, domain in tree.voids if broken or not _follows(term)
    )
    if names:
        yield Finding(
            "spf.void.too_many" if broken else "spf.void",
            Severity.BROKEN if broken else Severity.ATTENTION,
            f"{len(names)} terms find nothing; more than two are an error"
            if broken
            else f"{'A term finds' if len(names) == 1 else 'Two terms find'} nothing",
            "These names have no such records: " + ", ".join(names) + ".",
            "Correct or remove these terms.",
            names,
        )


def _leads(node: TraceNode, domain: str, place: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is wrong with where a term leads."""
    if node.domain is None:
        return  # a term that cannot be read, or one that depends on the message
    follows = _follows(node.term)
    if node.result == "loop":
        yield Finding(
            "spf.loop",
            Severity.BROKEN,
            f"The SPF record leads back to itself at “{node.term}”",
            "Receivers go round until the look-ups are used up: an error (permerror).",
            "Remove the term that leads back.",
            place,
        )
    elif node.result == "temperror":
        yield Finding(
            "spf.unresolved",
            Severity.ATTENTION,
            f"“{node.term}” could not be looked up",
            f"{node.detail} Receivers that get no answer either defer the mail.",
            "Check again later; if it stays so, tell whoever runs that domain's name servers.",
            place,
        )
    elif follows and (node.void or (node.result == "permerror" and not node.children)):
        yield Finding(
            "spf.include.none",
            Severity.BROKEN,
            f"“{node.term}” leads to no usable SPF record",
            f"{node.detail} That makes the whole policy an error (permerror).",
            "Correct the name, or remove the term.",
            place,
        )
    elif follows and node.result == "permerror":
        yield Finding(
            "spf.include.syntax",
            Severity.BROKEN,
            f"The record that “{node.term}” leads to cannot be read",
            "That makes the whole policy an error (permerror).",
            "Tell whoever publishes it, or remove the term.",
            (*place, *(f"{c.term}: {c.detail}" for c in node.children if c.result == "permerror")),
        )
    elif node.result == "permerror" and node.detail.endswith("SPF allows 10."):
        yield Finding(
            "spf.mx.too_many",
            Severity.BROKEN,
            f"“{node.term}” leads to more than ten MX hosts",
            f"{node.detail} That makes the whole policy an error (permerror).",
            "Name the networks with ip4: and ip6: in its place.",
            place,
        )


def _explanation(
    node: TraceNode, tree: SpfTree | None, domain: str, place: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield what is wrong with an ``exp=``; ``tree`` where it stands in the domain's own record."""
    if node.result != "not used":
        return
    record = tree.selection.record if tree else None
    yield Finding(
        "spf.exp",
        Severity.ATTENTION,
        "The SPF record's explanation is of no use",
        f"{node.detail} Whoever is refused is told nothing; the result itself stays as it is.",
        "Publish one TXT record with the text at that name, or remove exp=.",
        place,
        txt_record(domain, repaired(record, explained=False)) if record else None,
    )


def _follows(term: str) -> bool:
    return term.lstrip("+-~?").lower().startswith(("include:", "redirect="))


def _walk(
    nodes: Iterable[TraceNode], path: tuple[str, ...]
) -> Iterator[tuple[TraceNode, tuple[str, ...]]]:
    for node in nodes:
        yield node, path
        yield from _walk(node.children, (*path, node.term))

"""The ARC chain of a message validated: RFC 8617, section 5.2.

ARC is on its way to Historic: it is shown and judged, never advised.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgui.domain.arc_sets import ArcSet, gather
from mailgui.domain.dkim_canonical import signed_octets
from mailgui.domain.dkim_lookup import FoundKeys, find_keys, missing, unfit, verifies
from mailgui.domain.dkim_signature import Signature
from mailgui.domain.dkim_verify import DkimResult, check_all
from mailgui.domain.questions import Asker
from mailgui.message.authentication_results import parse_authentication_results
from mailgui.message.raw_message import RawMessage
from mailgui.transcript import visible


@dataclass(frozen=True, slots=True)
class ArcInstance:
    """What came of one set: its seal and its message signature, each with a reason."""

    set: ArcSet
    seal_result: str
    seal_reason: str
    message_signature: DkimResult

    def to_json_dict(self) -> dict[str, object]:
        """Return the set in the shape of the ``verify`` document's ``arc``."""
        seal, ams = self.set.seal, self.message_signature
        return {
            "instance": self.set.instance,
            "cv": visible(self.set.cv),
            "seal": {
                "result": self.seal_result,
                "domain": visible(seal.domain),
                "selector": visible(seal.selector),
                "algorithm": visible(seal.algorithm),
                "reason": self.seal_reason,
            },
            "message_signature": ams.to_json_dict(),
            "authentication_results": parse_authentication_results(self.set.results).to_json_dict(),
        }


@dataclass(frozen=True, slots=True)
class ArcResult:
    """The chain's status: ``none``, ``pass``, ``fail``, or ``temperror`` where a key could not be
    asked for and nothing else speaks against the chain.

    Attributes:
        instances: the sets, the first handler's first; empty where their form is broken.
        oldest_pass: the lowest instance whose message signature, and all later ones, hold; 0 where
            all do; None where the newest does not.
    """

    result: str
    reason: str
    instances: tuple[ArcInstance, ...] = ()
    oldest_pass: int | None = None

    def to_json_dict(self) -> dict[str, object]:
        """Return the document's ``arc``."""
        return {
            "result": self.result,
            "reason": self.reason,
            "oldest_pass": self.oldest_pass,
            "instances": [each.to_json_dict() for each in self.instances],
        }


async def verify_arc(message: RawMessage, asker: Asker, *, at: datetime | None = None) -> ArcResult:
    """Return what the chain comes to. ``at`` is when the message was received; now, if None."""
    gathered = gather(message)
    if not gathered.present:
        return ArcResult("none", "The message has no ARC sets.")
    if not gathered.sets:
        return ArcResult("fail", visible(gathered.fault))
    signatures = [each.message_signature for each in reversed(gathered.sets)]  # newest first
    names = list(dict.fromkeys(s.seal.key_name for s in gathered.sets if not s.seal.faults))
    checked, answers = await asyncio.gather(
        check_all(message, signatures, asker, at=at),
        asyncio.gather(*(find_keys(name, asker) for name in names)),
    )
    keys = dict(zip(names, answers, strict=True))
    instances = await asyncio.to_thread(_instances, gathered.sets, checked[::-1], keys)
    result, reason = _status(instances, visible(gathered.fault))
    return ArcResult(result, reason, instances, _oldest_pass(instances))


def _instances(
    sets: Sequence[ArcSet], checked: Sequence[DkimResult], keys: dict[str, FoundKeys]
) -> tuple[ArcInstance, ...]:
    made = []
    for number, (each, signature) in enumerate(zip(sets, checked, strict=True)):
        result, reason = _seal(sets[: number + 1], keys.get(each.seal.key_name))
        made.append(ArcInstance(each, result, reason, signature))
    return tuple(made)


def _seal(sets: Sequence[ArcSet], found: FoundKeys | None) -> tuple[str, str]:
    """Return what came of the last of these sets' seal, which covers them all (section 5.1.1)."""
    seal = sets[-1].seal
    if seal.faults or found is None:
        return "permerror", seal.faults[0]
    unusable = missing(found)
    if unusable is not None:
        return unusable.result, unusable.reason
    covered = sets[-1:] if sets[-1].cv == "fail" else sets
    octets = _sealed_octets(covered, seal)
    reason = ("permerror", "")
    for key in found.keys:
        unusable = unfit(key, seal)
        if unusable is not None:
            reason = (unusable.result, unusable.reason)
        elif verifies(key, seal, octets):
            return "pass", "The seal holds."
        else:
            reason = ("fail", "An ARC field was changed after it was sealed.")
    return reason


def _sealed_octets(sets: Sequence[ArcSet], seal: Signature) -> bytes:
    fields = [
        field
        for each in sets
        for field in (each.results_field, each.message_signature.field, each.seal.field)
    ]
    return signed_octets(fields[:-1], seal.field, True)


def _status(instances: Sequence[ArcInstance], fault: str) -> tuple[str, str]:
    newest = instances[-1].message_signature
    if fault:
        return "fail", fault
    broken = []
    if not newest.passed:
        number = instances[-1].set.instance
        sentence = f"The message signature of set {number}, the newest, does not hold."
        broken.append((newest.result, f"{sentence} {newest.reason}"))
    broken += [
        (each.seal_result, f"The seal of set {each.set.instance} does not hold. {each.seal_reason}")
        for each in reversed(instances)
        if each.seal_result != "pass"
    ]
    for result, reason in broken:
        if result != "temperror":
            return "fail", reason
    if broken:
        return "temperror", broken[0][1]
    count = len(instances)
    return "pass", f"All {count} seals hold." if count > 1 else "The seal holds."


def _oldest_pass(instances: Sequence[ArcInstance]) -> int | None:
    oldest = None
    for each in reversed(instances):
        if not each.message_signature.passed:
            return oldest
        oldest = each.set.instance
    return 0

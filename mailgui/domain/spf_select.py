"""Finding a domain's SPF record among its TXT records: RFC 7208, sections 4.4 and 4.5."""

from dataclasses import dataclass

from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.spf_record import SpfRecord, is_spf, parse_record
from mailgui.domain.spf_result import SpfResult
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.transcript import visible


@dataclass(frozen=True, slots=True)
class SpfSelection:
    """The outcome: ``record``, or the ``result`` that follows from there being none.

    Attributes:
        sentence: why there is no record to evaluate.
        texts: every SPF record found, as text.
        void: whether the question had no answer at all (section 4.6.4).
    """

    result: SpfResult | None = None
    record: SpfRecord | None = None
    sentence: str = ""
    texts: tuple[str, ...] = ()
    answer: Answer | None = None
    void: bool = False


async def select_record(domain: str, asker: Asker) -> SpfSelection:
    """Return the SPF record of ``domain``; ``record`` may have syntax faults."""
    if not is_askable(domain):
        sentence = f"{visible(domain)} is not a name that the DNS can be asked for."
        return SpfSelection(SpfResult.NONE, sentence=sentence)
    answer = await asker.ask(domain, "TXT")
    if not answer.conclusive:
        sentence = f"The TXT records of {domain} could not be looked up ({answer.status.value})."
        why = f"{sentence} {answer.reason}".rstrip()
        return SpfSelection(SpfResult.TEMPERROR, sentence=why, answer=answer)
    found = [octets for octets in answer.octets if is_spf(octets)]
    texts = tuple(visible(octets.decode("utf-8", "backslashreplace")) for octets in found)
    if len(found) == 1:
        return SpfSelection(None, parse_record(found[0]), texts=texts, answer=answer)
    if found:
        sentence = f"{domain} has {len(found)} SPF records; there may be one only."
        return SpfSelection(SpfResult.PERMERROR, None, sentence, texts, answer)
    missing = "does not exist" if answer.status is AnswerStatus.NXDOMAIN else "has no SPF record"
    sentence = f"{domain} {missing}."
    return SpfSelection(SpfResult.NONE, None, sentence, (), answer, answer.absent)

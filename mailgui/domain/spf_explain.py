"""The explanation that a domain gives for a fail: RFC 7208, section 6.2."""

from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.spf_macro import MacroString, MacroSyntaxError, parse_macro_string
from mailgui.domain.spf_match import Terms
from mailgui.domain.spf_record import Modifier
from mailgui.transcript import visible


async def explain(modifier: Modifier, domain: str, terms: Terms, asker: Asker) -> str | None:
    """Return the explanation that ``exp=`` leads to; None where anything about it is amiss.

    Its questions count neither as look-ups nor as void ones (section 4.6.4).
    """
    target = await terms.expand(modifier.value, domain)
    if target is None or not is_askable(target):
        return None
    text, _ = await read_explanation(target, asker)
    if text is None:
        return None
    return visible(text.expand(await terms.macro_values(text, domain)))


async def read_explanation(target: str, asker: Asker) -> tuple[MacroString | None, str]:
    """Return the explanation at ``target``; or None, and in a sentence why there is none."""
    answer = await asker.ask(target, "TXT")
    if not answer.conclusive:
        return None, f"The TXT records of {target} could not be looked up ({answer.status.value})."
    if len(answer.octets) != 1:
        found = f"{len(answer.octets)} TXT records" if answer.octets else "no TXT record"
        return None, f"{target} has {found}; there must be exactly one."
    if not answer.octets[0].isascii():
        return None, "The explanation holds octets beyond ASCII."
    try:
        return parse_macro_string(answer.octets[0].decode("ascii"), explanation=True), ""
    except MacroSyntaxError as error:
        return None, f"The explanation is wrong: {error}"

"""The explanation that a domain gives for a fail: RFC 7208, section 6.2."""

from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.spf_macro import MacroSyntaxError, parse_macro_string
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
    answer = await asker.ask(target, "TXT")
    if len(answer.octets) != 1 or not answer.octets[0].isascii():
        return None
    try:
        text = parse_macro_string(answer.octets[0].decode("ascii"), explanation=True)
    except MacroSyntaxError:
        return None
    return visible(text.expand(await terms.macro_values(text, domain)))

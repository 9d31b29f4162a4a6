"""Checking a captured message as a receiver would, in lines to read."""

from mailgui.jobs.captured import MessageGone
from mailgui.jobs.services import Services
from mailgui.jobs.verify import verify_message
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox
from mailgui.transcript import visible
from mailgui.ui.tokens import Tone, severity_tone, severity_word
from mailgui.ui.widgets.data_table_model import Cell, Row

_TONES = {
    "pass": Tone.PASS,
    "fail": Tone.BROKEN,
    "permerror": Tone.BROKEN,
    "softfail": Tone.ATTENTION,
    "temperror": Tone.ATTENTION,
    "policy": Tone.ATTENTION,
}


async def check_captured(
    services: Services, mailbox: Mailbox, message: CapturedMessage
) -> list[Row]:
    """Return what a receiver would find, the sandbox's own name server being asked: what was
    checked, the verdict, and why.

    Raises MessageGone, and ValueError with a sentence for what cannot be read.
    """
    octets = mailbox.body(message.id)
    if octets is None:
        raise MessageGone("The message is not there any more.")
    if message.road != "smtp":
        why = "A message to an API is written by its provider: send it by SMTP."
        return [("All", Cell("not checked", Tone.NEUTRAL), why)]
    sandbox = await services.start_sandbox()
    report = await verify_message(
        services,
        octets,
        ip=message.peer.rpartition(":")[0] or None,
        mail_from=message.envelope_from,
        helo=message.greeting or None,
        server=str(sandbox.dns),
    )
    rows = [
        _row("DKIM", each.result, f"{each.reason} {each.hint}") for each in report.signatures
    ] or [_row("DKIM", "none", "The message is not signed.")]
    rows.append(_row("SPF", report.spf.result or "not evaluated", report.spf.reason))
    rows.append(_row("DMARC", report.dmarc.result, report.dmarc.reason))
    for finding in report.findings:
        verdict = Cell(severity_word(finding.severity).lower(), severity_tone(finding.severity))
        rows.append((visible(finding.title), verdict, _line(finding.explanation)))
    return rows


def _row(label: str, result: str, why: str) -> Row:
    return label, Cell(visible(result), _TONES.get(result, Tone.NEUTRAL)), _line(why)


def _line(text: str) -> str:
    return visible(" ".join(text.split()))

"""Checking a captured message as a receiver would, in lines to read."""

from mailgui.jobs.captured import MessageGone
from mailgui.jobs.services import Services
from mailgui.jobs.verify import verify_message
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox
from mailgui.transcript import visible


async def check_captured(
    services: Services, mailbox: Mailbox, message: CapturedMessage
) -> list[tuple[str, str]]:
    """Return what a receiver would find, the sandbox's own name server being asked.

    Raises MessageGone, and ValueError with a sentence for what cannot be read.
    """
    octets = mailbox.body(message.id)
    if octets is None:
        raise MessageGone("The message is not there any more.")
    if message.road != "smtp":
        return [("Not checked", "A message to an API is written by its provider: send it by SMTP.")]
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
        ("DKIM", f"{each.result}: {each.reason} {each.hint}") for each in report.signatures
    ] or [("DKIM", "not signed")]
    rows.append(("SPF", f"{report.spf.result or 'not evaluated'}: {report.spf.reason}"))
    rows.append(("DMARC", f"{report.dmarc.result}: {report.dmarc.reason}"))
    rows += [(finding.title, finding.explanation) for finding in report.findings]
    return [(visible(label), visible(" ".join(text.split()))) for label, text in rows]

"""The parameters of MAIL and RCPT: what the message needs, matched with what the server offers."""

from dataclasses import dataclass

from mailgui.message.outgoing import Outgoing
from mailgui.smtp.arguments import xtext
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.faults import SmtpFault
from mailgui.smtp.plan import Plan
from mailgui.transcript import Stage


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters as they go out, and what a person should know about them."""

    mail: tuple[str, ...] = ()
    dsn_rcpt: tuple[str, ...] = ()
    orcpt: bool = False
    own_rcpt: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def rcpt(self, recipient: str) -> tuple[str, ...]:
        """Return the parameters for one recipient."""
        if not self.orcpt:
            return self.dsn_rcpt + self.own_rcpt
        kind = "rfc822" if recipient.isascii() else "utf-8"
        return (*self.dsn_rcpt, f"ORCPT={kind};{xtext(recipient)}", *self.own_rcpt)


def parameters_for(message: Outgoing, plan: Plan, offers: Capabilities) -> Parameters:
    """Return what to put behind MAIL and RCPT.

    Raises SmtpFault when the server's own words rule the message out: too big (RFC 1870), or
    international addresses that it does not take (RFC 6531).
    """
    usable = {keyword for keyword in plan.use if keyword in offers}
    mail: list[str] = []
    remarks: list[str] = []
    if "SIZE" in usable:
        _check_size(message.size, offers)
        mail.append(f"SIZE={message.size}")
    if message.needs_8bitmime and "8BITMIME" in plan.use:
        if "8BITMIME" in usable:
            mail.append("BODY=8BITMIME")
        else:
            remarks.append(
                "The message holds 8-bit octets and the server does not offer 8BITMIME; it is sent "
                "as it is."
            )
    if message.needs_smtputf8 and "SMTPUTF8" in plan.use:
        if "SMTPUTF8" not in usable:
            raise SmtpFault(
                Stage.MAIL,
                "smtputf8_not_offered",
                "The message has an international address or header, which this server does not "
                "take (no SMTPUTF8 in its EHLO answer); use an ASCII address.",
                usable=True,
            )
        mail.append("SMTPUTF8")
    dsn_rcpt: tuple[str, ...] = ()
    orcpt = False
    if plan.dsn and "DSN" in offers:
        mail += [f"RET={plan.dsn.ret}"] if plan.dsn.ret else []
        mail += [f"ENVID={xtext(plan.dsn.envid)}"] if plan.dsn.envid else []
        dsn_rcpt = (f"NOTIFY={','.join(plan.dsn.notify)}",) if plan.dsn.notify else ()
        orcpt = plan.dsn.orcpt
    elif plan.dsn:
        remarks.append("The server does not offer DSN: no delivery report can be asked for.")
    mail += plan.mail_parameters
    return Parameters(tuple(mail), dsn_rcpt, orcpt, plan.rcpt_parameters, tuple(remarks))


def _check_size(size: int, offers: Capabilities) -> None:
    limit = offers.size_limit
    if limit is not None and size > limit:
        raise SmtpFault(
            Stage.MAIL,
            "size_exceeded",
            f"The message has {size:,} octets; the server takes at most {limit:,} (SIZE in its "
            "EHLO answer).",
            usable=True,
        )

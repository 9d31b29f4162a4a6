"""The parameters of MAIL and RCPT: what the message needs, matched with what the server offers.

What was asked for and is not offered is either a reason not to send, where the message would be
treated otherwise than its sender wants, or a remark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mailgui.message.outgoing import Outgoing
from mailgui.smtp.arguments import xtext
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.faults import SmtpFault
from mailgui.smtp.plan import Plan
from mailgui.smtp.reply import Remark
from mailgui.smtp.wanted import DeliverBy, Wanted
from mailgui.transcript import Stage, visible


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters as they go out, and what a person should know about them."""

    mail: tuple[str, ...] = ()
    dsn_rcpt: tuple[str, ...] = ()
    orcpt: bool = False
    own_rcpt: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def rcpt(self, recipient: str) -> tuple[str, ...]:
        """Return the parameters for one recipient."""
        if not self.orcpt:
            return self.dsn_rcpt + self.own_rcpt
        kind = "rfc822" if recipient.isascii() else "utf-8"
        return (*self.dsn_rcpt, f"ORCPT={kind};{xtext(recipient)}", *self.own_rcpt)


def parameters_for(
    message: Outgoing, plan: Plan, offers: Capabilities, *, tls: bool = False
) -> Parameters:
    """Return what to put behind MAIL and RCPT. ``tls``: inside TLS, the certificate verified.

    Raises SmtpFault when the server's own words rule the message out: too big (RFC 1870),
    international addresses that it does not take (RFC 6531), or something asked for without which
    the message must not go.
    """
    making = _Making(plan, offers, tls=tls)
    making.of_message(message)
    making.of_chunking()
    making.of_dsn()
    for parameter in making.of_wanted(plan.wanted):
        making.mail.append(parameter)
    making.mail += plan.mail_parameters
    return Parameters(
        tuple(making.mail),
        making.dsn_rcpt,
        making.orcpt,
        plan.rcpt_parameters,
        tuple(making.remarks),
    )


class _Making:
    """Parameters in the making."""

    def __init__(self, plan: Plan, offers: Capabilities, *, tls: bool) -> None:
        self.mail: list[str] = []
        self.remarks: list[Remark] = []
        self.dsn_rcpt: tuple[str, ...] = ()
        self.orcpt = False
        self._plan, self._offers, self._tls = plan, offers, tls
        self._anyway = plan.breaks.extensions_not_offered

    def of_message(self, message: Outgoing) -> None:
        """SIZE, BODY and SMTPUTF8, as the message needs them."""
        usable = {keyword for keyword in self._plan.use if keyword in self._offers}
        if "SIZE" in usable:
            _check_size(message.size, self._offers)
            self.mail.append(f"SIZE={message.size}")
        if not self._plan.wanted.binary and message.needs_8bitmime:
            if "8BITMIME" in usable:
                self.mail.append("BODY=8BITMIME")
            else:
                self._undeclared("8BITMIME", "8-bit octets", "eight_bit_undeclared")
        if not message.needs_smtputf8:
            return
        if "SMTPUTF8" in usable:
            self.mail.append("SMTPUTF8")
        elif "SMTPUTF8" in self._plan.use:
            raise _no_smtputf8(message)
        else:
            self._undeclared("SMTPUTF8", "an international address or header", "utf8_undeclared")

    def of_chunking(self) -> None:
        """Remark that BDAT is not to be had, where it was asked for and the message needs none."""
        asked = self._plan.chunking and not self._plan.wanted.binary and not self._anyway
        if asked and "CHUNKING" not in self._offers:
            sentence = "The server does not offer CHUNKING: the message goes by DATA, not by BDAT."
            self.remarks.append(Remark("chunking_left_out", sentence))

    def _undeclared(self, keyword: str, what: str, slug: str) -> None:
        """Remark that the message goes out without a word on what is in it."""
        why = "the server does not offer" if keyword not in self._offers else "it goes without"
        sentence = f"The message holds {what}, and {why} {keyword}; it is sent as it is."
        self.remarks.append(Remark(slug, sentence))

    def of_dsn(self) -> None:
        """RET, ENVID, NOTIFY and ORCPT (RFC 3461)."""
        dsn = self._plan.dsn
        if dsn is None:
            return
        if not self._has("DSN", "no delivery report can be asked for", "dsn_left_out"):
            return
        self.mail += [f"RET={dsn.ret}"] if dsn.ret else []
        self.mail += [f"ENVID={xtext(dsn.envid)}"] if dsn.envid else []
        self.dsn_rcpt = (f"NOTIFY={','.join(dsn.notify)}",) if dsn.notify else ()
        self.orcpt = dsn.orcpt

    def of_wanted(self, wanted: Wanted) -> Iterator[str]:
        """Yield the parameters of what was asked for beyond that."""
        if wanted.binary:
            self._insist_on_binary()
            yield "BODY=BINARYMIME"
        if wanted.require_tls:
            self._insist_on_tls()
            yield "REQUIRETLS"
        if wanted.priority is not None and self._has(
            "MT-PRIORITY", "the message is sent without a priority", "priority_left_out"
        ):
            yield f"MT-PRIORITY={wanted.priority}"
        if wanted.deliver_by is not None and self._may_limit(wanted.deliver_by):
            yield wanted.deliver_by.parameter
        if wanted.hold_for is not None or wanted.hold_until is not None:
            yield self._hold(wanted)

    def _has(self, keyword: str, otherwise: str, slug: str) -> bool:
        """Whether an extension may be used; if not, that is remarked under ``slug``."""
        if keyword in self._offers:
            return True
        if self._anyway:
            self._on_purpose(keyword)
            return True
        self.remarks.append(Remark(slug, f"The server does not offer {keyword}: {otherwise}."))
        return False

    def _on_purpose(self, keyword: str) -> None:
        sentence = on_purpose(f"{keyword} is used although the server lacks it")
        self.remarks.append(Remark("", sentence))

    def _insist(self, keyword: str, slug: str, why: str) -> None:
        if keyword in self._offers:
            return
        if not self._anyway:
            raise _refusal(slug, f"The server does not offer {keyword}, so nothing was sent: {why}")
        self._on_purpose(keyword)

    def _insist_on_tls(self) -> None:
        self._insist(
            "REQUIRETLS",
            "requiretls_not_offered",
            "it does not promise to pass the message on over verified TLS only.",
        )
        if not self._tls and not self._anyway:
            raise _refusal(
                "requiretls_without_tls",
                "REQUIRETLS needs a connection that is itself inside TLS with a verified "
                "certificate (RFC 8689, section 4.2.1), and this one is not, so nothing was sent.",
            )

    def _insist_on_binary(self) -> None:
        why = "a message that is not made of lines cannot travel any other way."
        for keyword in ("BINARYMIME", "CHUNKING"):
            self._insist(keyword, "binarymime_not_offered", why)

    def _may_limit(self, limit: DeliverBy) -> bool:
        if limit.give_back:
            self._insist(
                "DELIVERBY",
                "deliverby_not_offered",
                "it would not give the message back when the time has passed.",
            )
        elif not self._has(
            "DELIVERBY", "the message is sent without a time limit", "time_limit_left_out"
        ):
            return False
        least = _number(self._offers.parameters("DELIVERBY")[:1])
        if limit.give_back and least is not None and limit.seconds < least and not self._anyway:
            raise _refusal(
                "deliverby_too_short",
                f"The server takes no time limit below {least:,} seconds (DELIVERBY in its EHLO "
                f"answer), and {limit.seconds:,} were asked for; nothing was sent.",
            )
        return True

    def _hold(self, wanted: Wanted) -> str:
        self._insist(
            "FUTURERELEASE", "futurerelease_not_offered", "it would deliver the message at once."
        )
        offered = self._offers.parameters("FUTURERELEASE")
        until = wanted.hold_until
        if until is None:
            seconds = float(wanted.hold_for or 0)
            parameter = f"HOLDFOR={wanted.hold_for}"
        else:
            seconds = (until - datetime.now(UTC)).total_seconds()
            parameter = f"HOLDUNTIL={until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        most = _number(offered[:1])
        if most is not None and seconds > most and not self._anyway:
            raise _refusal(
                "futurerelease_too_long",
                f"The server holds a message back for at most {most:,} seconds (FUTURERELEASE in "
                "its EHLO answer); nothing was sent.",
            )
        return parameter


def on_purpose(sentence: str) -> str:
    """Return a remark on a rule that is broken because a person wants to see what happens."""
    return f"On purpose: {sentence}."


def _refusal(slug: str, sentence: str) -> SmtpFault:
    return SmtpFault(Stage.MAIL, slug, sentence, usable=True)


def _no_smtputf8(message: Outgoing) -> SmtpFault:
    """Return the fault of a message that needs SMTPUTF8, by what of it does."""
    envelope = message.envelope
    beyond = [a for a in (envelope.sender, *envelope.recipients) if not a.isascii()]
    if beyond:
        return _refusal(
            "smtputf8_not_offered",
            f"The address {visible(beyond[0])} holds letters beyond ASCII, which this server does "
            "not take (no SMTPUTF8 in its EHLO answer); use an ASCII address.",
        )
    return _refusal(
        "smtputf8_header_not_offered",
        "A header of the message holds letters beyond ASCII as they are, which this server does "
        "not take (no SMTPUTF8 in its EHLO answer); the addresses that it goes to are not the "
        "cause.",
    )


def _number(texts: tuple[str, ...]) -> int | None:
    text = texts[0] if texts else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _check_size(size: int, offers: Capabilities) -> None:
    limit = offers.size_limit
    if limit is not None and size > limit:
        raise _refusal(
            "size_exceeded",
            f"The message has {size:,} octets; the server takes at most {limit:,} (SIZE in its "
            "EHLO answer).",
        )

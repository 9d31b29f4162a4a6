"""What MailGUI makes of what a server offers, for one message and one account, and why.

It foretells what ``parameters``, ``transaction`` and ``authentication`` do; the tests hold them
against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.extensions import extensions
from mailgui.smtp.plan import Plan
from mailgui.smtp.sasl.choice import MECHANISMS, choose
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import EhloAnswer

_NORMAL = Plan()


class Using(StrEnum):
    """Whether a capability is used."""

    YES = "used"
    NO = "not used"
    PREVENTS = "prevents"  # it keeps the message from being sent


@dataclass(frozen=True, slots=True)
class Use:
    """Whether a capability is used, and one sentence without a full stop that says how or why."""

    using: Using
    words: str


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What matters of a message; as in ``Outgoing``."""

    size: int
    needs_smtputf8: bool = False
    needs_8bitmime: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides beside the server's offers.

    Attributes:
        message: None where there is none, or it cannot be composed.
        can_bind: whether channel binding is to be had: inside TLS, mostly.
    """

    settings: SmtpSettings
    plan: Plan = _NORMAL
    message: MessageFacts | None = None
    can_bind: bool = False


def uses(answer: EhloAnswer, circumstances: Circumstances) -> dict[str, Use]:
    """Return for each keyword of ``answer`` what MailGUI does with it."""
    offers = Capabilities(answer)
    return {keyword: _use(keyword, offers, circumstances) for keyword in answer.capabilities}


def _use(keyword: str, offers: Capabilities, c: Circumstances) -> Use:
    judge = _JUDGES.get(keyword)
    if judge is not None:
        return judge(offers, c)
    known = extensions().get(keyword)
    if known is None:
        return Use(Using.NO, "MailGUI does not know it")
    return Use(Using.NO, "MailGUI has no use for it")


def _size(offers: Capabilities, c: Circumstances) -> Use:
    limit, message = offers.size_limit, c.message
    if "SIZE" not in c.plan.use:
        return Use(Using.NO, _OFF)
    if message is None:
        return Use(Using.YES, "Will announce the message's length, so that it is refused early")
    if limit is not None and message.size > limit:
        return Use(
            Using.PREVENTS,
            f"The message has {message.size:,} octets, more than the server takes: it is not sent",
        )
    return Use(Using.YES, f"Will announce {message.size:,} octets (SIZE={message.size})")


def _8bitmime(offers: Capabilities, c: Circumstances) -> Use:
    if "8BITMIME" not in c.plan.use:
        return Use(Using.NO, _OFF)
    if c.message is None:
        return Use(Using.NO, "Only for a message with octets above 127")
    if c.plan.wanted.binary:
        return Use(Using.NO, "BINARYMIME is used in its place")
    if c.message.needs_8bitmime:
        return Use(Using.YES, "The message holds octets above 127 (BODY=8BITMIME)")
    return Use(Using.NO, "Not needed: the message is plain ASCII")


def _smtputf8(offers: Capabilities, c: Circumstances) -> Use:
    if "SMTPUTF8" not in c.plan.use:
        return Use(Using.NO, _OFF)
    if c.message is None:
        return Use(Using.NO, "Only for international addresses and headers")
    if c.message.needs_smtputf8:
        return Use(Using.YES, "The message has an international address or header")
    return Use(Using.NO, "Not needed: addresses and headers are ASCII")


def _pipelining(offers: Capabilities, c: Circumstances) -> Use:
    if not c.plan.pipelining:
        return Use(Using.NO, f"{_OFF}: each command waits for its reply")
    return Use(Using.YES, "MAIL, every RCPT and DATA go out together")


def _chunking(offers: Capabilities, c: Circumstances) -> Use:
    if c.plan.chunking or c.plan.wanted.binary:
        return Use(Using.YES, "The message goes by BDAT in place of DATA")
    return Use(Using.NO, "Turned off: the message goes by DATA")


def _binarymime(offers: Capabilities, c: Circumstances) -> Use:
    if c.plan.wanted.binary:
        return Use(Using.YES, "The message goes as it is (BODY=BINARYMIME)")
    return Use(Using.NO, _NOT_ASKED)


def _dsn(offers: Capabilities, c: Circumstances) -> Use:
    dsn = c.plan.dsn
    if dsn is None:
        return Use(Using.NO, f"{_NOT_ASKED}: the server reports as it likes")
    words = [f"NOTIFY={','.join(dsn.notify)}"] if dsn.notify else []
    words += [f"RET={dsn.ret}"] if dsn.ret else []
    words += ["ENVID"] if dsn.envid else []
    words += ["ORCPT"] if dsn.orcpt else []
    return Use(Using.YES, f"Will ask for it: {' '.join(words) or 'as the server likes'}")


def _requiretls(offers: Capabilities, c: Circumstances) -> Use:
    if c.plan.wanted.require_tls:
        return Use(Using.YES, "Will demand verified TLS for the whole way (REQUIRETLS)")
    return Use(Using.NO, _NOT_ASKED)


def _priority(offers: Capabilities, c: Circumstances) -> Use:
    priority = c.plan.wanted.priority
    if priority is None:
        return Use(Using.NO, _NOT_ASKED)
    return Use(Using.YES, f"Will ask for priority {priority} (MT-PRIORITY={priority})")


def _deliverby(offers: Capabilities, c: Circumstances) -> Use:
    limit = c.plan.wanted.deliver_by
    if limit is None:
        return Use(Using.NO, _NOT_ASKED)
    return Use(Using.YES, f"Will ask for a time limit ({limit.parameter})")


def _futurerelease(offers: Capabilities, c: Circumstances) -> Use:
    wanted = c.plan.wanted
    if wanted.hold_for is None and wanted.hold_until is None:
        return Use(Using.NO, f"{_NOT_ASKED}: the message goes on at once")
    until = f"{wanted.hold_for:,} seconds" if wanted.hold_for else f"until {wanted.hold_until}"
    return Use(Using.YES, f"Will ask to hold the message back ({until})")


def _starttls(offers: Capabilities, c: Circumstances) -> Use:
    mode = c.settings.tls_mode
    if mode is TlsMode.NONE:
        return Use(Using.NO, "Turned off: the profile says no TLS")
    if mode is TlsMode.STARTTLS:
        return Use(Using.YES, "TLS begins before anything else is said; without it nothing is sent")
    if mode is TlsMode.OPPORTUNISTIC:
        return Use(Using.YES, "TLS begins since it is offered")
    return Use(Using.NO, "The connection is inside TLS already")


def _auth(offers: Capabilities, c: Circumstances) -> Use:
    offered, asked = offers.auth_mechanisms, c.settings.auth
    if not c.settings.username and asked not in ("EXTERNAL", "ANONYMOUS"):
        return Use(Using.NO, "The profile has no user name, so nobody signs in")
    if not c.plan.sign_in:
        return Use(Using.NO, f"{_OFF}: nobody signs in")
    if asked:
        if asked.upper() in offered or c.plan.breaks.auth_not_offered:
            return Use(Using.YES, f"{asked.upper()}, as the profile says")
        words = f"The profile says {asked.upper()}, which is not offered: nothing is sent"
        return Use(Using.PREVENTS, words)
    choice = choose(offered, can_bind=c.can_bind)
    if choice is None:
        unknown = "none of them can be chosen by itself" if offered else "no way is named"
        return Use(Using.PREVENTS, f"Cannot sign in: {unknown}")
    first = _strongest(offered)
    of = f", the strongest of {len(offered)}" if len(offered) > 1 else ""
    if first is not None and first != choice.name:
        of = f": {first} needs channel binding, which this connection cannot give"
    return Use(Using.YES, f"{choice.name}{of}; {choice.reason.rpartition(': ')[2].rstrip('.')}")


def _strongest(offered: tuple[str, ...]) -> str | None:
    return next((name for name in MECHANISMS if name in offered), None)


def _enhanced(offers: Capabilities, c: Circumstances) -> Use:
    return Use(Using.YES, "Read from every reply, to say what is wrong")


def _limits(offers: Capabilities, c: Circumstances) -> Use:
    named = " ".join(offers.parameters("LIMITS"))
    return Use(Using.YES, f"Kept to: {named}" if named else "Kept to, though none is named")


def _xclient(offers: Capabilities, c: Circumstances) -> Use:
    if c.plan.xclient:
        return Use(Using.YES, "Will pose as another client, as asked")
    return Use(Using.NO, _NOT_ASKED)


_OFF = "Turned off"
_NOT_ASKED = "Not asked for"
_JUDGES: dict[str, Callable[[Capabilities, Circumstances], Use]] = {
    "SIZE": _size,
    "8BITMIME": _8bitmime,
    "SMTPUTF8": _smtputf8,
    "PIPELINING": _pipelining,
    "CHUNKING": _chunking,
    "BINARYMIME": _binarymime,
    "DSN": _dsn,
    "REQUIRETLS": _requiretls,
    "MT-PRIORITY": _priority,
    "DELIVERBY": _deliverby,
    "FUTURERELEASE": _futurerelease,
    "STARTTLS": _starttls,
    "AUTH": _auth,
    "ENHANCEDSTATUSCODES": _enhanced,
    "LIMITS": _limits,
    "XCLIENT": _xclient,
}

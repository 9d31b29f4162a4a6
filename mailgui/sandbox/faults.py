"""Faults on order: addresses that make the embedded servers answer as troubled ones do.

The part before the ``@`` (or before a ``+`` in it) is what counts: ``refuse@good.example`` and
``refuse+again@good.example`` are refused alike. So a person, a script or a test can provoke every
answer with nothing but a recipient or a sender.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When in an SMTP dialogue a fault shows itself."""

    MAIL = "mail"
    RCPT = "rcpt"
    MESSAGE = "message"  # in place of the reply after the final dot


class ApiFault(StrEnum):
    """What an embedded API answers in place of its success."""

    RECIPIENT = "recipient"  # a validation error that names the recipient
    SENDER = "sender"  # the sender's domain is not verified
    CONTENT = "content"  # a validation error about the message itself
    RATE_LIMIT = "rate_limit"  # too fast, with the vendor's headers
    QUOTA = "quota"
    SERVER = "server"  # a 500 in the vendor's form
    HTML = "html"  # a proxy's error page where JSON was due
    NOT_JSON = "not_json"  # a success status with a body that is no JSON
    CUT_SHORT = "cut_short"  # the connection closes in the middle of the answer
    SILENT = "silent"  # a success status that is none, where the vendor has such a thing


@dataclass(frozen=True, slots=True)
class Fault:
    """What one address provokes.

    Attributes:
        explanation: for the table that a person reads.
        moment: when the SMTP server shows it.
        reply: its reply there, lines separated by line feeds; None leaves it as it would be.
        drop: the connection is closed in place of a reply (after it, where there is one).
        slow: the reply comes late, by ``Sandbox.delay`` seconds.
        api: what the API answers; None for a success.
    """

    explanation: str
    moment: Moment
    reply: str | None = None
    drop: bool = False
    slow: bool = False
    api: ApiFault | None = None


_M = Moment
_A = ApiFault

RECIPIENT_FAULTS: Mapping[str, Fault] = {
    "refuse": Fault(
        "There is no such mailbox.", _M.RCPT,
        "550 5.1.1 Recipient address rejected: there is no such mailbox here", api=_A.RECIPIENT,
    ),
    "relay": Fault(
        "The server is not responsible for the domain.", _M.RCPT,
        "554 5.7.1 Relay access denied", api=_A.RECIPIENT,
    ),
    "busy": Fault(
        "Greylisted: a second try after some minutes would pass. APIs: too many requests.", _M.RCPT,
        "451 4.7.1 Greylisted, please try again in 300 seconds", api=_A.RATE_LIMIT,
    ),
    "full": Fault(
        "The mailbox is full for now.", _M.RCPT, "452 4.2.2 The mailbox is full", api=_A.RECIPIENT,
    ),
    "quota": Fault(
        "The mailbox, or the account, is over its quota.", _M.RCPT,
        "552 5.2.2 The mailbox is over its quota", api=_A.QUOTA,
    ),
    "multiline": Fault(
        "A refusal of several lines.", _M.RCPT,
        "550-5.7.1 This mailbox takes mail from its own domain only.\n"
        "550-5.7.1 See https://good.example/postmaster for the reasons,\n"
        "550 5.7.1 or write to postmaster@good.example.", api=_A.RECIPIENT,
    ),
    "closing": Fault(
        "The server shuts down.", _M.RCPT,
        "421 4.3.2 The service is shutting down, closing the connection", drop=True, api=_A.SERVER,
    ),
    "drop": Fault(
        "The connection is lost at RCPT; of an API's answer, half way.", _M.RCPT,
        drop=True, api=_A.CUT_SHORT,
    ),
    "drop-data": Fault(
        "The connection is lost after the final dot: was the message taken or not?", _M.MESSAGE,
        drop=True, api=_A.CUT_SHORT,
    ),
    "refuse-data": Fault(
        "The message is refused after the final dot.", _M.MESSAGE,
        "554 5.6.0 The message was refused: its content is malformed", api=_A.CONTENT,
    ),
    "spam": Fault(
        "The message is taken for spam.", _M.MESSAGE,
        "550 5.7.1 The message looks like spam and was refused", api=_A.CONTENT,
    ),
    "busy-data": Fault(
        "The message is refused for now, after the final dot.", _M.MESSAGE,
        "451 4.3.0 The message could not be stored, please try again later", api=_A.SERVER,
    ),
    "slow": Fault("The reply to RCPT, and the API's answer, come late.", _M.RCPT, slow=True),
    "slow-data": Fault("The reply after the final dot comes late.", _M.MESSAGE, slow=True),
    "error": Fault(
        "Something inside the server failed.", _M.RCPT,
        "451 4.3.0 Internal error, please try again later", api=_A.SERVER,
    ),
    "html": Fault(
        "An API's answer is a proxy's error page; by SMTP the message passes.", _M.RCPT,
        api=_A.HTML,
    ),
    "garbage": Fault(
        "An API's answer is no JSON; by SMTP the message passes.", _M.RCPT, api=_A.NOT_JSON,
    ),
    "suppressed": Fault(
        "An API says success and sends nothing; by SMTP the message passes.", _M.RCPT,
        api=_A.SILENT,
    ),
}  # fmt: skip
"""By the local part of a recipient."""

SENDER_FAULTS: Mapping[str, Fault] = {
    "spoof": Fault(
        "The message fails authentication (SPF, DKIM, DMARC).", _M.MESSAGE,
        "550 5.7.26 Unauthenticated mail from this domain is not accepted due to its DMARC policy",
        api=_A.SENDER,
    ),
    "blocked": Fault(
        "The sender is blocked.", _M.MAIL, "550 5.7.1 The sender is blocked", api=_A.SENDER,
    ),
    "unknown": Fault(
        "The sender's domain does not exist.", _M.MAIL,
        "450 4.1.8 Sender address rejected: the domain was not found", api=_A.SENDER,
    ),
    "drop": Fault(
        "The connection is lost at MAIL; of an API's answer, half way.", _M.MAIL,
        drop=True, api=_A.CUT_SHORT,
    ),
    "slow": Fault("The reply to MAIL, and the API's answer, come late.", _M.MAIL, slow=True),
}  # fmt: skip
"""By the local part of the envelope's sender."""

DNS_FAULTS: Mapping[str, str] = {
    "servfail": "The server answers SERVFAIL.",
    "silent": "The server does not answer at all.",
    "truncated": "The answer over UDP is truncated, so it has to be asked for again over TCP.",
}
"""By the first label of a name inside a sample zone, such as ``servfail.good.example``."""


def local_part(address: str) -> str:
    """Return what a fault is looked up by."""
    return address.rpartition("@")[0].partition("+")[0].strip('"').lower()


def recipient_fault(address: str) -> Fault | None:
    """Return what a recipient provokes, or None."""
    return RECIPIENT_FAULTS.get(local_part(address))


def sender_fault(address: str) -> Fault | None:
    """Return what a sender provokes, or None."""
    return SENDER_FAULTS.get(local_part(address))


def provoked(sender: str, recipients: Iterable[str]) -> tuple[tuple[str, Fault], ...]:
    """Return every fault that a message provokes, by name, the sender's first."""
    found = [(local_part(sender), sender_fault(sender))]
    found += [(local_part(address), recipient_fault(address)) for address in recipients]
    return tuple((name, fault) for name, fault in found if fault is not None)

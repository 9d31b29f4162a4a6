"""The closed lists of words that every room, export and face uses alike."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a conversation ended. Never "delivered": a server's 250 is an acceptance."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"  # some recipients accepted, some not
    TEMPORARY = "temporary"  # refused for now (4xx, 429, 503)
    REFUSED = "refused"
    UNKNOWN = "unknown"  # the server may have taken the message: never retried by itself
    FAILED = "failed"  # no answer of the server decided it
    CANCELLED = "cancelled"
    COMPLETED = "completed"  # ended where it was asked to end: a stop point, a probe, a DNS check


class Stage(StrEnum):
    """Where in a conversation something happened; also what ``--stop-after`` takes."""

    DNS = "dns"
    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"  # the reply after the final dot
    QUIT = "quit"
    SEND = "send"  # HTTP: the request going out
    WAIT = "wait"  # HTTP: until the first octet of the answer
    RECEIVE = "receive"  # HTTP: the answer coming in


class Direction(StrEnum):
    """Which way an event went; info and error are MailGUI's own remarks."""

    SENT = "sent"
    RECEIVED = "received"
    INFO = "info"
    ERROR = "error"


class Layer(StrEnum):
    """The protocol layer that an event belongs to."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    SMTP = "smtp"
    HTTP = "http"


class Kind(StrEnum):
    """What sort of conversation a transcript records."""

    SMTP = "smtp"
    HTTP = "http"
    DNS = "dns"

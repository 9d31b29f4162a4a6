"""What an SMTP server's capabilities mean, in a few words, and their answers side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailgui.message.attachments import human_size
from mailgui.transcript import EhloAnswer

MOST = 500  # rows: no honest server names more

_MEANINGS = {
    "8BITMIME": "Bodies may hold octets above 127 (RFC 6152)",
    "ATRN": "Mail can be fetched by turning the connection round (RFC 2645)",
    "AUTH": "Ways to sign in (RFC 4954)",
    "BINARYMIME": "Bodies may be binary (RFC 3030)",
    "BURL": "The message may be fetched from an IMAP URL (RFC 4468)",
    "CHECKPOINT": "A broken transfer can be resumed (RFC 1845)",
    "CHUNKING": "The message may go in chunks, with BDAT (RFC 3030)",
    "DELIVERBY": "A time limit for delivery can be asked for (RFC 2852)",
    "DSN": "Delivery notifications can be asked for (RFC 3461)",
    "ENHANCEDSTATUSCODES": "Replies carry codes such as 5.1.1 (RFC 2034)",
    "ETRN": "A queue can be started from afar (RFC 1985)",
    "EXPN": "Mailing lists can be expanded (RFC 5321)",
    "FUTURERELEASE": "The message can be held until a given time (RFC 4865)",
    "HELP": "It answers HELP (RFC 5321)",
    "LIMITS": "Limits on recipients and messages (RFC 9422)",
    "MT-PRIORITY": "A priority can be asked for (RFC 6710)",
    "MTRK": "Messages can be tracked (RFC 3885)",
    "NO-SOLICITING": "Advertising must be labelled (RFC 3865)",
    "PIPELINING": "Commands may be sent in groups (RFC 2920)",
    "PROXY": "The real client's address may be told it",
    "REQUIRETLS": "TLS can be demanded for the whole way (RFC 8689)",
    "SIZE": "The largest message it takes (RFC 1870)",
    "SMTPUTF8": "International addresses (RFC 6531)",
    "STARTTLS": "The connection can be encrypted (RFC 3207)",
    "SUBMITTER": "The responsible sender can be named (RFC 4405)",
    "TURN": "The connection can be turned round; obsolete",
    "UTF8SMTP": "International addresses, an experiment; obsolete",
    "VERB": "It can talk more; obsolete",
    "VRFY": "It answers whether a mailbox exists (RFC 5321)",
    "XCLIENT": "A proxy may tell it who the client is",
    "XEXCH50": "Exchange's own; obsolete",
    "XFORWARD": "A relay may tell it where the message came from",
    "X-EXPS": "Exchange's own ways to sign in",
    "X-ANONYMOUSTLS": "Exchange's TLS between its own servers",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One capability: its keyword, its parameters, when it is offered, and what it means."""

    keyword: str
    parameters: str
    offered: str
    meaning: str


def rows(answers: Sequence[EhloAnswer]) -> list[Row]:
    """Return one row for each keyword that any of the answers names, in their order."""
    keywords = dict.fromkeys(keyword for answer in answers for keyword in answer.capabilities)
    return [_row(keyword, answers) for keyword in list(keywords)[:MOST]]


def _row(keyword: str, answers: Sequence[EhloAnswer]) -> Row:
    naming = [answer for answer in answers if keyword in answer.capabilities]
    said = {_where(answer): _parameters(keyword, answer) for answer in naming}
    texts = set(said.values())
    words = (
        texts.pop() if len(texts) == 1 else "\n".join(f"{k}: {v or '–'}" for k, v in said.items())
    )
    offered = "both" if len(answers) > 1 and len(naming) == len(answers) else " and ".join(said)
    return Row(keyword, words, offered, _MEANINGS.get(keyword, "Not a registered extension"))


def _where(answer: EhloAnswer) -> str:
    return "inside TLS" if answer.tls else "before TLS"


def _parameters(keyword: str, answer: EhloAnswer) -> str:
    parameters = answer.capabilities[keyword]
    if keyword == "SIZE" and parameters and parameters[0].isascii() and parameters[0].isdigit():
        octets = int(parameters[0][:20])
        return f"{octets} ({human_size(octets)})" if octets else "0 (no limit named)"
    return " ".join(parameters)

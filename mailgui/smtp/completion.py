"""What a person may be about to type: commands, parameters that the server takes, mechanisms."""

from collections.abc import Iterable

from mailgui.message.outgoing import Envelope
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.extensions import Extension, extensions
from mailgui.smtp.sasl.choice import MECHANISMS

_ALWAYS = ("EHLO ", "HELO ", "MAIL FROM:<", "RCPT TO:<", "DATA", "RSET", "NOOP", "QUIT")
_SELDOM = ("HELP", "VRFY ", "EXPN ")  # RFC 5321 has them, whatever the answer to EHLO says
_MOST = 40


def completions(
    text: str, offers: Capabilities, *, envelope: Envelope | None = None, name: str = ""
) -> list[str]:
    """Return whole lines that ``text`` may become, the likeliest first.

    ``envelope``: the current draft's addresses; ``name``: what to greet with.
    """
    candidates = _candidates(text, offers, envelope, name)
    wanted = text.upper()
    found = [line for line in candidates if line.upper().startswith(wanted) and line != text]
    return list(dict.fromkeys(found))[:_MOST]


def _candidates(
    text: str, offers: Capabilities, envelope: Envelope | None, name: str
) -> Iterable[str]:
    upper = text.upper()
    if upper.startswith("AUTH "):
        return _mechanisms(offers)
    if upper.startswith("MAIL FROM:") and ">" in text:
        return _with_parameter(text, offers, "mail")
    if upper.startswith("RCPT TO:") and ">" in text:
        return _with_parameter(text, offers, "rcpt")
    if upper.startswith("XCLIENT "):
        return _attributes(text, offers)
    if upper.startswith("BDAT "):
        return [f"{text.rstrip()} LAST"] if text[5:].strip().isdigit() else []
    return _commands(offers, envelope, name)


def _commands(offers: Capabilities, envelope: Envelope | None, name: str) -> list[str]:
    lines: list[str] = [f"{verb} {name}" for verb in ("EHLO", "HELO", "LHLO") if name]
    if envelope is not None:
        lines.append(f"MAIL FROM:<{envelope.sender}>")
        lines += [f"RCPT TO:<{recipient}>" for recipient in envelope.recipients]
    lines += _ALWAYS
    for extension in _offered(offers):
        lines += extension.commands
    return [*lines, *_SELDOM]


def _offered(offers: Capabilities) -> list[Extension]:
    known = extensions()
    answer = offers.answer
    keywords = answer.capabilities if answer is not None else ()
    return [known[keyword] for keyword in keywords if keyword in known]


def _mechanisms(offers: Capabilities) -> list[str]:
    names = [*offers.auth_mechanisms, *MECHANISMS]
    return [f"AUTH {mechanism}" for mechanism in dict.fromkeys(names)]


def _with_parameter(text: str, offers: Capabilities, where: str) -> list[str]:
    """Return the line with each parameter that it does not have yet in place of its last word."""
    head, _, last = text.rpartition(" ")
    if last.endswith(">") or not head:
        head = text.rstrip()
    given = {word.partition("=")[0].upper() for word in head.split()[1:]}
    parameters = [
        parameter for extension in _offered(offers) for parameter in getattr(extension, where)
    ]
    return [f"{head} {each}" for each in parameters if each.partition("=")[0] not in given]


def _attributes(text: str, offers: Capabilities) -> list[str]:
    head = text.rpartition(" ")[0]
    given = {word.partition("=")[0].upper() for word in head.split()[1:]}
    return [f"{head} {n}=" for n in offers.parameters("XCLIENT") if n.upper() not in given]

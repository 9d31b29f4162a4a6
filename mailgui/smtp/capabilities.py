"""What a server says it can do: the EHLO answer read, and questions to it."""

from mailgui.smtp.reply import ServerReply
from mailgui.transcript import EhloAnswer, octets_to_text


def parse_ehlo(reply: ServerReply, *, tls: bool) -> EhloAnswer:
    """Read an answer to EHLO (or HELO, which names no capability).

    Takes leading and doubled blanks, lower-case keywords, keywords named twice, and the old
    ``AUTH=LOGIN`` beside ``AUTH LOGIN``.
    """
    greeting = octets_to_text(reply.texts[0].strip())
    capabilities: dict[str, tuple[str, ...]] = {}
    for text in reply.texts[1:]:
        words = octets_to_text(text.strip()).split()
        if not words:
            continue
        keyword, equals, rest = words[0].partition("=")
        parameters = ([rest] if equals and rest else []) + words[1:]
        keyword = keyword.upper()
        known = capabilities.get(keyword, ())
        capabilities[keyword] = tuple(dict.fromkeys([*known, *parameters]))
    return EhloAnswer(tls, greeting, capabilities)


class Capabilities:
    """Typed questions to an EHLO answer; without one, nothing is offered."""

    def __init__(self, answer: EhloAnswer | None = None) -> None:
        self.answer = answer
        self._offered = answer.capabilities if answer else {}

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._offered

    def parameters(self, keyword: str) -> tuple[str, ...]:
        """Return the parameters of a capability; empty too where it is not offered."""
        return self._offered.get(keyword, ())

    @property
    def size_limit(self) -> int | None:
        """The largest message in octets; None where no limit is named or none can be read.

        RFC 1870, section 4: SIZE without a number, or with 0, names no limit.
        """
        parameters = self.parameters("SIZE")
        if not parameters or not (parameters[0].isascii() and parameters[0].isdigit()):
            return None
        return int(parameters[0][:20]) or None

    @property
    def auth_mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms offered, upper case, in the server's order."""
        return tuple(dict.fromkeys(name.upper() for name in self.parameters("AUTH")))


def difference(before: EhloAnswer, after: EhloAnswer) -> str:
    """Return one sentence on what changed between two answers; empty where nothing did."""
    old, new = before.capabilities, after.capabilities
    gone = [keyword for keyword in old if keyword not in new and keyword != "STARTTLS"]
    come = [keyword for keyword in new if keyword not in old]
    changed = [keyword for keyword in new if keyword in old and old[keyword] != new[keyword]]
    parts = [
        f"{label} {', '.join(keywords)}"
        for label, keywords in (("new:", come), ("no longer:", gone), ("changed:", changed))
        if keywords
    ]
    return f"What the server offers inside TLS differs; {'; '.join(parts)}." if parts else ""

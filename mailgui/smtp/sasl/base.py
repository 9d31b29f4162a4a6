"""What every SASL mechanism is to the session: octets of a challenge in, octets of an answer out.

Base64 and SMTP's lines are the session's business. Whatever a mechanism returns is secret as
a whole, and the session keeps it out of the transcript.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in, and with what.

    Attributes:
        username: the authentication identity.
        secret: the password, or the access token for XOAUTH2 and OAUTHBEARER.
        host, port: the server, which OAUTHBEARER names (RFC 7628, section 3.1).
        binding: channel binding data of the TLS connection, and its type (RFC 5929).
    """

    username: str
    secret: str = field(repr=False)
    host: str = ""
    port: int = 0
    binding: bytes | None = field(default=None, repr=False)
    binding_type: str = "tls-server-end-point"


class SaslFault(Exception):
    """An exchange cannot go on. ``slug`` and ``sentence`` as in SmtpFault; never a secret."""

    def __init__(self, slug: str, sentence: str) -> None:
        super().__init__(sentence)
        self.slug = slug
        self.sentence = sentence


class Mechanism(ABC):
    """One exchange of one mechanism; made anew for each attempt.

    Attributes:
        name: as the server lists it.
        carries_secret: whether it needs a secret at all (EXTERNAL and ANONYMOUS do not).
        client_first: whether it begins with the client's word (an initial response).
        busy: whether an answer takes long to compute, and belongs in a thread.
        secrets: what it derived from the secret so far and must never be shown.
        diagnosis: what the server said about a failure, in the mechanism's own way.
    """

    name: ClassVar[str]
    carries_secret: ClassVar[bool] = True
    client_first: ClassVar[bool] = True
    busy: ClassVar[bool] = False

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.secrets: list[bytes] = []
        self.diagnosis = ""

    def initial(self) -> bytes:
        """Return the first word of a mechanism that is ``client_first``."""
        raise NotImplementedError

    @abstractmethod
    def respond(self, challenge: bytes) -> bytes:
        """Return the answer to a challenge. Raises SaslFault."""

    def objection(self) -> SaslFault | None:
        """Return why a yes of the server must not be believed; None where nothing is amiss."""
        return None


def without_nul(value: str, what: str) -> bytes:
    """Return ``value`` as UTF-8; RFC 4616 forbids NUL in it, which ends a field."""
    if "\0" in value:
        raise SaslFault(
            "unsafe_argument", f"The {what} contains a NUL character; nothing was sent."
        )
    return value.encode("utf-8", "surrogateescape")

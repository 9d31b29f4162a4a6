"""What came of one question to the DNS, with everything that a person may want to see of it."""

from dataclasses import dataclass, field
from enum import StrEnum


class AnswerStatus(StrEnum):
    """How a question ended. Only the first three say anything about the name."""

    FOUND = "found"
    NODATA = "nodata"  # the name exists, without records of this type
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    FAILED = "failed"  # no server reachable, malformed answer, CNAME loop, another rcode


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question. Names are without their final dot.

    Attributes:
        records: in presentation form; a TXT record's strings are joined, octets that are not
            UTF-8 appear as ``\\xNN``.
        strings: for TXT records, the strings of each as they were sent.
        ttl: seconds that the answer may be kept; None when unknown.
        server: the server that answered, or the last one asked.
        duration: seconds from the question to the answer; 0.0 out of the cache.
        ad: whether the resolver says that it validated the answer (DNSSEC).
        cname: the names that the question was led on to, in order.
        ede: extended DNS errors (RFC 8914), as "6 DNSSEC Bogus: text".
        reason: one sentence where the status alone does not tell enough.
        aa: whether the server says that the zone is its own.
        message: the whole message with its signatures, where those were asked for.
    """

    name: str
    rdtype: str
    status: AnswerStatus
    records: tuple[str, ...] = ()
    strings: tuple[tuple[bytes, ...], ...] = ()
    ttl: int | None = None
    server: str = ""
    duration: float = 0.0
    ad: bool = False
    cname: tuple[str, ...] = ()
    ede: tuple[str, ...] = ()
    cached: bool = False
    reason: str = ""
    aa: bool = False
    message: bytes | None = field(default=None, repr=False)

    @property
    def conclusive(self) -> bool:
        """Whether the DNS answered: found, no data, or no such name."""
        return self.status in (AnswerStatus.FOUND, AnswerStatus.NODATA, AnswerStatus.NXDOMAIN)

    @property
    def absent(self) -> bool:
        """Whether the DNS answered that there is no such record."""
        return self.status in (AnswerStatus.NODATA, AnswerStatus.NXDOMAIN)

    @property
    def octets(self) -> tuple[bytes, ...]:
        """The TXT records as octets, the strings of each joined."""
        return tuple(b"".join(strings) for strings in self.strings)

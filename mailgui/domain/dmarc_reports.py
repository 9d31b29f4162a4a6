"""Where DMARC reports go, and whether the receiving domain agreed to it: RFC 9990, section 4."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from mailgui.domain.dmarc_record import DmarcRecord, ReportAddress, is_dmarc
from mailgui.domain.names import is_askable, is_within, organizational_by_suffix_list, to_ascii
from mailgui.domain.publish import txt_record
from mailgui.domain.questions import Asker
from mailgui.net.dns_answer import Answer


@dataclass(frozen=True, slots=True)
class Destination:
    """One place that reports go to.

    Attributes:
        tag: ``rua`` or ``ruf``.
        external: whether it lies outside the domain's own organization.
        authorised: whether it takes reports for the domain; None where that could not be found out.
        name: where it has to say so.
    """

    tag: str
    address: ReportAddress
    external: bool
    authorised: bool | None = True
    name: str = ""

    @property
    def record(self) -> str:
        """The record that the receiving domain must publish."""
        return txt_record(self.name, "v=DMARC1;")

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``dmarc`` section holds it."""
        return {
            "tag": self.tag,
            "uri": self.address.uri,
            "external": self.external,
            "authorised": self.authorised,
            "name": self.name or None,
        }


async def check_destinations(
    record_domain: str, organizational: str, record: DmarcRecord, asker: Asker
) -> tuple[Destination, ...]:
    """Return where the reports of ``record`` go, each external place asked whether it takes
    them.
    """
    pairs = [("rua", a) for a in record.rua] + [("ruf", a) for a in record.ruf]
    return tuple(
        await asyncio.gather(
            *(_check(tag, a, record_domain, organizational, asker) for tag, a in pairs if a.mailbox)
        )
    )


async def _check(
    tag: str, address: ReportAddress, record_domain: str, organizational: str, asker: Asker
) -> Destination:
    try:
        host = to_ascii(address.host)
    except ValueError:
        return Destination(tag, address, external=True, authorised=False)
    if not _is_external(host, (record_domain, organizational)):
        return Destination(tag, address, external=False)
    name = f"{record_domain}._report._dmarc.{host}"
    if not is_askable(name):
        return Destination(tag, address, external=True, authorised=False)
    answer = await asker.ask(name, "TXT")
    return Destination(tag, address, True, _authorised(answer), name)


def _is_external(host: str, own: Iterable[str]) -> bool:
    theirs = organizational_by_suffix_list(host)
    return not any(
        is_within(host, name) or organizational_by_suffix_list(name) == theirs for name in own
    )


def _authorised(answer: Answer) -> bool | None:
    if not answer.conclusive:
        return None
    return any(is_dmarc(text) for text in answer.records)

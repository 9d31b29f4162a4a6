"""The sample zones and the answers that follow from them (RFC 1034, section 4.3.2). No I/O.

The server is authoritative for these zones and refuses every other name: it never asks the world.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui import resources

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.node import Node
    from dns.rdataset import Rdataset
    from dns.rdatatype import RdataType
    from dns.rrset import RRset
    from dns.zone import Zone

ZONE_SUFFIX = ".zone"
_MAX_ALIASES = 8
_UDP_SIZE = 1232  # octets, as the DNS flag day of 2020 settled


class ZoneProblem(ValueError):
    """A zone file cannot be read; the text is a sentence."""


def load_zones(folder: Path | None = None) -> "dict[Name, Zone]":
    """Return the zones in ``folder`` (default: the samples) by origin. Raises ZoneProblem."""
    import dns.exception
    import dns.name
    import dns.zone

    zones = {}
    for path in sorted((folder or resources.path("samples", "zones")).glob(f"*{ZONE_SUFFIX}")):
        origin = dns.name.from_text(path.name.removesuffix(ZONE_SUFFIX))
        try:
            zones[origin] = dns.zone.from_text(
                path.read_text("utf-8"), origin=origin, relativize=False
            )
        except (OSError, UnicodeDecodeError, dns.exception.DNSException) as fault:
            raise ZoneProblem(f"The zone file {path} cannot be read: {fault}.") from fault
    return zones


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """The answer's octets; ``silent``: no answer is to be sent."""

    octets: bytes = b""
    silent: bool = False


class ZoneAnswerer:
    """Answers queries from zones. Pure: octets in, octets out."""

    def __init__(self, zones: "dict[Name, Zone]") -> None:
        self._zones = zones

    def answer(self, query_octets: bytes, *, udp: bool) -> DnsAnswer:
        """Return the answer to a query as it came over UDP or TCP."""
        import dns.exception
        import dns.flags
        import dns.message
        import dns.opcode
        import dns.rcode

        try:
            query = dns.message.from_wire(query_octets)
        except dns.exception.DNSException:
            return _malformed(query_octets)
        if query.flags & dns.flags.QR:
            return DnsAnswer(silent=True)  # an answer is not to be answered: no ping-pong
        response = dns.message.make_response(query, our_payload=_UDP_SIZE)
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        else:
            fault = self._fill(response, query)
            if fault == "silent":
                return DnsAnswer(silent=True)
            if fault == "truncated" and udp:
                return DnsAnswer(_truncated(response))
        return DnsAnswer(_to_wire(response, query, udp=udp))

    def _fill(self, response: "Message", query: "Message") -> str:
        """Put the answer into ``response``; return the fault that the name asks for, or ""."""
        import dns.flags
        import dns.rcode
        import dns.rdataclass

        question = query.question[0]
        zone = self._zone_of(question.name)
        if zone is None or question.rdclass != dns.rdataclass.IN:
            response.set_rcode(dns.rcode.REFUSED)
            return ""
        label = question.name.labels[0].decode("ascii", "replace").lower()
        if label == "servfail":
            response.set_rcode(dns.rcode.SERVFAIL)
            return ""
        response.flags |= dns.flags.AA
        self._look_up(response, zone, question.name, question.rdtype)
        return label

    def _look_up(self, response: "Message", zone: "Zone", name: "Name", kind: "RdataType") -> None:
        """Follow aliases inside the zones until there are records, or there are none."""
        import dns.rcode
        import dns.rdatatype

        for _ in range(_MAX_ALIASES):
            node = zone.get_node(name)
            if node is None and not _exists_below(zone, name):
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            found = _records(node, name, kind, response)
            if found:
                return
            alias = node.get_rdataset(zone.rdclass, dns.rdatatype.CNAME) if node else None
            if alias is None:
                break
            _add(response.answer, name, alias)
            name = alias[0].target
            following = self._zone_of(name)
            if following is None:
                return  # outside: the one who asked goes on from there
            zone = following
        if zone.origin is not None:
            soa = zone.find_rdataset(zone.origin, dns.rdatatype.SOA)
            _add(response.authority, zone.origin, soa)

    def _zone_of(self, name: "Name") -> "Zone | None":
        best = [origin for origin in self._zones if name.is_subdomain(origin)]
        return self._zones[max(best, key=len)] if best else None


def _records(node: "Node | None", name: "Name", kind: "RdataType", response: "Message") -> bool:
    """Add the records of one name and type (or of every type); return whether there were any."""
    import dns.rdatatype

    found = False
    for rdataset in node.rdatasets if node is not None else ():
        if kind in (rdataset.rdtype, dns.rdatatype.ANY):
            _add(response.answer, name, rdataset)
            found = True
    return found


def _exists_below(zone: "Zone", name: "Name") -> bool:
    """Whether a name has no records but names below it: it exists all the same (RFC 8020)."""
    return any(other.is_subdomain(name) for other in zone.nodes)


def _add(section: "list[RRset]", name: "Name", rdataset: "Rdataset") -> None:
    import dns.rrset

    if rdataset:
        section.append(dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset)))


def _to_wire(response: "Message", query: "Message", *, udp: bool) -> bytes:
    import dns.exception

    most = max(512, min(query.payload or 512, _UDP_SIZE)) if udp else 65_535
    try:
        return response.to_wire(max_size=most)
    except dns.exception.TooBig:
        return _truncated(response)


def _truncated(response: "Message") -> bytes:
    """Return the answer without its records and with the flag that says so."""
    import dns.flags

    for section in (response.answer, response.authority, response.additional):
        section.clear()
    response.flags |= dns.flags.TC
    return response.to_wire()


def _malformed(query_octets: bytes) -> DnsAnswer:
    """Return FORMERR to whoever sent something with a header at least; nothing to others."""
    if len(query_octets) < 12 or query_octets[2] & 0x80:
        return DnsAnswer(silent=True)
    flags = bytes([0x80 | (query_octets[2] & 0x79), 1])  # QR, the query's opcode and RD; FORMERR
    return DnsAnswer(query_octets[:2] + flags + bytes(8))

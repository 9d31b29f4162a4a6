"""The MX matrix: every mail exchanger of a domain, every address of it, and who offers what."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailgui.net.hosts import ascii_host
from mailgui.smtp.cancellation import Cancelled, guard
from mailgui.smtp.direct import Policies
from mailgui.smtp.probe_mx import TIMEOUT, MxProbe, port_seems_blocked, probe_mx
from mailgui.smtp.protection import Protection, protection_of
from mailgui.smtp.routing import MailExchanger, NoRoute, Route, find_route

if TYPE_CHECKING:
    from mailgui.net.dane import DaneMatch
    from mailgui.net.mta_sts import PolicyFetch
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.settings import SmtpSettings

_MOST_HOSTS = 20
_MOST_ADDRESSES = 8  # of one host
_AT_ONCE = 16
_ALL = Policies()


@dataclass(frozen=True, slots=True)
class MatrixPlace:
    """One row's place: a host with one of its addresses, which is empty where it has none."""

    exchanger: MailExchanger
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """What came of one place.

    Attributes:
        probe: None where there is no address to knock at; ``problem`` then says why.
        protection: what DANE and MTA-STS demand of the host.
        match: whether the certificate fits the TLSA records; None without records or certificate.
    """

    place: MatrixPlace
    protection: Protection
    probe: MxProbe | None = None
    match: "DaneMatch | None" = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MatrixPlan:
    """All places, known before the knocking begins."""

    domain: str
    places: tuple[MatrixPlace, ...]
    policy: "PolicyFetch | None"


@dataclass(frozen=True, slots=True)
class MxMatrix:
    """The whole.

    Attributes:
        rows: by preference, host and address.
        problem: why there is no row at all, in a sentence; empty otherwise.
        sentence: what it comes to.
        blocked: whether the network on this side seems to let nobody out to port 25.
        left_out: hosts and addresses beyond what is looked at.
    """

    domain: str
    rows: tuple[MatrixRow, ...] = ()
    policy: "PolicyFetch | None" = None
    problem: str = ""
    sentence: str = ""
    blocked: bool = False
    implicit: bool = False
    left_out: int = 0
    cancelled: bool = field(default=False, kw_only=True)


Tell = Callable[[MatrixPlan | MatrixRow], None]


async def mx_matrix(
    domain: str,
    *,
    resolver: "Resolver",
    port: int = 25,
    policies: Policies = _ALL,
    timeout: float = TIMEOUT,
    helo: str | None = None,
    ca_file: str | None = None,
    base: "SmtpSettings | None" = None,
    tell: Tell | None = None,
    cancel: asyncio.Event | None = None,
) -> MxMatrix:
    """Knock at every address of every mail exchanger of ``domain``, several at once; no mail is
    sent.

    ``tell`` is given the plan once the addresses are known, then each row as it is ready; it must
    not block. What ``cancel`` cuts short is left out. ``ca_file`` is trusted beside the system's
    store, by the knocking and for the policy. Raises ValueError with a sentence for a name that is
    none.
    """
    domain = ascii_host(domain.strip().rpartition("@")[2]).lower()
    run = _Run(domain, resolver, port, policies, timeout, helo, ca_file, base, tell, cancel)
    try:
        return await run.run()
    except NoRoute as problem:
        return MxMatrix(domain, problem=problem.sentence, sentence=problem.sentence)
    except Cancelled:
        sentence = "Cancelled before the addresses were known."
        return MxMatrix(domain, problem=sentence, sentence=sentence, cancelled=True)


class _Run:
    def __init__(
        self,
        domain: str,
        resolver: "Resolver",
        port: int,
        policies: Policies,
        timeout: float,
        helo: str | None,
        ca_file: str | None,
        base: "SmtpSettings | None",
        tell: Tell | None,
        cancel: asyncio.Event | None,
    ) -> None:
        self._domain = domain
        self._resolver = resolver
        self._port = port
        self._policies = policies
        self._timeout = timeout
        self._helo = helo
        self._ca_file = ca_file
        self._base = base
        self._tell = tell
        self._cancel = cancel
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> MxMatrix:
        """Return the matrix. Raises NoRoute and Cancelled."""
        async with guard(self._cancel):
            route = await find_route(self._domain, self._resolver)
            hosts = route.exchangers[:_MOST_HOSTS]
            policy, addresses = await asyncio.gather(
                self._policy(), asyncio.gather(*(self._addresses(mx.host) for mx in hosts))
            )
            demands = await asyncio.gather(*(self._demand(mx, route, policy) for mx in hosts))
        places, protections, left_out = [], [], len(route.exchangers) - len(hosts)
        for exchanger, found, protection in zip(hosts, addresses, demands, strict=True):
            left_out += max(len(found) - _MOST_ADDRESSES, 0)
            for address in found[:_MOST_ADDRESSES] or ("",):
                places.append(MatrixPlace(exchanger, address, self._port))
                protections.append(protection)
        if self._tell:
            self._tell(MatrixPlan(self._domain, tuple(places), policy))
        ready = await asyncio.gather(*map(self._row, places, protections))
        rows = tuple(row for row in ready if row is not None)
        probes = [row.probe for row in rows if row.probe is not None]
        blocked = port_seems_blocked(probes)
        return MxMatrix(
            self._domain,
            rows,
            policy,
            sentence=_sentence(rows, blocked=blocked),
            blocked=blocked,
            implicit=route.implicit,
            left_out=left_out,
            cancelled=self._cancelled,
        )

    @property
    def _cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_set()

    async def _policy(self) -> "PolicyFetch | None":
        from mailgui.net.mta_sts import discover_policy

        if not self._policies.mta_sts:
            return None
        return await discover_policy(
            self._domain,
            resolver=self._resolver,
            timeout=self._timeout,
            ca_file=self._policies.policy_ca or self._ca_file,
            address=self._policies.policy_address,
        )

    async def _addresses(self, host: str) -> tuple[str, ...]:
        answers = await asyncio.gather(
            *(self._resolver.ask(host, rdtype) for rdtype in ("AAAA", "A"))
        )
        return tuple(record for answer in answers for record in answer.records)

    async def _demand(
        self, exchanger: MailExchanger, route: Route, policy: "PolicyFetch | None"
    ) -> Protection:
        return await protection_of(
            exchanger,
            route,
            policy.policy if policy else None,
            self._resolver,
            port=self._port,
            dane=self._policies.dane,
            trust_ad=self._policies.trust_ad,
        )

    async def _row(self, place: MatrixPlace, protection: Protection) -> MatrixRow | None:
        """Return one row; None where it was cancelled before its turn."""
        if not place.address:
            problem = f"The name {place.exchanger.host} has no address."
            row = MatrixRow(place, protection, problem=problem)
        else:
            async with self._gate:
                if self._cancelled:
                    return None
                probe = await probe_mx(
                    place.exchanger.host,
                    place.address,
                    place.port,
                    preference=place.exchanger.preference,
                    timeout=self._timeout,
                    helo=self._helo,
                    ca_file=self._ca_file,
                    base=self._base,
                    cancel=self._cancel,
                )
            row = MatrixRow(place, protection, probe, _match(protection, probe), probe.problem)
        if self._tell:
            self._tell(row)
        return row


def _match(protection: Protection, probe: MxProbe) -> "DaneMatch | None":
    tlsa, tls = protection.tlsa, probe.tls
    if tlsa is None or not tlsa.records or tls is None or not tls.chain:
        return None
    from mailgui.net.dane import match_chain

    return match_chain(tlsa.records, [each.der for each in tls.chain], protection.names)


def _sentence(rows: Sequence[MatrixRow], *, blocked: bool) -> str:
    if blocked:
        return (
            "No address answered on port 25, not even with a refusal: most likely the network on "
            "this side lets nobody out to that port."
        )
    probes = [row.probe for row in rows if row.probe is not None]
    answered = [probe for probe in probes if probe.answered]
    encrypted = [probe for probe in answered if probe.encrypted]
    valid = [probe for probe in encrypted if probe.certificate == "valid"]
    if not answered:
        if len(rows) == 1:
            return rows[0].problem or "It did not answer."
        return f"None of the {len(rows)} addresses answered." if rows else "There is no address."
    parts = [f"{_of(len(answered), len(rows))} addresses answer"]
    if len(rows) == 1:
        parts = ["The one address answers"]
    parts.append(f"{_share(encrypted, answered)} in TLS".strip())
    if encrypted:
        parts.append(f"{_share(valid, encrypted)} with a valid certificate".strip())
    return f"{', '.join(parts)}."


def _of(some: int, every: int) -> str:
    return f"All {every}" if some == every else f"{some} of {every}"


def _share(some: Sequence[MxProbe], every: Sequence[MxProbe]) -> str:
    if len(every) == 1:
        return "" if some else "not"
    if not some:
        return "none"
    return "all" if len(some) == len(every) else f"{len(some)} of {len(every)}"

"""Delivering straight to a domain's mail exchangers, as one server does to another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mailgui.net.addresses import GivenAnswer
from mailgui.smtp.cancellation import Cancelled, guard
from mailgui.smtp.limits import Portion
from mailgui.smtp.outcome import cancelled_ending
from mailgui.smtp.protection import Protection, protection_of
from mailgui.smtp.reach import prepare_tls
from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Layer, Outcome, RecipientResult, Recorder, Stage, Transcript

if TYPE_CHECKING:
    from mailgui.message.outgoing import Outgoing
    from mailgui.net.mta_sts import MtaStsPolicy, PolicyFetch
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.routing import MailExchanger, Route

_MOST_EXCHANGERS = 10  # a name server may list thousands, each good for a time-out
_MOST_TRIES = 20  # connections for one domain
_BEFORE_MAIL = (Stage.DNS, Stage.CONNECT, Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.TLS)
_PASSING = ("timed_out", "lost", "reset")
_TLS_STAGES = (Stage.STARTTLS, Stage.TLS)


@dataclass(frozen=True, slots=True)
class Policies:
    """What to apply of what a domain publishes.

    Attributes:
        mta_sts, dane: whether to apply each.
        trust_ad: whether to believe the resolver about DNSSEC; None: only one on this machine, or
            over TLS or HTTPS.
        policy_ca: a PEM file trusted beside the system's store for the policy's web server.
        policy_address: where that is, in place of what the DNS says.
    """

    mta_sts: bool = True
    dane: bool = True
    trust_ad: bool | None = None
    policy_ca: str | None = None
    policy_address: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt at a host, or why there was none (``skipped``). ``address`` is empty where no
    connection came about.
    """

    host: str
    preference: int
    address: str
    outcome: Outcome
    stage: Stage | None
    sentence: str
    skipped: bool = False
    fault: str | None = None


@dataclass(slots=True)
class DomainDelivery:
    """What came of one domain.

    Attributes:
        transcript: the deciding dialogue's; its events are all that were recorded so far.
        protections: what was demanded of each host that was looked at.
        testing: the sentences on what “enforce” would have refused.
    """

    domain: str
    recipients: tuple[str, ...]
    transcript: Transcript
    tried: list[Tried] = field(default_factory=list)
    policy: PolicyFetch | None = None
    protections: list[Protection] = field(default_factory=list)
    testing: list[str] = field(default_factory=list)


class DomainRun:
    """Tries the hosts of one route until one of them decides."""

    def __init__(
        self,
        settings: SmtpSettings,
        route: Route,
        message: Outgoing,
        recipients: tuple[str, ...],
        *,
        plan: Plan,
        policies: Policies,
        resolver: Resolver,
        recorder: Recorder,
        cancel: asyncio.Event | None = None,
    ) -> None:
        self._settings = settings
        self._route = route
        envelope = replace(message.envelope, recipients=recipients)
        self._message = Portion(message, envelope)
        self._plan = plan
        self._policies = policies
        self._resolver = resolver
        self._recorder = recorder
        self._cancel = cancel
        self._result = DomainDelivery(
            route.domain, recipients, recorder.finish(Outcome.FAILED, stage=Stage.DNS)
        )

    async def run(self) -> DomainDelivery:
        """Return what came of it; never raises for what network and servers do."""
        try:
            await self._run()
        except Cancelled:
            ending = cancelled_ending(Stage.DNS)
            self._recorder.error(ending.sentence, layer=Layer.SMTP, stage=Stage.DNS)
            self._result.transcript = self._finish(ending.outcome, Stage.DNS, ending.sentence)
        return self._result

    async def _run(self) -> None:
        result = self._result
        if self._policies.mta_sts:
            async with guard(self._cancel):
                result.policy = await self._policy()
        policy = result.policy.policy if result.policy else None
        for exchanger in self._route.to_try()[:_MOST_EXCHANGERS]:
            async with guard(self._cancel):
                protection = await self._protection(exchanger, policy)
            result.protections.append(protection)
            for remark in protection.remarks:
                self._recorder.info(remark.sentence, layer=Layer.SMTP, stage=Stage.DNS)
            if await self._host(exchanger, protection) or self._over:
                break

    async def _protection(
        self, exchanger: MailExchanger, policy: MtaStsPolicy | None
    ) -> Protection:
        with self._recorder.phase("policy") as phase:
            phase.note = "DANE" if self._policies.dane else ""
            return await protection_of(
                exchanger,
                self._route,
                policy,
                self._resolver,
                port=self._settings.port,
                dane=self._policies.dane,
                trust_ad=self._policies.trust_ad,
                recorder=self._recorder,
            )

    @property
    def _over(self) -> bool:
        cancelled = self._cancel is not None and self._cancel.is_set()
        return cancelled or len(self._result.tried) >= _MOST_TRIES

    async def _policy(self) -> PolicyFetch | None:
        from mailgui.net.mta_sts import discover_policy
        from mailgui.net.mta_sts_cache import cache_of

        with self._recorder.phase("policy") as phase:
            found = await discover_policy(
                self._route.domain,
                resolver=self._resolver,
                recorder=self._recorder,
                ca_file=self._policies.policy_ca,
                address=self._policies.policy_address,
                timeout=self._settings.timeout,
                cache=cache_of(self._resolver),
            )
            phase.note = "MTA-STS"
        if found is None:
            sentence = f"MTA-STS: {self._route.domain} has no policy."
        elif found.policy is None:
            sentence = f"MTA-STS: {found.problem} Going on as if there were no policy."
        else:
            names = ", ".join(found.policy.mx)
            sentence = f"MTA-STS: the policy of {self._route.domain} is “{found.policy.mode}”"
            sentence += f" for {names}." if names else "."
        self._recorder.info(sentence, layer=Layer.SMTP, stage=Stage.DNS)
        return found

    async def _host(self, exchanger: MailExchanger, protection: Protection) -> bool:
        """Try one host; return whether that decided."""
        if protection.demand == "forbidden":
            sentence = protection.remarks[-1].sentence
            self._skip(exchanger, sentence, protection)
            return False
        addresses = Addresses(self._resolver, self._settings)
        while True:
            transcript = await self._attempt(exchanger, protection, addresses)
            if protection.demand == "mta_sts_testing" and _is_tls_failure(transcript):
                sentence = (
                    f"MTA-STS testing: under “enforce” {exchanger.host} would be passed over: "
                    f"{transcript.summary}"
                )
                self._result.testing.append(sentence)
                self._recorder.info(sentence, layer=Layer.SMTP, stage=Stage.TLS)
                protection = replace(protection, demand="nothing")
                addresses.again()
                continue
            if self._decided(transcript):
                return True
            if self._over or not addresses.left:
                return False

    def _decided(self, transcript: Transcript) -> bool:
        return not next_may_help(transcript)

    async def _attempt(
        self, exchanger: MailExchanger, protection: Protection, addresses: Addresses
    ) -> Transcript:
        settings = await self._begin(exchanger, protection)
        recorder = self._recorder
        async with Session(
            settings,
            plan=self._plan,
            password=None,
            resolver=addresses,
            check=protection.check(),
        ) as session:
            transcript = await session.send(
                self._message, recorder=recorder, cancel=self._cancel, last=True
            )
            address = session.remote
        addresses.tried(address)
        self._note(exchanger, address, transcript)
        return transcript

    async def _begin(self, exchanger: MailExchanger, protection: Protection) -> SmtpSettings:
        """Say which host comes next; return the settings for it."""
        settings = replace(self._settings, host=exchanger.host, username="", auth=None)
        settings = protection.settings(settings)
        await prepare_tls(settings)
        recorder = self._recorder
        recorder.peer, recorder.tls = "", False
        recorder.info(
            f"Trying {exchanger.host}, preference {exchanger.preference}",
            layer=Layer.SMTP,
            stage=Stage.CONNECT,
        )
        return settings

    def _note(self, exchanger: MailExchanger, address: str, transcript: Transcript) -> None:
        """Put down what came of an attempt at a host."""
        self._result.transcript = transcript
        self._result.tried.append(
            Tried(
                exchanger.host,
                exchanger.preference,
                address,
                transcript.outcome,
                transcript.stage,
                transcript.summary,
                fault=transcript.fault,
            )
        )

    def _skip(self, exchanger: MailExchanger, sentence: str, protection: Protection) -> None:
        self._result.tried.append(
            Tried(
                exchanger.host, exchanger.preference, "", Outcome.FAILED, Stage.TLS, sentence, True
            )
        )
        if all(each.skipped for each in self._result.tried):
            fault = protection.remarks[-1].slug.replace(".", "_")
            self._result.transcript = self._finish(Outcome.FAILED, Stage.TLS, sentence, fault)

    def _finish(
        self, outcome: Outcome, stage: Stage, sentence: str, fault: str | None = None
    ) -> Transcript:
        """Return a transcript in which no server had a word."""
        recipients = self._result.recipients
        return self._recorder.finish(
            outcome,
            stage=stage,
            summary=sentence,
            fault=fault,
            recipients=tuple(RecipientResult(address, outcome) for address in recipients),
            message_id=self._message.message_id,
        )


def next_may_help(transcript: Transcript) -> bool:
    """Return whether another host or address may be tried (RFC 5321, section 5.1).

    Yes where this one could not be reached or secured, was lost before anything was decided, or
    said that it serves nobody just now (4xx before MAIL, 421 anywhere, a 5xx greeting). No after a
    word about the message or a recipient, and never where the server may have the message.
    """
    early = transcript.stage in _BEFORE_MAIL
    match transcript.outcome:
        case Outcome.FAILED:
            return early or transcript.fault in _PASSING
        case Outcome.TEMPORARY:
            return early or (transcript.reply is not None and transcript.reply.code == 421)
        case Outcome.REFUSED:
            return transcript.stage is Stage.BANNER
    return False


def _is_tls_failure(transcript: Transcript) -> bool:
    return transcript.stage in _TLS_STAGES and transcript.outcome in (
        Outcome.FAILED,
        Outcome.TEMPORARY,
        Outcome.REFUSED,
    )


class Addresses:
    """A resolver that leaves out the addresses of a host that have been tried."""

    def __init__(self, resolver: Resolver, settings: SmtpSettings) -> None:
        self._resolver = resolver
        self._proxied = settings.proxy is not None
        self._seen: dict[str, None] = {}
        self._tried: set[str] = set()
        self._last = ""

    async def ask(self, name: str, rdtype: str, *, recorder: Recorder | None = None) -> GivenAnswer:
        """Return the addresses that are left."""
        answer = await self._resolver.ask(name, rdtype, recorder=recorder)
        left = tuple(record for record in answer.records if record not in self._tried)
        self._seen.update(dict.fromkeys(answer.records))
        status = answer.status.value if left or not answer.records else "nodata"
        return GivenAnswer(status, left)

    def tried(self, address: str) -> None:
        """Leave ``address`` out from now on; an empty one means that none took the connection."""
        self._last = address
        self._tried |= {address} if address else set(self._seen)

    def again(self) -> None:
        """Take back the last one."""
        self._tried.discard(self._last)

    @property
    def left(self) -> bool:
        """Whether there is one that was not tried."""
        return not self._proxied and any(address not in self._tried for address in self._seen)


def by_domain(recipients: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the recipients of each domain, in the order of their first; those without one are
    under the empty name.
    """
    groups: dict[str, list[str]] = {}
    for address in recipients:
        _, at, domain = address.rpartition("@")
        groups.setdefault(domain.lower() if at else "", []).append(address)
    return {domain: tuple(some) for domain, some in groups.items()}


def for_exchangers(settings: SmtpSettings) -> SmtpSettings:
    """Return settings fit for a server that the DNS names: nobody signs in there, and without a
    choice TLS is used where offered, as servers do among themselves.
    """
    return replace(settings, username="", auth=None, tls=settings.tls or TlsMode.OPPORTUNISTIC)

"""Tries every way to sign in that MailGUI knows, and tells which of them a server accepts.

A refused attempt leaves the connection as it was, and the next one goes over the same; after an
accepted one no further AUTH is allowed (RFC 4954, section 4), and the next one needs another.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.tls import SessionCache
from mailgui.smtp.cancellation import Cancelled, guard
from mailgui.smtp.checks import check_before
from mailgui.smtp.connection import Connection
from mailgui.smtp.faults import Refusal, SessionEnd, SmtpFault, show
from mailgui.smtp.plan import Plan
from mailgui.smtp.sasl.choice import MECHANISMS, choose
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.signing_in import authenticator_for, credentials_for, secret_may_travel
from mailgui.smtp.steps import Drop, Greeting, Quit
from mailgui.transcript import Layer, Outcome, Recorder, Reply, Stage, Transcript
from mailgui.transcript.export_json import reply_dict

_DIRECT = ConnectSettings()
_NORMAL = Plan()
_TOKEN = ("OAUTHBEARER", "XOAUTH2")
_NOT_OFFERED = "The server does not offer it"


class Attempt(StrEnum):
    """What came of one mechanism."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"  # the exchange broke; no answer of the server decided
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class MechanismResult:
    """One mechanism: whether it is offered, what came of it, and why, in a sentence.

    Attributes:
        reply: the server's answer that decided.
        automatic: whether the automatic choice would take it.
    """

    name: str
    offered: bool
    attempt: Attempt
    reason: str = ""
    reply: Reply | None = None
    automatic: bool = False

    def to_json_dict(self) -> dict[str, Any]:
        """Return it for ``--json``."""
        return {
            "name": self.name,
            "offered": self.offered,
            "result": self.attempt.value,
            "reason": self.reason or None,
            "reply": reply_dict(self.reply),
            "automatic": self.automatic,
        }


@dataclass(frozen=True, slots=True)
class AuthProbe:
    """What a probe found out.

    Attributes:
        results: one for each mechanism: the offered ones first, the strongest first.
        choice: what the automatic choice takes; None where it can take none.
        reason: why, in a sentence.
        transcript: all conversations, in one.
    """

    results: tuple[MechanismResult, ...]
    choice: str | None
    reason: str
    transcript: Transcript

    @property
    def accepted(self) -> tuple[str, ...]:
        """The mechanisms that signed in."""
        return tuple(r.name for r in self.results if r.attempt is Attempt.ACCEPTED)


async def probe_auth(
    settings: SmtpSettings,
    *,
    password: str | None,
    token: str | None = None,
    not_offered: bool = False,
    recorder: Recorder,
    resolver: Resolver | None = None,
    connect: ConnectSettings = _DIRECT,
    cancel: asyncio.Event | None = None,
    found: Callable[[MechanismResult], None] = lambda _result: None,
) -> AuthProbe:
    """Try each mechanism once and return what came of it.

    ``token``: an access token for OAUTHBEARER and XOAUTH2; where the account signs in by one of
    these, its password is the token. ``not_offered``: also try what the server does not offer.
    ``found`` is told each result as it comes. Never raises for faults of network and server.
    """
    probe = _Probe(settings, password, token, not_offered, recorder, resolver, connect, found)
    try:
        async with guard(cancel):
            ending = await probe.run()
    except Cancelled:
        words = "Cancelled before every way to sign in had been tried."
        recorder.error(words, layer=Layer.SMTP, stage=Stage.AUTH)
        ending = SessionEnd(Stage.AUTH, words, outcome=Outcome.CANCELLED)
    finally:
        await probe.close()
    return probe.summary(ending)


class _Probe:
    """The probe under way."""

    def __init__(
        self,
        settings: SmtpSettings,
        password: str | None,
        token: str | None,
        not_offered: bool,
        recorder: Recorder,
        resolver: Resolver | None,
        connect: ConnectSettings,
        found: Callable[[MechanismResult], None],
    ) -> None:
        by_token = (settings.auth or "").upper() in _TOKEN
        self._settings = settings
        self._password = None if by_token else password
        self._token = token or (password if by_token else None)
        self._not_offered = not_offered
        self._recorder = recorder
        self._resolver, self._connect_settings = resolver, connect
        self._found = found
        self._sessions = SessionCache()
        self._connection: Connection | None = None
        self._last: Connection | None = None
        self._results: list[MechanismResult] = []
        self._choice: str | None = None
        self._reason = ""
        for secret in filter(None, (password, token)):
            recorder.masker.add(secret)

    async def run(self) -> SessionEnd:
        try:
            check_before(self._settings, _NORMAL, None)
            connection = await self._connected()
        except NetworkFault as fault:
            return self._unreached(fault)
        except SessionEnd as end:
            if end.reply is None and end.usable:
                self._recorder.error(end.sentence, layer=Layer.SMTP, stage=end.stage)
            return end
        offered = connection.offers.auth_mechanisms
        self._choose(connection)
        unknown = [name for name in offered if name not in MECHANISMS]
        known = [name for name in MECHANISMS if name in offered]
        others = [name for name in MECHANISMS if name not in offered]
        for name in known:
            self._add(await self._try(name, offered=True))
        for name in unknown:
            reason = "MailGUI does not know this mechanism"
            self._add(MechanismResult(name, True, Attempt.NOT_TRIED, reason))
        for name in others:
            if self._not_offered:
                self._add(await self._try(name, offered=False))
            else:
                self._add(MechanismResult(name, False, Attempt.NOT_TRIED, _NOT_OFFERED))
        return self._ending()

    def summary(self, ending: SessionEnd) -> AuthProbe:
        last = self._last
        transcript = self._recorder.finish(
            ending.outcome,
            stage=ending.stage,
            reply=ending.reply,
            summary=ending.sentence,
            fault=ending.slug,
            tls=last.tls if last is not None else None,
            ehlo=tuple(last.answers) if last is not None else (),
        )
        return AuthProbe(tuple(self._results), self._choice, self._reason, transcript)

    async def close(self) -> None:
        """Leave: with a goodbye where the server would hear it."""
        connection, self._connection = self._connection, None
        if connection is None or connection.wire is None:
            return
        if connection.wire.protocol.dead or connection.wire.protocol.flight:
            await connection.close(politely=False)
        else:
            await connection.quit()

    def _add(self, result: MechanismResult) -> None:
        # A server may say the secret back to us.
        masked = self._recorder.masker.masked(result)
        result = replace(masked, name=result.name, automatic=result.name == self._choice)
        self._results.append(result)
        self._found(result)

    def _choose(self, connection: Connection) -> None:
        binding = self._credentials(connection, None).binding
        offered = connection.offers.auth_mechanisms
        choice = choose(offered, can_bind=binding is not None)
        asked = self._settings.auth
        if asked:
            self._choice = asked.upper() if asked.upper() in offered else None
            self._reason = f"The account asks for {asked.upper()}."
        elif choice is not None:
            self._choice, self._reason = choice.name, choice.reason
        elif offered:
            self._reason = "None of the offered mechanisms is chosen by itself."
        else:
            self._reason = "The server does not offer any sign-in (no AUTH in its EHLO answer)."
        self._recorder.info(f"Automatic choice: {self._reason}", layer=Layer.SMTP, stage=Stage.AUTH)

    async def _connected(self) -> Connection:
        """Return a connection that is ready for AUTH. Raises SessionEnd and NetworkFault."""
        if self._connection is not None and self._connection.wire is not None:
            return self._connection
        s = self._settings
        self._connection = self._last = connection = Connection(
            s,
            self._password,
            self._recorder,
            connect=self._connect_settings,
            resolver=self._resolver,
            sessions=self._sessions,
        )
        plan = Plan(greeting=Greeting.LHLO if s.lmtp else Greeting.AUTO)
        try:
            for step in plan.walk(s.tls_mode, sign_in=False, deliver=False):
                if isinstance(step, Quit | Drop):
                    break
                await connection.take(step)
        except NetworkFault as fault:
            connection.tls = fault.tls or connection.tls
            raise
        return connection

    async def _try(self, name: str, *, offered: bool) -> MechanismResult:
        try:
            connection = await self._connected()
        except NetworkFault as fault:
            return self._failed(name, offered, fault.sentence)
        except SessionEnd as end:
            return self._failed(name, offered, end.sentence)
        hindrance = self._hindrance(name, connection)
        if hindrance:
            return MechanismResult(name, offered, Attempt.NOT_TRIED, hindrance)
        wire = connection.open_wire()
        authenticator = authenticator_for(
            wire,
            self._settings,
            tls=connection.tls,
            offers=connection.offers,
            secret=self._secret(name),
            connect=self._connect_settings,
            although_not_offered=True,
        )
        try:
            await authenticator.run(name)
        except Refusal as refusal:
            if not refusal.usable:
                await self._part(politely=True)
            words = show(refusal.reply) if refusal.reply else refusal.sentence
            return MechanismResult(name, offered, Attempt.REFUSED, words, refusal.reply)
        except SessionEnd as end:
            if not end.usable:
                await self._part(politely=False)
            return self._failed(name, offered, end.sentence)
        reply = wire.last.reply.to_reply() if wire.last is not None else None
        await self.close()
        return MechanismResult(name, offered, Attempt.ACCEPTED, "", reply)

    async def _part(self, *, politely: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close(politely=politely)

    def _hindrance(self, name: str, connection: Connection) -> str:
        """Return why a mechanism cannot be tried; empty where it can."""
        settings, tls = self._settings, connection.tls
        if name.endswith("-PLUS") and self._credentials(connection, None).binding is None:
            return "It needs TLS, which it binds the sign-in to"
        if name == "EXTERNAL" and not settings.tls_client_cert:
            return "It needs a client certificate, and the account names none"
        if not MECHANISMS[name].carries_secret:
            return ""
        if self._secret(name) is None:
            if name in _TOKEN:
                return "It needs an access token, which is not a password"
            return "It needs a password, and none is known"
        if not secret_may_travel(settings, tls, self._connect_settings):
            return "It needs TLS with a verified certificate: a secret goes no other way"
        return ""

    def _secret(self, name: str) -> str | None:
        return self._token if name in _TOKEN else self._password

    def _credentials(self, connection: Connection, secret: str | None) -> Any:
        return credentials_for(connection.open_wire(), self._settings, connection.tls, secret)

    def _failed(self, name: str, offered: bool, sentence: str) -> MechanismResult:
        return MechanismResult(name, offered, Attempt.FAILED, sentence)

    def _unreached(self, fault: NetworkFault) -> SessionEnd:
        layer = Layer.TLS if fault.stage is Stage.TLS else Layer.TCP
        self._recorder.error(fault.sentence, layer=layer, stage=fault.stage)
        return SmtpFault(fault.stage, fault.kind, fault.sentence)

    def _ending(self) -> SessionEnd:
        tried = [r for r in self._results if r.attempt is not Attempt.NOT_TRIED]
        good = [r.name for r in tried if r.attempt is Attempt.ACCEPTED]
        if good:
            sentence = f"{len(good)} of {len(tried)} ways to sign in accepted: {', '.join(good)}."
            return SessionEnd(Stage.AUTH, sentence, outcome=Outcome.COMPLETED)
        refused = [r for r in tried if r.attempt is Attempt.REFUSED]
        if refused:
            sentence = f"The server accepted none of the {len(tried)} ways to sign in."
            reply = refused[0].reply
            return SessionEnd(Stage.AUTH, sentence, outcome=Outcome.REFUSED, reply=reply)
        sentence = "No way to sign in could be tried: see why beside each of them."
        return SmtpFault(Stage.AUTH, "auth_not_tried", sentence)

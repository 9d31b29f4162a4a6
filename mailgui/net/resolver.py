"""Asking the DNS: fail-over, single flight, a cache, and a log of every question.

``Resolver.ask`` never raises for what the DNS or the network does: a time-out, a refusal and "there
is no such record" are answers, and kept apart.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace

from mailgui.net.dns_address import ServerAddress, parse_server
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dns_cache import AnswerCache
from mailgui.net.dns_message import (
    MAX_CHAIN,
    ParsedAnswer,
    parse_answer,
    warm_up,
)
from mailgui.net.dns_question import Question, make_question
from mailgui.net.dns_race import Attempt, race
from mailgui.net.dns_system import system_servers
from mailgui.net.dns_transport import Transport, transport_to
from mailgui.transcript import Layer, Recorder, Stage

__all__ = ["Answer", "AnswerStatus", "Resolver", "parse_server", "warm_up"]

_LOG_LENGTH = 20_000
_STATUS = {
    "NXDOMAIN": AnswerStatus.NXDOMAIN,
    "SERVFAIL": AnswerStatus.SERVFAIL,
    "REFUSED": AnswerStatus.REFUSED,
}
_NO_EDNS = ("FORMERR", "NOTIMP")  # what a server from before 1999 says to EDNS: RFC 6891, section 7


class Resolver:
    """Asks one set of name servers. Belongs to one event loop; close it at the end.

    ``server`` is ``ADDRESS[:PORT]``, ``tls://…``, ``https://…``, several of them with commas
    between, or None for the system's servers. ``timeout`` is the longest that a question takes, in
    seconds, ``concurrency`` how many are under way at once, ``ca_file`` is trusted beside the
    system's store by ``tls`` and ``https``, ``clock`` counts the seconds of TTLs.

    Raises ValueError with a sentence when ``server`` cannot be read.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        timeout: float = 5.0,
        concurrency: int = 200,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addresses: tuple[ServerAddress, ...] | None = None
        if server is not None:
            self._addresses = tuple(parse_server(part) for part in server.split(","))
        self._timeout = timeout
        self._gate = asyncio.Semaphore(concurrency)
        self._ca_file = ca_file
        self._cache = AnswerCache(clock=clock)
        self._flights: dict[tuple[str, str], _Flight] = {}
        self._log: deque[Answer] = deque(maxlen=_LOG_LENGTH)
        self._transports: list[Transport] = []
        self._opening = asyncio.Lock()
        self._plain: set[ServerAddress] = set()  # servers that do not understand EDNS

    @property
    def log(self) -> tuple[Answer, ...]:
        """The answers that came over the network, oldest first, bounded."""
        return tuple(self._log)

    async def ask(
        self, name: str, rdtype: str, *, recorder: Recorder | None = None, fresh: bool = False
    ) -> Answer:
        """Return the answer for ``name`` (a final dot makes no difference) and ``rdtype``.

        Out of the cache if it is there, unless ``fresh``; from a question already under way if
        there is one. CNAMEs are followed. Never raises for what the DNS does, nor for a name that
        cannot be asked for (status ``failed``).
        """
        name, rdtype = _canonical(name), rdtype.upper()
        answer = None if fresh else self._cache.get(name, rdtype)
        if answer is None:
            answer = await self._join(name, rdtype)
        if recorder is not None:
            _record(recorder, answer)
        return answer

    def forget(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    async def close(self) -> None:
        """End what is under way and close the connections."""
        flights = [flight.task for flight in self._flights.values()]
        for task in flights:
            task.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        for transport in self._transports:
            await transport.close()
        self._transports.clear()

    async def _join(self, name: str, rdtype: str) -> Answer:
        """Wait for the one flight that asks this question; the last to give up on it ends it."""
        key = (name, rdtype)
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(self._fly(name, rdtype))
            self._flights[key] = flight
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._land(key, flight)  # nobody may join a flight that is being ended
                flight.task.cancel()

    def _land(self, key: tuple[str, str], flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, name: str, rdtype: str) -> Answer:
        answer = await self._follow(name, rdtype)
        self._cache.put(answer)
        self._log.append(answer)
        return answer

    async def _follow(self, name: str, rdtype: str) -> Answer:
        """Ask, and ask on where a CNAME leads out of the answer."""
        started = time.perf_counter()
        answer = await self._ask_servers(name, rdtype, name)
        while answer[1] is not None:
            so_far = answer[0]
            target = answer[1]
            if len(so_far.cname) > MAX_CHAIN or target in (name, *so_far.cname[:-1]):
                return replace(so_far, status=AnswerStatus.FAILED, reason=_LOOP)
            following, further = await self._ask_servers(target, rdtype, name)
            ttls = [ttl for ttl in (so_far.ttl, following.ttl) if ttl is not None]
            joined = replace(
                following,
                cname=so_far.cname + following.cname,
                ad=so_far.ad and following.ad,
                ttl=min(ttls) if ttls else None,
                duration=time.perf_counter() - started,
            )
            answer = (joined, further)
        return answer[0]

    async def _ask_servers(self, name: str, rdtype: str, shown: str) -> tuple[Answer, str | None]:
        """Return the answer under the name ``shown``, and the name to ask on for, if any."""
        failure = Answer(shown, rdtype, AnswerStatus.FAILED)
        try:
            question = make_question(name, rdtype)
        except ValueError as error:
            return replace(failure, reason=str(error)), None
        async with self._gate:
            started = time.perf_counter()
            try:
                transports = await self._servers()
                if not transports:
                    return replace(failure, reason="This system has no name server set up."), None
                attempts = [self._attempt(t, question) for t in transports]
                outcome = await race(attempts, timeout=self._timeout)
            finally:
                duration = time.perf_counter() - started
        parsed = outcome.parsed
        if parsed is None:
            status = AnswerStatus.TIMEOUT if outcome.timed_out else AnswerStatus.FAILED
            asked = str(transports[outcome.index].address)
            failed = replace(failure, status=status, server=asked, duration=duration)
            return replace(failed, reason=outcome.reason), None
        self._prefer(transports[outcome.index])
        answer = Answer(
            name=shown,
            rdtype=rdtype,
            status=_status(parsed),
            records=parsed.records,
            strings=parsed.strings,
            ttl=parsed.ttl,
            server=str(transports[outcome.index].address),
            duration=duration,
            ad=parsed.ad,
            cname=parsed.chain,
            ede=parsed.ede,
            reason=_reason(parsed),
        )
        return answer, parsed.open_end

    def _attempt(self, transport: Transport, question: Question) -> Attempt:
        async def attempt() -> ParsedAnswer:
            edns = transport.address not in self._plain
            parsed = parse_answer(await transport.exchange(question, edns=edns), question)
            if not edns or parsed.rcode not in _NO_EDNS:
                return parsed
            parsed = parse_answer(await transport.exchange(question, edns=False), question)
            if parsed.rcode not in _NO_EDNS:
                self._plain.add(transport.address)
            return parsed

        return attempt

    async def _servers(self) -> list[Transport]:
        async with self._opening:
            if self._addresses is None:
                self._addresses = await system_servers()
            if not self._transports:
                self._transports = [transport_to(a, ca_file=self._ca_file) for a in self._addresses]
            return list(self._transports)

    def _prefer(self, transport: Transport) -> None:
        """Ask first, from now on, the server that answered."""
        if transport in self._transports and self._transports[0] is not transport:
            self._transports.remove(transport)
            self._transports.insert(0, transport)


_LOOP = "The CNAME records lead in a circle, or too far."


class _Flight:
    """A question under way, and how many wait for it."""

    def __init__(self, work: Coroutine[object, object, Answer]) -> None:
        self.task = asyncio.create_task(work, name="dns-question")
        self.waiters = 0


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".") or "."


def _status(parsed: ParsedAnswer) -> AnswerStatus:
    if parsed.loop:
        return AnswerStatus.FAILED
    if parsed.rcode == "NOERROR":
        return AnswerStatus.FOUND if parsed.records else AnswerStatus.NODATA
    return _STATUS.get(parsed.rcode, AnswerStatus.FAILED)


def _reason(parsed: ParsedAnswer) -> str:
    if parsed.loop:
        return _LOOP
    if parsed.rcode in ("NOERROR", "NXDOMAIN"):
        return ""
    extended = f" ({'; '.join(parsed.ede)})" if parsed.ede else ""
    return f"The name server answered {parsed.rcode}{extended}."


def _record(recorder: Recorder, answer: Answer) -> None:
    """Write one question and its answer into a transcript, as lines in presentation form."""
    question = f"{answer.name} {answer.rdtype}"
    if answer.cached:
        recorder.info(f"{question}: known from before", layer=Layer.DNS, stage=Stage.DNS)
    else:
        recorder.sent(f"{question}?".encode(), layer=Layer.DNS, stage=Stage.DNS)
    for target in answer.cname:
        recorder.received(f"CNAME {target}".encode(), layer=Layer.DNS, stage=Stage.DNS)
    for record in answer.records:
        line = f"{answer.rdtype} {record}".encode("utf-8", "backslashreplace")
        recorder.received(line, layer=Layer.DNS, expected=True, stage=Stage.DNS)
    facts = f"{answer.server}, {answer.duration * 1000:.0f} ms"
    if answer.status is AnswerStatus.FOUND:
        recorder.info(f"{question}: found ({facts}, TTL {answer.ttl})", layer=Layer.DNS)
    elif answer.absent:
        recorder.info(f"{question}: {answer.status.value} ({facts})", layer=Layer.DNS)
    else:
        sentence = f"{question}: {answer.status.value} ({facts}). {answer.reason}".rstrip()
        recorder.error(sentence, layer=Layer.DNS, stage=Stage.DNS)

"""Asking the DNS: fail-over, single flight, a cache, and a log of every question.

``Resolver.ask`` never raises for what the DNS or the network does: a time-out, a refusal and "there
is no such record" are answers, and kept apart.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from mailgui.net.dns_address import ServerAddress, parse_server
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dns_cache import AnswerCache
from mailgui.net.dns_flight import Flight, Key
from mailgui.net.dns_message import MAX_CHAIN, ParsedAnswer, parse_answer, warm_up
from mailgui.net.dns_outcome import LOOP, answer_of, record_answer
from mailgui.net.dns_question import Question, make_question
from mailgui.net.dns_race import CONCLUSIVE, Attempt, patience, race
from mailgui.net.dns_reply import MalformedAnswer, Reply
from mailgui.net.dns_system import system_servers
from mailgui.net.dns_transport import Begun, Transport, UdpTransport, transport_to
from mailgui.net.dns_udp import Outcome
from mailgui.net.errors import NetworkFault
from mailgui.transcript import Recorder

__all__ = ["Answer", "AnswerStatus", "Resolver", "parse_server", "warm_up"]

_LOG_LENGTH = 20_000
_AT_ONCE = 8  # questions of a long list that are sent in one go
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
        self._concurrency = concurrency
        self._ca_file = ca_file
        self._cache = AnswerCache(clock=clock)
        self._flights: dict[Key, Flight] = {}
        self._active = 0
        self._queue: deque[Flight] = deque()  # those that wait for their turn
        self._silent: deque[tuple[float, Flight]] = deque()  # those sent, and until when to wait
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._log: deque[Answer] = deque(maxlen=_LOG_LENGTH)
        self._transports: list[Transport] = []
        self._opening = asyncio.Lock()
        self._plain: set[ServerAddress] = set()  # servers that do not understand EDNS

    @property
    def log(self) -> tuple[Answer, ...]:
        """The answers that came over the network, oldest first, bounded."""
        return tuple(self._log)

    async def ask(
        self,
        name: str,
        rdtype: str,
        *,
        recorder: Recorder | None = None,
        fresh: bool = False,
        signed: bool = False,
    ) -> Answer:
        """Return the answer for ``name`` (a final dot makes no difference) and ``rdtype``.

        Out of the cache if it is there, unless ``fresh``; from a question already under way if
        there is one. CNAMEs are followed. ``signed`` asks for the signatures as well, and for data
        that the server holds for bogus: ``Answer.message`` has them. Never raises for what the DNS
        does, nor for a name that cannot be asked for (status ``failed``).
        """
        key = Key(_canonical(name), rdtype.upper(), signed)
        answer = None if fresh else self._cache.get(key)
        if answer is None:
            if not self._transports:
                await self._servers()
            flight, waiting = self._join(key)
            try:
                answer = await waiting
            finally:
                self._part(flight, waiting)
        if recorder is not None:
            record_answer(recorder, answer)
        return answer

    async def ask_each(
        self, names: Sequence[str], rdtype: str, *, recorder: Recorder | None = None
    ) -> list[Answer]:
        """Return the answers for several names, asked for at once; in less time than by ``ask``."""
        if not self._transports:
            await self._servers()
        keys = [Key(_canonical(name), rdtype.upper()) for name in names]
        answers = [self._cache.get(key) for key in keys]
        joined: dict[int, tuple[Flight, asyncio.Future[Answer]]] = {}
        try:
            for index, key in enumerate(keys):
                if answers[index] is None:
                    joined[index] = self._join(key)
                if index % _AT_ONCE == _AT_ONCE - 1:
                    await asyncio.sleep(0)  # others, who may be waited for, get their turn
            for index, (_, waiting) in joined.items():
                answers[index] = await waiting
        finally:
            for flight, waiting in joined.values():
                self._part(flight, waiting)
        told = [answer for answer in answers if answer is not None]
        if recorder is not None:
            for answer in told:
                record_answer(recorder, answer)
        return told

    def forget(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    async def close(self) -> None:
        """End what is under way and close the connections."""
        flights = list(self._flights.values())
        self._queue.clear()
        self._silent.clear()
        if self._timer is not None:
            self._timer.cancel()
        for flight in flights:
            flight.ground()
            for waiting in flight.waiting:
                waiting.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in self._transports:
            await transport.close()
        self._transports.clear()

    def _join(self, key: Key) -> tuple[Flight, asyncio.Future[Answer]]:
        """Return the one flight that asks this question, and what its answer will be put into."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = Flight(key)
            if self._active < self._concurrency:
                self._start(flight)
            else:
                self._queue.append(flight)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        flight.waiting.add(waiting)
        return flight, waiting

    def _part(self, flight: Flight, waiting: asyncio.Future[Answer]) -> None:
        """Wait no longer; the last to give up on a flight ends it."""
        flight.waiting.discard(waiting)
        if not flight.waiting and self._flights.get(flight.key) is flight:
            self._abandon(flight)

    def _start(self, flight: Flight) -> None:
        """Send the question, in the least that it takes; all else is for a task."""
        self._active += 1
        loop = asyncio.get_running_loop()
        flight.started = loop.time()
        try:
            flight.question = make_question(*flight.key[:2], signed=flight.key.signed)
        except ValueError as error:
            failed = Answer(*flight.key[:2], AnswerStatus.FAILED, reason=str(error))
            loop.call_soon(self._land, flight, failed)
            return
        first = self._transports[0] if self._transports else None
        if (
            isinstance(first, UdpTransport)
            and first.sockets.ready
            and first.address not in self._plain
        ):
            flight.exchange = first.sockets.begin(flight.question, partial(self._heard, flight))
            alone = patience(len(self._transports), self._timeout)
            self._silent.append((flight.started + alone, flight))
            if self._timer is None:
                self._timer = loop.call_later(alone, self._look_out)
        else:
            self._go_on(flight, 0.0)

    def _look_out(self) -> None:
        """Hand over the flights whose server has been silent for too long.

        One timer for all: they started one after another, and each gets the same time.
        """
        loop, self._timer = asyncio.get_running_loop(), None
        while self._silent:
            due, flight = self._silent[0]
            if flight.exchange is not None and due > loop.time() + 0.001:
                self._timer = loop.call_at(due, self._look_out)
                return
            self._silent.popleft()
            if flight.exchange is not None:
                self._go_on(flight, loop.time() - flight.started)

    def _heard(self, flight: Flight, outcome: Outcome) -> None:
        """Take the datagram's answer if it settles the question, else hand it to a task."""
        exchange, flight.exchange = flight.exchange, None
        if isinstance(outcome, Reply) and not outcome.truncated and exchange:
            try:
                parsed = parse_answer(outcome, exchange.question)
            except MalformedAnswer as error:
                outcome = error
            else:
                if parsed.rcode in CONCLUSIVE and parsed.open_end is None:
                    duration = asyncio.get_running_loop().time() - flight.started
                    answer = answer_of(flight.key, parsed, str(exchange.address), duration)
                    self._land(flight, answer)
                    return
        begun = Begun()
        begun.settle(outcome)
        self._go_on(flight, 0.0, begun)

    def _go_on(self, flight: Flight, waited: float, begun: Begun | None = None) -> None:
        """Leave a flight to a task: fail-over, TCP, CNAMEs out of the message."""
        if flight.exchange is not None:
            begun = Begun()
            begun.exchange, flight.exchange = flight.exchange, None
            begun.exchange.done = begun.settle
        flight.task = asyncio.create_task(self._fly(flight, begun, waited), name="dns-question")
        self._tasks.add(flight.task)
        flight.task.add_done_callback(self._tasks.discard)

    async def _fly(self, flight: Flight, begun: Begun | None, waited: float) -> None:
        try:
            self._land(flight, await self._follow(flight.key, begun, waited))
        except BaseException as error:
            self._leave(flight)
            for waiting in flight.waiting:
                if not waiting.done() and not isinstance(error, asyncio.CancelledError):
                    waiting.set_exception(error)
            raise

    def _land(self, flight: Flight, answer: Answer) -> None:
        flight.ground()
        self._cache.put(flight.key, answer)
        self._log.append(answer)
        self._leave(flight)
        flight.tell(answer)

    def _leave(self, flight: Flight) -> None:
        """Count a started flight out, and start the next ones."""
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        self._active -= 1
        while self._queue and self._active < self._concurrency:
            self._start(self._queue.popleft())

    def _abandon(self, flight: Flight) -> None:
        """End a flight that nobody waits for."""
        del self._flights[flight.key]
        if flight.task is not None:
            flight.task.cancel()
        elif flight in self._queue:
            self._queue.remove(flight)
        else:
            flight.ground()
            self._leave(flight)

    async def _follow(self, key: Key, begun: Begun | None, waited: float) -> Answer:
        """Ask, and ask on where a CNAME leads out of the answer."""
        started = time.perf_counter()
        answer, target = await self._ask_servers(key, key.name, begun, waited)
        while target is not None:
            if len(answer.cname) > MAX_CHAIN or target in (key.name, *answer.cname[:-1]):
                return replace(answer, status=AnswerStatus.FAILED, reason=LOOP)
            following, further = await self._ask_servers(key, target)
            ttls = [ttl for ttl in (answer.ttl, following.ttl) if ttl is not None]
            answer = replace(
                following,
                cname=answer.cname + following.cname,
                ad=answer.ad and following.ad,
                ttl=min(ttls) if ttls else None,
                duration=time.perf_counter() - started,
            )
            target = further
        return answer

    async def _ask_servers(
        self, key: Key, name: str, begun: Begun | None = None, waited: float = 0.0
    ) -> tuple[Answer, str | None]:
        """Return the answer for ``name`` under the name of ``key``, and the name to ask on for."""
        failure = Answer(key.name, key.rdtype, AnswerStatus.FAILED)
        try:
            question = make_question(name, key.rdtype, signed=key.signed)
        except ValueError as error:
            return replace(failure, reason=str(error)), None
        started = time.perf_counter()
        transports = await self._servers()
        if not transports:
            return replace(failure, reason="This system has no name server set up."), None
        attempts = [self._attempt(t, question) for t in transports]
        if begun is not None:
            attempts[0] = self._attempt(transports[0], question, begun)
        outcome = await race(attempts, timeout=self._timeout, waited=waited)
        duration = time.perf_counter() - started + waited
        parsed = outcome.parsed
        if parsed is None:
            status = AnswerStatus.TIMEOUT if outcome.timed_out else AnswerStatus.FAILED
            asked = str(transports[outcome.index].address)
            failed = replace(failure, status=status, server=asked, duration=duration)
            return replace(failed, reason=outcome.reason), None
        self._prefer(transports[outcome.index])
        server = str(transports[outcome.index].address)
        return answer_of(key, parsed, server, duration), parsed.open_end

    def _attempt(
        self, transport: Transport, question: Question, begun: Begun | None = None
    ) -> Attempt:
        first = begun

        async def attempt() -> ParsedAnswer:
            nonlocal first
            edns = transport.address not in self._plain
            if first is not None and isinstance(transport, UdpTransport):
                taken, first = first, None
                reply = await transport.exchange(question, edns=edns, begun=taken)
            else:
                reply = await transport.exchange(question, edns=edns)
            parsed = parse_answer(reply, question)
            if not edns or parsed.rcode not in _NO_EDNS:
                return parsed
            parsed = parse_answer(await transport.exchange(question, edns=False), question)
            if parsed.rcode not in _NO_EDNS:
                self._plain.add(transport.address)
            return parsed

        return attempt

    async def _servers(self) -> list[Transport]:
        """Return the servers, the one that answered last first, with the first one's sockets
        open.
        """
        async with self._opening:
            if self._addresses is None:
                self._addresses = await system_servers()
            if not self._transports:
                self._transports = [transport_to(a, ca_file=self._ca_file) for a in self._addresses]
            first = self._transports[0] if self._transports else None
            if isinstance(first, UdpTransport) and not first.sockets.ready:
                with suppress(NetworkFault):  # whoever asks will be told
                    await first.sockets.open()
            return list(self._transports)

    def _prefer(self, transport: Transport) -> None:
        """Ask first, from now on, the server that answered."""
        if transport in self._transports and self._transports[0] is not transport:
            self._transports.remove(transport)
            self._transports.insert(0, transport)


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".") or "."

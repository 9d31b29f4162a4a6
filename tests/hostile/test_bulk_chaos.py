"""Many messages to servers that go wrong at random: nothing is lost, and nothing is sent twice.

What was accepted was stored once; what was stored and not accepted is told as unknown.
"""

import asyncio
import random
import re
from collections import Counter

from hypothesis import strategies as st

from mailgui.message.compose import compose
from mailgui.message.copies import copies
from mailgui.message.draft import Address, Draft
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.smtp import bulk_worker
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.direct import Policies
from mailgui.smtp.direct_bulk import BulkDomainRun
from mailgui.smtp.plan import Plan
from mailgui.smtp.routing import MailExchanger, Route
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder
from tests.support.fuzzing import fuzz

HOSTS = {"mx1.good.example": "127.0.0.2", "mx2.good.example": "127.0.0.3"}
ROUTE = Route("good.example", tuple(MailExchanger(n, host) for n, host in enumerate(HOSTS)))
DRAFT = Draft(Address("a@good.example"), (Address("b@good.example"),), subject="s", text="t")
FAULTS = (b"421 4.3.2 Bye\r\n", b"451 4.3.0 Later\r\n", b"554 5.3.0 No\r\n")


class Chaotic:
    """Takes mail, but for what goes wrong. ``stored`` counts each Message-ID."""

    def __init__(self, chance: random.Random, wrong: float) -> None:
        self.stored: Counter[bytes] = Counter()
        self._chance, self._wrong = chance, wrong

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _goes_wrong(self, writer: asyncio.StreamWriter) -> str:
        """Return "" where all is well, "no" after a refusal, "end" where the connection ends."""
        if self._chance.random() >= self._wrong:
            return ""
        kind = self._chance.randrange(6)
        if kind == 0:
            writer.transport.abort()
        elif kind < 4:
            writer.write(FAULTS[kind - 1])
        return "no" if kind in (2, 3) else "end"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (wrong := self._goes_wrong(writer)) == "end":
            return
        if not wrong:
            writer.write(b"220 hi\r\n")
        offer = b"250-me\r\n250 PIPELINING\r\n" if self._chance.random() < 0.7 else b"250 me\r\n"
        while verb := (await reader.readline())[:4].upper():
            if verb == b"QUIT":
                writer.write(b"221 Bye\r\n")
                return
            wrong = self._goes_wrong(writer)
            if wrong == "end":
                return
            if wrong:
                continue
            if verb == b"DATA":
                writer.write(b"354 Go\r\n")
                if not await self._message(reader, writer):
                    return
            else:
                writer.write(offer if verb == b"EHLO" else b"250 Ok\r\n")
            await writer.drain()

    async def _message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        octets = b""
        while (line := await reader.readuntil(b"\n")) != b".\r\n":
            octets += line
        if wrong := self._goes_wrong(writer):
            return wrong == "no"
        if found := re.search(rb"(?im)^message-id: *(\S+)", octets):  # else only its end came
            self.stored[found[1]] += 1
        if self._chance.random() < self._wrong / 4:
            return False
        writer.write(b"250 Queued\r\n")
        return True


class Names:
    async def ask(self, name, rdtype, *, recorder=None):
        address = HOSTS[name] if rdtype == "A" else ""
        status = AnswerStatus.FOUND if address else AnswerStatus.NODATA
        return Answer(name, rdtype, status, (address,) if address else ())


@fuzz(
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.02, 0.1, 0.25]),
    st.sampled_from([1, 5, 20]),
    st.sampled_from([1, 3]),
    st.booleans(),
)
def test_nothing_is_lost_and_nothing_is_sent_twice(seed, wrong, count, connections, direct):
    async def main():
        server = Chaotic(random.Random(seed), wrong)
        first = await asyncio.start_server(server.serve, "127.0.0.2", 0)
        port = first.sockets[0].getsockname()[1]
        second = await asyncio.start_server(server.serve, "127.0.0.3", port)
        message = copies(compose(DRAFT), own_id=True)
        settings = SmtpSettings("127.0.0.2", port, TlsMode.NONE, timeout=5.0, helo="me")
        recorder = Recorder(Kind.SMTP)
        async with first, second, asyncio.timeout(60):
            if direct:
                run = BulkDomainRun(
                    settings,
                    ROUTE,
                    message,
                    count=count,
                    connections=connections,
                    plan=Plan(),
                    policies=Policies(mta_sts=False, dane=False),
                    resolver=Names(),
                    recorder=recorder,
                    control=BulkControl(),
                )
                result, _ = await run.run_all()
            else:
                result = await send_bulk(
                    settings,
                    message,
                    count=count,
                    connections=connections,
                    plan=Plan(),
                    password=None,
                    recorder=recorder,
                )
        return result.outcomes, server.stored

    patience, bulk_worker._PATIENCE = bulk_worker._PATIENCE, 0.0
    try:
        outcomes, stored = asyncio.run(main())
    finally:
        bulk_worker._PATIENCE = patience
    assert outcomes.total() == count
    assert set(stored.values()) <= {1}
    accepted = outcomes[Outcome.ACCEPTED]
    assert accepted <= len(stored) <= accepted + outcomes[Outcome.UNKNOWN]

"""One message's way over a connection: in one transaction, in several where the server's limits
(RFC 9422) want that, or part by part in an expert's own order.
"""

from collections.abc import Awaitable, Callable

from mailgui.message.outgoing import Outgoing
from mailgui.smtp import commands
from mailgui.smtp.connection import Connection
from mailgui.smtp.faults import Refusal, SessionEnd
from mailgui.smtp.limits import fits, portions
from mailgui.smtp.outcome import accepted_ending, recipient_results
from mailgui.smtp.plan import Plan
from mailgui.smtp.protocol import Verdict
from mailgui.smtp.transaction import Transaction
from mailgui.transcript import Layer, Outcome, RecipientResult, Stage

_SURPASSED = (Outcome.FAILED, Outcome.CANCELLED, Outcome.TEMPORARY, Outcome.REFUSED)


class PartwiseTransaction(Transaction):
    """A transaction whose parts are called for one by one, and may be refused one by one."""

    async def part(self, stage: Stage) -> None:
        """Do MAIL, RCPT, DATA or the MESSAGE with its end. Raises SessionEnd."""
        self._window = 1
        if stage is Stage.MESSAGE:
            await self._message()
            return
        with self.recorder.phase(stage.value):
            if stage is Stage.MAIL:
                await self._mail()
            elif stage is Stage.RCPT:
                rcpt = self._parameters.rcpt
                recipients = self.message.envelope.recipients
                self._unsent.extend(commands.rcpt(to, rcpt(to)) for to in recipients)
                await self._recipients()
            else:
                self._unsent.append(commands.DATA)
                await self._ask_for_data()

    async def _mail(self) -> None:
        self._remark()
        sender = self.message.envelope.sender
        self._unsent.append(commands.mail(sender, self._parameters.mail))
        received = await self._next()
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused the sender")
        self.open = True

    async def _message(self) -> None:
        content = self._content()
        try:
            await self._prefetch(content)
            if self._chunking:
                await self._send_by_bdat(content)
                return
            with self.recorder.phase("data"):
                ends = await self._write_content(content) or [commands.message()]
            await self._decide(ends)
        finally:
            content.close()


class Delivery:
    """A message on its way.

    Attributes:
        transaction: the one that runs, or ran last.
        settled: what became of recipients, where there were several transactions.
    """

    def __init__(self, message: Outgoing, plan: Plan) -> None:
        self.transaction: Transaction | None = None
        self.settled: dict[str, RecipientResult] = {}
        self._message = message
        self._plan = plan

    @property
    def taken(self) -> bool:
        """Whether the server said yes to the message, for some recipients at least."""
        final = self.transaction.final if self.transaction is not None else None
        return final is not None or bool(self._accepted)

    async def run(
        self, connection: Connection, until: Stage, renew: Callable[[], Awaitable[Connection]]
    ) -> None:
        """Deliver as far as ``until``. ``renew`` opens a further connection, where one is full.

        Raises SessionEnd.
        """
        message, offers = self._message, connection.offers
        if until is not Stage.MESSAGE or fits(message, offers):
            self.transaction = self._begin(connection, message, until)
            await self.transaction.run()
            connection.done.append(until)
            return
        parts = portions(message, offers)
        connection.open_wire().recorder.info(
            f"The server limits what one transaction may carry (LIMITS): sending in {len(parts)}.",
            layer=Layer.SMTP,
            stage=Stage.MAIL,
        )
        for number, part in enumerate(parts):
            if number and connection.full:
                connection = await renew()
            self.transaction = transaction = self._begin(connection, part, until)
            try:
                await transaction.run()
                ending = accepted_ending(transaction, part.envelope)
            except SessionEnd as end:
                ending = end
            if not ending.usable:
                raise ending
            self._settle(part, ending)
            if transaction.open and number + 1 < len(parts):
                await connection.reset()
        connection.done.append(until)
        if not self._accepted:
            raise ending

    async def part(self, connection: Connection, stage: Stage) -> None:
        """Do one part by itself. Raises SessionEnd."""
        transaction = self.transaction
        if not isinstance(transaction, PartwiseTransaction):
            transaction = PartwiseTransaction(
                connection.open_wire(), self._message, self._plan, connection.offers
            )
            self.transaction = transaction
        await transaction.part(stage)
        connection.done.append(stage)

    def ending(self) -> SessionEnd:
        """Return the ending of a message that was ``taken``."""
        transaction = self.transaction
        assert transaction is not None  # noqa: S101  # for the type checker
        if not self.settled:
            return accepted_ending(transaction, self._message.envelope)
        wanted, taken = len(self._message.envelope.recipients), len(self._accepted)
        whole = taken == wanted
        whom = f"all {wanted}" if whole else f"{taken} of {wanted}"
        return SessionEnd(
            Stage.MESSAGE,
            f"The server accepted the message for {whom} recipients, in several transactions.",
            outcome=Outcome.ACCEPTED if whole else Outcome.PARTIAL,
            reply=self._accepted[-1].reply,
            usable=True,
        )

    def weigh(self, ending: SessionEnd) -> SessionEnd:
        """Return what ``ending`` means, where a message went well before it."""
        if ending.outcome not in _SURPASSED:
            return ending
        transaction = self.transaction
        if not self.settled and transaction is not None and transaction.final is not None:
            accepted = self.ending()
            accepted.sentence += f" What came after it went wrong: {ending.sentence}"
            accepted.usable = ending.usable
            return accepted
        if not self._accepted:
            return ending
        for result in recipient_results(self._message.envelope, self.transaction, ending):
            self.settled.setdefault(result.address, result)
        before = f"The server had accepted the message for {len(self._accepted)} of "
        return SessionEnd(
            ending.stage,
            f"{before}{len(self.settled)} recipients by then. {ending.sentence}",
            outcome=Outcome.PARTIAL,
            slug=ending.slug,
            reply=ending.reply,
        )

    def results(self, ending: SessionEnd) -> tuple[RecipientResult, ...]:
        """Return what became of each recipient."""
        found = recipient_results(self._message.envelope, self.transaction, ending)
        return tuple(self.settled.get(result.address, result) for result in found)

    @property
    def _accepted(self) -> list[RecipientResult]:
        return [r for r in self.settled.values() if r.outcome is Outcome.ACCEPTED]

    def _begin(self, connection: Connection, message: Outgoing, until: Stage) -> Transaction:
        connection.transactions += 1
        wire = connection.open_wire()
        return Transaction(wire, message, self._plan, connection.offers, until=until)

    def _settle(self, part: Outgoing, ending: SessionEnd) -> None:
        for result in recipient_results(part.envelope, self.transaction, ending):
            self.settled[result.address] = result

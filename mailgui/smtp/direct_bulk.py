"""Many messages straight to a domain's mail exchangers: one way there, several connections to the
exchanger that serves, and on to the next one with what is left where it does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from mailgui.smtp.bulk import BulkResult, result_of, run_workers
from mailgui.smtp.bulk_tally import Tally
from mailgui.smtp.bulk_worker import BulkWorker
from mailgui.smtp.direct import Addresses, DomainDelivery, DomainRun, Policies
from mailgui.smtp.faults import SessionEnd
from mailgui.smtp.session import Session
from mailgui.transcript import Outcome, Stage

if TYPE_CHECKING:
    from mailgui.message.outgoing import Outgoing
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.bulk_control import BulkControl
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.protection import Protection
    from mailgui.smtp.routing import MailExchanger, Route
    from mailgui.smtp.settings import SmtpSettings
    from mailgui.transcript import Recorder, Transcript


class BulkDomainRun(DomainRun):
    """Sends many messages to the hosts of one route, all recipients being in its domain.

    What an exchanger surely has not taken, since it cannot be reached or secured or serves nobody
    just now, goes to the next one; what it may have taken is never sent again.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        route: Route,
        message: Callable[[int], Outgoing],
        *,
        count: int,
        connections: int,
        plan: Plan,
        policies: Policies,
        resolver: Resolver,
        recorder: Recorder,
        control: BulkControl,
    ) -> None:
        """``message``, ``count``, ``connections``, ``control``: as in ``send_bulk``."""
        first = message(0)
        super().__init__(
            settings,
            route,
            first,
            first.envelope.recipients,
            plan=plan,
            policies=policies,
            resolver=resolver,
            recorder=recorder,
            cancel=control.stopping,
        )
        self._each = message
        self._connections = connections
        self._control = control
        self._waiting = deque(range(count))
        self._tally = Tally(count, recorder, control)

    async def run_all(self) -> tuple[BulkResult, DomainDelivery]:
        """Return what became of all messages, and which hosts were tried for them."""
        delivery = await self.run()
        if self._waiting:
            self._tally.because(_ending_of(delivery.transcript))
            self._tally.leave(
                len(self._waiting), self._message.envelope, cancelled=self._control.cancelled
            )
        result = result_of(self._tally)
        delivery.transcript = result.transcript
        return result, delivery

    def _decided(self, transcript: Transcript) -> bool:
        return not self._waiting or super()._decided(transcript)

    async def _attempt(
        self, exchanger: MailExchanger, protection: Protection, addresses: Addresses
    ) -> Transcript:
        settings = await self._begin(exchanger, protection)
        workers = [
            BulkWorker(
                Session(
                    settings,
                    plan=self._plan,
                    password=None,
                    resolver=addresses,
                    check=protection.check(),
                ),
                self._each,
                self._waiting,
                self._tally,
                self._control,
                elsewhere=True,
            )
            for _ in range(min(self._connections, len(self._waiting)))
        ]
        await run_workers(workers, self._control)
        remotes = {worker.remote for worker in workers if worker.gave_up is not None}
        for remote in remotes - {""} or {""}:
            addresses.tried(remote)
        transcript = self._came_to(workers)
        self._recorder.peer = settings.place
        self._note(exchanger, workers[0].remote, transcript)
        return transcript

    def _came_to(self, workers: list[BulkWorker]) -> Transcript:
        """Return a transcript of how it ended at one host; the events are those of the whole."""
        gave_up = next((each.gave_up for each in workers if each.gave_up is not None), None)
        if not self._waiting or gave_up is None:
            outcome = Outcome.CANCELLED if self._waiting else self._tally.outcome
            return self._recorder.finish(outcome, stage=Stage.MESSAGE, summary="It took its turn.")
        return self._recorder.finish(
            gave_up.outcome,
            stage=gave_up.stage,
            reply=gave_up.reply,
            summary=gave_up.sentence,
            fault=gave_up.slug,
        )


def _ending_of(transcript: Transcript) -> SessionEnd:
    return SessionEnd(
        transcript.stage or Stage.CONNECT,
        transcript.summary,
        outcome=transcript.outcome,
        slug=transcript.fault,
        reply=transcript.reply,
    )

"""Runs one message many times, and steers it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mailgui.jobs.accounts import SecretMissing
from mailgui.jobs.bulk import BulkReport
from mailgui.jobs.many import ManyOrder, send_many
from mailgui.jobs.services import Services
from mailgui.message.draft import DraftProblem
from mailgui.smtp.bulk_control import BulkControl, Progress
from mailgui.ui.bridge import Job, Outlet, Submitter
from mailgui.ui.compose.many_view import ManyView
from mailgui.ui.compose.matrix_run import ManyDirect, send_many_to_exchangers
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone

MakeOrder = Callable[[int, int], ManyOrder | ManyDirect | str]


class ManyController(QObject):
    """Asks the engine and hands the view what came of it.

    Attributes:
        report: the last one, or None.

    Signals:
        unsendable(object): the DraftProblem because of which nothing ran.
        running_changed(bool): something runs, or nothing any more.
    """

    unsendable = Signal(object)
    running_changed = Signal(bool)

    def __init__(
        self, bridge: Submitter, services: Services, view: ManyView, make: MakeOrder
    ) -> None:
        """``make`` gives the order for so many messages over so many connections, or a sentence
        that says why there is none.
        """
        super().__init__(view)
        self.report: BulkReport | None = None
        self._bridge, self._services, self._view, self._make = bridge, services, view, make
        self._job: Job | None = None
        self._control: BulkControl | None = None
        view.start_asked.connect(self.start)
        view.pause_asked.connect(lambda: self._steer("pause"))
        view.resume_asked.connect(lambda: self._steer("resume"))
        view.cancel_asked.connect(self.cancel)

    @property
    def running(self) -> bool:
        """Whether something runs."""
        return self._job is not None

    @Slot()
    def start(self) -> None:
        """Send, unless something runs or a field is wrong."""
        if self.running:
            return
        problem = self._view.problem()
        if problem:
            self._view.say(Tone.BROKEN, "Nothing was sent", problem)
            return
        count, connections, rate = self._view.wanted
        order = self._make(count, connections)
        if isinstance(order, str):
            self._view.say(Tone.ATTENTION, "Nothing was sent", order)
            return
        self._control = control = BulkControl(rate=rate)
        self._view.begin(f"Sending {count:,} messages…" if count > 1 else "Sending a message…")
        self._job = self._bridge.submit(
            _run,
            self._services,
            order,
            control,
            on_events=self._happened,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=self._cancelled,
            owner=self,
        )
        if self._job.running:
            self.running_changed.emit(True)
        else:
            self._job = None

    @Slot()
    def cancel(self) -> None:
        """End every connection at once; the second time, end the work itself."""
        if self._control is not None and not self._control.cancelled:
            self._steer("cancel")
        elif self._job is not None:
            self._job.cancel()

    def _steer(self, how: str) -> None:
        if self._control is not None and self._job is not None:
            self._bridge.submit(_steer, self._control, how, owner=self)

    def _happened(self, batch: list[Any]) -> None:
        self._view.show_progress(batch[-1])

    def _ended(self) -> None:
        self._job = self._control = None
        self.running_changed.emit(False)

    def _done(self, result: BulkReport) -> None:
        self._ended()
        self.report = result
        self._view.show_report(result)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        if isinstance(error, SecretMissing):
            words = f"{error.sentence} Send the message once by itself, and keep it there."
            self._view.say(Tone.ATTENTION, "Nothing was sent yet", words)
            return
        self._view.say(Tone.BROKEN, "Nothing was sent", sentence_of(error))
        if isinstance(error, DraftProblem):
            self.unsendable.emit(error)

    def _cancelled(self) -> None:
        self._ended()
        self._view.say(
            Tone.ATTENTION,
            "Cancelled by force",
            "What was on its way may have arrived; look before you send again.",
        )


async def _steer(control: BulkControl, how: str) -> None:
    """Pause, resume or cancel, on the run's own thread."""
    getattr(control, how)()


async def _run(
    outlet: Outlet, services: Services, order: ManyOrder | ManyDirect, control: BulkControl
) -> BulkReport:
    def tell(progress: Progress) -> None:
        outlet(progress)

    control.on_progress = tell
    if isinstance(order, ManyDirect):
        return await send_many_to_exchangers(services, order, control)
    return await send_many(services, order, control)

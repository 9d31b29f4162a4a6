"""What the page can do with an SMTP server beside sending: the console, trying every sign-in, and
telling what MailGUI makes of the server's offers.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from mailgui.jobs.accounts import SecretMissing, open_account
from mailgui.jobs.auth_probe import AuthReport, try_every_sign_in
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.jobs.uses import uses_of
from mailgui.smtp.auth_probe import MechanismResult
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.uses import Use
from mailgui.store.profile import Profile
from mailgui.transcript import EhloAnswer
from mailgui.ui.bridge import Batch, Job, Outlet, Submitter
from mailgui.ui.compose.console_controller import ConsoleController
from mailgui.ui.compose.sending import Order
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone

if TYPE_CHECKING:
    from mailgui.ui.compose.page import ComposePage


class SmtpTools(QObject):
    """Belongs to the Compose page.

    Attributes:
        console: what runs the console.
        probe: the last probe of every sign-in, or None.
    """

    def __init__(self, bridge: Submitter, services: Services, page: "ComposePage") -> None:
        super().__init__(page)
        self.probe: AuthReport | None = None
        self._bridge, self._services, self._page = bridge, services, page
        self._job: Job | None = None
        exchange = page.exchange
        self.console = ConsoleController(
            bridge, services, exchange.console, profile=self._profile, draft=page.draft
        )
        self.console.save_asked.connect(page.saving.transcript)
        self.console.running_changed.connect(self._console_changed)
        exchange.tls.save_chain_asked.connect(page.saving.chain)
        page.bar.tools.console_asked.connect(self.open_console)
        page.controller.finished.connect(self._finished)
        page.previewer.updated.connect(self._previewed)
        exchange.server.sign_ins.start_asked.connect(self.try_sign_ins)
        exchange.server.sign_ins.stop_asked.connect(self._stop)

    @property
    def probing(self) -> bool:
        """Whether the probe of every sign-in runs."""
        return self._job is not None

    @Slot()
    def open_console(self) -> None:
        """Bring the console to the front, and the keyboard to it."""
        road = self._page.bar.road
        if road is None or not road.by_api or self.console.running:
            self._page.exchange.choose("console")
            self._page.exchange.console.focus_line()

    @Slot()
    def hang_up(self) -> None:
        """Drop what is open: the window is about to close."""
        self.console.drop()
        self._stop()

    @Slot()
    def try_sign_ins(self) -> None:
        """Try every way to sign in with the chosen profile."""
        profile, view = self._profile(), self._page.exchange.server.sign_ins
        if self.probing:
            return
        if profile is None or not isinstance(profile.settings, SmtpSettings):
            view.say("Choose an SMTP profile first.", Tone.ATTENTION)
            return
        view.begin()
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            _probe,
            self._services,
            profile,
            cancel=stop,
            stop=stop,
            on_events=self._found,
            on_done=self._probed,
            on_failed=self._not_probed,
            on_cancelled=lambda: self._not_probed(None),
            owner=self,
        )
        if not self._job.running:
            self._job = None

    def _profile(self) -> Profile | None:
        road = self._page.bar.road
        return road.profile if road else None

    @Slot(bool)
    def _console_changed(self, running: bool) -> None:
        road = self._page.bar.road
        if not running and road is not None:
            self._page.exchange.offer_tools(by_api=road.by_api)

    @Slot()
    def _previewed(self) -> None:
        self._page.exchange.console.envelope = self._page.previewer.preview.envelope

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _found(self, batch: Batch) -> None:
        results = [item for item in batch if isinstance(item, MechanismResult)]
        self._page.exchange.server.sign_ins.add(results)

    def _probed(self, report: AuthReport) -> None:
        self._job, self.probe = None, report
        self._page.exchange.server.sign_ins.show_probe(report.probe)

    def _not_probed(self, error: BaseException | None) -> None:
        self._job = None
        words = sentence_of(error) if error is not None else "Cancelled by force."
        tone = Tone.ATTENTION if error is None or isinstance(error, SecretMissing) else Tone.BROKEN
        self._page.exchange.server.sign_ins.say(words, tone)

    # What MailGUI makes of the offers

    @Slot(object, object)
    def _finished(self, order: Order, report: SendReport) -> None:
        view = self._page.exchange.server
        answers = view.model.answers
        settings = order.profile.settings
        if not answers or not isinstance(settings, SmtpSettings):
            return
        self._bridge.submit(
            _uses,
            self._services,
            order if order.draft is not None else replace(order, draft=self._page.draft()),
            answers,
            report,
            on_done=lambda found: view.show_uses(answers, found),
            owner=view,
        )


async def _probe(
    outlet: Outlet, services: Services, profile: Profile, *, cancel: asyncio.Event
) -> AuthReport:
    account = await open_account(services, profile)
    return await try_every_sign_in(outlet, account, services=services, found=outlet, cancel=cancel)


async def _uses(
    services: Services, order: Order, answers: tuple[EhloAnswer, ...], report: SendReport
) -> Mapping[str, Use]:
    settings = order.profile.settings
    with suppress(SecretMissing):
        settings = (await open_account(services, order.profile)).settings
    assert isinstance(settings, SmtpSettings)  # noqa: S101 - narrows the type
    return await uses_of(
        answers, settings, draft=order.draft, plan=order.plan, tls=report.transcript.tls
    )

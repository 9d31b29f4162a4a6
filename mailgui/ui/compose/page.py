"""The Compose page: one screen on which a message is written, sent and understood."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.message.attachments import human_size
from mailgui.message.draft import Attachment, Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome, Stage
from mailgui.ui import dialogs
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose import page_keys
from mailgui.ui.compose.autosave import Autosave
from mailgui.ui.compose.code_controller import CodeController
from mailgui.ui.compose.controller import SendController, limit_of
from mailgui.ui.compose.drafting import open_files
from mailgui.ui.compose.exchange_pane import ExchangePane
from mailgui.ui.compose.foreseeing import Foresight
from mailgui.ui.compose.message_pane import MessagePane
from mailgui.ui.compose.opening import Opened, open_page, warm_up
from mailgui.ui.compose.previewer import Previewer
from mailgui.ui.compose.roads import Roads, load_roads
from mailgui.ui.compose.route_tools import RouteTools
from mailgui.ui.compose.saving import Saving
from mailgui.ui.compose.sending import Order
from mailgui.ui.compose.smtp_tools import SmtpTools
from mailgui.ui.compose.step_editor import StepsProblem
from mailgui.ui.compose.top_bar import TopBar
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone, outcome_tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.page import Page

State = dict[str, Any]
_SHARES = (560, 627)
_LEAST_WIDTH = 320
_DECIDED_LATE = (Outcome.ACCEPTED, Outcome.PARTIAL, Outcome.UNKNOWN)


class ComposePage(Page):
    """Left the message, right what happens to it.

    Attributes:
        bar, message, exchange: its three parts.
        controller: what sends.

    Signals:
        status_changed(str): what to say about the message in the status line.
        check_domain_requested(str): this domain is to be checked.
        profiles_requested: the profiles are to be shown.
    """

    status_changed = Signal(str)
    check_domain_requested = Signal(str)
    profiles_requested = Signal()

    def __init__(self, bridge: Submitter, services: Services, state: State) -> None:
        super().__init__()
        identify(self, "compose-page", "Compose")
        self._bridge, self._services, self._state = bridge, services, state
        self._restoring = self._opened = self._touched = False
        self._losses: tuple[Finding, ...] = ()
        self._known = Draft()  # the draft as it was when it last was another
        self._limits: dict[str, int | None] = {}
        self._status = ""
        self.bar = TopBar()
        self.message = MessagePane()
        self.exchange = ExchangePane()
        self.controller = SendController(bridge, services, self.exchange, self._order)
        self.previewer = Previewer(bridge, self.draft, self._mime_in_front, self)
        self.autosave = Autosave(bridge, self.draft, self)
        self.foresight = Foresight(bridge, self.draft, self._api_settings, self)
        self.saving = Saving(bridge, self)
        self.tools = SmtpTools(bridge, services, self)
        self.routes = RouteTools(bridge, services, self)
        self.code = CodeController(bridge, services, self, state)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()
        page_keys.install(self)

    def draft(self) -> Draft:
        """Return the draft as it stands."""
        return self.message.draft

    def set_draft(self, draft: Draft) -> None:
        """Show another draft in place of what is there."""
        self._touched = True
        self.message.replace_draft(draft)
        self._known = self.draft()
        self.previewer.touch()
        self.autosave.touch()
        self.foresight.touch()

    @property
    def busy(self) -> bool:
        """Whether a send or a test runs."""
        return self.controller.running or self.routes.running

    def choose_profile(self, name: str) -> None:
        """Choose the profile to send with; raises LookupError where there is none of that name."""
        self.bar.choose(name)

    def show_tab(self, key: str) -> None:
        """Bring one tab of the exchange to the front."""
        self.exchange.choose(key)

    @Slot()
    def send(self) -> None:
        """Send the draft with the chosen profile, as far as the stop point."""
        stop = self.bar.stop_after
        words = "Sending…" if self.bar.will_send else f"Going as far as {stop.upper()}…"
        self.controller.start(testing=False, words=words)

    @Slot()
    def test_connection(self) -> None:
        """Connect and sign in with the chosen profile, without a message; without one, see who
        takes the recipients' mail.
        """
        if self.bar.road is not None and self.bar.road.direct:
            self.routes.probe_recipients()
            return
        self.controller.start(testing=True)

    @Slot()
    def restore(self) -> None:
        """Read profiles and the last draft; the page does this itself when it is first shown."""
        if not self._restoring:
            self._restoring = True
            self._bridge.submit(
                open_page,
                self._services,
                str(self._state.get("profile", "")),
                on_done=self._restored,
                on_failed=self._not_restored,
                owner=self,
            )

    @Slot()
    def profiles_changed(self) -> None:
        """Read the profiles again."""
        self._bridge.submit(
            load_roads,
            self._services,
            on_done=self._set_roads,
            on_failed=self._not_restored,
            owner=self,
        )

    @Slot()
    def save_now(self) -> None:
        """Save the draft at once, unless it could not even be read yet, and hang up."""
        self.tools.hang_up()
        if self._opened:
            self.autosave.now()

    def save_state(self) -> State:
        """Return what to remember until the next start."""
        road = self.bar.road
        return {
            **self._state,
            "profile": road.name if road else self._state.get("profile", ""),
            "splitter": self._splitter.sizes(),
            "tab": self.message.tabs.tabs.key,
        }

    def focus_first(self) -> None:
        """Put the keyboard where writing begins."""
        self.message.focus_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.restore()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        for pane in (self.message, self.exchange):
            pane.setMinimumWidth(_LEAST_WIDTH)
        self._splitter.addWidget(self.message)
        self._splitter.addWidget(self.exchange)
        for place, share in enumerate(_SHARES):
            self._splitter.setStretchFactor(place, share)
        sizes = self._state.get("splitter")
        good = isinstance(sizes, list) and len(sizes) == 2 and all(_is_width(s) for s in sizes)
        self._splitter.setSizes(list(sizes) if good and sizes else list(_SHARES))
        layout.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self.bar.send_asked.connect(self.send)
        self.bar.test_asked.connect(self.test_connection)
        self.bar.tools.steps_asked.connect(self.exchange.open_steps)
        self.bar.profiles_asked.connect(self.profiles_requested)
        self.bar.road_changed.connect(self._road_changed)
        self.exchange.start_asked.connect(self.send)
        self.message.changed.connect(self._changed)
        self.message.former.wanted.connect(self.set_draft)
        self.message.files_given.connect(self.attach)
        self.message.attachments.strip.add_asked.connect(self._ask_files)
        self.message.tabs.tabs.chosen.connect(self._tab_chosen)
        self.message.tabs.mime.copy_asked.connect(lambda: self.saving.copy(self.previewer.draft))
        self.message.tabs.mime.save_asked.connect(lambda: self.saving.eml(self.previewer.draft))
        self.exchange.transcript.save_asked.connect(self._save_transcript)
        self.exchange.tls.save_asked.connect(self.saving.certificate)
        self.previewer.updated.connect(self._previewed)
        self.autosave.failed.connect(self._complain)
        self.saving.failed.connect(self._complain)
        self.foresight.found.connect(self.message.show_losses)
        self.message.losses.action_triggered.connect(self._explain_losses)
        self.foresight.found.connect(self._keep_losses)
        self.controller.running_changed.connect(self.bar.set_running)
        self.controller.finished.connect(self._finished)
        self.controller.unsendable.connect(self.message.show_problem)
        self.controller.check_domain_requested.connect(self.check_domain_requested)
        self.controller.profiles_requested.connect(self.profiles_requested)
        self.controller.matrix_requested.connect(self.routes.probe_recipients)

    @Slot(list)
    def attach(self, paths: list[Path]) -> None:
        """Attach files."""
        self._bridge.submit(
            open_files, paths, on_done=self._files_opened, on_failed=self._not_restored, owner=self
        )

    def _files_opened(self, found: tuple[list[Attachment], list[str]]) -> None:
        self.message.add(*found)

    @Slot()
    def _ask_files(self) -> None:
        paths = dialogs.open_files(self)
        if paths:
            self.attach(paths)

    @Slot()
    def _save_transcript(self) -> None:
        if self.controller.report is not None:
            self.saving.transcript(self.controller.report)

    def _order(self, testing: bool) -> Order | None:
        """Return what to run now; None where there is no profile."""
        road = self.bar.road
        if road is None:
            self.exchange.say(
                Tone.ATTENTION, "There is no profile to send with", "Add one under Profiles."
            )
            return None
        self.message.clear_marks()
        if testing:
            return Order(road.profile)
        problem = self.message.tabs.api.problem() if road.by_api else None
        if problem is not None:
            self.exchange.say(Tone.BROKEN, "Nothing was sent", problem.sentence)
            self.message.show_problem(problem)
            return None
        stop = self.bar.stop_after
        try:
            plan = None if road.by_api else self.exchange.steps.plan(Stage(stop) if stop else None)
        except StepsProblem as wrong:
            self.exchange.say(Tone.BROKEN, "Nothing was sent", str(wrong))
            self.exchange.open_steps()
            return None
        direct = self.routes.choice if road.direct else None
        return Order(road.profile, self.previewer.for_sending(), plan, direct=direct)

    @Slot(object, object)
    def _finished(self, order: Order, report: SendReport) -> None:
        transcript, name = report.transcript, order.profile.name
        said = f"Last: {transcript.outcome.value}"
        self.bar.set_tone(name, outcome_tone(transcript.outcome), said)
        if transcript.ehlo:
            self._limits[name] = limit_of(report)
        if order.draft is not None:
            self.message.head.mark(transcript.recipients)
            if transcript.outcome in _DECIDED_LATE or transcript.stage is Stage.MESSAGE:
                self.previewer.was_sent(order.draft, transcript.started.astimezone())
        self._say_status()

    @Slot()
    def _changed(self) -> None:
        # Editors also tell when only the colours of their text have changed.
        draft = self.draft()
        if draft == self._known:
            return
        self._known = draft
        self._touched = True
        self.previewer.touch()
        self.autosave.touch()
        self.foresight.touch()

    @Slot(str)
    def _tab_chosen(self, key: str) -> None:
        if key == "mime":
            self.previewer.refresh()

    def _api_settings(self) -> ApiSettings | None:
        settings = self.bar.road.profile.settings if self.bar.road else None
        return settings if isinstance(settings, ApiSettings) else None

    @Slot(object)
    def _keep_losses(self, findings: Sequence[Finding]) -> None:
        self._losses = tuple(findings)

    @Slot()
    def _explain_losses(self) -> None:
        if not self.controller.running:
            self.exchange.show_findings(self._losses, "")

    def _mime_in_front(self) -> bool:
        return self.message.tabs.tabs.key == "mime" and self.isVisible()

    @Slot()
    def _previewed(self) -> None:
        found = self.previewer.preview
        self.message.show_preview(found)
        road = self.bar.road
        by_api = road is not None and road.by_api
        self.message.tabs.mime.show_preview(found, sent=self.previewer.sent_at, by_api=by_api)
        self._say_status()

    def _say_status(self) -> None:
        size, road = self.previewer.preview.size, self.bar.road
        limit = (road.limit or self._limits.get(road.name)) if road else None
        of = f" of {human_size(limit)}" if limit else ""
        words = "Message not complete" if size is None else f"Message {human_size(size)}{of}"
        if words != self._status:
            self._status = words
            self.status_changed.emit(words)

    @Slot()
    def _road_changed(self) -> None:
        road = self.bar.road
        if road is None:
            return
        self.message.adopt_sender(road.profile.sender)
        self.message.tabs.set_provider(road.provider)
        self.foresight.now()
        if isinstance(road.profile.settings, SmtpSettings):
            self.exchange.steps.set_settings(road.profile.settings, sandbox=road.profile.sandbox)
        self._bridge.submit(warm_up, by_api=road.by_api, owner=self)
        self.exchange.offer_tools(by_api=road.by_api)
        if not self.controller.running and self.controller.report is None:
            self.exchange.show_road(by_api=road.by_api)
        self.previewer.refresh()

    def _set_roads(self, roads: Roads) -> None:
        self.bar.set_roads(roads, str(self._state.get("profile", "")) if not self._opened else "")
        if roads.problems:
            self._complain(" ".join(roads.problems))
        self._road_changed()

    def _restored(self, opened: Opened) -> None:
        draft = opened.restored.draft
        if draft is not None and not self._touched:
            self.message.set_draft(draft)
        self._set_roads(opened.roads)
        self._opened = True
        road = self.bar.road
        if road is not None:
            self.message.adopt_sender(road.profile.sender)
        self._known = self.draft()
        if opened.restored.problems:
            self._complain(" ".join(opened.restored.problems))
        key = self._state.get("tab")
        if key in ("text", "headers", "mime"):
            self.message.tabs.tabs.set_key(key)
        self.previewer.refresh()
        # So that writing can begin at once, unless the person is somewhere already.
        QTimer.singleShot(0, self, self._settle)

    @Slot()
    def _settle(self) -> None:
        focused = self.window().focusWidget()
        elsewhere = focused is None or not self.message.isAncestorOf(focused)
        if self.isVisible() and elsewhere:
            self.focus_first()

    def _not_restored(self, error: BaseException) -> None:
        self._complain(sentence_of(error))

    @Slot(str)
    def _complain(self, sentence: str) -> None:
        self.message.notice.say(sentence, Tone.ATTENTION)


def _is_width(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 100_000

"""The Sandbox page: servers to test against, what they took, webhooks, faults, how to connect."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout

from mailgui.jobs.demo import sample_draft
from mailgui.jobs.reports import SendReport
from mailgui.jobs.send import send_with_profile
from mailgui.jobs.services import Services
from mailgui.sandbox.conduct import Orders
from mailgui.sandbox.mailbox import CapturedMessage
from mailgui.sandbox.sandbox import Sandbox
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import visible
from mailgui.ui.bridge import Batch, Job, Outlet, Submitter
from mailgui.ui.sandbox.connection_tab import ConnectionTab, connection_settings
from mailgui.ui.sandbox.faults_tab import FaultsTab
from mailgui.ui.sandbox.messages_tab import MessagesTab
from mailgui.ui.sandbox.orders_tab import OrdersTab
from mailgui.ui.sandbox.top_bar import SandboxBar
from mailgui.ui.sandbox.webhooks_tab import WebhooksTab
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.tab_bar import TabPanel

OutletMaker = Callable[[Callable[[Batch], None]], Outlet]


class SandboxPage(Page):
    """The embedded servers and everything about them.

    Signals:
        write_asked(str): a recipient to write to.
        draft_asked(object, str): a draft to edit, and the name of a profile to send it by.
        stopped: the servers were stopped here.

    Attributes:
        messages, webhooks, faults, orders, connection: its tabs.
    """

    write_asked = Signal(str)
    draft_asked = Signal(object, str)
    stopped = Signal()

    def __init__(
        self, bridge: Submitter, services: Services, state: dict[str, Any], outlet: OutletMaker
    ) -> None:
        """``outlet`` makes an outlet that belongs to no job."""
        super().__init__()
        identify(self, "sandbox-page")
        self._bridge, self._services = bridge, services
        self._job: Job | None = None
        self.bar = SandboxBar()
        self.notice = InlineNotice(name="sandbox-notice", dismissible=True)
        self.messages = MessagesTab(bridge, services)
        kept = dict(state.get("webhooks") or {})
        self.webhooks = WebhooksTab(bridge, services, kept, outlet)
        self.faults = FaultsTab()
        self.orders = OrdersTab()
        self.connection = ConnectionTab()
        self.tabs = TabPanel(name="sandbox", accessible="Parts of the sandbox")
        for key, words, tab in (
            ("messages", "Messages", self.messages),
            ("webhooks", "Webhooks", self.webhooks),
            ("faults", "Faults", self.faults),
            ("orders", "Replies and rate", self.orders),
            ("connection", "Connection", self.connection),
        ):
            self.tabs.add(key, words, tab)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        for widget in (self.bar, self.notice):
            layout.addWidget(widget)
        layout.addWidget(self.tabs, 1)
        self._connect()
        arrivals = outlet(self._arrived)
        bridge.submit(_watch, services, arrivals, on_done=self._watching, owner=self)
        self.show_tab(str(state.get("tab") or "messages"))

    @property
    def busy(self) -> bool:
        """Whether anything on the page is under way."""
        own = self._job is not None and self._job.running
        return own or self.messages.busy or self.webhooks.busy

    def show_tab(self, key: str) -> None:
        """Bring a tab to the front: messages, webhooks, faults, orders or connection."""
        if key in {"messages", "webhooks", "faults", "orders", "connection"}:
            self.tabs.tabs.set_key(key)

    @Slot()
    def start(self) -> None:
        """Start the servers."""
        if self._job is None or not self._job.running:
            self.bar.set_busy("starting…")
            self._submit(_start, self._services, on_done=self.started)

    @Slot()
    def stop(self) -> None:
        """Stop the servers; what they took stays."""
        if self._job is None or not self._job.running:
            self.bar.set_busy("stopping…")
            self._submit(_stop, self._services, on_done=lambda _none: self._stopped())

    def started(self, sandbox: Sandbox) -> None:
        """Show where the servers are; also called when something else started them."""
        if not sandbox.running:
            return
        self.bar.set_running(_addresses(sandbox))
        self.connection.set_settings(connection_settings(sandbox))
        self.webhooks.set_base(str(sandbox.http))

    @Slot()
    def send_sample(self) -> None:
        """Send the sample message to the sandbox by SMTP."""
        if self._job is None or not self._job.running:
            self._submit(_send_sample, self._services, on_done=self._sent)

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {"tab": self.tabs.tabs.key, "webhooks": self.webhooks.save_state()}

    def focus_first(self) -> None:
        """Put the keyboard on the tab in front."""
        self.tabs.tabs.setFocus()

    def _connect(self) -> None:
        self.bar.start_asked.connect(self.start)
        self.bar.stop_asked.connect(self.stop)
        self.connection.start_asked.connect(self.start)
        self.messages.sample_asked.connect(self.send_sample)
        self.messages.count_changed.connect(lambda n: self.tabs.tabs.set_count("messages", n))
        self.messages.simulate_asked.connect(self._simulate)
        self.webhooks.count_changed.connect(lambda n: self.tabs.tabs.set_count("webhooks", n))
        self.faults.write_asked.connect(self.write_asked)
        self.messages.draft_asked.connect(self.draft_asked)
        self.orders.ordered.connect(self._order)
        bind(self, ("Ctrl+Return", self._start_by_key))

    def _submit(self, function: Any, *args: Any, on_done: Callable[[Any], None]) -> None:
        self.notice.clear()
        self._job = self._bridge.submit(
            function, *args, on_done=on_done, on_failed=self._failed, owner=self
        )

    @Slot()
    def _start_by_key(self) -> None:
        if self.bar.start.isVisible():
            self.start()

    @Slot(object)
    def _order(self, orders: Orders) -> None:
        self._bridge.submit(
            _order, self._services, orders, on_done=self._in_force, on_failed=self._failed,
            owner=self,
        )  # fmt: skip

    def _in_force(self, orders: Orders) -> None:
        self.orders.show_orders(orders)
        count = len(orders.replies) + (orders.rate is not None)
        self.tabs.tabs.set_count("orders", count, Tone.ATTENTION)

    def _arrived(self, _messages: Batch) -> None:
        self.messages.refresh()

    def _watching(self, sandbox: Sandbox) -> None:
        self.messages.attach(sandbox.mailbox)
        self.started(sandbox)

    def _stopped(self) -> None:
        self.stopped.emit()
        self.bar.set_running("")
        self.connection.set_settings(())
        self.webhooks.set_base("")

    def _sent(self, report: SendReport) -> None:
        self.messages.show_newest()
        if report.transcript.outcome.value != "accepted":
            self.notice.say(visible(report.transcript.summary), Tone.ATTENTION)

    @Slot(object, str)
    def _simulate(self, message: CapturedMessage, event: str) -> None:
        self.show_tab("webhooks")
        self.webhooks.simulate(event, message)

    def _failed(self, error: BaseException) -> None:
        self.notice.say(visible(sentence_of(error)), Tone.BROKEN)
        self._bridge.submit(_state, self._services, on_done=self._settle, owner=self)

    def _settle(self, sandbox: Sandbox) -> None:
        if sandbox.running:
            self.started(sandbox)
        else:
            self._stopped()


def _addresses(sandbox: Sandbox) -> str:
    """Return where the servers are, the host named once where they share it."""
    places = (("SMTP", sandbox.smtp), ("API", sandbox.http), ("DNS", sandbox.dns))
    hosts = {place.host for _, place in places}
    if len(hosts) == 1:
        ports = " · ".join(f"{name} {place.port}" for name, place in places)
        return f"{hosts.pop()} · {ports}"
    return " · ".join(f"{name} {place}" for name, place in places)


async def _watch(services: Services, arrivals: Outlet) -> Sandbox:
    services.sandbox.mailbox.subscribe(arrivals)
    return services.sandbox


async def _start(services: Services) -> Sandbox:
    return await services.start_sandbox()


async def _stop(services: Services) -> None:
    await services.sandbox.stop()


async def _order(services: Services, orders: Orders) -> Orders:
    services.sandbox.orders = orders
    return orders


async def _state(services: Services) -> Sandbox:
    return services.sandbox


async def _send_sample(services: Services) -> SendReport:
    profile = Profile("Sandbox SMTP", SmtpSettings(host="127.0.0.1"), sandbox=True)
    return await send_with_profile(None, services, profile, sample_draft())

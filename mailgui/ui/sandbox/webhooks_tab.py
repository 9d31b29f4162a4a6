"""Webhooks: what came, whether it is the provider's, and what it says."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from mailgui.api.webhook_definition import NormalEvent
from mailgui.jobs.request import providers
from mailgui.jobs.services import Services
from mailgui.jobs.webhook_record import WebhookRecord
from mailgui.jobs.webhooks import BOUND, MAX_OCTETS, MAX_RECORDS, shown_octets
from mailgui.sandbox.mailbox import CapturedMessage
from mailgui.sandbox.webhook_simulation import Story
from mailgui.transcript import visible
from mailgui.ui.bridge import Batch, Job, Outlet, Submitter
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.sandbox.webhook_bar import WebhookBar
from mailgui.ui.sandbox.webhook_view import PasteView, WebhookView
from mailgui.ui.sandbox.words import EVENTS, VERDICTS, clock
from mailgui.ui.sentences import sentence_of
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset

_COLUMNS = (
    Column("Received", mono=True, right=True, most=90),
    Column("Provider", most=150),
    Column("Event", most=190, words="The provider's own word"),
    Column("Means", most=130),
    Column("Recipient", most=230),
    Column("Message id", mono=True, stretch=True),
    Column("Signature", most=130),
)


class WebhooksTab(QWidget):
    """The events of the last requests.

    Signals:
        count_changed(int): how many events are listed.
    """

    count_changed = Signal(int)

    def __init__(
        self,
        bridge: Submitter,
        services: Services,
        state: dict[str, Any],
        outlet: Callable[[Callable[[Batch], None]], Outlet],
    ) -> None:
        """``outlet`` makes an outlet that belongs to no job."""
        super().__init__()
        identify(self, "sandbox-webhooks")
        self._bridge, self._services = bridge, services
        self._records: dict[str, WebhookRecord] = {}
        self._wanted: tuple[str, int] | None = None
        self._urls = {str(k): str(v) for k, v in dict(state.get("urls") or {}).items()}
        self._job: Job | None = None
        self.bar = WebhookBar(tuple(providers().values()))
        self.notice = InlineNotice(name="webhook-notice", dismissible=True)
        self.table = DataTable(
            _COLUMNS, name="webhook-list", accessible="Webhook events", flush=True
        )
        self.table.setMinimumHeight(metrics().row * 3)
        self.view, self.paste = WebhookView(), PasteView()
        self._empty = EmptyState(
            "globe",
            "No webhooks yet",
            "Events that a provider posts to the address above arrive here, and are checked by its "
            "signature. Without an account, let the sandbox send one as the provider would. "
            f"{BOUND}",
            name="webhook-empty",
            action="Simulate “delivered”",
        )
        self._lay_out()
        self._connect()
        self.table.sort_by(0, descending=True)
        self.bar.choose(str(state.get("provider") or "resend"))
        arrivals = outlet(self.take)
        bridge.submit(_subscribe, services, arrivals, on_done=self.take, owner=self)
        self._provider_changed()

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._job is not None and self._job.running

    @property
    def records(self) -> tuple[WebhookRecord, ...]:
        """What is listed, oldest first."""
        return tuple(self._records.values())

    def take(self, records: Batch) -> None:
        """Show records that are new, or were checked again."""
        for record in records:
            self._records[record.id] = record
        self._bound()
        newest = records[-1] if records else None
        rows, keys = [], []
        for record in self._records.values():
            for number in range(max(1, len(record.events))):
                rows.append(_row(record, number))
                keys.append((record.id, number))
        current = self.table.key
        self.table.set_rows(rows, keys)
        if newest is not None and (current is None or current not in keys):
            self.table.choose((newest.id, 0))
        elif current is not None and current in keys:
            self._show(current)
        self._arrange()
        self.count_changed.emit(len(rows))

    def _bound(self) -> None:
        """Keep no more than the engine does, and say so when something has to go."""
        held, dropped = sum(map(shown_octets, self._records.values())), 0
        while len(self._records) > 1 and (len(self._records) > MAX_RECORDS or held > MAX_OCTETS):
            held -= shown_octets(self._records.pop(next(iter(self._records))))
            dropped += 1
        if dropped:
            self.notice.say(f"The oldest had to go. {BOUND}", Tone.INFO)

    def simulate(self, event: str, message: CapturedMessage | None = None) -> None:
        """Let the sandbox send itself an event, about ``message`` or about a made-up one."""
        provider = self.bar.chosen
        if provider is None or self.busy:
            return
        if message is not None and message.provider in providers():
            self.bar.choose(message.provider or "")
            self._provider_changed()
            provider = self.bar.chosen or provider
        story = _story(message)
        self.notice.clear()
        normal: NormalEvent = event  # type: ignore[assignment]  # the menu offers nothing else
        self._job = self._bridge.submit(
            _simulate,
            self._services,
            provider.id,
            normal,
            story,
            on_done=self._arrived,
            on_failed=self._failed,
            owner=self,
        )

    def check_pasted(self, text: str) -> None:
        """Check a request that was pasted."""
        provider = self.bar.chosen
        if provider is not None and not self.busy:
            self._job = self._bridge.submit(
                _paste,
                self._services,
                provider.id,
                text,
                self._urls.get(provider.id, ""),
                on_done=self._arrived,
                on_failed=self._failed,
                owner=self,
            )

    def set_base(self, address: str) -> None:
        """Say where the HTTP server of the sandbox is; "" while it does not run."""
        self._base = address
        provider = self.bar.chosen
        whole = f"http://{address}/webhooks/{provider.id}" if address and provider else ""
        self.bar.set_address(whole)

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {"provider": self.bar.provider.key, "urls": self._urls}

    def _lay_out(self) -> None:
        self._detail = QStackedWidget()
        self._detail.addWidget(self.view)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.table)
        self._split.addWidget(self._detail)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes([200, 300])
        self._stack = QStackedWidget()
        for page in (self._empty, self._split, self.paste):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        layout.addWidget(Inset(self.notice, LARGE, SMALL, LARGE, SMALL))
        layout.addWidget(self._stack, 1)
        self._base = ""

    def _connect(self) -> None:
        self.bar.provider_changed.connect(self._provider_changed)
        self.bar.key_entered.connect(self._key_entered)
        self.bar.url_entered.connect(self._url_entered)
        self.bar.simulate_asked.connect(self.simulate)
        self.bar.paste_asked.connect(self.open_paste)
        self.bar.clear_asked.connect(self._clear)
        self.paste.check_asked.connect(self.check_pasted)
        self.paste.close_asked.connect(self._arrange)
        self.table.chosen.connect(self._show)
        self._empty.action_triggered.connect(lambda: self.simulate("delivered"))

    @Slot()
    def open_paste(self) -> None:
        """Let a person paste a request."""
        self._stack.setCurrentWidget(self.paste)
        self.paste.text.setFocus()

    @Slot()
    def _arrange(self) -> None:
        self._stack.setCurrentWidget(self._split if self._records else self._empty)
        self.bar.clear.setEnabled(bool(self._records))

    @Slot(object)
    def _show(self, key: Any) -> None:
        record = self._records.get(key[0]) if key else None
        if record is not None:
            self.view.show_record(record, key[1])

    @Slot()
    def _provider_changed(self) -> None:
        provider = self.bar.chosen
        if provider is None:
            return
        self.set_base(self._base)
        url = self._urls.get(provider.id, "")
        self.bar.url.setText(url)
        self._bridge.submit(
            _has_key, self._services, provider.id, url, on_done=self.bar.set_stored, owner=self
        )

    @Slot(str)
    def _key_entered(self, key: str) -> None:
        provider = self.bar.chosen
        if provider is not None:
            self._bridge.submit(
                _set_key,
                self._services,
                provider.id,
                key,
                on_done=self._key_kept,
                on_failed=self._failed,
                owner=self,
            )

    def _key_kept(self, kept: tuple[bool, str]) -> None:
        stored, sentence = kept
        self.bar.set_stored(stored)
        self.notice.say(visible(sentence) if stored else "The key is forgotten.", Tone.INFO)

    @Slot(str)
    def _url_entered(self, url: str) -> None:
        provider = self.bar.chosen
        if provider is not None and url != self._urls.get(provider.id, ""):
            self._urls[provider.id] = url
            self._provider_changed()

    @Slot()
    def _clear(self) -> None:
        self._records.clear()
        self._bridge.submit(_clear, self._services, owner=self)
        self.take([])

    def _arrived(self, record: WebhookRecord) -> None:
        self.notice.clear()
        if record.id not in self._records:
            self.take([record])
        self.table.choose((record.id, 0))
        self._arrange()

    def _failed(self, error: BaseException) -> None:
        self.notice.say(visible(sentence_of(error)), Tone.BROKEN)


def _story(message: CapturedMessage | None) -> Story:
    if message is None:
        return Story("sandbox-0001", "someone@good.example", "you@good.example", "A sample")
    known = message.remote_id or message.message_id.strip("<>") or message.id
    return Story(known, next(iter(message.recipients), ""), message.envelope_from, message.subject)


def _row(record: WebhookRecord, number: int) -> tuple[Cell | str, ...]:
    word, tone = VERDICTS[record.verification.verdict]
    when = Cell(clock(record.received), sort=record.received.timestamp() - number * 1e-6)
    verdict = Cell(word, tone, more=record.verification.sentence)
    if number >= len(record.events):
        return when, record.provider_name, "(unreadable)", "", "", record.problem, verdict
    event = record.events[number].event
    means = Cell(event.normal, EVENTS[event.normal])
    return (
        when,
        record.provider_name,
        event.name,
        means,
        event.recipient,
        event.message_id,
        verdict,
    )


async def _subscribe(services: Services, outlet: Outlet) -> list[WebhookRecord]:
    services.webhooks.subscribe(outlet)
    return list(reversed(services.webhooks.records))


async def _simulate(
    services: Services, provider_id: str, normal: NormalEvent, story: Story
) -> WebhookRecord:
    return await services.webhooks.simulate(provider_id, normal, story)


async def _paste(services: Services, provider_id: str, text: str, url: str) -> WebhookRecord:
    return await services.webhooks.paste(provider_id, text, url)


async def _has_key(services: Services, provider_id: str, url: str) -> bool:
    services.webhooks.set_public_url(provider_id, url)
    return bool(await services.webhooks.key(provider_id))


async def _set_key(services: Services, provider_id: str, key: str) -> tuple[bool, str]:
    sentence = await services.webhooks.set_key(provider_id, key)
    return bool(key.strip()), sentence


async def _clear(services: Services) -> None:
    await services.webhooks.clear()

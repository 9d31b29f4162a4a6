"""The Compare page: choose two profiles and a number of messages, and see which is faster, why."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.jobs.compare import Comparison, Turn, reprice
from mailgui.jobs.demo import sample_draft
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.store.files import atomic_write
from mailgui.transcript import visible
from mailgui.ui.bridge import Batch, Job, Submitter
from mailgui.ui.compare.asking import Match, NotPossible, run_match
from mailgui.ui.compare.results import Results
from mailgui.ui.compare.top_bar import CompareBar
from mailgui.ui.compose.roads import Roads, load_roads
from mailgui.ui.dialogs import save_file
from mailgui.ui.metrics import LARGE, MEDIUM, Type
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import duration, number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page

_TICK_MS = 200


class ComparePage(Page):
    """Measures one pair at a time.

    Attributes:
        result: what the last comparison came to, or None.
    """

    def __init__(
        self,
        bridge: Submitter,
        services: Services,
        state: dict[str, Any],
        *,
        draft: Callable[[], Draft],
    ) -> None:
        """``draft`` returns the message of the Compose page, which is what gets sent."""
        super().__init__()
        identify(self, "compare-page")
        self._bridge, self._services, self._draft = bridge, services, draft
        self.result: Comparison | None = None
        self._job: Job | None = None
        self._done = 0
        self._all = 0
        self.bar = CompareBar()
        self.sentence = Label(kind=Type.STRONG, wrap=True, selectable=True, name="compare-sentence")
        self.facts = Label(tone="secondary", name="compare-facts")
        self.notice = InlineNotice(name="compare-notice", dismissible=True)
        self.results = Results()
        self._empty = EmptyState(
            "compare",
            "Nothing measured yet",
            "Choose two profiles. The message of the Compose page goes out by each in turns, and "
            "here stands where the time went: opening, signing in, each message.",
            name="compare-empty",
            action="Compare SMTP and API in the sandbox",
        )
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=_TICK_MS)
        self._lay_out()
        self._connect()
        self._wanted = (str(state.get("first", "")), str(state.get("second", "")))
        self.bar.count.set_key(str(state.get("count", "10")))
        self.bar.connection.set_key(str(state.get("connection", "kept")))
        self.profiles_changed()

    @property
    def busy(self) -> bool:
        """Whether it measures."""
        return self._job is not None and self._job.running

    @property
    def ready(self) -> bool:
        """Whether the profiles are known."""
        return self.bar.roads is not None

    @Slot()
    def profiles_changed(self) -> None:
        """Read the profiles again."""
        self._bridge.submit(load_roads, self._services, on_done=self._offer, owner=self)

    @Slot()
    def compare(self) -> None:
        """Measure what the bar says."""
        roads = self.bar.roads
        if self.busy or roads is None:
            return
        draft = self._draft()
        profiles = (roads[0].profile, roads[1].profile)
        if not (draft.to or draft.cc or draft.bcc) or draft.sender is None:
            if not all(profile.sandbox for profile in profiles):
                self._say(
                    "The message on the Compose page needs a sender and a recipient first: "
                    "this sends real mail."
                )
                return
            draft = sample_draft()
        self._start(Match(profiles, draft, int(self.bar.count.key), self.bar.fresh))

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {
            "first": self.bar.first.key or self._wanted[0],
            "second": self.bar.second.key or self._wanted[1],
            "count": self.bar.count.key,
            "connection": self.bar.connection.key,
        }

    def focus_first(self) -> None:
        """Put the keyboard on the first profile."""
        self.bar.first.setFocus()

    def _start(self, match: Match) -> None:
        self._say("")
        self.result = None
        self._done, self._all = 0, 2 * match.count
        self._stack.setCurrentIndex(1)
        self.results.setEnabled(False)
        self.bar.set_running(True)
        self.bar.export.setEnabled(False)
        self._clock.start()
        self._tick.start()
        self._show_progress()
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            run_match,
            self._services,
            match,
            cancel=stop,
            stop=stop,
            on_events=self._turned,
            on_done=self._ended,
            on_failed=self._failed,
            on_cancelled=lambda: self._failed(None),
            owner=self,
        )

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        self._around = QWidget()
        around = QVBoxLayout(self._around)
        pad(around, LARGE, MEDIUM, LARGE, MEDIUM)
        around.addWidget(self.notice)
        self._around.hide()
        layout.addWidget(self._around)
        line = bar()
        across = QHBoxLayout(line)
        pad(across, LARGE, 10, LARGE, 11, spacing=LARGE)
        across.addWidget(self.sentence, 1)
        across.addWidget(self.facts, 0, Qt.AlignmentFlag.AlignTop)
        body = QWidget()
        inside = QVBoxLayout(body)
        pad(inside, 0)
        inside.addWidget(line)
        inside.addWidget(self.results, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.bar.compare_asked.connect(self.compare)
        self.bar.cancel_asked.connect(self._cancel)
        self.bar.copy_asked.connect(self.copy_text)
        self.bar.save_asked.connect(self._save_json)
        self.results.cost.changed.connect(self._reprice)
        self.notice.dismissed.connect(self._around.hide)
        self._empty.action_triggered.connect(self._try_sandbox)
        self._tick.timeout.connect(self._show_progress)
        bind(self, ("Ctrl+Return", self.compare), ("Esc", self._cancel))

    def _offer(self, roads: Roads) -> None:
        self.bar.set_roads(roads, self._wanted)
        if roads.problems:
            self._say(" ".join(roads.problems), Tone.ATTENTION)

    @Slot()
    def _try_sandbox(self) -> None:
        self.bar.first.set_key("Sandbox SMTP")
        self.bar.second.set_key("Sandbox API")
        self.compare()

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _turned(self, turns: Batch) -> None:
        last: Turn = turns[-1]
        self._done = 2 * (last.number - 1) + last.side + 1

    @Slot()
    def _show_progress(self) -> None:
        self.sentence.setText(f"Measuring: {self._done:,} of {self._all:,} messages")
        self.facts.setText(duration(self._clock.elapsed() / 1000))

    def _ended(self, result: Comparison | NotPossible) -> None:
        self._rest()
        if isinstance(result, NotPossible):
            self._stack.setCurrentIndex(0)
            self._say(result.sentence)
            return
        self.result = result
        self.bar.export.setEnabled(True)
        sent = sum(len(side.samples) for side in result.sides)
        self.sentence.setText(visible(headline(result)))
        self.facts.setText(f"{number(sent, 'message')}, {duration(result.elapsed)}")
        self.results.show_comparison(result)
        self._reprice()

    def _failed(self, error: BaseException | None) -> None:
        self._rest()
        self._stack.setCurrentIndex(0)
        words = sentence_of(error) if error is not None else "Measuring was cancelled."
        self._say(words, Tone.BROKEN if error is not None else Tone.INFO)

    def _rest(self) -> None:
        self._tick.stop()
        self.results.setEnabled(True)
        self.bar.set_running(False)

    @Slot()
    def _reprice(self) -> None:
        if self.result is not None:
            self.result = reprice(self.result, self.results.cost.prices)
            self.results.show_advice(self.result)

    @Slot()
    def copy_text(self) -> None:
        """Copy the comparison as text."""
        from mailgui.jobs.compare_text import comparison_text

        if self.result is not None:
            QGuiApplication.clipboard().setText(comparison_text(self.result))

    @Slot()
    def _save_json(self) -> None:
        if self.result is None:
            return
        chosen = save_file(self, "Save the comparison", "comparison.json", ["JSON (*.json)"])
        if chosen is not None:
            self._bridge.submit(
                _write,
                chosen[0],
                self.result,
                on_done=lambda path: self._say(f"Saved as {path}.", Tone.PASS),
                on_failed=lambda error: self._say(sentence_of(error)),
                owner=self,
            )

    def _say(self, sentence: str, tone: Tone = Tone.BROKEN) -> None:
        self.notice.say(visible(sentence), tone)
        self._around.setVisible(bool(sentence))


def headline(result: Comparison) -> str:
    """Return the first thing to say: the verdict on speed, or why there is none."""
    wanted = ("compare.faster", "compare.even")
    told = [finding.title for finding in result.advice if finding.id in wanted]
    if told:
        return f"{told[0]}."
    if result.cancelled:
        return "Cancelled before there was anything to compare."
    return "There is nothing to compare: see what failed."


async def _write(path: Path, result: Comparison) -> Path:
    text = json.dumps(result.to_json_dict(), indent=2, ensure_ascii=False) + "\n"
    path = path if path.suffix else path.with_suffix(".json")
    await asyncio.to_thread(atomic_write, path, text.encode("utf-8", "backslashreplace"))
    return path

"""Keeps the tab Code up with the draft and the profile, as long as it is looked at."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QTimer, Slot

from mailgui.jobs.code import KINDS, CodeKind
from mailgui.jobs.code_profile import Made, code_of_profile
from mailgui.jobs.services import Services
from mailgui.transcript import Stage
from mailgui.ui import dialogs
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose.drafting import write_file
from mailgui.ui.compose.step_editor import StepsProblem
from mailgui.ui.sentences import sentence_of

if TYPE_CHECKING:
    from mailgui.smtp.plan import Plan
    from mailgui.ui.compose.page import ComposePage

_DEBOUNCE_MS = 250
_DIRECT = "“Direct to MX” has no server to name: choose a profile."


class CodeController(QObject):
    """Belongs to the Compose page."""

    def __init__(
        self, bridge: Submitter, services: Services, page: "ComposePage", state: dict[str, Any]
    ) -> None:
        """``state`` remembers the language as ``code``."""
        super().__init__(page)
        self._state = state
        self._bridge, self._services, self._page = bridge, services, page
        self._view = page.exchange.code
        self._busy = self._again = False
        self._shown: Any = None  # what the view was last made of
        self._profile = ""
        self._soon = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._soon.timeout.connect(self.now)
        kind = state.get("code")
        if kind in set(CodeKind):
            self._view.choice.set_key(kind)
        self._view.changed.connect(self._chosen)
        self._view.save_asked.connect(self._save)
        self._view.installEventFilter(self)
        page.message.changed.connect(self.touch)
        page.previewer.updated.connect(self.touch)
        page.bar.road_changed.connect(self.touch)
        page.exchange.steps.changed.connect(self.touch)
        page.bar.tools.code_asked.connect(self.open)

    @property
    def busy(self) -> bool:
        """Whether the view is not up with the draft yet."""
        return self._busy or self._soon.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view and event.type() == QEvent.Type.Show:
            self._soon.start(0)
        return False

    @Slot()
    def open(self) -> None:
        """Bring the code to the front and the keyboard to its language."""
        self._page.exchange.choose("code")
        self._view.choice.setFocus()

    @Slot()
    def touch(self) -> None:
        """Make it anew soon."""
        self._soon.start()

    @Slot()
    def now(self) -> None:
        """Make it anew, unless nobody looks or nothing has changed."""
        self._soon.stop()
        road = self._page.bar.road
        if not self._view.isVisible():
            return
        if road is None or road.direct:
            self._shown = None
            self._view.show_problem("No code of this", _DIRECT if road else "There is no profile.")
            return
        if road.name != self._profile:
            # The word to write a secret out was given for one profile.
            self._profile = road.name
            self._set_inline(False)
        if self._busy:
            self._again = True
            return
        inline = self._view.inline.isChecked()
        plan = None if road.by_api else self._plan()
        wanted = (road.profile, self._page.draft(), self._view.kind, inline, plan)
        if wanted == self._shown:
            return
        self._shown, self._busy = wanted, True
        self._bridge.submit(
            code_of_profile,
            self._services,
            *wanted[:3],
            inline=inline,
            plan=plan,
            on_done=self._done,
            on_failed=self._failed,
            owner=self,
        )

    def _plan(self) -> "Plan | None":
        """Return the plan of the tab Steps; what cannot be read there is said when sending."""
        stop = self._page.bar.stop_after
        try:
            return self._page.exchange.steps.plan(Stage(stop) if stop else None)
        except StepsProblem:
            return None

    def _done(self, made: Made) -> None:
        _profile, _draft, kind, inline, _plan = self._shown
        if made.title:
            self._view.show_problem(made.title, made.sentence)
        else:
            self._view.show_code(made.text, kind, inline=inline)
        self._ended()

    def _failed(self, error: BaseException) -> None:
        self._view.show_problem("The code could not be made", sentence_of(error))
        self._ended()

    def _ended(self) -> None:
        self._busy = False
        if self._again:
            self._again = False
            self.now()

    def _set_inline(self, on: bool) -> None:
        before = self._view.inline.blockSignals(True)
        self._view.inline.setChecked(on)
        self._view.inline.blockSignals(before)

    @Slot()
    def _chosen(self) -> None:
        self._state["code"] = self._view.kind.value
        self.now()

    @Slot()
    def _save(self) -> None:
        words = KINDS[self._view.kind]
        title, name = "Save the code", f"send-mail{words.suffix}"
        asked = dialogs.save_file(self._page, title, name, [f"{words.label} (*{words.suffix})"])
        if asked:
            path = asked[0] if asked[0].suffix else asked[0].with_name(asked[0].name + words.suffix)
            octets = self._view.text().encode("utf-8", "surrogateescape")
            self._bridge.submit(write_file, octets, path, on_failed=self._not_saved, owner=self)

    def _not_saved(self, error: BaseException) -> None:
        self._page.saving.failed.emit(f"Not saved: {sentence_of(error)}")

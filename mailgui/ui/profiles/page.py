"""The Profiles page: all accounts at the left, one in the editor, its test below."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from mailgui.api.settings import ApiSettings
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import visible
from mailgui.ui.bridge import Submitter
from mailgui.ui.metrics import LARGE, MEDIUM
from mailgui.ui.profiles.bar import ProfilesBar
from mailgui.ui.profiles.editor import Editor
from mailgui.ui.profiles.keeping import (
    Change,
    Everything,
    Kept,
    NotKept,
    keep,
    load,
    remove,
    secret_names,
    stored_secrets,
)
from mailgui.ui.profiles.trial import TrialPane
from mailgui.ui.profiles.words import where
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.check_list import CheckList
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.side_splitter import SideSplitter

_NEW = "new"


class ProfilesPage(Page):
    """Adds, changes, tests and removes profiles.

    Signals:
        profiles_changed: the profiles on disk are others now.
    """

    profiles_changed = Signal()

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "profiles-page")
        self._bridge, self._services = bridge, services
        self._all: Everything | None = None
        self._profiles: dict[str, Profile] = {}  # by the list's key
        self._current: Profile | None = None  # what is in the editor, as it is on disk
        self._new: Profile | None = None
        self._wanted = str(state.get("profile", ""))
        self._dirty = False
        self._question = ""
        self._go_on = ""  # the list's key to go to when changes are given up
        self.bar = ProfilesBar()
        self.notice = InlineNotice(name="profiles-notice", dismissible=True)
        self.problems = InlineNotice(name="profiles-problems", dismissible=True)
        self.list = CheckList(name="profile-list", accessible="Profiles")
        self.editor = Editor()
        self.trial = TrialPane(bridge, services)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._set_dirty(False)
        self.load()

    @property
    def dirty(self) -> bool:
        """Whether there are changes that are not saved."""
        return self._dirty

    def load(self) -> None:
        """Read everything again."""
        self._bridge.submit(
            load,
            self._services,
            on_done=self._loaded,
            on_failed=lambda error: self._say(sentence_of(error)),
            owner=self,
        )

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {"profile": self._current.name if self._current else ""}

    def focus_first(self) -> None:
        """Put the keyboard into the list."""
        self.list.setFocus()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        self._around = QWidget()
        around = QVBoxLayout(self._around)
        pad(around, LARGE, MEDIUM, LARGE, MEDIUM, spacing=MEDIUM)
        around.addWidget(self.problems)
        around.addWidget(self.notice)
        layout.addWidget(self._around)
        self._around.hide()
        right = QSplitter(Qt.Orientation.Vertical)
        right.setChildrenCollapsible(False)
        right.addWidget(self.editor)
        right.addWidget(self.trial)
        right.setStretchFactor(0, 3)
        right.setStretchFactor(1, 2)
        self.trial.hide()
        nothing = EmptyState(
            "profiles",
            "Choose a profile",
            "A profile is one account: an SMTP server, or an e-mail API.",
            name="profiles-empty",
        )
        self._stack.addWidget(nothing)
        self._stack.addWidget(right)
        split = SideSplitter(self.list, self._stack, usual=300)
        layout.addWidget(split, 1)

    def _connect(self) -> None:
        self.bar.new_asked.connect(self.add)
        self.bar.duplicate_asked.connect(self.duplicate)
        self.bar.delete_asked.connect(self._ask_delete)
        self.bar.test_asked.connect(self.test)
        self.bar.save_asked.connect(self.save)
        self.list.chosen.connect(self._chosen)
        self.editor.changed.connect(self._edited)
        self.trial.running_changed.connect(self._running)
        for notice in (self.notice, self.problems):
            notice.dismissed.connect(self._fit_notices)
        self.notice.action_triggered.connect(self._answered)
        bind(self, (QKeySequence.StandardKey.Save, self.save))

    # What comes back from the engine

    def _loaded(self, everything: Everything) -> None:
        self._all = everything
        self.editor.set_surroundings(everything.providers, everything.keeping.sentence)
        self.problems.say(
            visible("\n".join(everything.problems), keep_newlines=True), Tone.ATTENTION
        )
        self._fit_notices()
        self._fill()
        name = self._wanted or (self._current.name if self._current else "")
        key = next((k for k, p in self._profiles.items() if p.name == name), "")
        self._go(key or next(iter(self._profiles), ""))

    def _fill(self) -> None:
        providers = self._all.providers if self._all else {}
        profiles = self._all.profiles if self._all else ()
        self._profiles = {f"profile-{n}": profile for n, profile in enumerate(profiles)}
        rows = [(key, visible(profile.name)) for key, profile in self._profiles.items()]
        if self._new is not None:
            rows.append((_NEW, visible(self._new.name) or "New profile"))
            self._profiles[_NEW] = self._new
        blocked = self.list.blockSignals(True)
        self.list.set_checks(rows, waiting=False)
        self.list.blockSignals(blocked)
        for key, profile in self._profiles.items():
            unsaved = "not saved yet · " if key == _NEW else ""
            self.list.set_result(key, None, f"{unsaved}{where(profile, providers)}")

    # The list

    @Slot(str)
    def _chosen(self, key: str) -> None:
        if self._profiles.get(key) is self._shown:
            return
        if self._dirty:
            self._go_on = key
            self._select(self._key_of_shown())
            name = visible(self.editor.head.text("name")) or "The new profile"
            self._ask("leave", f"“{name}” has changes that are not saved.", "Discard them")
            return
        self._go(key)

    @property
    def _shown(self) -> Profile | None:
        return self._new or self._current

    def _key_of_shown(self) -> str:
        return next((k for k, p in self._profiles.items() if p is self._shown), "")

    def _go(self, key: str) -> None:
        """Show a profile of the list."""
        if key != _NEW and self._new is not None:
            self._new = None
            self._fill()
        profile = self._profiles.get(key)
        self._current = None if key == _NEW else profile
        self._stack.setCurrentIndex(1 if profile else 0)
        self._say("")
        self.trial.clear()
        if profile is None:
            self.bar.set_profile(None, new=False)
            return
        self._select(key)
        self.editor.show_profile(profile, title="New profile" if key == _NEW else "")
        self._set_dirty(key == _NEW)
        self.bar.set_profile(profile, new=key == _NEW)
        if key != _NEW and not profile.sandbox:
            self._bridge.submit(
                stored_secrets,
                self._services,
                profile,
                tuple(self._secret_names(profile)),
                on_done=lambda names: self._stored(profile, names),
                owner=self,
            )

    def _stored(self, profile: Profile, names: tuple[str, ...]) -> None:
        if profile is self._current and not self.editor.secrets():
            self.editor.set_stored(names)

    def _select(self, key: str) -> None:
        blocked = self.list.blockSignals(True)
        self.list.set_key(key)
        self.list.blockSignals(blocked)

    # What the person does

    @Slot(str)
    def add(self, road: str) -> None:
        """Begin a new profile for a road: smtp or api."""
        first = next(iter(self._all.providers), "resend") if self._all else "resend"
        settings = SmtpSettings(host="") if road == "smtp" else ApiSettings(provider=first)
        self._begin(Profile("", settings))

    @Slot()
    def duplicate(self) -> None:
        """Begin a new profile with the values in the form, but without secrets."""
        profile = self.editor.profile()
        if profile is None:
            return
        names = {each.name.casefold() for each in (self._all.profiles if self._all else ())}
        name, number = f"{profile.name} copy", 2
        while name.casefold() in names:
            name, number = f"{profile.name} copy {number}", number + 1
        settings = profile.settings
        if profile.sandbox and isinstance(settings, SmtpSettings):
            settings = replace(settings, host="127.0.0.1")
        self._begin(replace(profile, name=name, sandbox=False, settings=settings))

    def _begin(self, profile: Profile) -> None:
        if self._dirty:
            self._go_on = ""
            self._ask("leave", "Save the changes first, or discard them.", "Discard them")
            return
        self._new = profile
        self._fill()
        self._go(_NEW)
        self.editor.focus_first()

    @Slot()
    def save(self) -> None:
        """Keep what is in the form."""
        if not self._dirty:
            return
        profile = self.editor.profile()
        if profile is None:
            return
        change = Change(profile, None if self._new else self._current, self.editor.secrets())
        self.bar.set_busy(True)
        self._bridge.submit(
            keep,
            self._services,
            change,
            tuple(self._secret_names(profile)),
            on_done=self._kept,
            on_failed=self._not_kept,
            owner=self,
        )

    def _kept(self, result: Kept | NotKept) -> None:
        self.bar.set_busy(False)
        if isinstance(result, NotKept):
            if result.about_name:
                self.editor.show_name_problem(result.sentence)
            else:
                self._say(result.sentence)
            return
        self._new = None
        self._current = result.profile
        self._wanted = result.profile.name if result.profile else ""
        self._set_dirty(False)
        self.profiles_changed.emit()
        self.load()

    def _not_kept(self, error: BaseException) -> None:
        self.bar.set_busy(False)
        self._say(sentence_of(error))

    @Slot()
    def test(self) -> None:
        """Try the connection with the values in the form."""
        profile = self.editor.profile()
        if profile is not None:
            self.trial.start(Change(profile, self._current, self.editor.secrets()))

    @Slot()
    def _ask_delete(self) -> None:
        if self._new is not None:
            self._set_dirty(False)
            self._go(next(iter(self._profiles), ""))
        elif self._current is not None:
            name = visible(self._current.name)
            self._ask("delete", f"Delete “{name}” and its password or key?", "Delete")

    def _ask(self, question: str, sentence: str, action: str) -> None:
        self._question = question
        self.notice.say(sentence, Tone.ATTENTION, action=action)
        self._fit_notices()

    @Slot()
    def _answered(self) -> None:
        question, self._question = self._question, ""
        self._say("")
        if question == "leave":
            self._set_dirty(False)
            self._go(self._go_on or self._key_of_kept())
        elif question == "delete" and self._current is not None:
            self._bridge.submit(
                remove,
                self._services,
                self._current,
                tuple(self._secret_names(self._current)),
                on_done=self._removed,
                on_failed=self._not_kept,
                owner=self,
            )

    def _key_of_kept(self) -> str:
        kept = [k for k, p in self._profiles.items() if p is self._current]
        return kept[0] if kept else next(iter(self._profiles), "")

    def _removed(self, result: Kept | NotKept) -> None:
        if isinstance(result, NotKept):
            self._say(result.sentence)
            return
        self._current, self._wanted = None, ""
        self.profiles_changed.emit()
        self.load()

    # Small things

    def _secret_names(self, profile: Profile) -> dict[str, str]:
        if profile.sandbox or self._all is None:
            return {}
        return secret_names(profile.settings, self._all.providers)

    @Slot()
    def _edited(self) -> None:
        self._set_dirty(True)

    def _set_dirty(self, dirty: bool) -> None:
        self._dirty = dirty
        self.bar.set_dirty(dirty)

    @Slot(bool)
    def _running(self, running: bool) -> None:
        self.bar.set_testing(running)

    def _say(self, sentence: str, tone: Tone = Tone.BROKEN) -> None:
        self.notice.say(visible(sentence), tone)
        self._fit_notices()

    @Slot()
    def _fit_notices(self) -> None:
        shown = (self.notice, self.problems)
        self._around.setVisible(any(not each.isHidden() for each in shown))

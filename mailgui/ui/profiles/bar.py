"""The strip above the page: New, Duplicate, Delete; Test connection and Save."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from mailgui.store.profile import Profile
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import MenuButton, PrimaryButton, QuietButton
from mailgui.ui.widgets.flow_layout import FlowLayout


class ProfilesBar(QFrame):
    """The page's controls.

    Signals:
        new_asked(str): a new profile, for smtp or api.
        duplicate_asked, delete_asked, test_asked, save_asked: a button was pressed.
    """

    new_asked = Signal(str)
    duplicate_asked = Signal()
    delete_asked = Signal()
    test_asked = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "profiles-bar")
        self.setProperty("kind", "bar")
        self.new = MenuButton("New", name="new-profile")
        menu = QMenu(self.new)
        menu.addAction("SMTP server", lambda: self.new_asked.emit("smtp"))
        menu.addAction("E-mail API", lambda: self.new_asked.emit("api"))
        self.new.setMenu(menu)
        self.duplicate = QuietButton("Duplicate", name="duplicate-profile")
        self.delete = QuietButton("Delete", name="delete-profile")
        self.test = QuietButton("Test connection", name="profile-test")
        keys = QKeySequence(QKeySequence.StandardKey.Save)
        hint = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self.save = PrimaryButton("Save", hint, name="save-profile")
        self.state = Label("", tone="secondary", name="profile-state")
        self._dirty = self._busy = self._testing = False
        self._profile: Profile | None = None
        self.duplicate.clicked.connect(self.duplicate_asked)
        self.delete.clicked.connect(self.delete_asked)
        self.test.clicked.connect(self.test_asked)
        self.save.clicked.connect(self.save_asked)
        self._lay_out()
        self._show()

    def set_profile(self, profile: Profile | None, *, new: bool) -> None:
        """Tell which profile is in the editor."""
        self._profile = profile
        words = "Discard" if new else "Delete"
        self.delete.setText(words)
        self.delete.setAccessibleName(words)
        self._show()

    def set_dirty(self, dirty: bool) -> None:
        """Tell whether there is something to save."""
        self._dirty = dirty
        self._show()

    def set_busy(self, busy: bool) -> None:
        """Tell that saving goes on."""
        self._busy = busy
        self._show()

    def set_testing(self, testing: bool) -> None:
        """Tell that a test goes on."""
        self._testing = testing
        self._show()

    def _show(self) -> None:
        there = self._profile is not None
        self.state.setText("Not saved yet" if self._dirty else "")
        self.save.setEnabled(there and self._dirty and not self._busy)
        self.test.setEnabled(there and not self._testing)
        self.duplicate.setEnabled(there)
        self.delete.setEnabled(self._profile is not None and not self._profile.sandbox)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=SMALL + 2)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in (self.new, self.duplicate, self.delete, self.test):
            flow.addWidget(widget)
        layout.addWidget(left, 1)
        layout.addWidget(self.state, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.save, 0, Qt.AlignmentFlag.AlignTop)

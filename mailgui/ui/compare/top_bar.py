"""The strip above the page: which two, how many messages, by which connections, and Compare."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from mailgui.ui.compose.roads import Road, Roads
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import MenuButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.run_button import RunButton

_COUNTS = ("5", "10", "25", "50", "100", "500")
_CONNECTIONS = (("kept", "kept open"), ("fresh", "new for each"))


class CompareBar(QFrame):
    """The page's controls.

    Signals:
        compare_asked: Compare.
        cancel_asked: Cancel, while it runs.
        copy_asked, save_asked: the entries of Export.
        choice_changed: another profile, count or connection was chosen.
    """

    compare_asked = Signal()
    cancel_asked = Signal()
    copy_asked = Signal()
    save_asked = Signal()
    choice_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "compare-bar")
        self.setProperty("kind", "bar")
        self._roads = Roads()
        self.first = ChoiceButton("", name="compare-first", spoken="First profile")
        self.second = ChoiceButton("against", name="compare-second", spoken="Second profile")
        self.count = ChoiceButton("Messages", [(n, n) for n in _COUNTS], name="compare-count")
        self.count.set_key("10")
        self.count.setToolTip(tip("How many messages each of the two sends"))
        self.connection = ChoiceButton("Connection", _CONNECTIONS, name="compare-connection")
        self.connection.setToolTip(
            tip("Kept open: opened once, then message after message. New for each: opened anew.")
        )
        self.button = RunButton("Compare", "Ctrl ↵", name="compare")
        self.export = MenuButton("Export", name="compare-export")
        menu = QMenu(self.export)
        menu.addAction("Copy as text", self.copy_asked.emit)
        menu.addAction("Save JSON…", self.save_asked.emit)
        self.export.setMenu(menu)
        self.export.setEnabled(False)
        self._lay_out()
        self.button.start_asked.connect(self.compare_asked)
        self.button.cancel_asked.connect(self.cancel_asked)
        for choice in self._choices():
            choice.changed.connect(self.choice_changed)

    @property
    def roads(self) -> tuple[Road, Road] | None:
        """The two chosen profiles, or None while there are not two."""
        first, second = self._roads.find(self.first.key), self._roads.find(self.second.key)
        return (first, second) if first is not None and second is not None else None

    @property
    def fresh(self) -> bool:
        """Whether each message gets a connection of its own."""
        return self.connection.key == "fresh"

    def set_roads(self, roads: Roads, wanted: tuple[str, str]) -> None:
        """Offer these profiles; without a wish an SMTP one against an API one.

        Direct to MX is not offered: what it would measure is another server for each recipient.
        """
        self._roads = roads = Roads(tuple(road for road in roads.roads if not road.direct))
        options = [(road.name, road.name) for road in roads.roads]
        smtp = [road.name for road in roads.roads if not road.by_api]
        api = [road.name for road in roads.roads if road.by_api]
        usual = ((*smtp, *api, "")[0], (*api, *smtp[1:], *smtp, "")[0])
        known = dict(options)
        for choice, wish, other in zip((self.first, self.second), wanted, usual, strict=True):
            keep = choice.key
            choice.set_options(options)
            choice.set_key(next((n for n in (keep, wish, other) if n and n in known), ""))

    def set_running(self, running: bool) -> None:
        """Turn Compare into Cancel, and back."""
        self.button.set_running(running)
        for choice in self._choices():
            choice.setEnabled(not running)

    def _choices(self) -> tuple[ChoiceButton, ...]:
        return self.first, self.second, self.count, self.connection

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=SMALL)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in self._choices():
            flow.addWidget(widget)
        layout.addWidget(left, 1)
        layout.addWidget(self.export, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

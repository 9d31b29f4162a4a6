"""The strip above the page: with which profile, how far, and Send."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from mailgui.ui.compose.roads import Road, Roads
from mailgui.ui.compose.tools_button import ToolsButton
from mailgui.ui.compose.words import SENDS, STOPS
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import PrimaryButton, QuietButton
from mailgui.ui.widgets.choice_button import ChoiceButton, PickerButton
from mailgui.ui.widgets.flow_layout import FlowLayout

SEND_KEYS, TEST_KEYS = "Ctrl+Return", "Ctrl+Shift+T"


class TopBar(QFrame):
    """The profile, the stop point, "Test connection", the tools and Send.

    Signals:
        road_changed: another profile was chosen.
        send_asked: Send was pressed.
        test_asked: "Test connection" was pressed.
        profiles_asked: the profiles are to be managed.
        policies_changed(bool, bool): whether to apply MTA-STS and DANE was chosen.
    """

    road_changed = Signal()
    send_asked = Signal()
    test_asked = Signal()
    profiles_asked = Signal()
    policies_changed = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "compose-bar")
        self.setProperty("kind", "bar")
        self._roads = Roads()
        self._name = ""
        self._tones: dict[str, tuple[Tone, str]] = {}
        self.picker = PickerButton(name="profile-picker", accessible="Profile")
        self._menu = QMenu(self.picker)
        self.picker.setMenu(self._menu)
        self.stop = ChoiceButton("Stop after", STOPS, name="stop-after")
        self.stop.setToolTip(tip("Go only as far as this step of the SMTP dialogue"))
        self.test = QuietButton("Test connection", name="test-connection")
        self.test.setToolTip(tip(f"Connect and sign in, without a message ({TEST_KEYS})"))
        keys = QKeySequence(SEND_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        self.send = PrimaryButton("Send", keys.replace("+Return", " ↵"), name="send")
        self.stop.changed.connect(lambda _key: self._word_send())
        self.send.clicked.connect(self.send_asked)
        self.test.clicked.connect(self.test_asked)
        self.tools = ToolsButton()
        self.tools.policies_changed.connect(self._policies_chosen)
        self._lay_out()
        self._show()

    @property
    def road(self) -> Road | None:
        """The chosen profile, or None while there is none."""
        return self._roads.find(self._name)

    @property
    def stop_after(self) -> str:
        """The stage to stop after; empty for a full send, and for an API."""
        road = self.road
        return self.stop.key if road and not road.by_api else ""

    @property
    def will_send(self) -> bool:
        """Whether the stop point lets the message go out."""
        return self.stop_after in SENDS

    @property
    def roads(self) -> tuple[Road, ...]:
        """The profiles that are offered."""
        return self._roads.roads

    def set_roads(self, roads: Roads, wanted: str = "") -> None:
        """Offer these profiles; ``wanted``, the one before, or the first is chosen."""
        self._roads = roads
        known = [road.name for road in roads.roads]
        self._name = next((n for n in (wanted, self._name) if n in known), "".join(known[:1]))
        self._fill_menu()
        self._show()

    def choose(self, name: str) -> None:
        """Choose a profile; raises LookupError where there is none of that name."""
        if self._roads.find(name) is None:
            raise LookupError(f"There is no profile “{name}”.")
        self._choose(name)

    def set_running(self, running: bool) -> None:
        """While something runs, nothing else can be started."""
        for button in (self.send, self.test, self.picker, self.stop, self.tools):
            button.setEnabled(not running)

    def set_policies(self, *, mta_sts: bool, dane: bool) -> None:
        """Show whether MTA-STS and DANE are applied in direct sending."""
        self.tools.set_policies(mta_sts=mta_sts, dane=dane)
        self._show()

    def set_tone(self, name: str, tone: Tone, words: str) -> None:
        """Remember how it last went with a profile, for the mark beside its name."""
        self._tones[name] = (tone, words)
        self._show()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=SMALL)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in (self.picker, self.stop, self.test):
            flow.addWidget(widget)
        layout.addWidget(left, 1)
        layout.addWidget(self.tools, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.send, 0, Qt.AlignmentFlag.AlignTop)

    def _fill_menu(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        for road in self._roads.roads:
            # An ampersand in a name would be taken for a mnemonic, a tab for a shortcut.
            words = f"{road.name}   {road.detail}".replace("&", "&&").replace("\t", " ")
            action = QAction(words, self._menu)
            action.setCheckable(True)
            action.setChecked(road.name == self._name)
            action.triggered.connect(lambda _on=False, name=road.name: self._choose(name))
            group.addAction(action)
            self._menu.addAction(action)
        self._menu.addSeparator()
        self._menu.addAction("Manage profiles…", self.profiles_asked.emit)

    def _choose(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self._show()
            self.road_changed.emit()

    @Slot()
    def _show(self) -> None:
        road = self.road
        tone, words = self._tones.get(self._name, (Tone.NEUTRAL, ""))
        if road is None:
            self.picker.set_value("No profile", "")
        elif road.profile.sandbox and not words:
            self.picker.set_value(road.name, road.detail, Tone.PASS)
        else:
            self.picker.set_value(road.name, self._detail(road), tone)
        detail = self._detail(road) if road else "Add a profile first"
        self.picker.setToolTip(tip("\n".join(filter(None, (self._name, detail, words)))))
        by_api = road is not None and road.by_api
        self.stop.setVisible(not by_api)
        self.tools.show_road(by_api=by_api, direct=road is not None and road.direct)
        self._word_send()

    def _detail(self, road: Road) -> str:
        return f"{road.detail} · {self.tools.policy_words}" if road.direct else road.detail

    @Slot(bool, bool)
    def _policies_chosen(self, mta_sts: bool, dane: bool) -> None:
        self._show()
        self.policies_changed.emit(mta_sts, dane)

    def _word_send(self) -> None:
        words = "Send" if self.will_send else "Run"
        self.send.setText(words)
        self.send.setAccessibleName(words)
        said = "Send the message" if self.will_send else "Go as far as the stop point"
        self.send.setToolTip(tip(f"{said} ({SEND_KEYS})"))
        self.send.updateGeometry()

"""The tabs Request and Response: one side of an HTTP exchange, as a tree, as headers and raw."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mailgui.message.attachments import human_size
from mailgui.transcript import Direction, Event, HttpExchange, Layer, Stage, visible
from mailgui.ui.compose.facts import FactsGrid
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.json_tree import JsonTree
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.tall_area import TallArea, roomy
from mailgui.ui.widgets.verdict_badge import Pill

_NARROW = 480
_LEAST_ROWS = 6  # of the body
_MOST_RAW = 256 * 1024  # octets of a body that are shown raw


@dataclass(frozen=True, slots=True)
class Side:
    """A request or an answer: its first line, its headers, its body.

    ``wire`` is its head line by line as it travelled: of HTTP/2, its fields as decoded.
    """

    line: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    status: int | None = None
    wire: Sequence[str] = ()

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        types = [v.lower() for n, v in self.headers if n.lower() == "content-type"]
        return any("json" in each for each in types)

    def raw(self) -> str:
        """Return it as it went over the wire, a long body cut."""
        made = [self.line, *(f"{name}: {value}" for name, value in self.headers)]
        lines = [*(self.wire or made), ""]
        head = "\n".join(visible(line) for line in lines)
        body = self.body[:_MOST_RAW].decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        left = len(self.body) - _MOST_RAW
        more = (
            f"\n\n… {left:,} more octets: save the transcript to see them all." if left > 0 else ""
        )
        return f"{head}\n{visible(body, keep_newlines=True)}{more}"


def request_of(exchange: HttpExchange, events: Sequence[Event] = ()) -> Side:
    """Return the request of an exchange; ``events`` are the conversation's."""
    line = f"{exchange.method} {exchange.url} {exchange.http_version}"
    wire = _head(events, Direction.SENT, (f"{exchange.method} ", ":method:"))
    return Side(line, exchange.request_headers, exchange.request_body, wire=wire)


def response_of(exchange: HttpExchange, events: Sequence[Event] = ()) -> Side | None:
    """Return the answer of an exchange, or None where none came."""
    if exchange.status is None:
        return None
    line = f"{exchange.http_version} {exchange.status} {exchange.reason}".rstrip()
    wire = _head(events, Direction.RECEIVED, ("HTTP/", ":status:"))
    return Side(line, exchange.response_headers, exchange.response_body, exchange.status, wire)


def _head(events: Sequence[Event], direction: Direction, first: tuple[str, ...]) -> list[str]:
    """Return the lines of the last head that was recorded in a direction, from its first one."""
    lines = [
        event.text
        for event in events
        if event.layer is Layer.HTTP
        and event.direction is direction
        and event.data_length is None
        and event.stage is not Stage.CONNECT  # what a proxy was asked
    ]
    begins = [place for place, line in enumerate(lines) if line.startswith(first)]
    return lines[begins[-1] :] if begins else []


class HttpSide(QStackedWidget):
    """Shows one Side; what is expensive is built when it is first looked at.

    ``name`` is ``request`` or ``response``.
    """

    def __init__(self, *, name: str, title: str, sentence: str) -> None:
        super().__init__()
        identify(self, name)
        self._side: Side | None = None
        self._stale: set[str] = set()
        self._empty = EmptyState("globe", title, sentence, name=f"{name}-empty")
        words = name.capitalize()
        self.line = ElidedLabel("", kind=Type.MONO)
        self.status = Pill("", Tone.INFO)
        self.length = ElidedLabel("", token="secondary", kind=Type.SMALL)
        self.views = Segmented(
            [("body", "Body"), ("headers", "Headers"), ("raw", "Raw")],
            name=f"{name}-view",
            accessible=f"{words}, shown as",
        )
        self.tree = JsonTree(name=f"{name}-json", accessible=f"{words} body")
        self.headers = FactsGrid(name=f"{name}-headers", accessible=f"{words} headers")
        self.raw = CodeView(name=f"{name}-raw", accessible=f"{words}, raw", language="http")
        column = ScrollColumn(name=f"{name}-headers-column", accessible=f"{words} headers")
        column.add(self.headers)
        self._stack = QStackedWidget()
        self._pages = {"body": self.tree, "headers": column, "raw": self.raw}
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.addWidget(self._empty)
        self.addWidget(self._lay_out(name))
        self.views.changed.connect(self._choose)

    def put_below_line(self, widget: QWidget) -> None:
        """Put what belongs to the exchange as a whole between its first line and the views."""
        self._below.addWidget(widget)

    def clear(self) -> None:
        """Wait for an exchange."""
        self._side = None
        self._stale.clear()
        self.setCurrentWidget(self._empty)

    def set_empty_words(self, title: str, sentence: str) -> None:
        """Change what stands here while there is nothing to show."""
        self._empty.set_words(title, sentence)

    def show_side(self, side: Side | None) -> None:
        """Show a request or an answer; None where there is none."""
        self.clear()
        if side is None:
            return
        self._side = side
        self.line.set_text(visible(side.line))
        self.length.set_text(human_size(len(side.body)))
        self.status.setVisible(side.status is not None)
        if side.status is not None:
            self.status.set_pill(str(side.status), _status_tone(side.status))
        self._stale = set(self._pages)
        key = "body" if side.is_json else "raw"
        self.views.set_key(key)
        self._choose(key)
        self.setCurrentIndex(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # With large type both halves of the strip do not fit side by side.
        narrow = self.width() < metrics().scaled(_NARROW)
        ways = QBoxLayout.Direction
        self._strip.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    def _lay_out(self, name: str) -> QWidget:
        page = TallArea(name=f"{name}-area")
        strip = QFrame()
        strip.setProperty("kind", "row")
        self._strip = QBoxLayout(QBoxLayout.Direction.LeftToRight, strip)
        pad(self._strip, LARGE, SMALL, LARGE - 4, SMALL, spacing=SMALL)
        told, offered = QHBoxLayout(), QHBoxLayout()
        for half in (told, offered):
            pad(half, 0, spacing=SMALL)
        told.addWidget(self.status)
        told.addWidget(self.line, 1)
        told.addWidget(self.length)
        offered.addWidget(self.views)
        offered.addStretch(1)
        offered.addWidget(CopyButton(self._copied, name=f"{name}-copy", what=f"the {name}"))
        self._strip.addLayout(told, 1)
        self._strip.addLayout(offered)
        below = QWidget()
        self._below = QVBoxLayout(below)
        pad(self._below, 0)
        page.add(strip)
        page.add(below)
        page.add(self._stack, 1)
        roomy(self._stack, _LEAST_ROWS)
        return page

    def _copied(self) -> str:
        """Return what Copy copies: what is in front."""
        if self._side is None:
            return ""
        if self.views.key == "body":
            return self.tree.text()
        if self.views.key == "headers":
            return "\n".join(f"{name}: {value}" for name, value in self._side.headers)
        return self._side.raw()

    def choose(self, key: str) -> None:
        """Show the ``body``, the ``headers`` or all of it ``raw``."""
        self.views.set_key(key)
        self._choose(key)

    @Slot(str)
    def _choose(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])
        self._build()

    def _build(self) -> None:
        key = self.views.key
        if self._side is None or not self.isVisible() or key not in self._stale:
            return
        self._stale.discard(key)
        if key == "body":
            self.tree.set_json(self._side.body)
        elif key == "headers":
            from mailgui.api.header_meanings import meaning_of

            self.headers.set_facts(self._side.headers, meaning_of)
        else:
            self.raw.set_text(self._side.raw())


def _status_tone(status: int) -> Tone:
    if status < 400:
        return Tone.PASS if status < 300 else Tone.ATTENTION
    return Tone.ATTENTION if status in (429, 503) else Tone.BROKEN

"""Records to publish, made for one domain: DMARC, and a DKIM key."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.domain.names import parse_domain
from mailgui.jobs.services import Services
from mailgui.ui.bridge import Submitter
from mailgui.ui.domain.ask_choice import AskChoice, WideField
from mailgui.ui.domain.tools.dmarc_maker import DmarcMaker
from mailgui.ui.domain.tools.key_maker import KeyMaker
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, bar, identify, pad, set_flag
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.scroll_column import ScrollColumn

_SIDE_BY_SIDE = 900  # pixels of the usual size; below, the cards stand below one another


class RecordsView(Page):
    """One domain; a card for each record.

    Attributes:
        dmarc, key: the cards.
    """

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "records-view")
        self.domain = WideField(
            300, name="records-domain", accessible="Domain", placeholder="example.com"
        )
        self.dmarc = DmarcMaker(_part(state, "dmarc"))
        self.ask = AskChoice(name="records-ask")
        servers = state.get("servers", [])
        self.ask.restore(
            [str(server) for server in servers] if isinstance(servers, list) else [],
            str(state.get("ask", "")),
        )
        self.key = KeyMaker(bridge, services, _part(state, "key"), ask=lambda: self.ask.key)
        self._hint = Label("Enter the domain that the records are for.", tone="secondary")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar()
        line = QHBoxLayout(strip)
        pad(line, LARGE, 10, LARGE, 11, spacing=SMALL + 2)
        line.addWidget(self.domain)
        line.addWidget(self.ask)
        line.addWidget(self._hint, 1)
        layout.addWidget(strip)
        column = ScrollColumn(name="records-column", accessible="Records")
        self._across = QWidget()
        self._cards = QHBoxLayout(self._across)
        pad(self._cards, 0, spacing=LARGE)
        for card in (self.dmarc, self.key):
            self._cards.addWidget(card, 1, Qt.AlignmentFlag.AlignTop)
        column.add(self._across)
        layout.addWidget(column, 1)
        self.domain.textChanged.connect(self._named)
        self.domain.setText(str(state.get("domain", "")))
        self._named(self.domain.text())

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {
            "domain": self.domain.text(),
            "ask": self.ask.key,
            "servers": list(self.ask.servers),
            "dmarc": self.dmarc.save_state(),
            "key": self.key.save_state(),
        }

    def focus_first(self) -> None:
        """Put the keyboard into the domain's field."""
        self.domain.setFocus()
        self.domain.selectAll()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        wide = self.width() >= metrics().scaled(_SIDE_BY_SIDE)
        direction = QHBoxLayout.Direction
        self._cards.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def _named(self, text: str) -> None:
        try:
            domain = parse_domain(text) if text.strip() else ""
        except ValueError:
            domain = ""
        wrong = bool(text.strip()) and not domain
        set_flag(self.domain, "problem", "true" if wrong else "false")
        self._hint.setText(
            "That is no domain name such as example.com."
            if wrong
            else ""
            if domain
            else "Enter the domain that the records are for."
        )
        self._hint.set_tone("broken" if wrong else "secondary")
        self.dmarc.set_domain(domain)
        self.key.set_domain(domain)


def _part(state: dict[str, Any], key: str) -> dict[str, Any]:
    part = state.get(key, {})
    return part if isinstance(part, dict) else {}

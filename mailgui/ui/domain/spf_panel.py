"""What there is to see of SPF: the budget, the tree of terms, and the verdict on a sender."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.domain.ask_choice import WideField
from mailgui.ui.domain.words import SPF_MEANINGS, SPF_TONES
from mailgui.ui.metrics import MEDIUM, SMALL, TIGHT
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad, set_flag
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.formatting import duration, number
from mailgui.ui.widgets.lookup_gauge import LookupGauge
from mailgui.ui.widgets.term_tree import TermNode, TermTree
from mailgui.ui.widgets.verdict_badge import Pill

if TYPE_CHECKING:
    from mailgui.domain.spf import SpfReport

_TONES = {
    "void": Tone.ATTENTION,
    "unresolved": Tone.NEUTRAL,
    "temperror": Tone.NEUTRAL,
    "permerror": Tone.BROKEN,
    "loop": Tone.BROKEN,
}
_MATCHES = {"-": Tone.BROKEN, "~": Tone.ATTENTION, "?": Tone.ATTENTION}


class SpfPanel(QWidget):
    """The sender's fields, the gauge and the tree.

    Signals:
        evaluate_asked(str, object): the sending IP, and the envelope sender or None.
    """

    evaluate_asked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        identify(self, "spf-panel")
        self._details: Mapping[str, object] = {}
        self._asked: tuple[str, str] = ("", "")
        self.ip = WideField(160, name="spf-ip", accessible="Sending IP", placeholder="192.0.2.1")
        self.mail_from = WideField(
            220,
            name="spf-sender",
            accessible="Envelope sender",
            placeholder="bounce@example.com",
        )
        self.result = Pill()
        self.result.setObjectName("spf-result")
        self.result.hide()
        self.words = Label("", tone="secondary", wrap=True, selectable=True, name="spf-words")
        self.words.hide()
        self.gauge = LookupGauge(name="spf-lookups")
        self.tree = TermTree(name="spf-terms", accessible="Terms of the SPF record", whole=True)
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        self._lay_out()
        for field in (self.ip, self.mail_from):
            field.returnPressed.connect(self._evaluate)
            field.editingFinished.connect(self._evaluate_new)
        self.ip.textEdited.connect(lambda _text: set_flag(self.ip, "problem", "false"))

    def show_details(self, details: Mapping[str, object]) -> None:
        """Show the policy as the report has it, for nobody in particular."""
        self._details = details
        self._asked = ("", "")
        self._say("", "")
        self.gauge.set_values(_number(details, "lookups_total"), _number(details, "void_lookups"))
        self._show_trace(details.get("tree"))

    def show_evaluation(self, report: "SpfReport") -> None:
        """Show what came of evaluating it for the sender in the fields."""
        from mailgui.domain.spf import to_json_dict

        document = to_json_dict(report)
        result = str(document["result"] or "")
        words = str(document["error"] or SPF_MEANINGS.get(result, ""))
        if document["explanation"]:
            words += f" The domain's own words: {document['explanation']}"
        self._say(result, words)
        self.gauge.set_values(_number(document, "lookups"), _number(document, "void_lookups"))
        self._show_trace(document["trace"])

    def ask_again(self) -> None:
        """Evaluate anew for the sender that still stands in the fields."""
        self._evaluate()

    def show_problem(self, sentence: str) -> None:
        """Say why it could not be evaluated."""
        set_flag(self.ip, "problem", "true")
        self._say("", f"✕ {sentence}", tone="broken")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        strip = QWidget()
        strip.setProperty("kind", "plain")
        flow = FlowLayout(strip, gap=SMALL + 2)
        for words, field in (("Sending IP", self.ip), ("Envelope sender", self.mail_from)):
            field.setProperty("small", "true")
            pair = QWidget()
            pair.setProperty("kind", "plain")
            inside = QHBoxLayout(pair)
            pad(inside, 0, spacing=SMALL)
            label = Label(words)
            label.setBuddy(field)
            inside.addWidget(label)
            inside.addWidget(field)
            flow.addWidget(pair)
        flow.addWidget(self.result)
        layout.addWidget(strip)
        layout.addWidget(self.words)
        layout.addWidget(self.gauge)
        inside_frame = QVBoxLayout(self._frame)
        pad(inside_frame, MEDIUM, TIGHT, TIGHT, TIGHT)
        inside_frame.addWidget(self.tree)
        layout.addWidget(self._frame)

    def _say(self, result: str, words: str, *, tone: str = "secondary") -> None:
        self.result.set_pill(result, SPF_TONES.get(result, Tone.NEUTRAL))
        self.result.setVisible(bool(result))
        self.words.set_tone(tone)
        self.words.setText(visible(words))
        self.words.setVisible(bool(words))

    @Slot()
    def _evaluate_new(self) -> None:
        if (self.ip.text().strip(), self.mail_from.text().strip()) != self._asked:
            self._evaluate()

    @Slot()
    def _evaluate(self) -> None:
        ip, sender = self.ip.text().strip(), self.mail_from.text().strip()
        if ip:
            self._asked = (ip, sender)
            self.evaluate_asked.emit(ip, sender or None)
        elif self._asked[0]:
            self.show_details(self._details)

    def _show_trace(self, trace: object) -> None:
        nodes = _nodes(trace)
        self.tree.set_terms(nodes)
        self._frame.setVisible(bool(nodes))


def _nodes(trace: object) -> tuple[TermNode, ...]:
    if not isinstance(trace, Iterable) or isinstance(trace, str):
        return ()
    return tuple(_node(each) for each in trace if isinstance(each, Mapping))


def _node(node: Mapping[str, object]) -> TermNode:
    term, result = str(node.get("term", "")), str(node.get("result", ""))
    cost, spent = _number(node, "lookups"), node.get("duration_ms")
    resolved = node.get("resolved")
    notes = [str(node.get("detail") or ""), str(node.get("record") or "")]
    if isinstance(resolved, list):
        notes.append("\n".join(map(str, resolved)))
    tone = _TONES.get(result, Tone.INFO)
    if result == "match":
        tone = _MATCHES.get(term[:1], Tone.PASS)
    shown = {"resolved": "", "not evaluated": "not reached"}.get(result, result)
    return TermNode(
        term=term,
        result=shown,
        tone=tone,
        cost=number(cost, "look-up") if cost else "",
        time=duration(spent / 1000) if isinstance(spent, int | float) and spent and cost else "",
        note="\n".join(filter(None, notes)),
        children=_nodes(node.get("children")),
    )


def _number(mapping: Mapping[str, object], key: str) -> int:
    value = mapping.get(key)
    return value if isinstance(value, int) else 0

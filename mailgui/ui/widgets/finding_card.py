"""Findings as cards: what is wrong, what it means, who does what next, and the record to copy."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mailgui.findings import Finding
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.tokens import severity_tone, severity_word
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.inline_notice import Sign
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.record_box import RecordBox


class FindingCard(Panel):
    """One finding. Its evidence is folded away until it is asked for."""

    def __init__(self, finding: Finding, *, name: str = "", parent: QWidget | None = None) -> None:
        tone = severity_tone(finding.severity)
        super().__init__(tone, card=True, parent=parent)
        name = name or f"finding-{finding.id.replace('.', '-')}"
        words = f"{severity_word(finding.severity)}: {finding.title}"
        identify(self, name, words, " ".join((finding.explanation, finding.fix)).strip())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.finding = finding
        layout = QVBoxLayout(self)
        pad(layout, LARGE + 2, MEDIUM, LARGE - 1, MEDIUM + 2, spacing=SMALL)
        head = QHBoxLayout()
        head.setSpacing(SMALL)
        title = Label(visible(finding.title), kind=Type.STRONG, wrap=True, selectable=True)
        head.addWidget(title, 1)
        head.addWidget(Sign(tone), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(head)
        for text in (finding.explanation, finding.fix):
            if text:
                words_shown = visible(text, keep_newlines=True)
                layout.addWidget(Label(words_shown, tone="secondary", wrap=True, selectable=True))
        if finding.record:
            layout.addSpacing(TIGHT - 2)
            layout.addWidget(RecordBox(finding.record, name=f"{name}-record"))
        if finding.evidence:
            self._add_evidence(layout, finding.evidence, name)

    def _add_evidence(self, layout: QVBoxLayout, evidence: tuple[str, ...], name: str) -> None:
        self._toggle = LinkButton(
            "Show what this rests on", name=f"{name}-evidence-toggle", flush=True
        )
        self._toggle.setCheckable(True)
        text = "\n".join(visible(line) for line in evidence)
        self._evidence = RecordBox(text, name=f"{name}-evidence", what="the evidence")
        self._evidence.hide()
        self._toggle.toggled.connect(self._fold)
        layout.addWidget(self._toggle, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._evidence)

    @Slot(bool)
    def _fold(self, shown: bool) -> None:
        self._evidence.setVisible(shown)
        words = "Hide what this rests on" if shown else "Show what this rests on"
        self._toggle.setText(words)
        self._toggle.setAccessibleName(words)


class FindingList(QWidget):
    """Finding cards below one another; put it in a ScrollColumn. Worst first."""

    def __init__(self, *, name: str = "findings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Findings")
        self._layout = QVBoxLayout(self)
        pad(self._layout, 0, spacing=LARGE)
        self.cards: list[FindingCard] = []

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings in place of what was there."""
        for card in self.cards:
            forget(card)
        order = {"broken": 0, "attention": 1, "info": 2}
        ranked = sorted(findings, key=lambda finding: order[finding.severity.value])
        prefix = self.objectName()
        self.cards = [FindingCard(each, name=f"{prefix}-{n}") for n, each in enumerate(ranked)]
        for card in self.cards:
            self._layout.addWidget(card)
        self.setVisible(bool(self.cards))

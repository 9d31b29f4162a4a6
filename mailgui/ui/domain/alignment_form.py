"""Is my mail aligned? The author's domain against the envelope sender's and DKIM's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.domain.ask_choice import WideField
from mailgui.ui.domain.asking import Malformed, Question, ask_alignment
from mailgui.ui.domain.grid import title
from mailgui.ui.metrics import SMALL, Type
from mailgui.ui.sentences import sentence_of
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from mailgui.domain.alignment import Aligned


class AlignmentForm(QWidget):
    """Two fields and, below them, what was compared with what.

    Attributes:
        result: the last explanation, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        identify(self, "alignment")
        self.result: Aligned | None = None
        self._bridge: Submitter | None = None
        self._services: Services | None = None
        self._question: Callable[[], Question] | None = None
        self._job: Job | None = None
        self.envelope = WideField(
            210,
            name="align-envelope",
            accessible="Envelope sender's domain",
            placeholder="bounces.example.com",
        )
        self.dkim = WideField(
            170, name="align-dkim", accessible="DKIM's domain", placeholder="d= example.com"
        )
        self.button = QuietButton("Explain", name="align-explain")
        self.told = Label(wrap=True, selectable=True, name="alignment-told")
        self.summary = Label(kind=Type.STRONG, wrap=True, selectable=True, name="alignment-summary")
        fields = QWidget()
        flow = FlowLayout(fields, gap=SMALL + 2)
        for words, field in (("Envelope sender", self.envelope), ("DKIM d=", self.dkim)):
            flow.addWidget(Label(words, tone="secondary"))
            flow.addWidget(field)
            field.returnPressed.connect(self.explain)
        flow.addWidget(self.button)
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        layout.addWidget(title("Would your mail be aligned?"))
        for widget in (fields, self.summary, self.told):
            layout.addWidget(widget)
        self.button.clicked.connect(self.explain)
        self._show("", "")

    def bind(self, bridge: Submitter, services: Services, question: Callable[[], Question]) -> None:
        """Say who does the work, and what returns the domain and whom to ask."""
        self._bridge, self._services, self._question = bridge, services, question

    @Slot()
    def explain(self) -> None:
        """Ask, and show the explanation."""
        if self._bridge is None or self._services is None or self._question is None:
            return
        if self._job is not None and self._job.running:
            return
        self.button.setEnabled(False)
        question = self._question()
        self._job = self._bridge.submit(
            ask_alignment,
            self._services,
            question.domain,
            question.where,
            envelope=self.envelope.text(),
            dkim=self.dkim.text().removeprefix("d="),
            on_done=self._explained,
            on_failed=self._failed,
            owner=self,
        )

    def _explained(self, aligned: "Aligned | Malformed") -> None:
        self.button.setEnabled(True)
        if isinstance(aligned, Malformed):
            self._show(visible(aligned.sentence), "", "broken")
            return
        self.result = aligned
        told = "\n".join(visible(each.sentence) for each in aligned.alignments)
        tone = "" if not aligned.alignments else "pass" if aligned.passes else "broken"
        self._show(visible(aligned.sentence), told, tone)

    def _failed(self, error: BaseException) -> None:
        self.button.setEnabled(True)
        self._show(sentence_of(error), "", "broken")

    def _show(self, summary: str, told: str, tone: str = "") -> None:
        self.summary.setText(summary)
        self.summary.set_tone(tone)
        self.summary.setVisible(bool(summary))
        self.told.setText(told)
        self.told.setVisible(bool(told))

"""A DMARC record made from choices, ready to copy, with what to know before publishing it."""

import re
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.domain.dmarc_builder import BuiltDmarc, DmarcWish, build_dmarc
from mailgui.domain.dmarc_record import Policy
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, Type
from mailgui.ui.profiles.form import Form
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.record_box import RecordBox

_POLICIES = (
    ("none", "none: do nothing, only report"),
    ("quarantine", "quarantine: treat as suspicious"),
    ("reject", "reject: refuse it"),
)
_SAME = ("", "the same")


class DmarcMaker(Panel):
    """The choices and the record. Follows every change at once.

    Attributes:
        built: the record, or None while something is wrong.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(card=True)
        identify(self, "dmarc-maker", "DMARC record")
        self._domain = ""
        self.built: BuiltDmarc | None = None
        self.form = form = Form("dmarc-form")
        policy = form.choice("p", "Mail that fails", _POLICIES)
        below = form.choice("sp", "From subdomains", (_SAME, *_POLICIES))
        missing = form.choice("np", "From subdomains that do not exist", (_SAME, *_POLICIES))
        reports = form.line(
            "rua",
            "Summary reports to",
            mono=True,
            placeholder="dmarc@example.com",
            hint="Mailboxes, with commas between. Open what arrives there under DMARC reports.",
        )
        failures = form.line(
            "ruf", "Failure reports to", mono=True, hint="Few receivers send them. Optional."
        )
        self.testing = form.tick("t", "Only testing: receivers apply the next milder policy")
        self.strict_dkim = form.tick("adkim", "DKIM must match the very same domain")
        self.strict_spf = form.tick("aspf", "SPF must match the very same domain")
        for field in (policy, below, missing, reports, failures):
            form.row((field, 1))
        for box in (self.testing, self.strict_dkim, self.strict_spf):
            form.row((box, 0), (QWidget(), 1))
        self.where = Label(tone="secondary", wrap=True, selectable=True, name="dmarc-maker-where")
        self.record = RecordBox(name="dmarc-maker-record", what="the DMARC record")
        self.zone = RecordBox(name="dmarc-maker-zone", what="the line for a zone file")
        self.findings = FindingList(name="dmarc-maker-findings")
        self._result = QWidget()
        result = QVBoxLayout(self._result)
        pad(result, 0, spacing=MEDIUM)
        for widget in (self.where, self.record, Label("For a zone file", tone="secondary")):
            result.addWidget(widget)
        result.addWidget(self.zone)
        result.addWidget(self.findings)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, LARGE, spacing=MEDIUM)
        layout.addWidget(Label("DMARC record", kind=Type.STRONG))
        layout.addWidget(form)
        layout.addWidget(self._result)
        form.set_text("rua", str(state.get("rua", "")))
        form.set_chosen("p", str(state.get("p", "none")))
        form.changed.connect(self._build)
        self._build()

    def set_domain(self, domain: str) -> None:
        """Make the record for another domain."""
        self._domain = domain
        self._build()

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {"rua": self.form.text("rua"), "p": self.form.chosen("p")}

    def _wish(self) -> DmarcWish:
        form = self.form

        def chosen(key: str) -> Policy | None:
            return Policy(form.chosen(key)) if form.chosen(key) else None

        return DmarcWish(
            policy=Policy(form.chosen("p")),
            subdomains=chosen("sp"),
            nonexistent=chosen("np"),
            testing=self.testing.isChecked(),
            summaries=_mailboxes(form.text("rua")),
            failures=_mailboxes(form.text("ruf")),
            strict_dkim=self.strict_dkim.isChecked(),
            strict_spf=self.strict_spf.isChecked(),
            each_failure=True,
        )

    def _build(self) -> None:
        self.built = None
        problems: dict[str, str] = {}
        wish = self._wish()
        for key, mailboxes in (("rua", wish.summaries), ("ruf", wish.failures)):
            try:
                build_dmarc("example.com", DmarcWish(summaries=mailboxes))
            except ValueError as problem:
                problems[key] = visible(str(problem))
        for key, field in self.form.fields.items():
            field.set_problem(problems.get(key, ""))
        if not problems and self._domain:
            self.built = build_dmarc(self._domain, wish)
        self._show()

    def _show(self) -> None:
        built = self.built
        self._result.setVisible(built is not None)
        if built is not None:
            self.where.setText(f"Publish as a TXT record at {built.name}")
            self.record.set_text(built.text)
            self.zone.set_text(built.zone_line)
            self.findings.set_findings(built.findings)


def _mailboxes(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", text) if part)

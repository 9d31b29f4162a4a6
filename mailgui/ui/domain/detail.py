"""The chosen section: its verdict, its records and where they are from, what to make of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.jobs.report_words import section_title
from mailgui.transcript import visible
from mailgui.ui.domain.alignment_form import AlignmentForm
from mailgui.ui.domain.dmarc_panel import DmarcPanel
from mailgui.ui.domain.facts import tables_of
from mailgui.ui.domain.facts_panel import FactsPanel
from mailgui.ui.domain.grid import Grid
from mailgui.ui.domain.spf_panel import SpfPanel
from mailgui.ui.domain.words import key_flags, provenance
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.verdict_badge import VerdictBadge

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport, Section
    from mailgui.net.dns_answer import Answer

_MOST_RECORDS = 30
_TYPES = {"mx": "MX", "caa": "CAA", "dnssec": "DS"}
_PREFIXES = {
    "dmarc": "_dmarc.",
    "mta_sts": "_mta-sts.",
    "tls_rpt": "_smtp._tls.",
    "bimi": "default._bimi.",
}
_ELSEWHERE = ("dane", "blocklists")  # whose records are not the domain's own


class SectionDetail(QWidget):
    """Shows one section.

    Attributes:
        spf, dmarc, alignment: the panels about SPF and DMARC.

    Signals:
        again_asked: "Ask again" was pressed.
    """

    again_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "section")
        self._title = Label(kind=Type.TITLE)
        self.badge = VerdictBadge()
        self.again = QuietButton("Ask again", name="ask-again", small=True)
        self.summary = Label(tone="secondary", wrap=True, selectable=True)
        self.records = QWidget()
        self._record_rows = QVBoxLayout(self.records)
        pad(self._record_rows, 0, spacing=TIGHT)
        self.boxes: list[RecordBox] = []
        self._lines: list[Label] = []
        self.spf = SpfPanel()
        self.dkim = Grid(
            ("Selector", "Algorithm", "Bits", "Sent by", "Flags"),
            name="dkim-keys",
            accessible="DKIM keys",
            mono=(0,),
        )
        self.hosts = Grid(
            ("Host", "Preference", "Addresses", "Reverse names"),
            name="mx-hosts",
            accessible="Mail hosts",
            mono=(0, 2, 3),
        )
        self.dmarc = DmarcPanel()
        self.alignment = AlignmentForm()
        self.facts = FactsPanel()
        self.findings = FindingList(name="domain-findings")
        self._column = ScrollColumn(
            name="section-column",
            accessible="Section",
            margins=(LARGE, TIGHT, LARGE, LARGE),
            spacing=MEDIUM,
        )
        self._lay_out()
        self.again.clicked.connect(self.again_asked)

    def show_section(
        self, key: str, section: "Section | None", report: "DomainReport | None"
    ) -> None:
        """Show a section; without one, that it is being asked."""
        self._title.setText(section_title(key))
        self.badge.set_verdict(section.verdict if section else None)
        self.badge.updateGeometry()
        self.summary.setText(visible(section.summary) if section else "Waiting for the answers.")
        self.summary.setVisible(not (section and section.records))
        self.again.setEnabled(report is not None)
        self._show_records(key, section, report)
        details: Mapping[str, object] = section.details if section else {}
        self.spf.setVisible(key == "spf" and bool(section))
        self.dkim.set_rows(_key_rows(details) if key == "dkim" else ())
        self.hosts.set_rows(_host_rows(details) if key == "mx" else ())
        for panel in (self.dmarc, self.alignment):
            panel.setVisible(key == "dmarc" and bool(section))
        if key == "spf":
            self.spf.show_details(details)
        if key == "dmarc":
            self.dmarc.show_details(details)
        self.facts.show_tables(tables_of(key, details))
        self.findings.set_findings(section.findings if section else ())
        self._column.verticalScrollBar().setValue(0)

    @property
    def sources(self) -> tuple[str, ...]:
        """The lines that say where the records are from."""
        return tuple(line.text() for line in self._lines)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        pad(outer, 0)
        head = QHBoxLayout()
        pad(head, LARGE, MEDIUM, LARGE, SMALL, spacing=MEDIUM)
        middle = Qt.AlignmentFlag.AlignVCenter
        head.addWidget(self._title, 0, middle)
        head.addWidget(self.badge, 0, middle)
        head.addStretch(1)
        head.addWidget(self.again, 0, middle)
        outer.addLayout(head)
        for widget in (
            self.summary,
            self.hosts,
            self.dkim,
            self.records,
            self.spf,
            self.dmarc,
            self.alignment,
            self.facts,
            self.findings,
        ):
            self._column.add(widget)
        outer.addWidget(self._column, 1)

    def _show_records(
        self, key: str, section: "Section | None", report: "DomainReport | None"
    ) -> None:
        for old in (*self.boxes, *self._lines):
            forget(old)
        self.boxes, self._lines = [], []
        records = section.records if section else ()
        sources = list(_sources(key, records, report)) if report else []
        for number, record in enumerate(records[:_MOST_RECORDS], start=1):
            selector, _, text = record.partition(": ") if key == "dkim" else ("", "", record)
            box = RecordBox(visible(text), name=f"{key}-record-{number}", wrap=key != "dkim")
            self.boxes.append(box)
            self._record_rows.addWidget(box)
            for answer in [a for a in sources if a.name.startswith(f"{selector}._domainkey.")]:
                self._say(provenance(answer))
                sources.remove(answer)
        if len(records) > _MOST_RECORDS:
            self._say(f"… and {len(records) - _MOST_RECORDS:,} more; Export has them all.")
        if section is not None:
            for answer in sources:
                self._say(provenance(answer))
            if not report:
                self._say(" ")  # the line's place, until the report is whole
        self.records.setVisible(bool(self.boxes or self._lines))

    def _say(self, words: str) -> None:
        line = Label(words, tone="secondary", wrap=True, selectable=True)
        self._lines.append(line)
        self._record_rows.addWidget(line)


def _sources(key: str, records: Sequence[str], report: "DomainReport") -> "tuple[Answer, ...]":
    """Return the answers that a section's records are from, or that say that there are none."""
    rdtype = _TYPES.get(key, "TXT")
    if key in _ELSEWHERE:
        return ()
    if key == "dkim":
        end = f"._domainkey.{report.domain}"
        named = {record.partition(":")[0] for record in records}
        return tuple(
            a for a in report.answers if a.name.endswith(end) and a.name.removesuffix(end) in named
        )
    holding = tuple(
        a for a in report.answers if a.rdtype == rdtype and set(records) & set(a.records)
    )
    name = f"{_PREFIXES.get(key, '')}{report.domain}"
    asked = tuple(a for a in report.answers if (a.name, a.rdtype) == (name, rdtype))
    return asked or holding


def _host_rows(details: Mapping[str, object]) -> list[tuple[str, ...]]:
    hosts = details.get("hosts")
    return [
        (
            str(host.get("host") or ""),
            str(host.get("preference", "")),
            ", ".join([*host.get("ipv4", ()), *host.get("ipv6", ())]) or "–",
            ", ".join(name for r in host.get("reverse", ()) for name in r.get("names", ())) or "–",
        )
        for host in (hosts if isinstance(hosts, list) else [])
        if isinstance(host, Mapping)
    ]


def _key_rows(details: Mapping[str, object]) -> list[tuple[str, ...]]:
    selectors = details.get("selectors")
    keys = selectors if isinstance(selectors, list) else []
    return [
        (
            str(key.get("selector") or ""),
            str(key.get("algorithm") or "–"),
            str(key.get("bits") or "–"),
            str(key.get("vendor") or "–"),
            key_flags(key) or "–",
        )
        for key in keys
        if isinstance(key, Mapping)
    ]

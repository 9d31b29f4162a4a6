"""What the gallery shows: each shared widget in each of its states."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from mailgui.findings import Finding, Severity, Verdict
from mailgui.transcript import Phase
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, pad
from mailgui.ui.widgets.buttons import (
    IconButton,
    LinkButton,
    MenuButton,
    PrimaryButton,
    QuietButton,
    ToolWord,
)
from mailgui.ui.widgets.choice_button import ChoiceButton, PickerButton
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.field_rows import FieldRow, FormField
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.lookup_gauge import LookupGauge
from mailgui.ui.widgets.rail import Rail
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.tab_bar import TabBar
from mailgui.ui.widgets.verdict_badge import Dot, VerdictBadge
from mailgui.ui.widgets.waterfall import Waterfall

SPF = "v=spf1 ip4:203.0.113.7 include:_spf.example.net -all"
KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 8


def row(*widgets: QWidget, spacing: int = SMALL) -> QWidget:
    """Return the widgets side by side."""
    box = QWidget()
    layout = QHBoxLayout(box)
    pad(layout, 0, spacing=spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return box


def column(*widgets: QWidget, spacing: int = LARGE) -> QWidget:
    """Return the widgets below one another."""
    box = QWidget()
    layout = QVBoxLayout(box)
    pad(layout, LARGE, spacing=spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return box


def controls() -> QWidget:
    """Buttons, choices, tabs, badges and fields."""
    disabled = PrimaryButton("Send", "Ctrl ↵", name="send-off")
    disabled.setEnabled(False)
    quiet_off = QuietButton("Disabled", name="quiet-off")
    quiet_off.setEnabled(False)
    picker = PickerButton(name="profile", accessible="Profile")
    picker.set_value("Sandbox SMTP", "SMTP · STARTTLS", Tone.PASS)
    stop = ChoiceButton(
        "Stop after", [("", "Full send"), ("auth", "AUTH"), ("data", "DATA")], name="stop-after"
    )
    tabs = TabBar(name="tabs", accessible="Result")
    for key, words in (
        ("transcript", "Transcript"),
        ("timing", "Timing"),
        ("tls", "TLS"),
        ("findings", "Findings"),
    ):
        tabs.add(key, words)
    tabs.set_count("findings", 2, Tone.BROKEN)
    field, wrong, empty = QLineEdit("example.com"), QLineEdit("587 "), QLineEdit()
    field.setProperty("type", "mono")
    empty.setPlaceholderText("Filter")
    problem = FormField("Port", wrong, name="port", hint="From 1 to 65535.")
    problem.set_problem("A port is a number from 1 to 65535.")
    return column(
        row(
            picker,
            stop,
            QuietButton("Test connection", name="test"),
            MenuButton("Copy as code", name="code"),
            PrimaryButton("Send", "Ctrl ↵", name="send"),
            disabled,
        ),
        row(
            QuietButton("Ask again", name="again", small=True),
            QuietButton("Save", name="save", icon_name="save"),
            quiet_off,
            LinkButton("Reply-To", name="reply-to"),
            IconButton("copy", "Copy", name="copy"),
            ToolWord("Follow", name="follow", icon_name="follow-tail", checkable=True),
            ToolWord("Copy", name="copy-word", icon_name="copy"),
            Segmented(
                [("tree", "Tree"), ("raw", "Raw")], name="view", accessible="How it is shown"
            ),
        ),
        tabs,
        row(*(VerdictBadge(verdict) for verdict in Verdict), VerdictBadge(None), Dot(Tone.PASS)),
        row(
            Label("Secondary", tone="secondary"),
            Label("Small", kind=Type.SMALL, tone="secondary"),
            Label("Strong", kind=Type.STRONG),
            Label("A page's subject", kind=Type.TITLE),
            Label("250 2.0.0 queued", kind=Type.MONO),
            Label("<b>plain</b>"),
        ),
        FormField("Host", field, name="host", hint="The server's name or address."),
        problem,
        empty,
        _lookups(3, 0),
        _lookups(8, 1),
        _lookups(12, 3),
    )


def _lookups(spent: int, void: int) -> QWidget:
    gauge = LookupGauge(name=f"lookups-{spent}")
    gauge.set_values(spent, void)
    return gauge


def banners() -> QWidget:
    """Banners and notices."""
    accepted, refused, busy = ResultBanner(), ResultBanner(), ResultBanner()
    accepted.finish(
        Tone.PASS,
        "Accepted by the server in 14 ms",
        "250 2.0.0 queued as 7F3A · 2 of 2 recipients · encrypted with TLS 1.3",
        action="Show in sandbox",
    )
    refused.finish(
        Tone.BROKEN,
        "Refused: the receiver could not tell that example.com sent this",
        "550 5.7.26 after the message · 0 of 2 recipients · 688 ms",
        action="Check example.com",
    )
    unknown = ResultBanner()
    unknown.finish(
        Tone.ATTENTION,
        "The connection was lost after the message: the server may have taken it",
        "Look for it at the receiver before you send again.",
    )
    busy.start("Sending…")
    busy._show_busy()  # noqa: SLF001 - a picture cannot wait 200 ms
    busy.set_phase("Waiting for the reply to EHLO")
    busy.set_progress(0.4, "8 of 20 MB")
    stopped = ResultBanner()
    stopped.finish(Tone.INFO, "Cancelled before the message was sent")
    notices = []
    for tone, words in (
        (Tone.INFO, "There is no keyring here: passwords are kept until MailGUI closes."),
        (Tone.ATTENTION, "The profile file was damaged. It was kept as profiles.toml.broken."),
        (Tone.BROKEN, "The file invoice.pdf is not there any more."),
    ):
        notice = InlineNotice(name=f"notice-{tone.value}", dismissible=True)
        notice.say(words, tone, action="Show" if tone is Tone.ATTENTION else "")
        notices.append(notice)
    return column(accepted, refused, unknown, busy, stopped, *notices)


def findings() -> QWidget:
    """Finding cards, record boxes and the waterfall."""
    cards = FindingList()
    cards.set_findings(
        [
            Finding(
                "smtp.rcpt.unknown",
                Severity.ATTENTION,
                "ada@example.net does not exist",
                "550 5.1.1 for one recipient.",
                "Check the spelling; the other recipient was accepted before the message was"
                " refused.",
                ("550 5.1.1 <ada@example.net>: user unknown",),
            ),
            Finding(
                "smtp.message.unauthenticated",
                Severity.BROKEN,
                "Neither SPF nor DKIM passed for example.com",
                "The receiver wants mail from this domain to be signed, or sent from an address"
                " its SPF record names. You sent from 203.0.113.7, which it does not name.",
                "Whoever runs the domain's DNS can mend it.",
                record=f'example.com. TXT "{SPF}"',
            ),
            Finding("smtp.size", Severity.INFO, "The server takes messages of up to 32 MB", "", ""),
        ]
    )
    waterfall = Waterfall()
    waterfall.set_phases(
        [
            Phase("dns", 0.0, 0.018),
            Phase("connect", 0.018, 0.038),
            Phase("tls", 0.056, 0.0, "reused"),
            Phase("auth", 0.153, 0.221),
            Phase("envelope", 0.374, 0.038),
            Phase("data", 0.412, 0.237, failed=True),
        ]
    )
    return column(
        cards,
        RecordBox(KEY, name="key", what="the DKIM key"),
        RecordBox(KEY, name="key-line", what="the DKIM key", wrap=False),
        Label("Where the time went", kind=Type.STRONG),
        waterfall,
    )


def frame() -> QWidget:
    """The rail, rows of fields and an empty state."""
    rail = Rail()
    for key, words, picture in (
        ("compose", "Compose", "compose"),
        ("domain", "Domain", "domain"),
        ("sandbox", "Sandbox", "sandbox"),
        ("compare", "Compare", "compare"),
        ("history", "History", "history"),
    ):
        rail.add(key, words, picture)
    rail.add("profiles", "Profiles", "profiles", bottom=True)
    rail.add("settings", "Settings", "settings", bottom=True)
    subject = QLineEdit("Welcome to Example")
    subject.setProperty("kind", "bare")
    body = QWidget()
    layout = QVBoxLayout(body)
    pad(layout, 0)
    layout.addWidget(
        FieldRow("Subject", subject, LinkButton("Reply-To", name="r"), name="subject-row")
    )
    layout.addWidget(
        EmptyState(
            "send",
            "Nothing was sent yet",
            "The conversation with the server will appear here, line by line, as it happens.",
            name="empty",
            action="Send the sample message",
        )
    )
    box = QWidget()
    inside = QHBoxLayout(box)
    pad(inside, 0)
    inside.addWidget(rail)
    inside.addWidget(body, 1)
    return box


def caption(text: str) -> QLabel:
    """Return a sheet's heading."""
    return Label(text, kind=Type.TITLE)


SHEETS = {
    "controls": (controls, 900),
    "banners": (banners, 620),
    "findings": (findings, 620),
    "frame": (frame, 900),
}

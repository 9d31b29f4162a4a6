"""What the gallery shows: each shared widget in each of its states."""

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.findings import Finding, Severity, Verdict
from mailgui.message.draft import Attachment
from mailgui.transcript import Phase
from mailgui.ui.gallery_data import HTML, HTTP, JSON, events
from mailgui.ui.gallery_layout import column, row
from mailgui.ui.metrics import MEDIUM, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.attachment_card import AttachmentItem
from mailgui.ui.widgets.attachment_strip import AttachmentStrip
from mailgui.ui.widgets.basics import Label, hairline, identify, pad
from mailgui.ui.widgets.buttons import (
    IconButton,
    LinkButton,
    MenuButton,
    PrimaryButton,
    QuietButton,
    ToolWord,
)
from mailgui.ui.widgets.check_list import CheckList
from mailgui.ui.widgets.chips import AddressField
from mailgui.ui.widgets.choice_button import ChoiceButton, PickerButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.field_rows import FieldRow, FormField
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.json_tree import JsonTree
from mailgui.ui.widgets.lookup_gauge import LookupGauge
from mailgui.ui.widgets.rail import Rail
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.tab_bar import TabBar
from mailgui.ui.widgets.term_tree import TermNode, TermTree
from mailgui.ui.widgets.transcript_view import TranscriptView
from mailgui.ui.widgets.verdict_badge import Dot, VerdictBadge
from mailgui.ui.widgets.waterfall import Waterfall

SPF = "v=spf1 ip4:203.0.113.7 include:_spf.example.net -all"
KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 8


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
    field, wrong = _field("host-field", "example.com"), _field("port-field", "587 ")
    empty = _field("filter-field", "")
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


def _field(name: str, text: str) -> QLineEdit:
    field = QLineEdit(text)
    identify(field, name, name.removesuffix("-field"))
    return field


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
    subject = _field("subject-field", "Welcome to Example")
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


def message() -> QWidget:
    """Address fields, attachments and code."""
    to = AddressField(name="to", accessible="To")
    to.set_addresses(["ada@example.net", "grace@example.org", "Somebody <no at sign>"])
    to.mark("ada@example.net", Tone.PASS, "250 2.1.5 recipient ok")
    many = AddressField(name="cc", accessible="Cc")
    many.set_addresses([f"person.number.{n}@a-rather-long-name.example.org" for n in range(9)])
    sender = AddressField(name="from", accessible="From", single=True)
    sender.set_addresses(["Example <hello@example.com>"])
    html = CodeView(name="html", accessible="HTML", language="html", editable=True, numbers=True)
    html.set_text(HTML)
    http = CodeView(name="http", accessible="Request", language="http")
    http.set_text(HTTP)
    for view in (html, http):
        view.setMinimumHeight(metrics().row * 11)
    strip = AttachmentStrip()
    strip.set_items(
        [
            AttachmentItem(Attachment("logo.png", "image/png", content_id="logo"), 14_000),
            AttachmentItem(Attachment("invoice.pdf", "application/pdf"), 182_000),
            AttachmentItem(Attachment("a very long name of a file, 見積書.pdf"), 1_200_000),
            AttachmentItem(Attachment("gone.txt"), None, "The file is not there any more."),
        ]
    )
    strip.cards[1].setFocus()
    return column(
        FieldRow("From", sender, name="from-row"),
        FieldRow("To", to, LinkButton("Cc", name="cc-link"), name="to-row"),
        FieldRow("Cc", many, name="cc-row"),
        html,
        http,
        strip,
        spacing=0,
    )


def transcript() -> QWidget:
    """A transcript with every kind of line, and with the chosen line in full."""
    view = TranscriptView()
    view.setMinimumHeight(metrics().row * 30)
    view.append(events())
    view.table.selectRow(13)
    view._details.setChecked(True)  # noqa: SLF001 - shows the detail pane
    view._hex.setChecked(True)  # noqa: SLF001
    return view


def domain() -> QWidget:
    """A list of checks and the tree of an SPF record."""
    checks = CheckList()
    checks.set_checks(
        [
            ("mx", "MX and addresses"),
            ("spf", "SPF"),
            ("dkim", "DKIM"),
            ("dmarc", "DMARC"),
            ("tls_rpt", "TLS-RPT"),
            ("dane", "DANE"),
            ("bimi", "BIMI"),
        ]
    )
    checks.set_result("mx", Verdict.PASS, "3 hosts, all answer on port 25")
    checks.set_result("spf", Verdict.ATTENTION, "8 of 10 look-ups used")
    checks.set_result("dkim", Verdict.BROKEN, "the key of selector s1 has 512 bits")
    checks.set_result("dmarc", Verdict.UNCHECKED, "no answer within 5 s from any of 3 servers")
    checks.set_result("tls_rpt", Verdict.NOT_SET_UP, "not set up")
    checks.set_key("spf")
    checks.setMinimumHeight(metrics().row * 20)
    tree = TermTree()
    tree.set_terms(
        [
            TermNode(
                "include:_spf.example.net",
                "no match",
                Tone.INFO,
                "3 look-ups",
                "41 ms",
                "",
                [
                    TermNode(
                        "include:_a.example.net",
                        "no match",
                        Tone.INFO,
                        "1 look-up",
                        "20 ms",
                        "",
                        [TermNode("ip4:198.51.100.0/24", "no match")],
                    ),
                    TermNode("a:relay.example.net", "void", Tone.ATTENTION, "1 look-up", "21 ms"),
                ],
            ),
            TermNode(
                "include:spf.mailer.test",
                "match",
                Tone.PASS,
                "4 look-ups",
                "63 ms",
                "",
                [TermNode("ip4:203.0.113.0/24", "match", Tone.PASS)],
            ),
            TermNode("mx", "not reached", Tone.INFO, "1 look-up"),
            TermNode("-all", "not reached"),
        ]
    )
    tree.setMinimumHeight(tree.content_height())
    right = column(
        row(Label("SPF", kind=Type.TITLE), VerdictBadge(Verdict.ATTENTION)),
        RecordBox(SPF, name="spf"),
        _lookups(8, 1),
        tree,
        spacing=MEDIUM,
    )
    box = QWidget()
    inside = QHBoxLayout(box)
    pad(inside, 0)
    inside.addWidget(checks, 2)
    inside.addWidget(hairline(vertical=True))
    inside.addWidget(right, 4)
    return box


def documents() -> QWidget:
    """JSON as a tree, searched; and something that is no JSON."""
    tree, wrong = JsonTree(name="json"), JsonTree(name="wrong")
    tree.set_json(JSON)
    tree.tree.setCurrentIndex(tree.model.index(2, 0))
    wrong.set_json("<html><title>502 Bad Gateway</title></html>")
    for view, rows in ((tree, 17), (wrong, 8)):
        view.setMinimumHeight(metrics().row * rows)
    return column(tree, wrong)


SHEETS = {
    "controls": (controls, 960),
    "banners": (banners, 620),
    "findings": (findings, 620),
    "frame": (frame, 900),
    "message": (message, 560),
    "transcript": (transcript, 640),
    "domain": (domain, 1100),
    "documents": (documents, 620),
}

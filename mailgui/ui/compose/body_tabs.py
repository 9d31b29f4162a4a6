"""The tabs of the message: HTML, plain text, headers, MIME, and what only an API carries."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from mailgui.message.draft import Draft
from mailgui.ui.compose.api_tab import ApiTab
from mailgui.ui.compose.headers_tab import HeadersTab
from mailgui.ui.compose.mime_tab import MimeTab
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.tab_bar import TabPanel

if TYPE_CHECKING:
    from mailgui.api.definition import Provider


class BodyTabs(TabPanel):
    """The bodies to write, and what becomes of them.

    Attributes:
        html, text: the editors.
        headers, mime, api: the other tabs' pages.

    Signals:
        changed: a body or a header is another.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="message", accessible="Message", parent=parent)
        self.html = CodeView(name="html", accessible="HTML", language="html", editable=True)
        self.text = CodeView(name="text", accessible="Plain text", editable=True)
        self.html.setPlaceholderText("<p>The message as HTML</p>")
        self.text.setPlaceholderText("The message as plain text")
        self.headers = HeadersTab()
        self.mime = MimeTab()
        self.api = ApiTab()
        for key, words, page in (
            ("html", "HTML", self.html),
            ("text", "Plain text", self.text),
            ("headers", "Headers", self.headers),
            ("mime", "MIME", self.mime),
            ("api", "API", self.api),
        ):
            self.add(key, words, page)
        self.html.textChanged.connect(self.changed)
        self.text.textChanged.connect(self.changed)
        self.headers.changed.connect(self.changed)
        self.api.changed.connect(self.changed)
        self.tabs.set_shown("api", False)

    def fill(self, draft: Draft) -> Draft:
        """Return ``draft`` with what is written here."""
        draft = replace(
            draft,
            html=self.html.whole_text() or None,
            text=self.text.whole_text() or None,
        )
        return self.api.fill(self.headers.fill(draft))

    def show_draft(self, draft: Draft) -> None:
        """Show a draft's bodies and headers."""
        self.html.set_text(draft.html or "")
        self.text.set_text(draft.text or "")
        self.headers.show_draft(draft)
        self.api.show_draft(draft)
        self.count_headers()

    def show_written(self, draft: Draft) -> None:
        """Bring the body that ``draft`` has to the front, where that in front is one it lacks."""
        if self.tabs.key == "html" and draft.text and not draft.html:
            self.tabs.set_key("text")
        elif self.tabs.key == "text" and draft.html and not draft.text:
            self.tabs.set_key("html")

    def set_provider(self, provider: "Provider | None") -> None:
        """Offer what an API's provider carries; None, for SMTP, takes the tab away."""
        if provider is None and self.tabs.key == "api":
            self.tabs.set_key("html")
        self.tabs.set_shown("api", provider is not None)
        self.api.set_provider(provider)

    def count_headers(self) -> None:
        """Show beside the tabs' words how many headers and fields of an API are a person's own."""
        self.tabs.set_count("headers", sum(bool(row.pair[0]) for row in self.headers.rows))
        self.tabs.set_count("api", self.api.count())

    def insert_image(self, content_id: str, words: str) -> None:
        """Put an img tag for an inline image where the cursor is in the HTML."""
        alt = words.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        self.tabs.set_key("html")
        self.html.textCursor().insertText(f'<img src="cid:{content_id}" alt="{alt}">')
        self.html.setFocus()

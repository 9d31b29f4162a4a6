"""What an HTML message says: its words without markup, with where its links really lead."""

from html.parser import HTMLParser

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
     "blockquote", "pre", "section", "article", "header", "footer"}
)  # fmt: skip


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipping = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n• " if tag == "li" else "\n")
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        elif tag == "img" and not self._skipping:
            alt = dict(attrs).get("alt") or "no description"
            self.pieces.append(f"[image: {alt}]")
        elif tag in {"td", "th"}:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "a" and self._links:
            href = self._links.pop()
            if href and not self._skipping:
                self.pieces.append(f" <{href}>")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(" ".join(data.split()).join(_edges(data)))


def _edges(data: str) -> list[str]:
    """Return the blanks that ``data`` keeps before and behind its words."""
    before = " " if data[:1].isspace() else ""
    behind = " " if data[-1:].isspace() and data.strip() else ""
    return [before, behind]


def html_to_text(html: str) -> str:
    """Return the words of an HTML text, a line a paragraph. Never raises; loads nothing."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = [" ".join(line.split()) for line in "".join(words.pieces).split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()

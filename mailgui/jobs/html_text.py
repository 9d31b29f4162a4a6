"""What an HTML message says: its words without markup, with where its links really lead.

Read in one go from front to back. The standard library's parser takes time with the square of the
length for markup that never ends, and a mail's author may well see to that.
"""

import html as entities
import re

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript"})
_RAW = frozenset({"script", "style"})  # what is in these is no markup
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
     "blockquote", "pre", "section", "article", "header", "footer"}
)  # fmt: skip

_MARKUP = re.compile(r"<(?:[!?]|/?[a-zA-Z])")
# Possessive throughout: each character is looked at once. A quote is one behind "=" only.
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)*+)>"
)
_ATTRIBUTE = re.compile(
    r"([^\s=>\"'/]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]*+)))?+", re.ASCII
)


class _Words:
    """Gathers words while an HTML text is read."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._skipping = 0
        self._links: list[str] = []

    def read(self, html: str) -> None:
        position = 0
        while found := _MARKUP.search(html, position):
            self._data(html[position : found.start()])
            position = self._markup(html, found.start())
        self._data(html[position:])

    def _markup(self, html: str, start: int) -> int:
        """Take what begins with the "<" at ``start``; return where reading goes on."""
        if html.startswith("<!--", start):
            return _behind(html, "-->", start + 4)
        if html.startswith(("<!", "<?"), start):
            return _behind(html, ">", start)
        tag = _TAG.match(html, start)
        if tag is None:
            return len(html)  # a tag that never ends takes the rest with it, as in browsers
        name = tag[2].lower()
        if tag[1]:
            self._end(name)
        else:
            self._start(name, tag[3])
            if name in _RAW:
                end = re.compile(rf"</{name}", re.IGNORECASE).search(html, tag.end())
                return end.start() if end else len(html)
        return tag.end()

    def _start(self, tag: str, attributes: str) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n• " if tag == "li" else "\n")
        elif tag == "a":
            self._links.append(_attribute(attributes, "href"))
        elif tag == "img" and not self._skipping:
            self.pieces.append(f"[image: {_attribute(attributes, 'alt') or 'no description'}]")
        elif tag in {"td", "th"}:
            self.pieces.append(" ")

    def _end(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "a" and self._links:
            href = self._links.pop()
            if href and not self._skipping:
                self.pieces.append(f" <{href}>")

    def _data(self, data: str) -> None:
        if data and not self._skipping:
            data = _unescaped(data)
            self.pieces.append(" ".join(data.split()).join(_edges(data)))


def _behind(html: str, end: str, start: int) -> int:
    found = html.find(end, start)
    return len(html) if found < 0 else found + len(end)


def _attribute(attributes: str, wanted: str) -> str:
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        if name.lower() == wanted:
            return _unescaped(double or single or bare)
    return ""


def _unescaped(text: str) -> str:
    try:
        return entities.unescape(text)
    except ValueError:  # a number that is too long for Python to read
        return text


def _edges(data: str) -> list[str]:
    """Return the blanks that ``data`` keeps before and behind its words."""
    before = " " if data[:1].isspace() else ""
    behind = " " if data[-1:].isspace() and data.strip() else ""
    return [before, behind]


def html_to_text(html: str) -> str:
    """Return the words of an HTML text, a line a paragraph. Never raises; loads nothing."""
    words = _Words()
    words.read(html)
    lines = [" ".join(line.split()) for line in "".join(words.pieces).split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()

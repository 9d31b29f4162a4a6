"""XML read into a small tree, by Expat, which is told to refuse what reports never need.

No document type, hence no entities of one's own, nothing fetched, no "billion laughs"; and bounds
on depth and number of elements. Namespaces are dropped: RFC 9990 has one, RFC 7489 had none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mailgui.domain.aggregate_container import ReportProblem

_MOST_ELEMENTS = 2_000_000
_MOST_DEPTH = 12
_MOST_TEXT = 4096  # characters of one element


@dataclass(slots=True)
class Element:
    """One element: its local name, its text without blanks around it, and what is inside."""

    name: str
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def find(self, name: str) -> "Element | None":
        """Return the first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> "Iterator[Element]":
        """Yield the children of that name."""
        return (child for child in self.children if child.name == name)

    def value(self, *path: str) -> str:
        """Return the text at ``path``, or "" where there is nothing."""
        here: Element | None = self
        for name in path:
            here = here.find(name) if here is not None else None
        return here.text if here is not None else ""


def parse_xml(octets: bytes) -> Element:
    """Return the root element; raises ReportProblem with a sentence that names the line."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.buffer_text = True
    try:
        parser.Parse(octets, True)
    except expat.ExpatError as fault:
        raise ReportProblem(
            f"The XML is broken in line {fault.lineno}: {expat.ErrorString(fault.code)}."
        ) from None
    except (LookupError, ValueError) as fault:
        if isinstance(fault, ReportProblem):
            raise
        raise ReportProblem("The XML's encoding is not known.") from None
    if builder.root is None:
        raise ReportProblem("The XML is empty.")
    return builder.root


class _Builder:
    """Takes Expat's events."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def doctype(self, *_: object) -> None:
        raise ReportProblem("The XML brings a document type, which no report needs: not read.")

    def entity(self, *_: object) -> None:
        raise ReportProblem("The XML defines entities, which no report needs: not read.")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) >= _MOST_DEPTH:
            raise ReportProblem("The XML is larger or deeper than any report.")
        element = Element(name.rpartition(":")[2])
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = element.text.strip()

    def text(self, text: str) -> None:
        element = self._open[-1]
        if len(element.text) < _MOST_TEXT:
            element.text += text[:_MOST_TEXT]

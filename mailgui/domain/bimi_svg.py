"""Whether a logo is the SVG Tiny PS that BIMI wants (draft-svg-tiny-ps-abrotman).

The file is a stranger's: entities and document types are refused before anything is expanded.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_SVG = 512 * 1024  # octets, before and after decompression
_ADVISED = 32 * 1024
_SVG = "http://www.w3.org/2000/svg"
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)[^)#]")
_MOVING = ("animate", "animatecolor", "animatemotion", "animatetransform", "set", "discard")
_FORBIDDEN = {
    "script": "script", "handler": "script", "listener": "script",
    "foreignobject": "foreign content", "image": "raster image",
    "audio": "sound", "video": "video", "animation": "animation",
    "style": "style sheet", "filter": "filter", "mask": "mask",
    "a": "link", "prefetch": "loading from outside", "mpath": "animation", "svg": "nested picture",
    **dict.fromkeys(_MOVING, "animation"),
}  # fmt: skip
# What is left of SVG Tiny 1.2 (its appendix I) after that.
_ALLOWED = frozenset(
    {
        "circle", "defs", "desc", "ellipse", "font", "font-face", "font-face-src", "font-face-uri",
        "g", "glyph", "hkern", "line", "linearGradient", "metadata", "missing-glyph", "path",
        "polygon", "polyline", "radialGradient", "rect", "solidColor", "stop", "switch", "tbreak",
        "text", "textArea", "title", "tspan", "use",
    }
)  # fmt: skip
# The root's attributes that need not be there, but may say nothing else.
_FIXED = {
    "zoomAndPan": "disable",
    "externalResourcesRequired": "false",
    "snapshotTime": "none",
    "focusable": "false",
}
_MOST_TITLE = 64
_LEAST_PIXELS = 96  # Gmail's; support.google.com/a/answer/10911027


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: a slug, and a sentence."""

    slug: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Logo:
    """What was read of a logo; ``content`` is the file itself, unpacked."""

    title: str = ""
    profile: str = ""
    width: float | None = None
    height: float | None = None
    octets: int = 0
    faults: tuple[Fault, ...] = ()
    content: bytes = b""


def read_logo(octets: bytes) -> Logo:
    """Return what an SVG file, also a gzipped one, holds, and what is wrong with it."""
    try:
        octets = unpacked(octets)
    except zlib.error:
        return Logo(faults=(Fault("unreadable", "The compressed file cannot be unpacked."),))
    if len(octets) > MAX_SVG:
        return Logo(faults=(Fault("size", f"It has more than {MAX_SVG // 1024} KB."),))
    reader = _Reader()
    try:
        reader.read(octets)
    except _Refused as refused:
        return Logo(octets=len(octets), faults=(refused.fault,))
    except expat.ExpatError as error:
        words = f"It is no XML: {expat.ErrorString(error.code)} in line {error.lineno}."
        return Logo(octets=len(octets), faults=(Fault("unreadable", words),))
    if len(octets) > _ADVISED:
        words = f"It has {len(octets) / 1024:.0f} KB; at most 32 KB are advised."
        reader.fault("large", words)
    return Logo(
        reader.title.strip()[:200],
        reader.profile[:40],
        reader.width,
        reader.height,
        len(octets),
        tuple(dict.fromkeys(reader.faults)),
        octets,
    )


def unpacked(octets: bytes) -> bytes:
    """Return an SVG file that may be gzipped as it is inside, at most ``MAX_SVG`` + 1 octets.

    Raises zlib.error.
    """
    if octets[:2] != b"\x1f\x8b":
        return octets
    return zlib.decompressobj(31).decompress(octets, MAX_SVG + 1)


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


@dataclass
class _Reader:
    """Reads the elements one after another."""

    faults: list[Fault] = field(default_factory=list)
    title: str = ""
    profile: str = ""
    width: float | None = None
    height: float | None = None
    _path: list[str] = field(default_factory=list)
    _foreign: int = 0  # how deep metadata, or a foreign element, begins that it is in

    def fault(self, slug: str, sentence: str) -> None:
        if len(self.faults) < 20:
            self.faults.append(Fault(slug, sentence))

    def read(self, octets: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = self._instruction
        parser.Parse(octets, True)
        if not self.title.strip():
            self.fault("title", "It has no <title>, which every BIMI logo must have.")
        elif len(self.title.strip()) > _MOST_TITLE:
            words = f"Its <title> has over {_MOST_TITLE} letters; the company's name is enough."
            self.fault("title_long", words)

    def _doctype(self, *_: object) -> None:
        words = "It has a document type or entities, which are not allowed."
        raise _Refused(Fault("doctype", words))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self._path.append(local)
        if len(self._path) > 200:
            raise _Refused(Fault("unreadable", "Its elements are nested too deeply."))
        if len(self._path) == 1:
            self._root(space, local, attributes)
        else:
            self._element(space, local)
        for key, value in attributes.items():
            self._attribute(key.rpartition(" ")[2].lower(), value)

    def _end(self, _name: str) -> None:
        self._path.pop()
        if len(self._path) < self._foreign:
            self._foreign = 0

    def _element(self, space: str, local: str) -> None:
        what = _FORBIDDEN.get(local.lower())
        shown = f"<{local[:40]}>"
        if what == "script":
            self.fault("script", f"It holds {shown} ({what}), which is not allowed.")
        elif self._foreign:
            return  # metadata, or what has been told already
        elif what:
            self.fault("forbidden", f"It holds {shown} ({what}), which is not allowed.")
        elif space != _SVG:
            self._foreign = len(self._path)
            self.fault("foreign", f"It holds {shown}, which belongs to a drawing program.")
        elif local == "metadata":
            self._foreign = len(self._path)
        elif local not in _ALLOWED:
            self.fault("forbidden", f"It holds {shown}, which SVG Tiny does not know.")

    def _instruction(self, target: str, _text: str) -> None:
        if target.lower() == "xml-stylesheet":
            self.fault("external", "It refers to a style sheet outside, which is not allowed.")

    def _attribute(self, key: str, value: str) -> None:
        if key.startswith("on") and len(key) > 2:
            self.fault("script", f"It holds {key[:40]}=, a script, which is not allowed.")
            return
        if key == "style":
            self.fault("style", "It holds style=, which SVG Tiny does not know: use attributes.")
        outside = key == "href" and not value.startswith("#")
        if outside or _OUTSIDE.search(value):
            self.fault("external", "It refers to something outside itself, which is not allowed.")

    def _root(self, space: str, local: str, attributes: dict[str, str]) -> None:
        if local != "svg" or space != _SVG:
            raise _Refused(Fault("not_svg", "It is no SVG file."))
        self.profile = attributes.get("baseProfile", "")
        if self.profile != "tiny-ps":
            said = f"“{self.profile[:40]}”" if self.profile else "missing"
            self.fault("profile", f"baseProfile must be tiny-ps; it is {said}.")
        if attributes.get("version") != "1.2":
            self.fault("version", "version must be 1.2.")
        for key in ("x", "y"):
            if key in attributes:
                self.fault("position", f"The root element must not have {key}=.")
        for key, wanted in _FIXED.items():
            if attributes.get(key, wanted) != wanted:
                self.fault("attribute", f"The root element's {key} must be {wanted}.")
        self._size(attributes)
        self._shown_size(attributes)

    def _size(self, attributes: dict[str, str]) -> None:
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        try:
            self.width, self.height = float(box[2]), float(box[3])
        except (IndexError, ValueError):
            self.fault("view_box", "It has no viewBox, so that its shape is not known.")
            return
        if self.width <= 0 or abs(self.width - self.height) > 0.01 * max(self.width, self.height):
            self.fault("square", f"It is not square: {self.width:g} by {self.height:g}.")

    def _shown_size(self, attributes: dict[str, str]) -> None:
        """Look at width and height, which need not be there."""
        for key in ("width", "height"):
            value = attributes.get(key, "").strip().removesuffix("px")
            if not value:
                continue
            try:
                pixels = float(value)
            except ValueError:
                if value.endswith(("%", "em", "ex")):
                    self.fault("size_relative", f"The root element's {key} must be in pixels.")
                continue
            if pixels < _LEAST_PIXELS:
                words = f"Its {key} is {pixels:g} pixels; Gmail wants at least {_LEAST_PIXELS}."
                self.fault("size_small", words)

    def _text(self, text: str) -> None:
        if self._path == ["svg", "title"] and len(self.title) < 1000:
            self.title += text

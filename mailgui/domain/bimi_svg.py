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
    **dict.fromkeys(_MOVING, "animation"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: a slug, and a sentence."""

    slug: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Logo:
    """What was read of a logo."""

    title: str = ""
    profile: str = ""
    width: float | None = None
    height: float | None = None
    octets: int = 0
    faults: tuple[Fault, ...] = ()


def read_logo(octets: bytes) -> Logo:
    """Return what an SVG file, also a gzipped one, holds, and what is wrong with it."""
    if octets[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(31)
        try:
            octets = unpacker.decompress(octets, MAX_SVG + 1)
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
    )


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

    def fault(self, slug: str, sentence: str) -> None:
        if len(self.faults) < 20:
            self.faults.append(Fault(slug, sentence))

    def read(self, octets: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = lambda _name: self._path.pop()
        parser.CharacterDataHandler = self._text
        parser.Parse(octets, True)
        if not self.title.strip():
            self.fault("title", "It has no <title>, which every BIMI logo must have.")

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
        what = _FORBIDDEN.get(local.lower())
        if what:
            slug = "script" if what == "script" else "forbidden"
            self.fault(slug, f"It holds <{local[:40]}> ({what}), which is not allowed.")
        for key, value in attributes.items():
            self._attribute(key.rpartition(" ")[2].lower(), value)

    def _attribute(self, key: str, value: str) -> None:
        if key.startswith("on") and len(key) > 2:
            self.fault("script", f"It holds {key[:40]}=, a script, which is not allowed.")
            return
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
        self._size(attributes)

    def _size(self, attributes: dict[str, str]) -> None:
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        try:
            self.width, self.height = float(box[2]), float(box[3])
        except (IndexError, ValueError):
            self.fault("view_box", "It has no viewBox, so that its shape is not known.")
            return
        if self.width <= 0 or abs(self.width - self.height) > 0.01 * max(self.width, self.height):
            self.fault("square", f"It is not square: {self.width:g} by {self.height:g}.")

    def _text(self, text: str) -> None:
        if self._path == ["svg", "title"] and len(self.title) < 1000:
            self.title += text

"""Names with values at their places: a person's own headers, variables and metadata."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mailgui.api import losses
from mailgui.api.bodies import json_octets
from mailgui.api.fields import NamedHeader, PairsPlace
from mailgui.api.template import NOTHING, fill
from mailgui.findings import Finding, Severity
from mailgui.message.headers import ASCII, unstructured

if TYPE_CHECKING:
    from mailgui.api.layout import Layout

Pairs = Sequence[tuple[str, Any]]


def lay_pairs(layout: "Layout", name: str, pairs: Pairs) -> None:
    """Put ``pairs`` at every place of the field ``name``, and note what of them is lost."""
    if name == "headers":
        pairs = _allowed(layout, pairs)
    for place in layout.places(name, PairsPlace):
        here = _without_named(layout, place, pairs)
        if place.ascii:
            here = [(each, _ascii(each, value)) for each, value in here]
        if name == "headers" and place.layout not in ("list", "each"):
            here = _once_each(layout, here)
        if place.max is not None and len(here) > place.max:
            rest = ", ".join(each for each, _ in here[place.max :])
            what = f"Left out: {rest}."
            layout.note(losses.too_many(layout.provider.name, name, place.max, what))
            here = here[: place.max]
        if here:
            _put(layout, name, place, here)


def _put(layout: "Layout", name: str, place: PairsPlace, pairs: Pairs) -> None:
    if place.layout == "object":
        layout.put(place, fill(place.wrap, {"value": dict(pairs)}), name)
    elif place.layout == "json":
        layout.put(place, json_octets(dict(pairs)).decode(), name)
    elif place.layout == "recipients":
        whom = [a for field in ("to", "cc", "bcc") for a in layout.addresses[field]]
        one = {"value": dict(pairs)}
        items = [fill(place.item, {"address": a.address, **one}) for a in whom]
        layout.put(place, items, name)
    elif place.layout == "list":
        items = [fill(place.item, {"name": n, "value": v}) for n, v in pairs]
        layout.put(place, [item for item in items if item is not NOTHING], name)
    else:
        for each, value in pairs:
            layout.body.put(place.path.replace("{name}", each), value)


def _allowed(layout: "Layout", headers: Pairs) -> Pairs:
    """Leave out what the provider refuses or overwrites; say what it may ignore."""
    request, provider = layout.provider.request, layout.provider.name
    denied = {name.lower() for name in request.denied_headers}
    for name, _ in headers:
        if name.lower() in denied:
            why = "The provider writes it itself and refuses or overwrites another one."
            layout.note(losses.left_out(provider, f"the header {name}", why, slug="header"))
        elif request.header_pattern and not re.fullmatch(
            request.header_pattern, name, re.IGNORECASE
        ):
            layout.note(_may_be_ignored(provider, name))
    return [pair for pair in headers if pair[0].lower() not in denied]


def _may_be_ignored(provider: str, name: str) -> Finding:
    return Finding(
        "api.ignored.header",
        Severity.ATTENTION,
        f"{provider} may leave out the header {name}",
        "It takes headers of certain names only and passes over others without a word.",
        "Give it a name that begins with X-, or send by SMTP.",
    )


def _without_named(layout: "Layout", place: PairsPlace, pairs: Pairs) -> Pairs:
    """Put the headers that have a place of their own there, and return the others."""
    named = {name.lower(): own for name, own in place.named.items()}
    others = []
    for name, value in pairs:
        own = named.get(name.lower())
        if own is None:
            others.append((name, value))
        else:
            layout.body.put(own.path, _named_value(own, str(value)))
    return others


def _named_value(own: NamedHeader, text: str) -> Any:
    if own.yes:
        return text.strip().lower() in own.yes
    return text.split() if own.split else text


def _once_each(layout: "Layout", pairs: Pairs) -> Pairs:
    """Return the last of the headers whose names are alike: an object has no room for two."""
    kept: dict[str, tuple[str, Any]] = {}
    for name, value in pairs:
        before = kept.pop(name.lower(), None)
        if before is not None:
            what = f"the header {before[0]}: {before[1]}"
            why = "Its API has room for one header of a name, and a later one takes it."
            layout.note(losses.left_out(layout.provider.name, what, why, slug="header"))
        kept[name.lower()] = (name, value)
    return list(kept.values())


def _ascii(name: str, value: str) -> str:
    """Return a header's value with other scripts in encoded words, on one line."""
    if value.isascii():
        return value
    line = unstructured(name, value, ASCII).decode("ascii")
    return line.partition(":")[2].replace("\r\n", "").strip()

"""How each kind of Draft field is put at its place: one handler for each kind."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from mailgui.api import losses
from mailgui.api.fields import (
    AddressPlace,
    SwitchPlace,
    TagsPlace,
    TimePlace,
    ValuePlace,
)
from mailgui.api.mailboxes import mailbox_list, placeholders_of
from mailgui.api.pairs import lay_pairs
from mailgui.api.template import NOTHING, fill
from mailgui.findings import Finding, Severity
from mailgui.message.draft import Address
from mailgui.message.headers import check_text

if TYPE_CHECKING:
    from mailgui.api.layout import Layout

Handler = Callable[["Layout", str, Any], None]


def _lay_addresses(layout: "Layout", name: str, mailboxes: tuple[Address, ...]) -> None:
    moved: tuple[Address, ...] = ()
    if name == "cc":
        moved = tuple(a for a in layout.addresses["to"] if a not in _kept(layout, "to"))
        mailboxes = moved + mailboxes
    shared: dict[str, Any] = {
        "to_header": mailbox_list(layout.addresses["to"]) or None,
        "cc_header": mailbox_list(layout.addresses["cc"]) or None,
    }
    for place in layout.places(name, AddressPlace):
        if place.several is not None and place.several is not (len(mailboxes) > 1):
            continue
        kept = mailboxes if place.max is None else mailboxes[: place.max]
        items = [fill(place.item, {**placeholders_of(a), **shared}) for a in kept]
        items = [item for item in items if item is not NOTHING]
        if not items:
            continue
        joined: Any = items
        if place.many == "one":
            joined = items[0]
        elif place.many == "comma":
            joined = ", ".join(map(str, items))
        layout.put(place, fill(place.wrap, {"value": joined}), name)
    _mind_the_rest(layout, name, mailboxes)


def _kept(layout: "Layout", name: str) -> tuple[Address, ...]:
    mailboxes = layout.addresses[name]
    for place in layout.places(name, AddressPlace):
        if place.max is not None and place.overflow:
            return mailboxes[: place.max]
    return mailboxes


def _mind_the_rest(layout: "Layout", name: str, mailboxes: tuple[Address, ...]) -> None:
    """Say what becomes of the addresses beyond the most that there may be."""
    place = layout.places(name, AddressPlace)[0]
    if place.max is None or len(mailboxes) <= place.max:
        return
    rest = mailbox_list(mailboxes[place.max :])
    if place.overflow == "cc":
        what = f"Put into Cc, where everybody sees them as before: {rest}."
        if not layout.addresses["cc"]:
            _lay_addresses(layout, "cc", ())
    else:
        what = f"Left out: {rest}."
    layout.note(losses.too_many(layout.provider.name, name, place.max, what))


def _lay_value(layout: "Layout", name: str, value: str) -> None:
    if name == "subject":
        check_text(value, "subject", "The subject")
    for place in layout.places(name, ValuePlace):
        _check_length(layout, name, value, place)
        given: Any = value
        if place.integer:
            if re.fullmatch(r"\d{1,18}", value):
                given = int(value)
            elif place.otherwise:
                layout.body.put(place.otherwise, value)
                continue
            else:
                layout.note(_not_a_number(layout.provider.name, name, value))
        layout.put(place, fill(place.value, {"value": given}), name)


def _not_a_number(provider: str, name: str, value: str) -> Finding:
    what = name.replace("_", " ")
    return Finding(
        f"api.invalid.{name}",
        Severity.BROKEN,
        f"{provider} wants a number as {what}",
        f"“{value}” is none, so the request will be refused.",
        "Copy the number from the provider's dashboard.",
    )


def _check_length(layout: "Layout", name: str, value: str, place: ValuePlace) -> None:
    short = place.min is not None and len(value) < place.min
    long = place.max is not None and len(value) > place.max
    if not (short or long):
        return
    limit = f"at least {place.min}" if short else f"at most {place.max}"
    what = name.replace("_", " ")
    layout.note(
        Finding(
            f"api.limit.{name}",
            Severity.BROKEN,
            f"{layout.provider.name} wants a {what} of {limit} characters",
            f"This one has {len(value)}, so the request will be refused.",
            "Make it longer." if short else "Make it shorter.",
        )
    )


def _lay_time(layout: "Layout", name: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        moment = moment.astimezone()  # one without a zone is this machine's
    ahead = (moment - datetime.now(UTC)).total_seconds()
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    for place in layout.places(name, TimePlace):
        forms: dict[str, Any] = {
            "iso8601": utc.isoformat(timespec=precision).replace("+00:00", "Z"),
            "iso8601_offset": moment.isoformat(timespec="seconds"),
            "iso8601_ms": moment.isoformat(timespec="milliseconds"),
            "unix": int(moment.timestamp()),
            "rfc5322": format_datetime(utc),
            "utc": f"{utc:%Y-%m-%d %H:%M:%S}",
        }
        if place.max_ahead is not None and ahead > place.max_ahead:
            layout.note(
                Finding(
                    "api.limit.send_at",
                    Severity.BROKEN,
                    f"{layout.provider.name} schedules at most {place.max_ahead // 3600} hours "
                    "ahead",
                    "This message is to go out later than that, so the request will be refused.",
                    "Choose an earlier time.",
                )
            )
        layout.put(place, forms[place.format], name)


def _lay_switch(layout: "Layout", name: str, value: bool) -> None:
    for place in layout.places(name, SwitchPlace):
        layout.put(place, place.on if value else place.off, name)


def _lay_tags(layout: "Layout", name: str, tags: tuple[str, ...]) -> None:
    for place in layout.places(name, TagsPlace):
        kept = tags if place.max is None else tags[: place.max]
        if len(kept) < len(tags):
            rest = ", ".join(tags[len(kept) :])
            what = f"Left out: {rest}."
            layout.note(losses.too_many(layout.provider.name, name, place.max or 0, what))
        items: list[Any] = []
        unnamed = 0
        for tag in kept:
            label, equals, value = tag.partition("=")
            if not equals:
                unnamed += 1
                label, value = place.unnamed + (f"_{unnamed}" if unnamed > 1 else ""), tag
            _check_tag(layout, place, tag, label, value)
            item = fill(place.item, {"value": tag, "tag_name": label, "tag_value": value})
            items.append(item)
        joined: Any = items
        if place.many == "one":
            joined = items[0]
        elif place.many == "comma":
            joined = ",".join(map(str, items))
        layout.put(place, joined, name)


def _check_tag(layout: "Layout", place: TagsPlace, tag: str, label: str, value: str) -> None:
    if not place.pattern or all(re.fullmatch(place.pattern, text) for text in (label, value)):
        return
    layout.note(
        Finding(
            "api.invalid.tags",
            Severity.BROKEN,
            f"{layout.provider.name} does not take the tag “{tag}”",
            f"Its name and value must match {place.pattern}, so the request will be refused.",
            "Use letters, digits, underscores and hyphens only.",
        )
    )


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("from", "to", "cc", "bcc", "reply_to"), _lay_addresses),
    **dict.fromkeys(
        ("envelope_from", "subject", "text", "html", "template_id", "idempotency_key"), _lay_value
    ),
    **dict.fromkeys(("headers", "variables", "metadata"), lay_pairs),
    **dict.fromkeys(("track_opens", "track_clicks"), _lay_switch),
    "tags": _lay_tags,
    "send_at": _lay_time,
}

"""Where each part of a Draft goes in a provider's request: the ``[fields]`` of a provider file.

A *place* names a position in the body (``path``) or a request header (``header``) and the layout of
what is put there. Layouts are templates: any TOML value whose strings may hold ``{placeholders}``;
a member whose placeholder is empty is left out.
"""

from typing import Any, Literal

import msgspec

Many = Literal["array", "comma", "one"]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every place has.

    Attributes:
        path: dotted position in the body, such as ``content.from`` or ``personalizations[0].to``;
            ``[]`` at the end appends. In a form it is the field's name as it stands.
        header: name of an HTTP request header, in place of ``path``.
        unverified: the vendor's documentation does not confirm it; rendering says so.
        template_ids: a regular expression that the template's id has to match as a whole ("" is
            the id where none is chosen), or the place is passed over.
    """

    path: str = ""
    header: str = ""
    unverified: bool = False
    template_ids: str = ""


class AddressPlace(Place, frozen=True, kw_only=True):
    """Mailboxes. ``item`` may use ``{mailbox}`` (RFC 5322), ``{mailbox_ascii}`` (names as RFC 2047
    encoded words), ``{address}``, ``{name}``, ``{to_header}`` and ``{cc_header}``.

    ``many`` says how several are joined, ``max`` how many there may be, ``overflow`` where the rest
    goes, and ``wrap`` what is put around the whole, as ``{value}``. ``several`` keeps a place for
    more than one address (true) or for a single one (false).
    """

    item: Any = "{mailbox}"
    many: Many = "array"
    max: int | None = None
    overflow: Literal["", "cc"] = ""
    wrap: Any = "{value}"
    several: bool | None = None


class ValuePlace(Place, frozen=True, kw_only=True):
    """One value, as ``{value}``. ``integer`` turns it into a number; a value that is none goes to
    the path ``otherwise`` where there is one. ``always`` puts an empty subject there too.
    """

    value: Any = "{value}"
    always: bool = False
    integer: bool = False
    otherwise: str = ""
    max: int | None = None
    min: int | None = None


class TimePlace(Place, frozen=True, kw_only=True):
    """A moment: ISO 8601 (in UTC as ``Z``, or with its offset, in seconds or milliseconds), Unix
    seconds, RFC 5322 date, or ``YYYY-MM-DD HH:MM:SS`` in UTC. ``max_ahead`` is the furthest it may
    lie ahead, in seconds.
    """

    format: Literal["iso8601", "iso8601_offset", "iso8601_ms", "unix", "rfc5322", "utc"] = "iso8601"
    max_ahead: int | None = None


class SwitchPlace(Place, frozen=True, kw_only=True):
    """A yes or no, written as ``on`` or ``off``."""

    on: Any = True
    off: Any = False


class NamedHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ``path`` of one header that has a place of its own: its text, the list of its words
    (``split``), or whether it is one of the words ``yes``.
    """

    path: str
    split: bool = False
    yes: list[str] = []


class PairsPlace(Place, frozen=True, kw_only=True):
    """Names with values: an object, a list of ``item``, one ``path`` for each (with ``{name}`` in
    it), the whole as a JSON text, or ``item`` for each recipient, in which ``{address}`` is theirs
    and ``{value}`` the whole object.

    ``wrap`` is what is put around an object, as ``{value}``. Of headers, those in ``named`` have
    places of their own, and ``ascii`` writes other scripts as RFC 2047 encoded words.
    """

    layout: Literal["object", "list", "each", "json", "recipients"] = "object"
    item: Any = msgspec.field(default_factory=lambda: {"name": "{name}", "value": "{value}"})
    max: int | None = None
    wrap: Any = "{value}"
    ascii: bool = False
    named: dict[str, NamedHeader] = {}


class TagsPlace(Place, frozen=True, kw_only=True):
    """Tags. ``item`` may use ``{value}`` (the tag) or, of a tag ``name=value``, ``{tag_name}`` and
    ``{tag_value}``; a tag without ``=`` gets the name ``unnamed``. ``pattern`` is what a name and
    value may consist of.
    """

    item: Any = "{value}"
    many: Many = "array"
    max: int | None = None
    unnamed: str = "tag"
    pattern: str = ""


class FilesPlace(Place, frozen=True, kw_only=True):
    """Files. ``item`` may use ``{filename}``, ``{base64}``, ``{type}``, ``{cid}`` and ``{url}``.

    In a multipart form a file is a part of its own; ``filename`` is then the template of its name.
    """

    item: Any = "{base64}"
    filename: str = "{filename}"


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """The places of every Draft field; a field without one cannot be carried."""

    sender: AddressPlace | list[AddressPlace] | None = None
    to: AddressPlace | list[AddressPlace] | None = None
    cc: AddressPlace | list[AddressPlace] | None = None
    bcc: AddressPlace | list[AddressPlace] | None = None
    reply_to: AddressPlace | list[AddressPlace] | None = None
    envelope_from: ValuePlace | None = None
    subject: ValuePlace | None = None
    text: ValuePlace | None = None
    html: ValuePlace | None = None
    headers: PairsPlace | None = None
    template_id: ValuePlace | None = None
    variables: PairsPlace | list[PairsPlace] | None = None
    tags: TagsPlace | None = None
    metadata: PairsPlace | None = None
    send_at: TimePlace | None = None
    track_opens: SwitchPlace | None = None
    track_clicks: SwitchPlace | None = None
    idempotency_key: ValuePlace | None = None
    attachments: FilesPlace | None = None
    inline: FilesPlace | None = None
    attachment_urls: FilesPlace | None = None


ADDRESS_FIELDS = ("from", "to", "cc", "bcc", "reply_to")
FIELD_NAMES = tuple(info.encode_name for info in msgspec.structs.fields(Fields))

# What a template of each field may name. Account options may be named nowhere here: they belong to
# the URL, the headers and the constants.
_FILE = frozenset({"filename", "base64", "type", "cid", "url"})
PLACEHOLDERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ADDRESS_FIELDS,
        frozenset(
            {"mailbox", "mailbox_ascii", "address", "name", "to_header", "cc_header", "value"}
        ),
    ),
    **dict.fromkeys(
        ("envelope_from", "subject", "text", "html", "template_id", "idempotency_key", "send_at"),
        frozenset({"value"}),
    ),
    **dict.fromkeys(("headers", "metadata", "variables"), frozenset({"name", "value", "address"})),
    **dict.fromkeys(("track_opens", "track_clicks"), frozenset[str]()),
    "tags": frozenset({"value", "tag_name", "tag_value"}),
    **dict.fromkeys(("attachments", "inline", "attachment_urls"), _FILE),
}


def places(fields: Fields, name: str) -> tuple[Place, ...]:
    """Return the places of the field ``name`` (as in a file), in order; empty where it has none."""
    found: Any = getattr(fields, "sender" if name == "from" else name)
    if found is None:
        return ()
    return tuple(found) if isinstance(found, list) else (found,)

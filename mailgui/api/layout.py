"""A Draft laid out as a provider file says: each field at its place, or a finding for it."""

import re
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import Any, TypeVar

from mailgui.api import losses
from mailgui.api.bodies import Body, FormBody, JsonBody, json_octets
from mailgui.api.definition import Provider
from mailgui.api.fields import Place, ValuePlace, places
from mailgui.api.files import put_files
from mailgui.api.mailboxes import checked
from mailgui.api.placing import HANDLERS
from mailgui.api.template import NOTHING
from mailgui.findings import Finding
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.message.headers import check_own_header, check_text

P = TypeVar("P", bound=Place)


class Layout:
    """One draft on its way into one request.

    Attributes:
        body: what has been laid out so far.
        headers: HTTP headers that fields asked for.
        findings: what could not be carried as it was meant.
        addresses: the To, Cc, Bcc, From and Reply-To addresses, checked, domains as A-labels.
    """

    def __init__(self, draft: Draft, provider: Provider, body: JsonBody | FormBody) -> None:
        self.draft = draft
        self.provider = provider
        self.body: Body = body
        self.headers: list[tuple[str, str]] = []
        self.findings: list[Finding] = []
        self.addresses = _addresses(draft)
        self._unconfirmed: list[str] = []
        self._template = bool(draft.extras.template_id) and bool(provider.fields.template_id)

    def run(self) -> None:
        """Lay out every field; raise DraftProblem where one cannot be sent at all."""
        for name, value in self._values():
            mode = self.provider.template
            if self.template_replaces(name):
                continue
            if not self._template and name in mode.only:
                self._leave_out(name, "It belongs to a template, and none is chosen.")
            elif not self.places(name, Place):
                self.cannot_carry(name)
            elif name == "envelope_from" and not value:
                self._leave_out(name, "An e-mail API takes an address there, never an empty one.")
            else:
                if self._template and name in mode.told:
                    self._leave_out(name, mode.told[name])
                HANDLERS[name](self, name, value)
        put_files(self)
        if self._unconfirmed:
            self.findings.append(losses.unconfirmed(self.provider.name, self._unconfirmed))

    def template_replaces(self, name: str) -> bool:
        """Return whether a template takes the place of a field, and note that if so."""
        if not self._template or name not in self.provider.template.leaves_out:
            return False
        self._leave_out(name, "The template brings its own; the draft’s stays here.")
        return True

    def places(self, name: str, kind: type[P]) -> tuple[P, ...]:
        """Return where a field goes, in a template's way when there is one."""
        special = places(self.provider.template.fields, name) if self._template else ()
        found = special or places(self.provider.fields, name)
        return tuple(
            place for place in found if isinstance(place, kind) and self._meets_template(place)
        )

    def _meets_template(self, place: Place) -> bool:
        template = self.draft.extras.template_id or ""
        return not place.template_ids or bool(re.fullmatch(place.template_ids, template))

    def put(self, place: Place, value: Any, name: str) -> None:
        """Put a filled-in value at its place, unless nothing is left of it."""
        if value is NOTHING:
            return
        if place.unverified and name not in self._unconfirmed:
            self._unconfirmed.append(name)
        if place.header:
            text = value if isinstance(value, str) else json_octets(value).decode()
            self.headers.append((place.header, check_text(text, name, f"The {name}")))
        else:
            self.body.put(place.path, value)

    def cannot_carry(self, name: str) -> None:
        """Note that a field has no place."""
        self.findings.append(losses.cannot_carry(self.provider.name, name))

    def _leave_out(self, name: str, why: str) -> None:
        words = {"text": "plain text", "html": "HTML", "from": "From", "cc": "Cc header"}
        words |= {
            "inline": "inline images",
            "reply_to": "Reply-To",
            "envelope_from": "empty envelope sender",
        }
        what = f"the draft’s {words.get(name, name.replace('_', ' '))}"
        self.findings.append(losses.left_out(self.provider.name, what, why, slug=name))

    def note(self, finding: Finding) -> None:
        """Note a finding."""
        self.findings.append(finding)

    def _needs_subject(self) -> bool:
        replaced = self._template and "subject" in self.provider.template.leaves_out
        return not replaced and any(p.always for p in self.places("subject", ValuePlace))

    def _values(self) -> Sequence[tuple[str, Any]]:
        """Every field of the draft that says something, in the order it is laid out."""
        draft, extras = self.draft, self.draft.extras
        bodiless = draft.text is None and draft.html is None and not extras.template_id
        text = "" if bodiless else draft.text
        found: list[tuple[str, Any]] = [
            *((name, mailboxes) for name, mailboxes in self.addresses.items() if mailboxes),
            ("envelope_from", draft.envelope_from),
            ("subject", draft.subject or ("" if self._needs_subject() else None)),
            # An empty text beside an HTML body is what several APIs take for an empty message.
            ("text", None if text == "" and (draft.html or extras.template_id) else text),
            ("html", draft.html),
            ("headers", _own_headers(draft) or None),
            ("template_id", extras.template_id),
            ("variables", list(extras.variables.items()) or None),
            ("tags", extras.tags or None),
            ("metadata", list(extras.metadata.items()) or None),
            ("send_at", extras.send_at),
            ("track_opens", extras.track_opens),
            ("track_clicks", extras.track_clicks),
            ("idempotency_key", extras.idempotency_key),
        ]
        return [(name, value) for name, value in found if value is not None]


def _addresses(draft: Draft) -> dict[str, tuple[Address, ...]]:
    if draft.sender is None or not draft.sender.address:
        raise DraftProblem("from", "The message has no sender: fill in From.")
    if not (draft.to or draft.cc or draft.bcc):
        raise DraftProblem("to", "There is nobody to send to: fill in To, Cc or Bcc.")
    given: Mapping[str, Sequence[Address]] = {
        "from": (draft.sender,),
        "to": draft.to,
        "cc": draft.cc,
        "bcc": draft.bcc,
        "reply_to": draft.reply_to,
    }
    return {name: tuple(checked(a, name) for a in given[name]) for name in given}


def _own_headers(draft: Draft) -> list[tuple[str, str]]:
    for name, value in draft.headers:
        check_own_header(name, value)
    found = list(draft.headers)
    if draft.message_id:
        found.append(("Message-ID", check_text(draft.message_id, "headers", "The Message-ID")))
    if draft.date:
        found.append(("Date", format_datetime(draft.date)))
    return found

"""Many drafts rendered into few requests, by the provider's own batch call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailgui.api import auth
from mailgui.api.batch_body import Split, assemble, assemble_form, common_of_form
from mailgui.api.bodies import form_octets, json_octets, multipart_octets
from mailgui.api.definition import Batch, BatchList, Provider
from mailgui.api.render import Member, RenderedRequest, expand, render
from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding
from mailgui.message.draft import Draft, DraftProblem

_WORDS = {
    "attachment_urls": "files by URL",
    "inline": "inline images",
    "send_at": "scheduled time",
}
_MOST = 10_000  # messages in a request, where the vendor names no limit


def batch_problem(provider: Provider, draft: Draft) -> str:
    """Return why ``draft`` cannot go by the provider's batch call, as a sentence, or ""."""
    batch, name = provider.batch, provider.name
    if batch is None:
        return f"{name} has no batch call: send the messages one by one."
    if batch.template_only and not draft.extras.template_id:
        return f"The batch call of {name} sends templates only: choose one, or send one by one."
    held = [field for field in batch.not_with if _has(draft, field)]
    if held:
        what = " and ".join(_WORDS.get(field, field.replace("_", " ")) for field in held)
        return f"The batch call of {name} takes no {what}: leave them out, or send one by one."
    return ""


def render_batch(
    drafts: Sequence[Draft],
    provider: Provider,
    settings: ApiSettings,
    key: str | Mapping[str, str] | None = None,
    *,
    now: datetime | None = None,
) -> list[RenderedRequest]:
    """Return the requests that send ``drafts``: as few as the provider's limits allow.

    An idempotency key, which a request has one of, gets a number behind it from the second request
    on. Reads the attachments, so it blocks. Raises DraftProblem where a draft cannot be sent so.
    """
    for draft in {id(draft): draft for draft in drafts}.values():
        problem = batch_problem(provider, draft)
        if problem:
            raise DraftProblem("message", problem)
    batch = provider.batch
    assert batch is not None  # noqa: S101 - batch_problem has seen to it
    rendered: dict[int, RenderedRequest] = {}  # copies of one draft are one object
    for draft in drafts:
        if id(draft) not in rendered:
            alone = _with_references(draft, batch)
            rendered[id(draft)] = render(alone, provider, settings, key, now=now)
    build = _Build(provider, batch, settings, bool(drafts and drafts[0].extras.template_id))
    groups: dict[Any, list[_Item]] = {}
    splits: dict[int, Split] = {}
    for number, draft in enumerate(drafts):
        single = rendered[id(draft)]
        item = _Item(number, draft, single)
        if isinstance(single.unsigned.body, dict):
            if id(draft) not in splits:
                splits[id(draft)] = Split(single.unsigned.body, build.lists, batch)
            item = replace(item, split=splits[id(draft)])
        groups.setdefault(item.key, []).append(item)
    chunks = [chunk for items in groups.values() for chunk in build.chunks(items)]
    return [build.request(chunk, place, now) for place, chunk in enumerate(chunks)]


@dataclass(frozen=True, slots=True)
class _Item:
    """One message on its way into a batch."""

    number: int
    draft: Draft
    single: RenderedRequest
    split: Split | None = None

    @property
    def key(self) -> Any:
        if self.split is not None:
            return self.split.key
        return common_of_form(self.single.unsigned.body)

    @property
    def member(self) -> Member:
        return Member(self.number, self.single.recipients, self.single.message_id)


@dataclass(frozen=True, slots=True)
class _Build:
    """Makes requests of messages."""

    provider: Provider
    batch: Batch
    settings: ApiSettings
    by_template: bool

    @property
    def lists(self) -> list[BatchList]:
        return (self.by_template and self.batch.template_lists) or self.batch.lists

    def chunks(self, items: Sequence[_Item]) -> list[list[_Item]]:
        """Cut messages that could go together where a limit asks for it."""
        batch, chunks = self.batch, list[list[_Item]]()
        people = octets = 0
        for item in items:
            size, count = len(item.single.content), len(item.single.recipients)
            full = not chunks or len(chunks[-1]) >= (batch.max or _MOST)
            full |= batch.recipients is not None and people + count > batch.recipients
            full |= batch.request_octets is not None and octets + size > batch.request_octets
            if full:
                chunks.append([])
                people = octets = 0
            chunks[-1].append(item)
            people, octets = people + count, octets + size
        return chunks

    def request(self, items: Sequence[_Item], place: int, now: datetime | None) -> RenderedRequest:
        """Return the request that sends these messages; ``place`` is its own among all."""
        first = items[0].single
        body, content, headers = self._body(items, first)
        values = first.unsigned.values
        for name, value in self.batch.headers.items():
            headers.append((name, expand(value, values)))
        key = first.idempotency_key
        if key and place:
            headers = [(n, f"{v}-{place + 1}" if v == key else v) for n, v in headers]
            key = f"{key}-{place + 1}"
        unsigned = replace(
            first.unsigned,
            url=self._url(first),
            headers=tuple(headers),
            body=body,
            content=content,
        )
        signed = auth.sign(self.provider, unsigned, first.secrets, now=now)
        members = tuple(item.member for item in items)
        everyone = dict.fromkeys(a for member in members for a in member.recipients)
        return replace(
            first,
            url=unsigned.url,
            headers=signed.headers,
            body=signed.body,
            content=signed.content,
            findings=self._findings(items),
            recipients=tuple(everyone),
            idempotency_key=key,
            unsigned=unsigned,
            members=members,
        )

    def _findings(self, items: Sequence[_Item]) -> tuple[Finding, ...]:
        found = _once(items)
        if not self.batch.recipient_variables:
            return found
        # Each recipient's variables go along beside the messages, with a template or without.
        return tuple(each for each in found if each.id != "api.left_out.variables")

    def _body(
        self, items: Sequence[_Item], first: RenderedRequest
    ) -> tuple[Any, bytes, list[tuple[str, str]]]:
        headers = list(first.unsigned.headers)
        splits = [item.split for item in items if item.split is not None]
        if splits:
            body = assemble(splits, self.lists)
            return body, json_octets(body), headers
        variables = {
            address: dict(item.draft.extras.variables)
            for item in items
            for address in item.single.recipients
        }
        bodies = [item.single.unsigned.body for item in items]
        form = assemble_form(bodies, variables, self.batch.recipient_variables)
        if first.body_kind != "multipart":
            return form, form_octets(form), headers
        boundary, content = multipart_octets(form)
        kind = f"multipart/form-data; boundary={boundary}"
        named = [(n, kind if n.lower() == "content-type" else v) for n, v in headers]
        return form, content, named

    def _url(self, first: RenderedRequest) -> str:
        """Return the batch call's address: the single one's, its path replaced."""
        batch, request, template = self.batch, self.provider.request, self.provider.template
        path = (self.by_template and batch.template_path) or batch.path
        values = first.unsigned.values
        single = (self.by_template and template.path) or request.path
        ours = expand(path, values)
        theirs = expand(single, values)
        if not path or not first.url.endswith(theirs):
            return first.url
        return first.url[: len(first.url) - len(theirs)] + ours


def _has(draft: Draft, field: str) -> bool:
    if field in ("attachments", "inline"):
        return any(each.inline is (field == "inline") for each in draft.attachments)
    where = draft if hasattr(draft, field) else draft.extras
    value = getattr(where, field)
    return value is not None and value != ()


def _once(items: Sequence[_Item]) -> tuple[Finding, ...]:
    """Return the findings of all messages, each once."""
    found: dict[tuple[str, str], Finding] = {}
    for single in {id(item.single): item.single for item in items}.values():
        for finding in single.findings:
            found.setdefault((finding.id, finding.title), finding)
    return tuple(found.values())


def _with_references(draft: Draft, batch: Batch) -> Draft:
    """Return ``draft`` with a reference in place of each variable, where the batch works so."""
    if not batch.recipient_reference or not draft.extras.variables:
        return draft
    names = {n: batch.recipient_reference.replace("{name}", n) for n in draft.extras.variables}
    return replace(draft, extras=replace(draft.extras, variables=names))

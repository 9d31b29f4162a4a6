"""From a Draft and a provider file to the HTTP request that sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mailgui import __version__
from mailgui.api import auth, losses, preflight
from mailgui.api.bodies import (
    FormBody,
    FormValue,
    JsonBody,
    form_octets,
    form_to_json,
    json_octets,
    multipart_octets,
    whole_characters,
)
from mailgui.api.definition import Provider
from mailgui.api.layout import Layout
from mailgui.api.settings import ApiSettings
from mailgui.api.template import NOTHING, fill, merge
from mailgui.findings import Finding
from mailgui.message.draft import Draft

_RAW_TYPE = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Member:
    """One message of a batch: its number from 0 among all of them, and whom it is for."""

    number: int
    recipients: tuple[str, ...]
    message_id: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RenderedRequest:
    """The request that sends a draft, ready to go; with its key if one was given.

    Attributes:
        body_kind: ``json``, ``form``, ``multipart`` or ``raw``.
        body: the body as a structure: an object, pairs, pairs with ``FilePart``s, or text.
        content: the body's octets.
        findings: what the provider cannot carry, or will refuse; ``broken`` ones mean that the
            message would not arrive as it was written.
        recipients: the addresses it is for, in order, domains as A-labels.
        idempotency_key: the key, where the provider honours one.
        members: the messages of a batch, in the order in which they stand in it; empty for a
            request that sends one.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body_kind: str
    body: Any
    content: bytes
    findings: tuple[Finding, ...]
    provider: Provider
    recipients: tuple[str, ...]
    subject: str
    message_id: str | None
    idempotency_key: str | None
    unsigned: auth.Unsigned
    secrets: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()

    def __repr__(self) -> str:
        size = len(self.content)
        return f"<RenderedRequest {self.method} {self.url} {self.body_kind} {size} octets>"


@whole_characters()
def render(
    draft: Draft,
    provider: Provider,
    settings: ApiSettings,
    key: str | Mapping[str, str] | None = None,
    *,
    now: datetime | None = None,
) -> RenderedRequest:
    """Return the request that sends ``draft``; without a key a placeholder stands in.

    ``key`` is the account's secret, or several by name. Reads the attachments, so it blocks: call
    it off the event loop. Raises DraftProblem where the draft cannot be sent at all.
    """
    values = provider.option_values(settings.options)
    mode = provider.sandbox if draft.extras.sandbox else None
    template_used = bool(draft.extras.template_id) and bool(provider.fields.template_id)
    form = provider.request.body in {"form", "multipart"}
    body: JsonBody | FormBody = FormBody() if form else JsonBody()
    put_constants(body, provider.request.constants, values)
    layout = Layout(draft, provider, body)
    layout.run()
    if template_used:
        put_constants(body, provider.template.constants, values)
    findings = preflight.option_findings(provider, settings, values)
    if mode:
        put_constants(body, mode.constants, values)
        layout.headers += mode.headers.items()
    elif draft.extras.sandbox:
        findings.append(losses.cannot_carry(provider.name, "sandbox"))

    path = provider.request.path
    if template_used and provider.template.path:
        path = provider.template.path
    base_url = settings.base_url or provider.base_url(values)
    if mode:
        path = mode.path or path
        if mode.url and not settings.base_url:
            base_url = provider.urls[mode.url]
        findings += preflight.missing_options(provider, mode.needs, values)
    kind, tree, content, content_type = _finish(draft, provider, body)
    unsigned = auth.Unsigned(
        provider.request.method,
        expand(base_url.rstrip("/") if path else base_url, values) + expand(path, values),
        (*_own_headers(provider, values, content_type), *layout.headers),
        tree,
        content,
        values,
        mode.secret if mode else "",
    )
    secrets = auth.named_secrets(provider, key)
    signed = auth.sign(provider, unsigned, secrets, now=now)
    recipients = tuple(
        dict.fromkeys(a.address for name in ("to", "cc", "bcc") for a in layout.addresses[name])
    )
    findings += preflight.people_findings(provider, len(draft.to))
    everyone = (a for group in layout.addresses.values() for a in group)
    findings += preflight.address_findings(provider, everyone)
    findings += preflight.size_findings(provider, len(signed.content), len(recipients))
    return RenderedRequest(
        unsigned.method,
        unsigned.url,
        signed.headers,
        kind,
        signed.body,
        signed.content,
        (*layout.findings, *findings),
        provider,
        recipients,
        draft.subject,
        draft.message_id,
        draft.extras.idempotency_key if provider.fields.idempotency_key else None,
        unsigned,
        secrets,
    )


def to_json_dict(request: RenderedRequest, *, reveal: bool = False) -> dict[str, object]:
    """Return the ``request`` document. Secrets are placeholders in it unless ``reveal``."""
    headers, body = request.headers, request.body
    if not reveal:
        bare = auth.sign(request.provider, request.unsigned, {})
        headers, body = bare.headers, bare.body
    shown: object = body
    if request.body_kind in {"form", "multipart"}:
        shown = form_to_json(body)
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(headers),
        "body_kind": request.body_kind,
        "body": shown,
        "findings": [finding.to_json_dict() for finding in request.findings],
    }


def put_constants(
    body: JsonBody | FormBody, constants: Mapping[str, Any], values: Mapping[str, str]
) -> None:
    """Add constants of the provider file, with the account's options filled in."""
    known = {name: value or None for name, value in values.items()}
    filled = fill(dict(constants), known)
    if filled is NOTHING:
        return
    if isinstance(body, JsonBody):
        merge(body.root, filled)
    else:
        for name, value in filled.items():
            body.put(name, value)


def _finish(
    draft: Draft, provider: Provider, body: JsonBody | FormBody
) -> tuple[str, Any, bytes, str]:
    """Return the body's kind, structure, octets and media type."""
    own_type = provider.request.content_type
    if provider.request.body == "raw":
        from mailgui.message.compose import compose

        content = b"".join(compose(draft).chunks())
        return "raw", content.decode("utf-8", "backslashreplace"), content, own_type or _RAW_TYPE
    if isinstance(body, JsonBody):
        return "json", body.root, json_octets(body.root), own_type or "application/json"
    pairs: list[tuple[str, FormValue]] = body.pairs
    if body.has_files or provider.request.body == "multipart":
        boundary, content = multipart_octets(pairs)
        return "multipart", pairs, content, f"multipart/form-data; boundary={boundary}"
    return "form", pairs, form_octets(pairs), own_type or "application/x-www-form-urlencoded"


def _own_headers(
    provider: Provider, values: Mapping[str, str], content_type: str
) -> list[tuple[str, str]]:
    known = {name: value or None for name, value in values.items()}
    headers = [
        ("Content-Type", content_type),
        ("Accept", "application/json"),
        ("User-Agent", f"MailGUI/{__version__}"),
    ]
    for name, value in provider.request.headers.items():
        filled = fill(value, known)
        if filled is not NOTHING:
            headers.append((name, str(filled)))
    return headers


def expand(template: str, values: Mapping[str, str]) -> str:
    """Fill options into a URL; none of them can leave its place. Missing ones stay legible."""
    known = {name: quote(value, safe=":") for name, value in values.items() if value}
    return str(fill(template, known))

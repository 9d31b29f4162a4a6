"""The provider file: everything MailGUI knows about an e-mail API, as typed data.

``README.md`` documents the format for people who add a provider. Each Struct is a table of it.
"""

# ruff: noqa: RUF012 - msgspec gives each Struct a copy of an empty default
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from mailgui.api.error_kinds import ErrorKind
from mailgui.api.fields import Fields
from mailgui.api.table import Table
from mailgui.api.webhook_definition import Webhooks


class AccountOption(Table, frozen=True, kw_only=True):
    """An account field that the provider asks for, such as ``domain`` or ``region``.

    ``multiline``: it is a text of several lines.
    """

    name: str
    label: str = ""
    help: str = ""
    required: bool = False
    default: str = ""
    choices: list[str] = []
    multiline: bool = False


class Secret(Table, frozen=True, kw_only=True):
    """A secret that the provider asks for. ``prefixes`` are what it is known to begin with;
    ``env`` is the environment variable that its vendor's own examples use.
    """

    name: str = "key"
    label: str = "API key"
    optional: bool = False
    prefixes: list[str] = []
    env: str = ""


class Auth(Table, frozen=True, kw_only=True):
    """How a request proves whose it is.

    Attributes:
        scheme: ``bearer``, ``header`` (a named one), ``basic``, ``body`` (a place in the JSON),
            ``sigv4`` (AWS Signature Version 4) or ``none``.
        header, format: which header, and its value with ``{secret name}`` in it.
        username, password: of ``basic``, with ``{secret name}`` in them.
        path: of ``body``.
        service, region: of ``sigv4``; the region may name an option.
    """

    scheme: Literal["bearer", "header", "basic", "body", "sigv4", "none"]
    header: str = "Authorization"
    format: str = "{key}"
    username: str = ""
    password: str = "{key}"
    path: str = ""
    service: str = ""
    region: str = ""
    secrets: list[Secret] = msgspec.field(default_factory=lambda: [Secret()])


class Request(Table, frozen=True, kw_only=True):
    """The call that sends a message. ``path``, ``headers`` and ``constants`` may name options.

    ``denied_headers`` are a person's own that the provider refuses or overwrites; others whose
    names do not match ``header_pattern`` as a whole it may ignore.
    """

    path: str
    method: str = "POST"
    body: Literal["json", "form", "multipart", "raw"] = "json"
    content_type: str = ""
    headers: dict[str, str] = {}
    constants: dict[str, Any] = {}
    denied_headers: list[str] = []
    header_pattern: str = ""


class TemplateMode(Table, frozen=True, kw_only=True):
    """What differs when a template is used: ``leaves_out`` names fields the template replaces,
    ``fields`` gives others another place. Those in ``only`` mean nothing without a template.
    ``told`` are sentences about fields that a template carries only in part.
    """

    path: str = ""
    constants: dict[str, Any] = {}
    leaves_out: list[str] = []
    only: list[str] = []
    told: dict[str, str] = {}
    fields: Fields = Fields()


class SandboxMode(Table, frozen=True, kw_only=True):
    """How the provider is asked to take a message without delivering it.

    ``url`` names an entry of ``urls``; ``secret`` is a public test key in place of the person's.
    """

    constants: dict[str, Any] = {}
    headers: dict[str, str] = {}
    url: str = ""
    path: str = ""
    secret: str = ""
    needs: list[str] = []
    note: str = ""


class Limits(Table, frozen=True, kw_only=True):
    """Sizes in octets, after base64; counts; lengths in characters. ``ascii_addresses``: before
    the @ of an address there may be ASCII only.
    """

    request_octets: int | None = None
    recipients: int | None = None
    attachments: int | None = None
    attachment_types: list[str] = []
    ascii_addresses: bool = False
    note: str = ""


class SilentFailure(Table, frozen=True, kw_only=True, rename={"is_": "is"}):
    """A success status that is none: when what ``path`` finds is one of ``is`` (or something else
    than ``is_not``, or a text in which ``matches`` is found), the outcome is this one.

    Attributes:
        or_found: where ``path`` finds nothing to compare with ``is_not``, what this path finds
            makes it a success.
        addresses: finds the recipients it is about; else they are the first group of ``matches``,
            with commas between.
    """

    path: str
    is_: list[str | int | bool | None] = []
    is_not: list[str | int | bool | None] = []
    matches: str = ""
    or_found: str = ""
    outcome: Literal["refused", "temporary", "partial"] = "refused"
    kind: ErrorKind | None = None
    addresses: str = ""


class Held(Table, frozen=True, kw_only=True, rename={"is_": "is"}):
    """A message that is taken and not sent on for now: when what ``path`` finds is one of ``is``.

    ``why`` follows the words “accepted the message, but”.
    """

    path: str
    is_: list[str | int | bool | None]
    why: str


class RecipientList(Table, frozen=True, kw_only=True):
    """Where a success answer tells what became of each recipient.

    ``items`` finds a list of objects whose members the other paths name; or, with ``failed``, an
    object that maps each refused address to the reason (``ignored`` reasons are not refusals).
    """

    items: str = ""
    address: str = ""
    status: str = ""
    accepted: list[str] = []
    reason: str = ""
    failed: str = ""
    ignored: list[str] = []


class Success(Table, frozen=True, kw_only=True):
    """How an accepted message looks. Paths may begin with ``header:``; the first found wins.

    Without ``empty_body`` an answer that has no ``id`` is none of an accepted message.
    """

    statuses: list[int] = msgspec.field(default_factory=lambda: [200])
    id: list[str] = []
    message: list[str] = []
    empty_body: bool = False
    silent_failures: list[SilentFailure] = []
    held: list[Held] = []
    recipients: RecipientList = RecipientList()


class ErrorPattern(Table, frozen=True, kw_only=True):
    """A regular expression (ignoring case) over code and message that settles an error's kind."""

    match: str
    kind: ErrorKind


class Errors(Table, frozen=True, kw_only=True):
    """How an error looks. ``details`` finds a list (or an object of lists) of single faults, of
    which ``detail_field`` and ``detail_message`` are members.
    """

    message: list[str] = []
    code: list[str] = []
    request_id: list[str] = []
    details: str = ""
    detail_field: str = ""
    detail_message: str = ""
    codes: dict[str, ErrorKind] = {}
    statuses: dict[str, ErrorKind] = {}
    patterns: list[ErrorPattern] = []


Dialect = Literal["delta", "epoch", "epoch_ms", "iso8601"]


class Quota(Table, frozen=True, kw_only=True):
    """A second allowance beside the rate, such as requests a day."""

    name: str
    limit: str = ""
    remaining: str = ""
    used: str = ""
    reset: str = ""
    dialect: Dialect = "delta"


class RateLimits(Table, frozen=True, kw_only=True):
    """Names of the headers (or paths into the body) that tell how much more is allowed.

    ``dialect`` says what ``reset`` counts: seconds from now, Unix time, or an ISO 8601 moment.
    ``window`` is the documented window in seconds.
    """

    limit: str = ""
    remaining: str = ""
    reset: str = ""
    dialect: Dialect = "delta"
    retry_after: str = "header:Retry-After"
    window: float | None = None
    documented: str = ""
    quotas: list[Quota] = []


class BatchList(Table, frozen=True, kw_only=True):
    """A list in the body of the batch call, to which each message adds.

    Attributes:
        items: its position in the batch's body; "" where the list is the body.
        item: what of a single message's body is added ("" for the whole of it); a list adds
            all that it holds.
        take: members of what is added, each with the position in a single body that it is moved
            from; in place of ``item`` or beside it.
        complete: only what has every member of ``take`` is added.
    """

    items: str = ""
    item: str = ""
    take: dict[str, str] = {}
    complete: bool = False


class BatchResults(Table, frozen=True, kw_only=True):
    """Where the batch's answer tells what became of each message.

    Attributes:
        items: finds one answer for each message, in their order; ``wrap`` makes of it, as
            ``{value}``, the answer that a single message would get.
        by: the member of an item that names the recipient, where items are by recipient.
        errors: finds the refusals where they are apart from ``items``, each with the number of its
            message from 0 as ``index``.
        failures: what of an item means that it was refused, in place of a single answer's.
        any_status: the items are told even where the status says that the batch was refused.
    """

    items: str = ""
    wrap: Any = "{value}"
    by: str = ""
    errors: str = ""
    index: str = "index"
    failures: list[SilentFailure] = []
    any_status: bool = False


class Batch(Table, frozen=True, kw_only=True):
    """The call that sends several messages at once.

    What no list takes of a message's body is common to a request: messages in which it differs go
    in several requests.

    Attributes:
        path, template_path: of the call; "" where it is the one for a single message.
        lists: the lists that messages add to; ``template_lists`` those of the template's call.
        recipient_variables: of a form, the name under which every recipient's variables go as JSON;
            ``to`` is then repeated. ``recipient_reference`` is what stands, in the common content,
            for the variable ``{name}`` of whoever receives it.
        headers, constants: as for a single message, and beside those.
        moves: positions in the common part, and where their values come from.
        leaves_out: positions that the common part does without.
        max: messages in one request; ``recipients``, ``request_octets``: all together.
        not_with: fields of a Draft that the call does not take.
        template_only: whether it sends templates only.
        unverified: the vendor's documentation does not confirm it.
    """

    path: str = ""
    template_path: str = ""
    lists: list[BatchList] = []
    template_lists: list[BatchList] = []
    recipient_variables: str = ""
    recipient_reference: str = ""
    headers: dict[str, str] = {}
    constants: dict[str, Any] = {}
    moves: dict[str, str] = {}
    leaves_out: list[str] = []
    max: int | None = None
    recipients: int | None = None
    request_octets: int | None = None
    not_with: list[str] = []
    template_only: bool = False
    unverified: bool = False
    id: list[str] = []
    results: BatchResults = BatchResults()
    note: str = ""


class SmtpTwin(Table, frozen=True, kw_only=True):
    """The same provider by SMTP. ``hosts`` maps regions to names; ``ports`` maps ports to modes."""

    hosts: dict[str, str]
    ports: dict[str, Literal["implicit", "starttls", "opportunistic"]]
    username: str = ""
    username_help: str = ""
    password_help: str = ""
    note: str = ""


class Answer(Table, frozen=True, kw_only=True):
    """An answer as the vendor documents it, for the sandbox. The body is a template."""

    status: int
    headers: dict[str, str] = {}
    body: Any = None


class Provider(Table, frozen=True, kw_only=True):
    """One provider file."""

    format: Literal[1]
    id: str
    name: str
    homepage: str = ""
    urls: dict[str, str]
    url_option: str = "region"
    adaptable: bool = False
    options: list[AccountOption] = []
    auth: Auth
    request: Request
    fields: Fields
    template: TemplateMode = TemplateMode()
    sandbox: SandboxMode | None = None
    limits: Limits = Limits()
    success: Success = Success()
    errors: Errors = Errors()
    rate_limits: RateLimits = RateLimits()
    idempotency_hours: float | None = None
    batch: Batch | None = None
    smtp: SmtpTwin | None = None
    webhooks: Webhooks | None = None
    answers: dict[str, Answer] = {}
    notes: list[str] = []
    unverified: list[str] = []
    sources: list[str] = []

    def option_values(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return every option's value: as given, else its default; options unknown here too."""
        defaults = {option.name: option.default for option in self.options}
        return {**defaults, **{name: value for name, value in given.items() if value}}

    def base_url(self, values: Mapping[str, str]) -> str:
        """Return the base URL (a template) that the options choose, else the first one."""
        chosen = values.get(self.url_option, "")
        return self.urls.get(chosen) or next(iter(self.urls.values()))

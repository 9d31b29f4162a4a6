"""The request that a draft is sent as, with its secrets and files left open, for code to fill in.

The draft is rendered as for sending, but each secret and each file is a mark; where a mark comes
out, in a header or anywhere in the body, there the code reads the variable or the file.
"""

import base64
import re
import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mailgui.api import auth
from mailgui.api.bodies import FilePart
from mailgui.api.definition import Provider
from mailgui.api.render import RenderedRequest, render
from mailgui.api.settings import ApiSettings
from mailgui.api.template import fill
from mailgui.message.draft import Attachment, Draft
from mailgui.message.literals import FileBase64, Mixed, Piece, Text, Variable, joined

_OURS = frozenset({"user-agent", "content-length", "host"})
_JSON = frozenset({"application/json", "application/json; charset=utf-8"})
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file as a part of a form: by its path where there is one, else as it is."""

    filename: str
    content_type: str
    path: str | None
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SigV4:
    """What AWS's signature is made with."""

    region: str
    service: str
    access_key: Text
    secret_key: Text
    session_token: Text | None


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A request as code makes it.

    Attributes:
        headers: without those that every library sets by itself.
        content_type: of the body; the code leaves it to the library where it is the usual one.
        basic: user name and password of HTTP Basic.
        body_kind: as of a RenderedRequest; ``octets`` where the body is to be sent as it is.
        body: a tree (json), pairs (form, multipart), octets (raw and octets), None for none.
        remarks: sentences for the top of the code.
    """

    method: str
    url: str
    headers: tuple[tuple[str, Text], ...]
    content_type: str
    body_kind: str
    body: Any
    basic: tuple[Text, Text] | None = None
    sigv4: SigV4 | None = None
    timeout: float = 30.0
    tls_verify: bool = True
    tls_ca: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def plain_json(self) -> bool:
        """Whether the body is JSON of the usual type."""
        return self.body_kind == "json" and self.content_type.lower() in _JSON

    @property
    def files(self) -> tuple[CodeFile, ...]:
        """The files of a form."""
        if self.body_kind != "multipart":
            return ()
        return tuple(value for _, value in self.body if isinstance(value, CodeFile))

    def all_headers(self) -> tuple[tuple[str, Text], ...]:
        """Return the headers with the body's type before them, for who sets it by hand."""
        if self.body is None or not self.content_type:
            return self.headers
        return (("Content-Type", self.content_type), *self.headers)

    def texts(self) -> tuple[Text, ...]:
        """Return every text in it that may hold a variable or a file."""
        found: list[Text] = [value for _, value in self.headers]
        found += self.basic or ()
        if self.sigv4:
            signed = (self.sigv4.access_key, self.sigv4.secret_key, self.sigv4.session_token)
            found += [each for each in signed if each is not None]
        _collect(self.body, found)
        return tuple(found)

    def variables(self) -> tuple[str, ...]:
        """Return the names of the environment variables that the code reads."""
        names = [p.name for p in _pieces(self.texts()) if isinstance(p, Variable)]
        return tuple(dict.fromkeys(names))

    def reads_files(self) -> bool:
        """Whether a file is read as base64."""
        return any(isinstance(piece, FileBase64) for piece in _pieces(self.texts()))


def _pieces(texts: Sequence[Text]) -> list[Piece]:
    return [piece for text in texts if isinstance(text, Mixed) for piece in text.pieces]


def _collect(value: Any, found: list[Text]) -> None:
    if isinstance(value, str | Mixed):
        found.append(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            _collect(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            _collect(each, found)


def variable_name(provider: Provider, secret: str) -> str:
    """Return the environment variable for a secret of a provider, such as ``RESEND_API_KEY``."""
    for each in provider.auth.secrets:
        if each.name == secret and each.env:
            return each.env
    stem = re.sub(r"[^A-Za-z0-9]+", "_", provider.id).upper().strip("_")
    stem = stem if stem and not stem[0].isdigit() else f"API_{stem}"
    return f"{stem}_{'API_KEY' if secret == 'key' else secret.upper()}"


class Marks:
    """Stand-ins for what is known only when the code runs."""

    def __init__(self) -> None:
        self._token = random.token_hex(8)
        self._known: dict[str, Piece] = {}
        self._files: dict[bytes, str] = {}

    def secret(self, value: Piece) -> str:
        """Return a mark for a secret."""
        mark = f"secret-{self._token}-{len(self._known)}-"
        self._known[mark] = value
        return mark

    def file(self, path: str) -> bytes:
        """Return a mark for a file's content, whose base64 ends without ``=``."""
        mark = f"file-{self._token}-{len(self._files):06d}".encode().ljust(33, b"-")
        self._files[mark] = path
        self._known[base64.b64encode(mark).decode()] = FileBase64(path)
        return mark

    def path_of(self, data: bytes) -> str | None:
        """Return the path of the file that ``data`` is the mark of."""
        return self._files.get(data)

    def text(self, text: str) -> Text:
        """Return a text, its marks replaced by what they stand for."""
        if not self._known:
            return text
        pattern = "|".join(map(re.escape, self._known))
        parts = re.split(f"({pattern})", text)
        return joined(*(self._known.get(part, part) for part in parts))

    def tree(self, value: Any) -> Any:
        """Return a value of JSON's kinds, its marks replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.tree(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(each) for each in value]
        return value


def open_request(
    draft: Draft,
    provider: Provider,
    settings: ApiSettings,
    secrets: Mapping[str, Piece],
    *,
    remarks: Sequence[str] = (),
) -> CodeRequest:
    """Return the request for ``draft``; ``secrets`` has what stands for each, by its name.

    Attachments with a path stay on the disk. Raises DraftProblem.
    """
    marks = Marks()
    rendered = render(_marked(draft, marks), provider, settings)
    return from_rendered(rendered, settings, secrets, marks, remarks=remarks)


def _marked(draft: Draft, marks: Marks) -> Draft:
    def marked(attachment: Attachment) -> Attachment:
        if attachment.data is not None or attachment.path is None:
            return attachment
        return replace(attachment, data=marks.file(str(attachment.path)), path=None)

    return replace(draft, attachments=tuple(map(marked, draft.attachments)))


def from_rendered(
    rendered: RenderedRequest,
    settings: ApiSettings,
    secrets: Mapping[str, Piece],
    marks: Marks,
    *,
    remarks: Sequence[str] = (),
) -> CodeRequest:
    """Return a rendered request as code makes it."""
    provider = rendered.provider
    scheme = provider.auth.scheme
    stand_ins = {name: marks.secret(value) for name, value in secrets.items()}
    if rendered.unsigned.public_secret:
        stand_ins[provider.auth.secrets[0].name] = rendered.unsigned.public_secret
    headers, body = rendered.unsigned.headers, rendered.unsigned.body
    if scheme in {"bearer", "header", "body"}:
        signed = auth.sign(provider, rendered.unsigned, stand_ins)
        headers, body = signed.headers, signed.body
    kind, content_type = rendered.body_kind, _type_of(headers)
    if kind == "raw":
        body = rendered.content
    elif kind != "json":
        body = [(name, _form_value(value, marks)) for name, value in body]
    else:
        body = marks.tree(body)
    return CodeRequest(
        rendered.method,
        rendered.url,
        tuple((n, marks.text(v)) for n, v in headers if n.lower() not in _OURS | {"content-type"}),
        content_type,
        kind,
        body,
        basic=_basic(provider, rendered, stand_ins, marks) if scheme == "basic" else None,
        sigv4=_sigv4(provider, rendered, stand_ins, marks) if scheme == "sigv4" else None,
        timeout=settings.timeout,
        tls_verify=settings.tls_verify,
        tls_ca=settings.tls_ca,
        remarks=tuple(remarks),
    )


def _type_of(headers: Sequence[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _form_value(value: str | FilePart, marks: Marks) -> Text | CodeFile:
    if isinstance(value, str):
        return marks.text(value)
    path = marks.path_of(value.data)
    data = b"" if path is not None else value.data
    return CodeFile(value.filename, value.content_type, path, data)


def _basic(
    provider: Provider, rendered: RenderedRequest, secrets: Mapping[str, str], marks: Marks
) -> tuple[Text, Text]:
    values = {**rendered.unsigned.values, **secrets}
    user, password = (
        marks.text(str(fill(each, values)))
        for each in (provider.auth.username, provider.auth.password)
    )
    return user, password


def _sigv4(
    provider: Provider, rendered: RenderedRequest, secrets: Mapping[str, str], marks: Marks
) -> SigV4:
    values = {**rendered.unsigned.values, **secrets}
    token = secrets.get("session_token")
    return SigV4(
        str(fill(provider.auth.region, values)),
        provider.auth.service,
        marks.text(secrets.get("access_key", "")),
        marks.text(secrets.get("secret_key", "")),
        marks.text(token) if token else None,
    )

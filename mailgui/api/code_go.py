"""A request as Go, with nothing but its standard library."""

from collections.abc import Mapping

from mailgui.api.code_python import grouped
from mailgui.api.code_request import CodeFile, CodeRequest
from mailgui.message.code_page import code_page
from mailgui.message.dialects import GO
from mailgui.message.literals import Source, Text


def go_code(request: CodeRequest) -> str:
    """Return the request as a Go program. Needs Go 1.18."""
    kind = request.body_kind if request.body is not None else "none"
    used = _Used(request, kind)
    return code_page(
        "http-go",
        GO,
        request=request,
        kind=kind,
        remarks=[GO.remark(sentence) for sentence in request.remarks],
        imports=[Source(f'"{name}"') for name in used.imports()],
        headers=_headers(request, kind),
        body=_body(request, kind),
        parts=_parts(request) if kind == "multipart" else [],
        timeout=duration(request.timeout),
        uses=used,
    )


def duration(seconds: float) -> Source:
    """Return a time.Duration."""
    if seconds == int(seconds):
        return Source(f"{int(seconds)} * time.Second")
    return Source(f"{max(1, round(seconds * 1000))} * time.Millisecond")


def octets(data: bytes) -> Source:
    """Return octets as an expression of type []byte; ``fromBase64`` where they are no text."""
    import base64

    try:
        return Source(f"[]byte({GO.block(data.decode(), 1)})")
    except UnicodeDecodeError:
        return Source(f"fromBase64({GO.block(base64.b64encode(data).decode(), 1)})")


class _Used:
    """Which parts of the program are needed: Go takes no unused one."""

    def __init__(self, request: CodeRequest, kind: str) -> None:
        data = [file.data for file in request.files if file.path is None]
        data += [request.body] if kind in {"raw", "octets"} else []
        self.from_base64 = any(str(octets(each)).startswith("from") for each in data)
        self.to_base64 = request.reads_files()
        self.read_file = any(file.path is not None for file in request.files)
        self.files = bool(request.files)
        self.pool = request.tls_ca is not None and request.tls_verify
        self.tls = self.pool or not request.tls_verify
        self._request, self._kind = request, kind

    def imports(self) -> list[str]:
        """Return the packages in the order that gofmt gives them."""
        request, kind = self._request, self._kind
        signed = request.sigv4 is not None
        reads = bool(request.variables()) or self.to_base64 or self.read_file or self.pool
        wanted: Mapping[str, bool] = {
            "bytes": kind in {"json", "multipart", "raw", "octets"},
            "crypto/hmac": signed,
            "crypto/sha256": signed,
            "crypto/tls": self.tls,
            "crypto/x509": self.pool,
            "encoding/base64": self.from_base64 or self.to_base64,
            "encoding/hex": signed,
            "encoding/json": kind == "json",
            "fmt": True,
            "io": True,
            "log": True,
            "mime/multipart": kind == "multipart",
            "net/http": True,
            "net/textproto": self.files,
            "net/url": kind == "form",
            "os": reads,
            "strings": kind == "form" or self.files or signed,
            "time": True,
        }
        return sorted(name for name, needed in wanted.items() if needed)


def _headers(request: CodeRequest, kind: str) -> list[tuple[Source, Source]]:
    given = request.headers if kind == "multipart" else request.all_headers()
    return [(GO.text(name), _argument(value)) for name, value in given]


def _argument(value: Text) -> Source:
    """Return a text as one of several arguments: gofmt puts no blanks around + there."""
    if isinstance(value, str):
        return GO.text(value)
    return Source("+".join(str(GO.mixed(type(value)((piece,)))) for piece in value.pieces))


def _body(request: CodeRequest, kind: str) -> Source | None:
    if kind == "json":
        return GO.value(request.body, 1)
    if kind == "form":
        members = []
        for name, value in grouped(request.body).items():
            values = value if isinstance(value, list) else [value]
            texts = ", ".join(str(_argument(each)) for each in values)
            members.append((GO.quoted(name), f"{{{texts}}}"))
        return Source("\n".join(f"\t\t{line}," for line in GO.lined_up(members)))
    return octets(request.body) if kind in {"raw", "octets"} else None


def _parts(request: CodeRequest) -> list[Source]:
    made = []
    for name, value in request.body:
        if not isinstance(value, CodeFile):
            text = GO.block(value, 1).replace(" +\n", "+\n")  # as gofmt has it among arguments
            made.append(Source(f"check(form.WriteField({GO.text(name)}, {text}))"))
            continue
        content = f"read({GO.text(value.path)})" if value.path is not None else octets(value.data)
        words = ", ".join(map(str, map(GO.text, (name, value.filename, value.content_type))))
        made.append(Source(f"check(addFile(form, {words}, {content}))"))
    return made

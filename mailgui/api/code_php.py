"""A request as PHP, with its curl extension."""

from mailgui.api.code_python import grouped
from mailgui.api.code_request import CodeFile, CodeRequest
from mailgui.message.code_page import code_page
from mailgui.message.dialects import PHP
from mailgui.message.literals import Source, Text, joined


def php_code(request: CodeRequest) -> str:
    """Return the request as a PHP program. AWS's signature needs PHP 8.2; files in memory 8.1."""
    name, body, posted = _body(request)
    remarks = [PHP.remark(sentence) for sentence in request.remarks]
    typed = request.body_kind not in {"form", "multipart"}
    return code_page(
        "http-php",
        PHP,
        request=request,
        remarks=remarks,
        headers=[_header(*pair) for pair in (request.all_headers() if typed else request.headers)],
        boundary=body is not None and request.body_kind == "multipart" and not _unique(request),
        name=Source(name),
        body=body,
        posted=Source(posted),
        token=_header("X-Amz-Security-Token", request.sigv4.session_token)
        if request.sigv4 and request.sigv4.session_token
        else None,
        userpwd=_pair(request),
    )


def _header(name: str, value: Text) -> Source:
    return PHP.text(joined(f"{name}: ", value))


def _pair(request: CodeRequest) -> Source | None:
    if request.sigv4:
        user, password = request.sigv4.access_key, request.sigv4.secret_key
    elif request.basic:
        user, password = request.basic
    else:
        return None
    return PHP.text(joined(user, ":", password))


def _unique(request: CodeRequest) -> bool:
    names = [name for name, _ in request.body]
    return len(names) == len(set(names))


def _body(request: CodeRequest) -> tuple[str, Source | None, str]:
    """Return what the body's variable is called, its value, and what is posted."""
    if request.body is None:
        return "", None, ""
    match request.body_kind:
        case "json":
            return "payload", PHP.value(request.body), "json_encode($payload, JSON_THROW_ON_ERROR)"
        case "form" if _unique(request):
            return "fields", PHP.value(grouped(request.body)), "http_build_query($fields)"
        case "form":
            encoded = "urlencode($field[0]) . '=' . urlencode($field[1])"
            pairs = Source(_pairs([(n, PHP.block(v, 1)) for n, v in request.body]))
            return "fields", pairs, f"implode('&', array_map(fn ($field) => {encoded}, $fields))"
        case "multipart" if _unique(request):
            members = [f"    {PHP.text(n)} => {_part(v)}," for n, v in request.body]
            return "fields", Source("\n".join(["[", *members, "]"])), "$fields"
        case "multipart":
            return "parts", Source(_pairs([(n, _by_hand(v)) for n, v in request.body])), "$body"
        case _:
            return "body", _octets(request.body), "$body"


def _pairs(pairs: list[tuple[str, str]]) -> str:
    made = [f"    [{PHP.text(name)}, {value}]," for name, value in pairs]
    return "\n".join(["[", *made, "]"])


def _part(value: Text | CodeFile) -> str:
    if not isinstance(value, CodeFile):
        return PHP.block(value, 1)
    kind, name = PHP.text(value.content_type), PHP.text(value.filename)
    if value.path is not None:
        return f"new CURLFile({PHP.text(value.path)}, {kind}, {name})"
    return f"new CURLStringFile({_octets(value.data)}, {name}, {kind})"


def _by_hand(value: Text | CodeFile) -> str:
    if not isinstance(value, CodeFile):
        return PHP.block(value, 1)
    content = (
        f"file_get_contents({PHP.text(value.path)})"
        if value.path is not None
        else _octets(value.data)
    )
    return f"{content}, {PHP.text(value.filename)}, {PHP.text(value.content_type)}"


def _octets(data: bytes) -> Source:
    import base64

    try:
        return PHP.block(data.decode(), 1)
    except UnicodeDecodeError:
        return Source(f"base64_decode({PHP.block(base64.b64encode(data).decode(), 1)})")

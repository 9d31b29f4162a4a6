"""Documents inside a shell script: JSON with variables in it, messages, anything else as base64."""

import base64
import json
import secrets
from typing import Any

from mailgui.message.dialects import SHELL
from mailgui.message.literals import Mixed, Piece, Source, Variable
from mailgui.transcript import visible


def json_document(tree: Any) -> Source:
    """Return ``<<'JSON'`` and the tree; with what is known at run time only, it is unquoted."""
    token = secrets.token_hex(8)
    pieces: dict[str, Piece] = {}
    text = json.dumps(_marked(tree, token, pieces), ensure_ascii=False, indent=2)
    text = "".join(c if c == "\n" or visible(c) == c else _json_escape(c) for c in text)
    if not pieces:
        return Source(f"<<'JSON'\n{text}\nJSON")
    text = text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")
    for mark, piece in pieces.items():
        text = text.replace(mark, _in_document(piece))
    return Source(f"<<JSON\n{text}\nJSON")


def document(text: str, mark: str = "EOF") -> Source:
    """Return ``<<'EOF'`` and a text of whole lines, which must be fit to be shown."""
    while mark in text.splitlines():
        mark += "_"
    return Source(f"<<'{mark}'\n{text.removesuffix(chr(10))}\n{mark}")


def base64_document(data: bytes) -> Source:
    """Return ``<<'BASE64'`` and octets in lines of base64."""
    encoded = base64.encodebytes(data).decode().rstrip("\n")
    return Source(f"<<'BASE64'\n{encoded}\nBASE64")


def _json_escape(char: str) -> str:
    octets = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{octets[start : start + 4]}" for start in range(0, len(octets), 4))


def _in_document(piece: Piece) -> str:
    if isinstance(piece, Variable):
        return f"${{{piece.name}}}"
    if isinstance(piece, str):
        return piece
    # On one line, whatever its name holds: a line of it could be the one that ends the document.
    return f"$(base64 < {SHELL.on_one_line(piece.path)} | tr -d '\\n')"


def _marked(value: Any, token: str, pieces: dict[str, Piece]) -> Any:
    if isinstance(value, Mixed):
        made = ""
        for piece in value.pieces:
            if isinstance(piece, str):
                made += piece
                continue
            mark = f"mark-{token}-{len(pieces)}-"
            pieces[mark] = piece
            made += mark
        return made
    if isinstance(value, dict):
        return {name: _marked(each, token, pieces) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(each, token, pieces) for each in value]
    return value

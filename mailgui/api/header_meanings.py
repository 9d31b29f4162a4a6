"""What HTTP headers mean, in a few words: ``resources/http/headers.toml``."""

import tomllib
from functools import cache

from mailgui import resources


def meaning_of(name: str) -> str:
    """Return what a header is for, or "" where it is not known."""
    wanted = name.strip().lower()
    whole, beginnings = _meanings()
    if wanted in whole:
        return whole[wanted]
    return next((said for start, said in beginnings.items() if wanted.startswith(start)), "")


@cache
def _meanings() -> tuple[dict[str, str], dict[str, str]]:
    """Return the meanings by whole name, and by how a name begins. It is small and read once."""
    text = resources.path("http", "headers.toml").read_text("utf-8")
    found: dict[str, str] = tomllib.loads(text)["headers"]
    whole = {name: said for name, said in found.items() if not name.endswith("*")}
    beginnings = {name[:-1]: said for name, said in found.items() if name.endswith("*")}
    return whole, beginnings

"""Code from a template in ``resources/code``. Whatever a template prints must be ``Source``."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from mailgui import resources
from mailgui.message.literals import Dialect, Source

if TYPE_CHECKING:
    from jinja2 import Environment

_BLANKS = re.compile(r"\n{3,}")
_BREAK = "\0"  # in place of a line break within a value, whose blank lines stay; code holds no NUL


class Unquoted(TypeError):
    """A template was about to print a text that no dialect has quoted: a fault of MailGUI's."""


def code_page(template: str, dialect: Dialect, /, **values: Any) -> str:
    """Return the code that ``template`` makes of ``values``.

    A template has the dialect's methods as filters: ``text`` and ``block`` for texts, ``value`` for
    anything of JSON's kinds (their argument is the depth of the line), ``remark`` for comments;
    ``number`` is for numbers, ``word`` for a name that must be an identifier.
    """
    page = _environment().get_template(f"{template}.jinja").render(q=dialect, **values)
    return _BLANKS.sub("\n\n", page).strip("\n").replace(_BREAK, "\n") + "\n"


@cache
def _environment() -> "Environment":
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(resources.path("code")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_only_source,
        autoescape=False,
    )
    environment.filters.update(_FILTERS)
    return environment


def _only_source(value: Any) -> Any:
    # Jinja also passes the constant parts of templates, while it compiles them.
    if isinstance(value, Source):
        return value.replace("\n", _BREAK)
    if value == "":
        return value
    raise Unquoted(f"{type(value).__name__} is not code")


def number(value: float) -> Source:
    """Return a number as every language writes it."""
    return Source(f"{value:g}" if abs(value) < 1e15 else str(int(value)))


def word(value: str) -> Source:
    """Return an identifier as it stands; raises ValueError where it is none."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(f"{value!r} is no identifier.")
    return Source(value)


def lines(sources: Sequence[Source]) -> Source:
    """Return code line under line."""
    return Source("\n".join(sources))


_FILTERS: dict[str, Callable[..., Any]] = {"number": number, "word": word, "lines": lines}

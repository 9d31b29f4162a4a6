"""Finding and reading provider files. A broken one is reported, and never stops the others."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from mailgui import resources
from mailgui.api.check_definition import Misfit, check_definition
from mailgui.api.definition import Provider
from mailgui.api.webhook_check import check_webhooks
from mailgui.wrong_input import WrongInput

__all__ = ["Catalogue", "Provider", "ProviderProblem", "catalogue", "load_providers", "read_file"]

_BIGGEST_FILE = 1 << 20  # octets; a provider file is a few thousand


class ProviderProblem(WrongInput):
    """A provider file cannot be used.

    Attributes:
        path: the file.
        place: ``line 3, column 5`` for a fault of syntax, a key path such as
            ``fields.to.path`` for one of meaning, "" where it is the file as a whole.
        reason: what is wrong, as a sentence.
    """

    def __init__(self, path: Path, place: str, reason: str) -> None:
        self.path = path
        self.place = place
        self.reason = reason
        super().__init__(": ".join(part for part in (path.name, place, reason) if part))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The providers there are, by id, and the files that could not be used."""

    providers: dict[str, Provider] = field(default_factory=dict)
    problems: tuple[ProviderProblem, ...] = ()


def read_file(path: Path) -> Provider:
    """Return the provider that ``path`` describes; raise ProviderProblem."""
    try:
        if path.stat().st_size > _BIGGEST_FILE:
            raise ProviderProblem(path, "", "The file is too big to be a provider file.")
        text = path.read_text("utf-8")
    except OSError as fault:
        reason = fault.strerror or "it is not readable"
        raise ProviderProblem(path, "", f"The file cannot be read: {reason}.") from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise ProviderProblem(path, f"line {line}", "The text is not UTF-8.") from None
    return read_text(text, path)


def read_text(text: str, path: Path) -> Provider:
    """Return the provider that ``text`` describes; ``path`` is for what is said of it."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        reason, _, place = str(fault).partition(" (at ")
        place = place.rstrip(")").replace("end of document", f"line {text.count(chr(10)) + 1}")
        raise ProviderProblem(path, place, f"The TOML is malformed: {reason}.") from None
    except RecursionError:
        raise ProviderProblem(path, "", "The TOML is nested too deeply.") from None
    try:
        provider = msgspec.convert(tree, Provider)
        check_definition(provider)
        check_webhooks(provider)
    except msgspec.ValidationError as fault:
        reason, _, place = str(fault).partition(" - at `$")
        place = place.rstrip("`").lstrip(".")
        raise ProviderProblem(path, place, f"{reason.replace('`', '“', 1)}.") from None
    except Misfit as fault:
        raise ProviderProblem(path, fault.place, fault.reason) from None
    return provider


def catalogue(own: Path | None = None) -> Catalogue:
    """Return MailGUI's providers and those in the folder ``own``, which win over them."""
    ours = _bundled()
    if own is None or not own.is_dir():
        return Catalogue(dict(ours.providers), ours.problems)
    theirs = _read_folder(own)
    return Catalogue({**ours.providers, **theirs.providers}, ours.problems + theirs.problems)


def load_providers(own: Path | None = None) -> dict[str, Provider]:
    """Return every usable provider by its id; ``catalogue`` also tells of the unusable files."""
    return catalogue(own).providers


@cache
def _bundled() -> Catalogue:
    return _read_folder(resources.path("providers"))


def _read_folder(folder: Path) -> Catalogue:
    providers: dict[str, Provider] = {}
    problems: list[ProviderProblem] = []
    try:
        files = sorted(folder.glob("*.toml"))
    except OSError:
        files = []
    for path in files:
        try:
            provider = read_file(path)
            if provider.id in providers:
                raise ProviderProblem(path, "id", f"Another file is “{provider.id}” already.")
        except ProviderProblem as problem:
            problems.append(problem)
        else:
            providers[provider.id] = provider
    return Catalogue(providers, tuple(problems))

"""The profiles file as it is read and written: every entry of it, usable or not.

Pure: octets in, octets out. ``profiles`` does the reading, locking and writing.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.store.profile_format import (
    ProfileProblem,
    Table,
    read_profile,
    same_name,
    unknown_keys,
    write_profile,
)

_FORMAT = 1
_HEADER = """\
# MailGUI's profiles. You may edit this file; MailGUI keeps keys that it does not know, but no
# comments. Passwords and keys are not here: they are in the system's keyring.

"""
_START_OF_PROFILE = re.compile(r"^\s*\[\[\s*profile\s*\]\]", re.MULTILINE)


def sandbox_profiles() -> tuple[Profile, ...]:
    """Return the two profiles that lead to the embedded servers; the sandbox fills in the rest."""
    smtp = SmtpSettings(host="127.0.0.1", port=2525, tls=TlsMode.STARTTLS)
    sender = "you@good.example"
    return (
        Profile("Sandbox SMTP", smtp, sandbox=True, sender=sender),
        Profile("Sandbox API", ApiSettings(provider="resend"), sandbox=True, sender=sender),
    )


@dataclass(slots=True)
class Document:
    """The file as it is: its own keys, and one entry a profile, whether usable or not."""

    top: Table
    entries: list[tuple[Table, Profile | None]]
    problems: list[str]
    changed: bool = False

    def profiles(self) -> tuple[Profile, ...]:
        return tuple(profile for _, profile in self.entries if profile is not None)

    def index(self, name: str) -> int:
        for index, (_, profile) in enumerate(self.entries):
            if profile is not None and same_name(profile.name, name):
                return index
        raise ProfileProblem(f"There is no profile “{name}”.")

    def check_free(self, name: str) -> None:
        """Raise ProfileProblem when ``name`` is taken, be it by a profile that is not usable."""
        if any(same_name(str(table.get("name", "")), name) for table, _ in self.entries):
            raise ProfileProblem(f"There is already a profile “{name}”; choose another name.")


def fresh() -> Document:
    """Return what the file holds on first start."""
    entries: list[tuple[Table, Profile | None]] = [
        (write_profile(profile), profile) for profile in sandbox_profiles()
    ]
    return Document({}, entries, [], changed=True)


def parse(octets: bytes) -> tuple[Document, str]:
    """Return the document in ``octets`` and what is damaged about it ("" for nothing)."""
    text = octets.decode("utf-8", "replace").removeprefix("\ufeff")
    damage = "" if "\ufffd" not in text else "it is not UTF-8 throughout"
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        damage, content = str(fault), _salvage(text)
    tables = content.pop("profile", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        damage = damage or "its profiles are no [[profile]] tables"
        tables = [t for t in tables if isinstance(t, dict)] if isinstance(tables, list) else []
    document = Document(content, [], [])
    if content.get("format", _FORMAT) != _FORMAT:
        document.problems.append(
            "The profiles file was written by a newer MailGUI; what this one knows of it is used."
        )
    for table in tables:
        document.entries.append((table, _usable(table, document)))
    return document, damage


def to_octets(document: Document) -> bytes:
    """Return the file's octets."""
    import tomli_w

    tables = [table for table, _ in document.entries]
    content = {"format": _FORMAT, **document.top, "profile": tables}
    return (_HEADER + tomli_w.dumps(content)).encode()


def _usable(table: Table, document: Document) -> Profile | None:
    try:
        profile = read_profile(table)
        if any(same_name(profile.name, other.name) for other in document.profiles()):
            raise ProfileProblem(
                f"Two profiles are called “{profile.name}”; the second is not used. "
                "Rename it in the profiles file."
            )
    except ProfileProblem as fault:
        document.problems.append(fault.sentence)
        return None
    if unknown := unknown_keys(table):
        document.problems.append(
            f"The profile “{profile.name}” has settings that this MailGUI does not know "
            f"({', '.join(unknown)}); they are kept, but have no effect."
        )
    return profile


def _salvage(text: str) -> dict[str, Any]:
    """Return every profile that is TOML by itself, of a text that is not."""
    starts = [match.start() for match in _START_OF_PROFILE.finditer(text)]
    tables: list[Any] = []
    for start, end in pairwise([*starts, len(text)]):
        try:
            tables += tomllib.loads(text[start:end]).get("profile", [])
        except tomllib.TOMLDecodeError:
            continue
    return {"profile": tables}


def restore_sandbox(document: Document) -> None:
    """Put back a sandbox profile that is not in the file any more, and say so."""
    present = {profile.road for profile in document.profiles() if profile.sandbox}
    for index, profile in enumerate(sandbox_profiles()):
        if profile.road in present:
            continue
        name = _free_name(profile.name, (str(t.get("name", "")) for t, _ in document.entries))
        profile = replace(profile, name=name)
        document.entries.insert(index, (write_profile(profile), profile))
        document.problems.append(f"The profile “{name}” was missing and has been put back.")
        document.changed = True


def _free_name(name: str, taken: Iterable[str]) -> str:
    names = {other.strip().casefold() for other in taken}
    candidate, number = name, 2
    while candidate.casefold() in names:
        candidate, number = f"{name} ({number})", number + 1
    return candidate

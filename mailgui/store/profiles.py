"""The profiles, in one readable file that a person may edit by hand.

Nothing in that file is lost: a file that is no TOML is kept aside and read profile by profile; a
profile that cannot be used stays in the file and is reported; unknown keys survive a change. Each
change reads the file again under a lock, so two MailGUIs do not undo each other's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mailgui.store import paths
from mailgui.store.files import StoreProblem, atomic_write, keep_aside, locked
from mailgui.store.profile import Profile
from mailgui.store.profile_document import Document, fresh, parse, restore_sandbox, to_octets
from mailgui.store.profile_format import (
    ProfileProblem,
    check_profile,
    clean_name,
    same_name,
    write_profile,
)


@dataclass(frozen=True, slots=True)
class LoadedProfiles:
    """The usable profiles, in the file's order, and a sentence for each thing that is wrong."""

    profiles: tuple[Profile, ...]
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> Profile | None:
        """Return the profile of that name (case does not matter), or None."""
        return next((p for p in self.profiles if same_name(p.name, name)), None)


class ProfileStore:
    """Reads and changes the profiles file. Any thread may use it; every call reads the disk.

    Changes raise ProfileProblem when they make no sense, and StoreProblem when the file cannot be
    written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or paths.profiles_file()

    @property
    def path(self) -> Path:
        """Where the file is, for the window to say."""
        return self._path

    def load(self) -> LoadedProfiles:
        """Return what can be used of the file, and what is wrong with it.

        On first start it holds the two sandbox profiles. Never raises for a bad file; a folder that
        cannot be written is one of the problems.
        """
        try:
            with locked(self._path):
                document = self._read()
                if document.changed:
                    self._write(document)
        except (OSError, StoreProblem) as fault:
            document = self._read_without_lock(fault)
        return LoadedProfiles(document.profiles(), tuple(document.problems))

    def get(self, name: str) -> Profile | None:
        """Return the profile of that name (case does not matter), or None."""
        return self.load().find(name)

    def add(self, profile: Profile) -> Profile:
        """Append a profile under a name that is free; return it as it was kept."""
        profile = replace(profile, name=clean_name(profile.name))
        check_profile(profile)
        if profile.sandbox:
            raise ProfileProblem("The sandbox has its two profiles already.")

        def change(document: Document) -> None:
            document.check_free(profile.name)
            document.entries.append((write_profile(profile), profile))

        self._change(change)
        return profile

    def replace(self, name: str, profile: Profile) -> Profile:
        """Put ``profile`` in the place of the one called ``name``; it may bring a new name."""
        profile = replace(profile, name=clean_name(profile.name))
        check_profile(profile)

        def change(document: Document) -> None:
            index = document.index(name)
            table, old = document.entries[index]
            if old is not None and (old.sandbox, old.sandbox and old.road) != (
                profile.sandbox,
                profile.sandbox and profile.road,
            ):
                raise ProfileProblem(
                    "A sandbox profile stays one, and no other profile can become one."
                )
            if not same_name(name, profile.name):
                document.check_free(profile.name)
            document.entries[index] = (write_profile(profile, table), profile)

        self._change(change)
        return profile

    def rename(self, name: str, new_name: str) -> Profile:
        """Give the profile called ``name`` another name; return it. Its secret has to follow:
        ``SecretStore.move``.
        """
        profile = self.get(name)
        if profile is None:
            raise ProfileProblem(f"There is no profile “{name}”.")
        return self.replace(name, replace(profile, name=new_name))

    def remove(self, name: str) -> Profile:
        """Take the profile called ``name`` out of the file and return it; not a sandbox one."""
        removed: list[Profile] = []

        def change(document: Document) -> None:
            index = document.index(name)
            profile = document.entries[index][1]
            if profile is None or profile.sandbox:
                raise ProfileProblem(f"“{name}” leads to MailGUI's own sandbox and stays.")
            removed.append(profile)
            del document.entries[index]

        self._change(change)
        return removed[0]

    def _change(self, change: Callable[[Document], None]) -> None:
        try:
            with locked(self._path):
                document = self._read()
                change(document)
                self._write(document)
        except OSError as fault:
            raise StoreProblem(
                f"The profiles could not be saved in {self._path}: {_reason(fault)}."
            ) from fault

    def _read(self) -> Document:
        """Read the file; keep a damaged one aside. Call it while holding the lock."""
        try:
            octets = self._path.read_bytes()
        except FileNotFoundError:
            return fresh()
        document, damage = parse(octets)
        if damage:
            aside = keep_aside(self._path)
            document.problems.insert(
                0,
                f"The profiles file was damaged ({damage}). It is kept as {aside}; "
                f"{_count(len(document.entries))} could be read from it.",
            )
            document.changed = True
        restore_sandbox(document)
        return document

    def _read_without_lock(self, fault: OSError | StoreProblem) -> Document:
        """Return what can be read where nothing can be written."""
        why = fault.sentence if isinstance(fault, StoreProblem) else f"{_reason(fault)}."
        try:
            document = parse(self._path.read_bytes())[0]
        except OSError:
            document = fresh()
        restore_sandbox(document)
        document.problems.insert(0, f"The profiles in {self._path} cannot be changed: {why}")
        return document

    def _write(self, document: Document) -> None:
        atomic_write(self._path, to_octets(document))


def _count(number: int) -> str:
    return "1 profile" if number == 1 else f"{number} profiles"


def _reason(fault: OSError) -> str:
    return fault.strerror or str(fault)

"""The last draft, saved so that it is there again at the next start.

``draft.json`` holds the draft; attachments on the disk are named by path; what was pasted lies in
a file of its own beside it, named by its SHA-256, so that saving after each edit stays cheap.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from mailgui.message.draft import Attachment, Draft
from mailgui.store import paths
from mailgui.store.files import StoreProblem, atomic_write, keep_aside, private_folder

_FORMAT = 1
_FILE = "draft.json"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LoadedDraft:
    """The last draft, or None; and a sentence for each thing that could not be restored."""

    draft: Draft | None
    problems: tuple[str, ...] = ()


class DraftStore:
    """Saves and restores one draft. Its methods block: call them off the window's thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.draft_folder()

    def save(self, draft: Draft) -> None:
        """Keep ``draft`` in place of the one before. Raises StoreProblem with a sentence."""
        try:
            private_folder(self._folder)
            pasted = {
                str(index): self._keep(attachment.data)
                for index, attachment in enumerate(draft.attachments)
                if attachment.data is not None
            }
            bare = replace(
                draft, attachments=tuple(replace(a, data=None) for a in draft.attachments)
            )
            content = {"format": _FORMAT, "draft": draft_to_builtins(bare), "pasted": pasted}
            # ASCII, so that paths with octets that are no UTF-8 (lone surrogates) survive.
            atomic_write(self._folder / _FILE, json.dumps(content, indent=1).encode("ascii"))
            self._drop_all_but(pasted.values())
        except OSError as fault:
            raise StoreProblem(
                f"The draft could not be saved in {self._folder}: {fault.strerror or fault}."
            ) from fault

    def load(self) -> LoadedDraft:
        """Return the draft that was saved last. A damaged file is kept aside and reported."""
        path = self._folder / _FILE
        try:
            content = json.loads(path.read_bytes())
            draft = draft_from_builtins(content["draft"])
            pasted = msgspec.convert(content.get("pasted", {}), dict[str, str])
        except FileNotFoundError:
            return LoadedDraft(None)
        except OSError as fault:
            return LoadedDraft(None, (f"The last draft could not be read: {fault.strerror}.",))
        except (ValueError, KeyError, TypeError, RecursionError):
            return LoadedDraft(None, (self._put_aside(path),))
        return self._restore(draft, pasted)

    def clear(self) -> None:
        """Forget the draft and what was pasted into it. Raises OSError."""
        (self._folder / _FILE).unlink(missing_ok=True)
        self._drop_all_but(())

    def _keep(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder / digest
        if not (path.is_file() and path.stat().st_size == len(data)):
            atomic_write(path, data)
        return digest

    def _restore(self, draft: Draft, pasted: dict[str, str]) -> LoadedDraft:
        attachments: list[Attachment] = []
        problems: list[str] = []
        for index, attachment in enumerate(draft.attachments):
            digest = pasted.get(str(index))
            if digest is None:
                attachments.append(attachment)
            elif (data := self._read_pasted(digest)) is not None:
                attachments.append(replace(attachment, data=data))
            else:
                problems.append(
                    f"The attachment “{attachment.filename}” of the last draft is lost; "
                    "attach it again."
                )
        return LoadedDraft(replace(draft, attachments=tuple(attachments)), tuple(problems))

    def _read_pasted(self, digest: str) -> bytes | None:
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            data = (self._folder / digest).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def _put_aside(self, path: Path) -> str:
        try:
            return f"The last draft was damaged and is kept as {keep_aside(path)}."
        except OSError as fault:
            return f"The last draft is damaged and could not be kept aside: {fault.strerror}."

    def _drop_all_but(self, digests: Iterable[str]) -> None:
        keep = set(digests)
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if _DIGEST.fullmatch(path.name) and path.name not in keep:
                path.unlink(missing_ok=True)


def _encode(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"A draft cannot hold a {type(value).__name__}.")


def _decode(kind: type, value: Any) -> Any:
    if kind is object:  # a template's variables: whatever JSON holds
        return value
    if issubclass(kind, Path) and isinstance(value, str):
        return Path(value)
    raise TypeError(f"A draft cannot hold a {kind.__name__}.")


def draft_to_builtins(draft: Draft) -> Any:
    """Return a draft as what JSON can hold; octets become base64."""
    return msgspec.to_builtins(draft, enc_hook=_encode, str_keys=True)


def draft_from_builtins(value: Any) -> Draft:
    """Return the draft that ``draft_to_builtins`` was given. Raises msgspec.ValidationError."""
    return msgspec.convert(value, Draft, dec_hook=_decode, str_keys=True)

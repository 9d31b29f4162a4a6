"""What the engine's thread does for the message: restore, save, measure, show, write to a file."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from mailgui.message.draft import Attachment, Draft, DraftProblem
from mailgui.message.outgoing import Envelope

WHOLE = 256 * 1024  # octets up to which a message is shown unabridged


@dataclass(frozen=True, slots=True)
class FileState:
    """What was found out about an attached file: its length in octets, or why it is no use."""

    size: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would be sent.

    Attributes:
        size: its length in octets; None where it cannot be composed.
        octets: what there is to show of it; None where nobody wanted to see it.
        whole: whether that is all of it.
        head: its header section.
        problem: why it cannot be composed.
        files: one state for each attachment.
    """

    size: int | None = None
    octets: bytes | None = None
    whole: bool = False
    head: bytes = b""
    envelope: Envelope | None = None
    problem: DraftProblem | None = None
    files: tuple[FileState, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """The last draft, or None; a sentence for each problem."""

    draft: Draft | None
    problems: tuple[str, ...] = ()


async def restore_draft(sender: str) -> Restored:
    """Return the last draft; at the first start the sample, from ``sender``."""
    return await asyncio.to_thread(_restore, sender)


def _restore(sender: str) -> Restored:
    from mailgui.store.drafts import DraftStore
    from mailgui.ui.compose.sample import sample_draft

    loaded = DraftStore().load()
    if loaded.draft is None and not loaded.problems:
        return Restored(sample_draft(sender))
    return Restored(loaded.draft, loaded.problems)


async def keep_draft(draft: Draft) -> None:
    """Save the draft. Raises StoreProblem with a sentence."""
    from mailgui.store.drafts import DraftStore

    await asyncio.to_thread(DraftStore().save, draft)


async def preview(draft: Draft, *, show: bool, envelope_required: bool = False) -> Preview:
    """Compose ``draft`` and return its size, and with ``show`` its octets too."""
    return await asyncio.to_thread(_preview, draft, show, envelope_required)


def _preview(draft: Draft, show: bool, envelope_required: bool) -> Preview:
    from mailgui.message.compose import compose

    files = tuple(_state(attachment) for attachment in draft.attachments)
    try:
        composed = compose(draft, envelope_required=envelope_required)
        whole = composed.size <= WHOLE
        octets = None
        if show:
            octets = b"".join(composed.chunks()) if whole else composed.preview(WHOLE)
    except DraftProblem as problem:
        return Preview(problem=problem, files=files)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        sentence = f"An attachment cannot be read: {reason}."
        return Preview(problem=DraftProblem("attachments", sentence), files=files)
    return Preview(
        composed.size, octets, whole, composed.head, composed.envelope, problem=None, files=files
    )


def _state(attachment: Attachment) -> FileState:
    from mailgui.message.attachments import check_attachment

    try:
        return FileState(check_attachment(attachment))
    except DraftProblem as problem:
        return FileState(problem=problem.sentence)


async def open_files(paths: list[Path]) -> tuple[list[Attachment], list[str]]:
    """Return an attachment for each file, and a sentence for each that cannot be attached."""
    return await asyncio.to_thread(_open, paths)


def _open(paths: list[Path]) -> tuple[list[Attachment], list[str]]:
    from mailgui.message.attachments import attachment_from_path

    attachments, problems = [], []
    for path in paths:
        try:
            attachments.append(attachment_from_path(path))
        except DraftProblem as problem:
            problems.append(problem.sentence)
    return attachments, problems


async def write_message(draft: Draft, path: Path) -> None:
    """Write the message, octet for octet as it is sent. Raises DraftProblem and OSError."""
    await asyncio.to_thread(_write, draft, path)


def _write(draft: Draft, path: Path) -> None:
    from mailgui.message.compose import compose

    composed = compose(draft, envelope_required=False)
    with path.open("wb") as file:
        for chunk in composed.chunks():
            file.write(chunk)


async def whole_message(draft: Draft) -> str:
    """Return the whole message as text for the clipboard. Raises DraftProblem, OSError."""
    return await asyncio.to_thread(_whole, draft)


def _whole(draft: Draft) -> str:
    from mailgui.message.compose import compose

    octets = b"".join(compose(draft, envelope_required=False).chunks())
    return octets.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


async def write_file(octets: bytes, path: Path) -> None:
    """Write ``octets`` to ``path``. Raises OSError."""
    await asyncio.to_thread(path.write_bytes, octets)

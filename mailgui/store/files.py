"""Writing files so that neither a crash, nor a second MailGUI, nor another user can spoil them."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_LOCK_WAIT = 5.0  # seconds: far longer than any MailGUI holds a lock
_LOCK_RETRY = 0.02


class StoreProblem(Exception):
    """Something could not be kept. ``sentence`` says what and what to do, for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def private_folder(folder: Path) -> Path:
    """Make ``folder``, for this user only (0700), unless it exists; so also those that it stands in
    (which ``mkdir`` would make for everybody). Raises OSError.
    """
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)
    return folder


def atomic_write(path: Path, octets: bytes) -> None:
    """Put ``octets`` at ``path``: readers see the old file or the new one, never a part.

    The file is 0600 before its first octet is written, and on the disk when this returns. A
    symbolic link is followed, so that linked configuration stays linked. Raises OSError; the old
    file is then untouched.
    """
    path = path.resolve()
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable, where the system can (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def aside_name(path: Path) -> Path:
    """Return a free name beside ``path`` with today's date in it, such as
    ``profiles.damaged-2026-11-24-153012.toml``.
    """
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    candidate = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    number = 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}.damaged-{stamp}-{number}{path.suffix}")
        number += 1
    return candidate


def keep_aside(path: Path) -> Path:
    """Rename a damaged file so that nothing in it is lost; return its new path. Raises OSError."""
    target = aside_name(path)
    path.rename(target)
    return target


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of ``path`` against other threads and processes while the block runs.

    The lock is on a file beside it, since ``path`` itself is replaced by each write; the system
    lets go of it when a process dies. Blocks for at most a few seconds, then raises StoreProblem.
    """
    private_folder(path.parent)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _LOCK_WAIT
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise StoreProblem(
                    f"Another MailGUI is holding {path.name}; close it and try again."
                )
            time.sleep(_LOCK_RETRY)
        try:
            yield
        finally:
            _unlock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

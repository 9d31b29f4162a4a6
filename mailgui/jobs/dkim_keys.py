"""DKIM keys: made and written where the person says, and held against what is published."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui.jobs.services import Services

if TYPE_CHECKING:
    from mailgui.domain.dkim_key_maker import KeyKind, KeyMatch, KeyPair

_LARGEST = 64 * 1024  # octets of a key file


async def make_dkim_key(domain: str, selector: str, kind: "KeyKind") -> "KeyPair":
    """Return a new key pair. Raises ValueError with a sentence."""
    from mailgui.domain.dkim_key_maker import make_key

    return await asyncio.to_thread(make_key, domain, selector, kind)


async def save_private_key(path: Path, pem: bytes) -> Path:
    """Write a private key, 0600 before its first octet. Raises OSError."""
    from mailgui.store.files import atomic_write

    await asyncio.to_thread(atomic_write, path, pem)
    return path


async def match_key_file(
    services: Services, path: Path, domain: str, selector: str, *, server: str | None = None
) -> "KeyMatch":
    """Hold a private key's file against the record that ``selector`` publishes.

    Raises ValueError with a sentence, and OSError when the file cannot be read.
    """
    from mailgui.domain.dkim_key_maker import KeyMatch, compare_with_record, record_name

    name = record_name(domain, selector)
    pem = await asyncio.to_thread(_read, path)
    answer = await services.resolver(server).ask(name, "TXT")
    if answer.absent:
        return KeyMatch(False, f"Nothing is published at {name} yet.")
    if not answer.records:
        return KeyMatch(False, f"{name} could not be looked up: ask again in a minute.")
    if len(answer.records) > 1:
        return KeyMatch(False, f"{name} holds {len(answer.records)} records; one is allowed.")
    return await asyncio.to_thread(compare_with_record, pem, answer.records[0])


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST)

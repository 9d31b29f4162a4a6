"""Judging a received message: its signatures, its sender, its way."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.domain.verify_message import VerifyReport

MAX_OCTETS = 100 * 1024 * 1024


async def verify_message(
    services: Services,
    source: Path | bytes,
    *,
    ip: str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    server: str | None = None,
) -> "VerifyReport":
    """Return what is to be said of the message in a file, or in octets.

    ``ip``, ``mail_from`` ("" is the null sender) and ``helo`` are what the receiving server saw;
    what is not given is guessed from the message. ``server`` is the name server to ask, or None for
    the system's. Raises ValueError with a sentence for what cannot be read or is malformed.
    """
    from mailgui.domain.verify_message import verify

    resolver = services.resolver(server)
    octets = source if isinstance(source, bytes) else await asyncio.to_thread(_read, source)
    report = await verify(octets, resolver=resolver, ip=ip, mail_from=mail_from, helo=helo)
    await asyncio.to_thread(_remember, report)
    return report


def _remember(report: "VerifyReport") -> None:
    """Keep the selectors of good signatures: the next check of the domain finds their keys."""
    from mailgui.store.selectors import SelectorMemory

    memory = SelectorMemory()
    for each in report.signatures:
        if each.result == "pass" and each.signature.domain and each.signature.selector:
            with suppress(OSError):  # a disk that is full does no harm to a report
                memory.add(each.signature.domain, [each.signature.selector])


def _read(path: Path) -> bytes:
    shown = visible(str(path))
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_OCTETS + 1)
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise WrongInput(f"{shown} cannot be read: {reason}.") from None
    if len(octets) > MAX_OCTETS:
        raise WrongInput(f"{shown} is larger than 100 MiB, the most that is read.")
    return octets

"""What the engine's thread does for the page: a check, and SPF for one sender."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui.jobs.services import OWN_SERVERS, Services

if TYPE_CHECKING:
    from mailgui.domain.alignment import Aligned
    from mailgui.domain.dkim_key_maker import KeyMatch
    from mailgui.domain.report import DomainReport, Section
    from mailgui.domain.server_comparison import ServerComparison
    from mailgui.domain.spf import SpfReport
    from mailgui.domain.verify_message import VerifyReport

SYSTEM, SANDBOX, OWN = "", "sandbox", OWN_SERVERS
_AT_ONCE = 20  # domains checked side by side


@dataclass(frozen=True, slots=True)
class Question:
    """One check.

    Attributes:
        where: SYSTEM, SANDBOX, OWN, or a name server as ``Services.resolver`` takes it.
        afresh: ask again what an earlier check has been told.
        only: one section's name, to check that alone; empty for all.
    """

    domain: str
    where: str = SYSTEM
    selectors: tuple[str, ...] = ()
    afresh: bool = False
    only: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Nothing was asked: a name or an address is none. ``sentence`` says which."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One of several domains has been checked, or ``problem`` says why not."""

    domain: str
    report: "DomainReport | None"
    problem: str = ""


async def ask(
    outlet: "Callable[[Section], None]", services: Services, question: Question
) -> "DomainReport | Malformed":
    """Check a domain; what cannot be asked at all comes back as Malformed."""
    from mailgui.jobs.check import check_domain

    try:
        server = await _server(services, question.where)
        if question.afresh:
            services.asker(server).forget()
        return await check_domain(
            services,
            question.domain,
            server=server,
            selectors=question.selectors,
            only=question.only,
            on_section=outlet,
        )
    except ValueError as problem:
        return Malformed(str(problem))


async def ask_spf(
    services: Services, domain: str, where: str, *, ip: str, mail_from: str | None
) -> "SpfReport | Malformed":
    """Evaluate SPF for a sender; what cannot be evaluated at all comes back as Malformed."""
    from mailgui.jobs.spf import evaluate

    try:
        server = await _server(services, where)
        return await evaluate(services, domain, ip=ip, mail_from=mail_from, server=server)
    except ValueError as problem:
        return Malformed(str(problem))


async def ask_servers(
    services: Services, name: str, rdtype: str, where: str
) -> "ServerComparison | Malformed":
    """Ask several servers for one record; what cannot be asked at all comes back as Malformed."""
    from mailgui.jobs.compare_servers import PUBLIC, compare_name_servers

    try:
        server = await _server(services, where)
        played = where == SANDBOX
        return await compare_name_servers(
            services, name, rdtype, server=server, others=() if played else PUBLIC, played=played
        )
    except ValueError as problem:
        return Malformed(str(problem))


async def check_several(
    outlet: Callable[[Checked], None], services: Services, domains: tuple[str, ...], where: str
) -> None:
    """Check domains side by side; each is told as soon as it is done."""
    from mailgui.jobs.check import check_domain

    server = await _server(services, where)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(domain: str) -> None:
        async with gate:
            try:
                report = await check_domain(services, domain, server=server)
            except ValueError as problem:
                outlet(Checked(domain, None, str(problem)))
            else:
                outlet(Checked(domain, report))

    async with asyncio.TaskGroup() as group:
        for domain in domains:
            group.create_task(one(domain))


async def judge(
    services: Services,
    source: Path | bytes,
    where: str,
    *,
    ip: str | None,
    mail_from: str | None,
) -> "VerifyReport | Malformed":
    """Judge a received message; what cannot be read at all comes back as Malformed."""
    from mailgui.jobs.verify import verify_message

    try:
        server = await _server(services, where)
        return await verify_message(services, source, ip=ip, mail_from=mail_from, server=server)
    except ValueError as problem:
        return Malformed(str(problem))


async def ask_alignment(
    services: Services, author: str, where: str, *, envelope: str, dkim: str
) -> "Aligned | Malformed":
    """Explain alignment; what is no domain comes back as Malformed."""
    from mailgui.jobs.alignment import align

    try:
        server = await _server(services, where)
        return await align(services, author, envelope=envelope, dkim=dkim, server=server)
    except ValueError as problem:
        return Malformed(str(problem))


async def match_key(
    services: Services, path: Path, domain: str, selector: str, where: str
) -> "KeyMatch":
    """Hold a key file against what a selector publishes; raises as ``match_key_file`` does."""
    from mailgui.jobs.dkim_keys import match_key_file

    server = await _server(services, where)
    return await match_key_file(services, path, domain, selector, server=server)


async def _server(services: Services, where: str) -> str | None:
    if where == SYSTEM:
        return None
    if where == SANDBOX:
        return str((await services.start_sandbox()).dns)
    return where

"""How long a domain's check takes where every answer takes 20 ms, beside checkdmarc.

``uv run python -m tests.benchmarks.domain_check [--quick]``. The name server runs in a process of
its own. Both tools ask the DNS only; checkdmarc's attempt to fetch the MTA-STS policy is cut short.
"""

import argparse
import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from statistics import median
from unittest import mock

from tests.benchmarks.slow_name_server import LONGEST_CHAIN, domain_name, slow_name_server

_DELAY_MS = 20.0
_AIM_CHAIN, _AIM_ONE, _AIM_MANY = 2.0, 8.0, 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table, return 0 whatever the numbers are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten domains in place of a hundred")
    options = parser.parse_args(arguments)
    many, rounds = (10, 3) if options.quick else (100, 7)
    with slow_name_server(_DELAY_MS, many) as port:
        ours, theirs, questions = _one_domain(port, rounds)
        ours_cold = _command(port)
        ours_many = _ours_many(port, many)
        theirs_many = _theirs(port, range(many))
    chain = LONGEST_CHAIN * _DELAY_MS / 1000
    print(
        f"{_DELAY_MS:g} ms an answer; the longest chain of dependent questions is {LONGEST_CHAIN}."
    )
    print(f"{'':34}{'MailGUI':>12}{'checkdmarc':>12}{'ratio':>8}{'aim':>8}")
    _row("one domain, DNS part (s)", ours, theirs, _AIM_ONE)
    _row(f"{many} domains at once (s)", ours_many, theirs_many, _AIM_MANY)
    print(f"{'one domain by the longest chain':34}{ours / chain:>12.2f}{'':20}{_AIM_CHAIN:>7.1f}")
    print(f"{'the same, the process new':34}{ours_cold / chain:>12.2f}{'':20}{_AIM_CHAIN:>7.1f}")
    print(f"{'questions for one domain':34}{questions:>12}")
    return 0


def _row(what: str, ours: float, theirs: float, aim: float) -> None:
    print(f"{what:34}{ours:>12.3f}{theirs:>12.3f}{theirs / ours:>7.1f}×{aim:>7.1f}×")


def _one_domain(port: int, rounds: int) -> tuple[float, float, int]:
    """Return the medians of both, in rounds that alternate, and our questions."""
    ours, theirs, questions = [], [], 0
    for _ in range(rounds):
        seconds, questions = asyncio.run(_ours(port))
        ours.append(seconds)
        theirs.append(_theirs(port, [0]))
    return median(ours), median(theirs), questions


async def _ours(port: int) -> tuple[float, int]:
    from mailgui.domain.report import check
    from mailgui.net.resolver import Resolver

    resolver = Resolver(f"127.0.0.1:{port}")
    try:
        report = await check(domain_name(0), resolver=resolver, dns_only=True)
    finally:
        await resolver.close()
    return report.dns_seconds, report.queries


def _ours_many(port: int, many: int) -> float:
    from mailgui.domain.report import check
    from mailgui.net.resolver import Resolver

    async def run() -> None:
        resolver = Resolver(f"127.0.0.1:{port}")
        names = map(domain_name, range(many))

        async def one(name: str) -> None:
            await check(name, resolver=resolver, dns_only=True, thorough=False)

        try:
            await asyncio.gather(*(one(name) for name in names))
        finally:
            await resolver.close()

    started = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - started


def _command(port: int) -> float:
    """Return the DNS part of ``mailgui check`` in a new process, in seconds."""
    import json

    command = [sys.executable, "-m", "mailgui", "check", domain_name(0), "--dns-only", "--json"]
    output = subprocess.check_output([*command, "--resolver", f"127.0.0.1:{port}"])
    return float(json.loads(output)["dns_ms"]) / 1000


def _theirs(port: int, numbers: Sequence[int]) -> float:
    import dns.resolver

    checkdmarc, its_utils = import_module("checkdmarc"), import_module("checkdmarc.utils")
    logging.disable(logging.CRITICAL)
    its_utils.DNS_CACHE.clear()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    started = time.perf_counter()
    with mock.patch("socket.getaddrinfo", side_effect=OSError("no connections in this benchmark")):
        for number in numbers:
            checkdmarc.check_domains([domain_name(number)], resolver=resolver)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())

"""Requests a second to an e-mail API, as ratios in one run, recording on.

``uv run python -m tests.benchmarks.api_throughput [--quick]``. The API answers at once, from a
process of its own. Rounds of all contenders alternate, so that a busy machine is busy for all; what
counts is the median of each round's ratios.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.batch import send_batch
from mailgui.jobs.bulk import send_many_by_api
from mailgui.jobs.request import render_request
from mailgui.jobs.send import send_by_api
from mailgui.message.draft import Address, Draft
from mailgui.transcript import Outcome

_KEY = "re_0123456789abcdefghij"
_DRAFT = Draft(
    sender=Address("a@good.example"),
    to=(Address("b@good.example"),),
    subject="Benchmark",
    text="The quick brown fox jumps over the lazy dog.\n" * 22,
)
_STREAMS = 10


@dataclass(frozen=True)
class Desk:
    """Where the API is."""

    plain: str
    secure: str
    ca: str

    def account(self, *, http2: bool = False) -> Account:
        settings = ApiSettings("resend", base_url=self.secure if http2 else self.plain)
        if http2:
            settings = ApiSettings("resend", base_url=self.secure, http2=True, tls_ca=self.ca)
        return Account("API", settings, {"key": _KEY})


async def httpx_loop(desk: Desk, count: int) -> None:
    """A bare loop: the request made beforehand, the answer read as JSON, nothing recorded."""
    request = render_request(_DRAFT, desk.account().settings, {"key": _KEY})
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(count):
            answer = await client.post(
                request.url, content=request.content, headers=list(request.headers)
            )
            answer.raise_for_status()
            answer.json()


async def httpx_http2(desk: Desk, count: int) -> None:
    """The same by HTTP/2, ten at a time."""
    request = render_request(_DRAFT, desk.account(http2=True).settings, {"key": _KEY})
    left = iter(range(count))

    async def lane(client: httpx.AsyncClient) -> None:
        for _ in left:
            answer = await client.post(
                request.url, content=request.content, headers=list(request.headers)
            )
            answer.raise_for_status()
            answer.json()

    import ssl

    context = ssl.create_default_context(cafile=desk.ca)
    async with httpx.AsyncClient(http2=True, verify=context, trust_env=False) as client:
        await asyncio.gather(*(lane(client) for _ in range(_STREAMS)))


async def mailgui_one(desk: Desk, count: int) -> None:
    """One keep-alive connection, recording on."""
    report = await send_many_by_api(desk.account(), _DRAFT, count=count)
    assert report.transcript.outcome is Outcome.ACCEPTED, report.transcript.summary


async def mailgui_http2(desk: Desk, count: int) -> None:
    """Ten streams of one connection, recording on."""
    account = desk.account(http2=True)
    report = await send_many_by_api(account, _DRAFT, count=count, connections=_STREAMS)
    assert report.transcript.outcome is Outcome.ACCEPTED, report.transcript.summary


async def mailgui_batch(desk: Desk, count: int) -> None:
    """The provider's batch call: a hundred messages a request."""
    report = await send_batch(desk.account(), [_DRAFT] * count)
    assert report.transcript.outcome is Outcome.ACCEPTED, report.transcript.summary


Contender = Callable[[Desk, int], Awaitable[None]]
_FIELD: dict[str, Contender] = {
    "bare httpx, HTTP/1.1": httpx_loop,
    "MailGUI, HTTP/1.1": mailgui_one,
    "bare httpx, HTTP/2 × 10": httpx_http2,
    "MailGUI, HTTP/2 × 10": mailgui_http2,
    "MailGUI, batch call": mailgui_batch,
}
_AIM = ("MailGUI, HTTP/1.1", "bare httpx, HTTP/1.1", 0.8)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table, return 0 whatever the numbers are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few requests, few rounds")
    options = parser.parse_args(arguments)
    rounds, count = (3, 200) if options.quick else (7, 1_000)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "tests.benchmarks.api_server", folder]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            try:
                plain, secure = server.stdout.readline().split()
                desk = Desk(
                    f"http://127.0.0.1:{plain}",
                    f"https://localhost:{secure}",
                    str(Path(folder, "ca.pem")),
                )
                _table(_measure(desk, rounds, count), rounds, count)
                _overhead(desk, 20 if options.quick else 100)
            finally:
                server.kill()
    return 0


def _measure(desk: Desk, rounds: int, count: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in _FIELD}
    for contender in _FIELD.values():
        asyncio.run(contender(desk, 20))  # warm
    for _ in range(rounds):
        for name, contender in _FIELD.items():
            began = time.perf_counter()
            asyncio.run(contender(desk, count))
            rates[name].append(count / (time.perf_counter() - began))
    return rates


def _table(rates: dict[str, list[float]], rounds: int, count: int) -> None:
    octets = len(json.dumps({"text": _DRAFT.text}))
    print(f"{count} messages of about {octets:,} octets, {rounds} rounds\n")
    print(f"{'':26}{'messages/s':>26}{'against bare httpx':>28}")
    for name, own in rates.items():
        base = rates["bare httpx, HTTP/2 × 10" if "HTTP/2" in name else "bare httpx, HTTP/1.1"]
        ratios = [ours / theirs for ours, theirs in zip(own, base, strict=True)]
        rate = f"{median(own):,.0f} ({min(own):,.0f} to {max(own):,.0f})"
        spread = f"{median(ratios):5.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
        aim = f"  aim {_AIM[2]}: {_verdict(median(ratios) >= _AIM[2])}" if name == _AIM[0] else ""
        print(f"{name:26}{rate:>26}{spread:>28}{aim}")


def _overhead(desk: Desk, count: int) -> None:
    """Say how long a whole send takes beyond the phases that its transcript shows."""
    account = desk.account()
    own, shown = [], []

    async def run() -> None:
        await send_by_api(account, _DRAFT)  # warm
        for _ in range(count):
            began = time.perf_counter()
            report = await send_by_api(account, _DRAFT)
            whole = time.perf_counter() - began
            phases = sum(phase.duration for phase in report.transcript.phases)
            own.append((whole - phases) * 1000)
            shown.append(phases * 1000)

    asyncio.run(run())
    print(
        f"\nMailGUI's own time for a whole send (rendering, signing, recording, diagnosing): "
        f"{median(own):.2f} ms ({min(own):.2f} to {max(own):.2f}); aim 5 ms: "
        f"{_verdict(median(own) < 5)}. The phases that it shows: {median(shown):.2f} ms."
    )


def _verdict(good: bool) -> str:
    return "met" if good else "MISSED"


if __name__ == "__main__":
    sys.exit(main())

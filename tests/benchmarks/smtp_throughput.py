"""SMTP throughput and memory against Postfix's smtp-sink, as ratios in one run.

``uv run python -m tests.benchmarks.smtp_throughput [--quick]``. Rounds of all contenders alternate,
so that a busy machine is busy for all; what counts is the median of each round's ratios.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks import attachment_memory, contenders
from tests.benchmarks.contenders import Contender
from tests.servers.smtp_sink import SmtpSink

_FIELD: dict[str, Contender] = {
    "smtplib, send_message": contenders.by_smtplib_message,
    "smtplib, text": contenders.by_smtplib_text,
    "smtplib, octets": contenders.by_smtplib_octets,
    "smtp-source": contenders.by_smtp_source,
    "bare loop": contenders.by_bare_loop,
    "bare, overlapping": contenders.by_bare_overlap,
    "MailGUI, one by one": contenders.by_mailgui_one_by_one,
    "MailGUI, bulk": contenders.by_mailgui,
}
_OURS = "MailGUI, bulk"
_FASTEST_PEER = "smtplib, octets"
_CEILING = "bare, overlapping"  # it looks at nothing, and one round trip a message is the least


@dataclass(frozen=True)
class Case:
    """A size of message, how many to send, and the ratios to reach."""

    name: str
    size: int
    count: int
    aims: dict[str, float]


def _smtplib(aim: float) -> dict[str, float]:
    """The same aim for each way to use smtplib."""
    return {name: aim for name in _FIELD if name.startswith("smtplib")}


_CASES = (
    Case("1 KB", 1_000, 2_000, _smtplib(2.5) | {"smtp-source": 1.5, "bare loop": 0.6}),
    Case("100 KB", 100_000, 300, _smtplib(3.0) | {"bare loop": 0.75}),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table, return 0 whatever the numbers are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few messages, few rounds")
    parser.add_argument("--memory", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory:
        print(_peak_after(options.port, options.memory))
        return 0
    sink = SmtpSink()
    sink.start()
    try:
        for case in _CASES:
            _compare(case, sink.port, 2 if options.quick else 7, 5 if options.quick else 1)
        _memory(sink.port)
        _attachment()
        _single(sink.port, 20 if options.quick else 100)
    finally:
        sink.stop()
    return 0


def _compare(case: Case, port: int, rounds: int, divisor: int) -> None:
    message = contenders.message_of(case.size)
    count = max(case.count // divisor, 50)
    rates: dict[str, list[float]] = {name: [] for name in _FIELD}
    for contender in _FIELD.values():
        contender(port, message, 20)  # warm
    for _ in range(rounds):
        for name, contender in _FIELD.items():
            rates[name].append(count / contender(port, message, count))
    print(f"\n{case.name}: {count} messages of {message.size:,} octets, {rounds} rounds")
    print(f"{'':22}{'messages/s':>24}{'MailGUI bulk against it':>34}")
    for name, own in rates.items():
        ratios = [ours / theirs for ours, theirs in zip(rates[_OURS], own, strict=True)]
        aim = case.aims.get(name)
        spread = f"{median(ratios):5.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
        verdict = "" if aim is None else f"  aim {aim}: {_verdict(median(ratios) >= aim)}"
        rate = f"{median(own):,.0f} ({min(own):,.0f} to {max(own):,.0f})"
        print(f"{name:22}{rate:>24}{spread:>26}{verdict}")
    most = [bare / slow for bare, slow in zip(rates[_CEILING], rates[_FASTEST_PEER], strict=True)]
    share = [ours / bare for ours, bare in zip(rates[_OURS], rates[_CEILING], strict=True)]
    print(
        f"The most that smtp-sink takes from one connection is {median(most):.2f} times "
        f"{_FASTEST_PEER}; MailGUI reaches {median(share):.2f} of that."
    )


def _memory(port: int) -> None:
    """Compare what a process needs for 1,000 and for 5,000 messages."""
    peaks = []
    for count in (1_000, 5_000):
        words = ["-m", "tests.benchmarks.smtp_throughput", "--memory", count, "--port", port]
        answer = subprocess.run(
            [sys.executable, *map(str, words)], check=True, capture_output=True, text=True
        )
        peaks.append(int(answer.stdout))
    few, many = (peak / 1024 for peak in peaks)
    flat = _verdict(many < few * 1.05 + 1)
    print(f"\nMemory at its highest: {few:.1f} MB for 1,000, {many:.1f} MB for 5,000; flat: {flat}")


def _attachment() -> None:
    """Print what a large attachment costs."""
    costs = attachment_memory.main()
    if costs is None:
        print("What an attachment costs in memory can be measured on Linux only.")
        return
    ways = "; ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    met = _verdict(max(costs.values()) <= 2)
    print(f"Memory for {attachment_memory.SIZE / 1e6:.0f} MB attached, in its sizes: {ways}")
    print(f"aim at most 2: {met}")


def _peak_after(port: int, count: int) -> int:
    """Return this process's highest resident size in KB after so many messages."""
    import resource

    contenders.by_mailgui(port, contenders.message_of(1_000), count)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _single(port: int, count: int) -> None:
    """Compare whole sends, connecting and all, with bare dialogues."""
    message = contenders.message_of(1_000)
    over = []
    for _ in range(7):
        bare = contenders.whole_bare(port, message, count) / count
        ours = contenders.whole_mailgui(port, message, count) / count
        over.append((ours - bare) * 1000)
    print(
        f"A single send costs {median(over):.2f} ms ({min(over):.2f} to {max(over):.2f}) above a "
        f"bare dialogue; aim 3 ms: {_verdict(median(over) <= 3)}"
    )


def _verdict(good: bool) -> str:
    return "met" if good else "MISSED"


if __name__ == "__main__":
    sys.exit(main())

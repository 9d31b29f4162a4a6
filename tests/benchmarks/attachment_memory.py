"""What a 25 MB attachment costs in memory on its way by SMTP, in a process of its own.

Measured is the highest resident size over that of the same process just before, when a small
message has gone the same way; an attachment held in memory counts with its own size.
``tests.benchmarks.smtp_throughput`` prints it.
"""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mailgui.message.attachments import attachment_from_path
from mailgui.message.compose import compose
from mailgui.message.copies import copies
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.message.eml import read_eml
from mailgui.message.outgoing import Outgoing
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import send
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder

SIZE = 25_000_000
_STATUS = Path("/proc/self/status")
_PEOPLE = {"sender": Address("a@good.example"), "to": (Address("b@good.example"),)}
_Make = Callable[[Path], Outgoing]


def main() -> dict[str, float] | None:
    """Return the cost of each way in attachments' sizes; None where it cannot be measured."""
    from tests.servers.smtp_sink import SmtpSink

    if not _STATUS.exists():
        return None
    costs = {}
    sink = SmtpSink()
    sink.start()
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder, "attachment.bin")
            path.write_bytes(bytes(range(256)) * (SIZE // 256))
            for name in WAYS:
                words = ["-m", "tests.benchmarks.attachment_memory", name, sink.port, path]
                answer = subprocess.run(
                    [sys.executable, *map(str, words)], check=True, capture_output=True, text=True
                )
                costs[name] = int(answer.stdout) / SIZE
    finally:
        sink.stop()
    return costs


def _draft(path: Path) -> Draft:
    return Draft(subject="x", text="x", attachments=(attachment_from_path(path),), **_PEOPLE)


def _held(path: Path) -> Draft:
    held = Attachment("a.bin", data=path.read_bytes())
    return Draft(subject="x", text="x", attachments=(held,), **_PEOPLE)


def _stored(path: Path) -> Outgoing:
    file = path.with_suffix(".eml")
    with file.open("wb") as out:
        for chunk in compose(_draft(path)).chunks():
            out.write(chunk)
    return read_eml(file, sender=None, recipients=None)


WAYS: dict[str, tuple[_Make, Plan]] = {
    "a file": (lambda path: compose(_draft(path)), Plan()),
    "a file, by BDAT": (lambda path: compose(_draft(path)), Plan(chunking=True)),
    "held in memory": (lambda path: compose(_held(path)), Plan()),
    "a stored message": (_stored, Plan()),
    "a file, three times": (lambda path: compose(_draft(path)), Plan()),
}


def _cost(name: str, port: int, path: Path) -> int:
    make, plan = WAYS[name]
    small = path.with_name("small.bin")
    small.write_bytes(b"x" * 10_000)
    count = 3 if "times" in name else 1
    asyncio.run(_send(make(small), plan, port, count))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _peak()
    asyncio.run(_send(make(path), plan, port, count))
    return _peak() - before


async def _send(message: Outgoing, plan: Plan, port: int, count: int) -> None:
    settings = SmtpSettings("127.0.0.1", port, tls=TlsMode.NONE)
    recorder = Recorder(Kind.SMTP)
    if count == 1:
        transcript = await send(settings, message, plan=plan, password=None, recorder=recorder)
        assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
        return
    many = copies(message, own_id=True)
    result = await send_bulk(
        settings, many, count=count, plan=plan, password=None, recorder=recorder
    )
    assert result.outcomes == {Outcome.ACCEPTED: count}, result.transcript.summary


def _peak() -> int:
    """Return this process's highest resident size in octets."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(_cost(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))

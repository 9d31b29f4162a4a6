"""A running sandbox for tests, driven by real clients in a thread of their own."""

import asyncio
import gc
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from mailgui.sandbox.sandbox import Sandbox

Result = TypeVar("Result")
Drive = Callable[..., Any]


def _report(context: dict[str, Any]) -> str:
    fault = context.get("exception")
    return context["message"] + "".join(traceback.format_exception(fault) if fault else ())


def drive(work: Callable[[Sandbox], Result], *, delay: float = 0.01) -> Result:
    """Start a sandbox, run ``work`` with it in a thread, stop it; nothing may be left behind."""
    reports: list[str] = []

    async def main() -> Result:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reports.append(_report(context)))
        sandbox = Sandbox(delay=delay)
        await sandbox.start()
        try:
            return await asyncio.to_thread(work, sandbox)
        finally:
            await sandbox.stop()
            # A connection accepted at the last moment may be on its way out.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left or not (await asyncio.wait(left, timeout=20))[1]

    result = asyncio.run(main())
    gc.collect()  # what was not closed says so now
    assert reports == []
    return result


@pytest.fixture(name="drive")
def drive_fixture() -> Drive:
    return drive

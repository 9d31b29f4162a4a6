"""Calls that may block for ever."""

import asyncio
import threading

import pytest

from mailgui.net.threads import in_daemon_thread


def test_results_and_errors_come_back():
    async def main():
        assert await in_daemon_thread(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await in_daemon_thread(divmod, 1, 0)

    asyncio.run(main())


def test_it_runs_on_a_daemon_thread_of_its_own():
    async def main():
        return await in_daemon_thread(threading.current_thread)

    thread = asyncio.run(main())
    assert thread.daemon
    assert thread is not threading.current_thread()


def test_a_call_that_never_ends_does_not_outlive_the_loop():
    release = threading.Event()
    ended = threading.Event()

    def block():
        release.wait()
        ended.set()

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await in_daemon_thread(block)

    asyncio.run(main())
    release.set()
    assert ended.wait(5)

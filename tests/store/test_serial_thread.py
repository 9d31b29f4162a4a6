import asyncio
import threading

import pytest

from mailgui.store.serial_thread import SerialThread


def test_functions_run_in_order_in_one_daemon_thread() -> None:
    seen: list[tuple[int, str, bool]] = []

    async def main() -> None:
        serial = SerialThread("mailgui-test")

        def work(number: int) -> None:
            thread = threading.current_thread()
            seen.append((number, thread.name, thread.daemon))

        await asyncio.gather(*(serial.run(lambda n=n: work(n)) for n in range(20)))
        await serial.close()

    asyncio.run(main())
    assert seen == [(number, "mailgui-test", True) for number in range(20)]
    assert "mailgui-test" not in {thread.name for thread in threading.enumerate()}


def test_faults_reach_whoever_waits() -> None:
    async def main() -> None:
        serial = SerialThread("mailgui-test")
        with pytest.raises(ZeroDivisionError):
            await serial.run(lambda: 1 // 0)
        assert await serial.run(lambda: 7) == 7
        assert serial.unfinished == 0
        await serial.close()

    asyncio.run(main())


def test_a_call_that_never_returns_holds_up_nobody() -> None:
    release = threading.Event()
    ran: list[str] = []

    async def main() -> None:
        serial = SerialThread("mailgui-test")
        with pytest.raises(TimeoutError):
            await serial.run(lambda: release.wait(30), timeout=0.01)
        assert serial.unfinished == 1
        with pytest.raises(TimeoutError):
            await serial.run(lambda: ran.append("late"), timeout=0.01)
        await serial.close(timeout=0.01)
        # After close there is a new thread, which the stuck one does not hold up.
        assert await serial.run(lambda: "again", timeout=10) == "again"
        release.set()
        await serial.close()

    asyncio.run(main())
    assert ran == []


def test_closing_twice_and_unused() -> None:
    async def main() -> None:
        serial = SerialThread("mailgui-test")
        await serial.close()
        await serial.run(lambda: None)
        await serial.close()
        await serial.close()

    asyncio.run(main())

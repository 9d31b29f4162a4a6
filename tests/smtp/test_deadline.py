"""One timer for many waits: what ``asyncio.timeout`` promises holds."""

import asyncio

import pytest

from mailgui.smtp.deadline import Deadline


def test_a_block_that_takes_too_long_ends_in_timeout_error():
    async def main():
        deadline = Deadline()
        for _ in range(2):
            with pytest.raises(TimeoutError), deadline.within(0.001):
                await asyncio.Event().wait()
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    asyncio.run(main())


def test_a_block_in_time_is_left_alone_and_a_shorter_limit_is_kept():
    async def main():
        deadline = Deadline()
        with deadline.within(3600):
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError), deadline.within(0.001):
            await asyncio.Event().wait()
        deadline.close()

    asyncio.run(main())


def test_a_timer_of_an_earlier_block_does_not_end_a_later_one():
    async def main():
        deadline = Deadline()
        with deadline.within(0.001):
            pass
        with deadline.within(3600):
            await asyncio.sleep(0.01)
        deadline.close()

    asyncio.run(main())


def test_a_cancellation_from_elsewhere_passes_through():
    async def main():
        deadline = Deadline()

        async def work():
            with deadline.within(3600):
                await asyncio.Event().wait()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(work())
            await asyncio.sleep(0)
            task.cancel()
        assert task.cancelled()
        deadline.close()

    asyncio.run(main())


def test_blocks_must_not_overlap():
    async def main():
        deadline = Deadline()
        with deadline.within(1), pytest.raises(RuntimeError), deadline.within(1):
            pass
        deadline.close()

    asyncio.run(main())

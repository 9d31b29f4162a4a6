"""CancelOn tells the event from the task's own cancellation."""

import asyncio

import pytest

from mailgui.smtp.cancellation import Cancelled, CancelOn


def test_the_event_ends_the_block():
    async def run():
        event = asyncio.Event()
        asyncio.get_running_loop().call_soon(event.set)
        async with CancelOn(event):
            await asyncio.Event().wait()

    with pytest.raises(Cancelled):
        asyncio.run(run())


def test_an_event_already_set_ends_it_before_it_begins():
    async def run():
        event = asyncio.Event()
        event.set()
        async with CancelOn(event):
            pytest.fail("The block was entered.")

    with pytest.raises(Cancelled):
        asyncio.run(run())


def test_the_tasks_own_cancellation_passes_through():
    async def run():
        async with CancelOn(asyncio.Event()):
            await asyncio.Event().wait()

    async def outer():
        task = asyncio.create_task(run())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(outer())


def test_a_block_that_ends_in_time_is_left_in_peace():
    async def run():
        event = asyncio.Event()
        async with CancelOn(event):
            pass
        event.set()
        await asyncio.sleep(0)
        return asyncio.current_task().cancelling()

    assert asyncio.run(run()) == 0


def test_errors_pass_through():
    async def run():
        async with CancelOn(asyncio.Event()):
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(run())


def test_without_an_event():
    async def run():
        async with CancelOn(None):
            return 1

    assert asyncio.run(run()) == 1

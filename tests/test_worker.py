import asyncio
import concurrent.futures
import logging
import threading

import pytest

from mailgui.worker import Worker, WorkerClosed, describe_exception


@pytest.fixture
def worker():
    made = Worker()
    yield made
    assert made.drain(5)


async def _double(number, *, plus=0):
    await asyncio.sleep(0)
    return number * 2 + plus


def test_the_thread_starts_when_first_needed_and_is_no_daemon(worker):
    assert not worker.running
    handle = worker.submit(_double, 4, plus=1)
    assert handle.result(5) == 9
    assert worker.running
    assert not worker._thread.daemon


def test_work_runs_off_the_callers_thread(worker):
    async def where():
        return threading.current_thread()

    assert worker.submit(where).result(5) is not threading.current_thread()


def test_cancel_is_done_only_after_the_work_has_cleaned_up(worker):
    started, clean = threading.Event(), threading.Event()

    async def work():
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            clean.set()

    handle = worker.submit(work)
    assert started.wait(5)
    handle.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        handle.result(5)
    assert clean.is_set()
    assert handle.cancelled()


def test_cancel_before_the_work_began(worker):
    gate = threading.Event()
    worker.start()
    worker.call_soon(gate.wait, 5)
    handle = worker.submit(asyncio.Event().wait)
    handle.cancel()
    gate.set()
    with pytest.raises(concurrent.futures.CancelledError):
        handle.result(5)


def test_an_answer_to_cancel_may_still_be_a_result(worker):
    started = threading.Event()

    async def stubborn():
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "partial"

    handle = worker.submit(stubborn)
    assert started.wait(5)
    handle.cancel()
    assert handle.result(5) == "partial"


def test_a_fault_reaches_the_handle_and_its_text_never_reaches_the_log(worker, caplog):
    async def fail():
        raise ValueError("password hunter2")

    with caplog.at_level(logging.DEBUG):
        handle = worker.submit(fail)
        assert isinstance(handle.exception(5), ValueError)
        assert worker.drain(5)
    assert "ValueError" in caplog.text
    assert "test_worker.py" in caplog.text
    assert "hunter2" not in caplog.text


def test_faults_of_callbacks_on_the_loop_are_logged_without_their_text(worker, caplog):
    def fail():
        raise ValueError("password hunter2")

    worker.start()
    with caplog.at_level(logging.DEBUG):
        worker.call_soon(fail)
        assert worker.drain(5)
    assert "ValueError" in caplog.text
    assert "hunter2" not in caplog.text


def test_wrong_arguments_raise_at_the_caller(worker):
    with pytest.raises(TypeError):
        worker.submit(_double)


def test_done_callback_gets_the_handle(worker):
    seen = []
    done = threading.Event()
    handle = worker.submit(_double, 1)
    handle.add_done_callback(lambda h: (seen.append(h), done.set()))
    assert done.wait(5)
    assert seen == [handle]


def test_drain_cancels_what_runs_and_work_started_while_winding_up():
    worker = Worker()
    started = threading.Event()
    ended = []

    async def straggler():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("straggler")

    async def work():
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            late = asyncio.get_running_loop().create_task(straggler())
            await asyncio.sleep(0)
            ended.append("work")
            assert not late.done()

    handle = worker.submit(work)
    assert started.wait(5)
    assert worker.drain(5)
    assert handle.cancelled()
    assert ended == ["work", "straggler"]
    assert not worker.running
    with pytest.raises(WorkerClosed):
        worker.submit(_double, 1)


def test_drain_says_when_the_bound_was_not_kept():
    worker = Worker()
    gate, blocked = threading.Event(), threading.Event()

    async def block():
        blocked.set()
        gate.wait(30)

    worker.submit(block)
    assert blocked.wait(5)
    assert not worker.drain(0.01)
    gate.set()
    assert worker.drain(5)


def test_drain_of_a_worker_never_started():
    worker = Worker()
    assert worker.drain()
    worker.call_soon(print, "nothing")
    with pytest.raises(WorkerClosed):
        worker.start()


def test_submissions_from_many_threads_all_end(worker):
    handles = []
    lock = threading.Lock()

    def submit_many():
        for number in range(50):
            handle = worker.submit(_double, number)
            with lock:
                handles.append((number, handle))

    threads = [threading.Thread(target=submit_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(handle.result(5) == number * 2 for number, handle in handles)


def test_describe_exception_without_a_traceback():
    assert describe_exception(KeyError("x")) == "KeyError at an unknown place"

"""A stand-in for the bridge that does the work here and now, for tests of pages."""

import asyncio
from types import SimpleNamespace

from mailgui.ui.bridge import Job, Outlet


class SyncBridge:
    """Runs each coroutine to its end inside ``submit`` and calls back before it returns.

    Attributes:
        submitted: the functions handed in, in order.
        hold: set to True to keep work undone until ``release``; ``cancel`` on its job then tells
            ``on_cancelled``.
    """

    def __init__(self):
        self.submitted = []
        self.hold = False
        self.worker = SimpleNamespace(call_soon=lambda function, *args: function(*args))
        self._held = []

    def submit(
        self,
        function,
        *args,
        on_events=None,
        on_done=None,
        on_failed=None,
        on_cancelled=None,
        stop=None,
        owner=None,
        **kwargs,
    ):
        self.submitted.append(function)
        job = Job(self, stop)

        def cancel():
            job.running = False
            if on_cancelled:
                on_cancelled()

        job._handle = SimpleNamespace(cancel=cancel)

        def run():
            items = []
            outlet = (Outlet(lambda _outlet, item: items.append(item)),) if on_events else ()
            result, error = None, None
            try:
                result = asyncio.run(function(*outlet, *args, **kwargs))
            except Exception as raised:
                error = raised
            if items:
                on_events(items)
            job.running = False
            callback, value = (on_failed, error) if error else (on_done, result)
            if callback:
                callback(value)

        if self.hold:
            self._held.append((job, run))
        else:
            run()
        return job

    def release(self):
        """Do the work that was held, except what was cancelled."""
        held, self._held = self._held, []
        for job, run in held:
            if job.running:
                run()

    def outlet(self, on_events, *, owner=None):
        return Outlet(lambda _outlet, item: on_events([item]))

    def drain(self, timeout=3.0):
        return True

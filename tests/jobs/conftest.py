import asyncio

import pytest

from mailgui.jobs.services import Services


@pytest.fixture
def with_services(tmp_path, monkeypatch):
    """Run ``work(services)`` on a loop of its own, with a home of its own; nothing stays open."""
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))

    def drive(work):
        async def main():
            services = Services()
            try:
                return await work(services)
            finally:
                await services.close()

        return asyncio.run(main())

    return drive

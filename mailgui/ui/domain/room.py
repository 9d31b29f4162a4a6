"""What the rail calls Domain: the checks, and beside them the tools for whoever mends a domain."""

from typing import Any

from mailgui.jobs.services import Services
from mailgui.ui.bridge import Submitter
from mailgui.ui.domain.page import DomainPage
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.page_tabs import PageTabs, State


class DomainRoom(PageTabs):
    """Checks of one domain, of a message, of several domains · DMARC reports · records to make ·
    servers compared.
    """

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        self._bridge, self._services = bridge, services
        super().__init__(
            {
                "checks": ("Checks", self._make_checks),
                "message": ("Message", self._make_message),
                "several": ("Several domains", self._make_several),
                "reports": ("DMARC reports", self._make_reports),
                "records": ("Make records", self._make_records),
                "servers": ("Compare servers", self._make_servers),
            },
            state,
            name="domain-room",
            accessible="What to do with the domain",
        )

    @property
    def checks(self) -> DomainPage:
        """The page of the checks."""
        page = self.page("checks")
        assert isinstance(page, DomainPage)  # noqa: S101 - narrows the type
        return page

    def _make_checks(self, state: State) -> Page:
        return DomainPage(self._bridge, self._services, state)

    def _make_message(self, state: State) -> Page:
        from mailgui.ui.domain.tools.message_view import MessageView

        return MessageView(self._bridge, self._services, state)

    def _make_several(self, state: State) -> Page:
        from mailgui.ui.domain.tools.several_view import SeveralView

        view = SeveralView(self._bridge, self._services, state)
        view.opened.connect(self._open)
        return view

    def _open(self, domain: str) -> None:
        """Show one of several domains in full, asked where they were asked."""
        several: Any = self.page("several")
        self.show_page("checks")
        self.checks.ask_server(several.ask.key)
        self.checks.check(domain)

    def _make_reports(self, _state: State) -> Page:
        from mailgui.ui.domain.tools.reports_view import ReportsView

        return ReportsView(self._bridge)

    def _make_records(self, state: State) -> Page:
        from mailgui.ui.domain.tools.records_view import RecordsView

        return RecordsView(self._bridge, self._services, state)

    def _make_servers(self, state: State) -> Page:
        from mailgui.ui.domain.tools.servers_view import ServersView

        return ServersView(self._bridge, self._services, state)

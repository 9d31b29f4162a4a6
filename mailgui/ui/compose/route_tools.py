"""What of the page leads beyond one server and one message: MX matrix, direct sending, many."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from mailgui.jobs.many import ManyOrder
from mailgui.jobs.services import Services
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose.many_controller import ManyController
from mailgui.ui.compose.matrix_controller import MatrixController, recipient_domain
from mailgui.ui.compose.matrix_run import ManyDirect, RouteChoice

if TYPE_CHECKING:
    from mailgui.ui.compose.page import ComposePage


class RouteTools(QObject):
    """Joins the tabs MX matrix and Many to the page.

    Attributes:
        matrix, many: what runs them.
    """

    def __init__(self, bridge: Submitter, services: Services, page: "ComposePage") -> None:
        super().__init__(page)
        self._page = page
        pane = page.exchange
        self.matrix = MatrixController(bridge, services, pane.matrix, page.draft)
        self.many = ManyController(bridge, services, pane.many, self._order)
        page.bar.tools.matrix_asked.connect(self.open_matrix)
        page.bar.tools.many_asked.connect(self.open_many)
        page.bar.policies_changed.connect(self._policies_chosen)
        page.bar.road_changed.connect(self.offer_ways)
        pane.matrix.choice_changed.connect(self._choice_changed)
        self.many.unsendable.connect(page.message.show_problem)

    @property
    def choice(self) -> RouteChoice:
        """How to get to mail exchangers."""
        return self._page.exchange.matrix.choice

    @property
    def running(self) -> bool:
        """Whether the matrix or many messages are under way."""
        return self.matrix.running or self.many.running

    @Slot()
    def open_matrix(self) -> None:
        """Bring the MX matrix to the front, with the recipients' domain in its field."""
        view = self._page.exchange.matrix
        if not view.domain.text().strip():
            view.domain.setText(recipient_domain(self._page.draft()))
        self._page.exchange.choose("matrix")
        view.focus_first()

    @Slot()
    def probe_recipients(self) -> None:
        """See who takes the mail of the recipients' domain."""
        self._page.exchange.choose("matrix")
        self.matrix.probe_domain(recipient_domain(self._page.draft()))

    @Slot()
    def open_many(self) -> None:
        """Bring the tab Many to the front."""
        self.offer_ways()
        self._page.exchange.choose("many")
        self._page.exchange.many.focus_first()

    @Slot()
    def offer_ways(self) -> None:
        """Offer the batch call of the chosen profile's provider, where it has one."""
        road = self._page.bar.road
        self._page.exchange.many.set_provider(road.provider if road else None)

    def _order(self, count: int, connections: int) -> ManyOrder | ManyDirect | str:
        road = self._page.bar.road
        if road is None:
            return "There is no profile to send with; add one under Profiles."
        if self._page.controller.running:
            return "A message is being sent; wait for its end."
        self._page.message.clear_marks()
        if road.direct:
            return ManyDirect(self._page.draft(), self.choice, count, connections)
        return ManyOrder(
            road.profile, self._page.draft(), count, connections, self._page.exchange.many.batch
        )

    @Slot(bool, bool)
    def _policies_chosen(self, mta_sts: bool, dane: bool) -> None:
        self._page.exchange.matrix.set_policies(mta_sts=mta_sts, dane=dane)

    @Slot()
    def _choice_changed(self) -> None:
        choice = self.choice
        self._page.bar.set_policies(mta_sts=choice.mta_sts, dane=choice.dane)

"""The Compose page beyond one server and one message: MX matrix, direct sending, many messages."""

from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.message.draft import Address

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage


def states(stage: "Stage") -> None:
    """Draw them."""
    compose = stage.window.compose
    stage.window.show_page("compose")
    stage.wait("the sample draft", lambda: compose.draft().subject != "")
    sample = replace(compose.draft(), to=(Address("first@good.example"),), cc=(), bcc=())
    compose.set_draft(sample)
    routes, pane = compose.routes, compose.exchange
    routes.open_matrix()
    stage.shoot("compose-matrix-new")
    pane.matrix.ask.restore((), "sandbox")
    for domain in ("good.example", "broken.example"):
        routes.matrix.probe_domain(domain)
        stage.wait(f"probing {domain}", lambda: not compose.busy)
        stage.shoot(f"compose-matrix-{domain.partition('.')[0]}")
    stage.send("Direct to MX", sample)
    stage.shoot("compose-direct")
    compose.choose_profile("Sandbox SMTP")
    routes.open_many()
    stage.shoot("compose-many-new")
    pane.many.count.setText("500")
    pane.many.connections.setText("4")
    routes.many.start()
    stage.wait("sending many", lambda: not compose.busy)
    stage.shoot("compose-many")
    compose.set_draft(replace(sample, to=(Address("busy@good.example"),)))
    pane.many.count.setText("5")
    routes.many.start()
    stage.wait("failing many", lambda: not compose.busy)
    stage.shoot("compose-many-failures")

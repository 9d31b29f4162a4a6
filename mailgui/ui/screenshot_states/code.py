"""The tab Code: programs of both roads, what has none, and a secret written out."""

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
    compose.set_draft(replace(compose.draft(), to=(Address("first@good.example"),), cc=(), bcc=()))
    view = compose.exchange.code
    compose.code.open()

    def shoot(profile: str, kind: str) -> None:
        compose.choose_profile(profile)
        view.choice.set_key(kind)
        view.changed.emit()
        stage.wait(f"code for {kind}", lambda: not compose.code.busy)
        stage.shoot(f"compose-code-{kind}")

    for kind in ("curl", "php", "httpx"):
        shoot("Sandbox API", kind)
    for kind in ("smtplib", "swaks", "nodemailer", "go", "raw", "requests"):
        shoot("Sandbox SMTP", kind)
    view.choice.set_key("smtplib")
    view.inline.setChecked(True)
    stage.wait("the secret", lambda: not compose.code.busy)
    stage.shoot("compose-code-secret")
    view.inline.setChecked(False)
    compose.show_tab("transcript")

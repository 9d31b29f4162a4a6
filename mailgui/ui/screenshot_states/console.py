"""The console, every sign-in, a server's offers, a good certificate chain and a refused one."""

from typing import TYPE_CHECKING

from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage

_TYPED = ("NOOP", "MAIL FROM:<you@good.example>", "RCPT TO:<refuse@good.example>")


def console_states(stage: "Stage") -> None:
    """Draw them; the window must have its draft."""
    compose = stage.window.compose
    stage.window.show_page("compose")
    compose.choose_profile("Sandbox SMTP")
    _console(stage)
    compose.test_connection()
    stage.wait("the connection test", lambda: not compose.busy)
    server, tls = compose.exchange.server, compose.exchange.tls
    compose.show_tab("server")
    stage.wait("what is used", lambda: any(row.use for row in server.model.rows))
    stage.shoot("compose-server-offers")
    server.show_part("sign-ins")
    stage.shoot("compose-sign-ins-new")
    compose.tools.try_sign_ins()
    stage.wait("every sign-in", lambda: not compose.tools.probing)
    stage.shoot("compose-sign-ins")
    server.show_part("offers")
    compose.show_tab("tls")
    tls.tree.choose(0)
    stage.shoot("compose-tls-chain")
    _refused(stage)


def _console(stage: "Stage") -> None:
    tools, view = stage.window.compose.tools, stage.window.compose.exchange.console
    tools.open_console()
    stage.shoot("compose-console-new")
    view.reach.set_key("auth")
    view.connect_button.click()
    stage.wait("the console's connection", lambda: view.state.open and not view.state.waiting)
    for line in _TYPED:
        before = len(view.transcript.table.model_.events)
        view.line.entered.emit(line)
        stage.wait(
            line,
            lambda before=before: (  # type: ignore[misc]
                len(view.transcript.table.model_.events) > before + 1 and not view.state.waiting
            ),
        )
    view.line.setText("RCPT TO:<")
    stage.shoot("compose-console")
    view.line.clear()
    view.drop.click()
    stage.wait("dropping the console", lambda: not tools.console.running)
    stage.shoot("compose-console-dropped")


def _refused(stage: "Stage") -> None:
    """Ask the sandbox for TLS without trusting its authority."""
    from mailgui.jobs.services import Services

    compose = stage.window.compose
    sandbox = stage.window._services.sandbox  # noqa: SLF001 - the driver stands beside the window
    settings = SmtpSettings(sandbox.smtp.host, sandbox.smtp.port, tls=TlsMode.STARTTLS)
    name = "Refused certificate"
    store = Services().profiles
    if store.load().find(name) is None:
        store.add(Profile(name, settings))
    else:
        store.replace(name, Profile(name, settings))
    compose.profiles_changed()
    stage.wait("the profile", lambda: compose.bar._roads.find(name) is not None)  # noqa: SLF001
    compose.choose_profile(name)
    compose.test_connection()
    stage.wait("the refused handshake", lambda: not compose.busy)
    compose.show_tab("tls")
    stage.shoot("compose-tls-refused")
    compose.choose_profile("Sandbox SMTP")
    store.remove(name)
    compose.profiles_changed()

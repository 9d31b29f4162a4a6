"""The start of a dialogue: the server's greeting, ours, and STARTTLS."""

import socket

from mailgui.smtp import commands
from mailgui.smtp.capabilities import Capabilities, parse_ehlo
from mailgui.smtp.faults import Refusal, SmtpFault
from mailgui.smtp.plan import Greeting
from mailgui.smtp.protocol import ReplyReceived, Verdict
from mailgui.smtp.wire import Wire
from mailgui.transcript import EhloAnswer, Layer, Stage


async def banner(wire: Wire) -> None:
    """Wait for the server's greeting. Raises SessionEnd."""
    with wire.recorder.phase("banner"):
        await wire.send(commands.BANNER)
        received = await wire.reply()
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused the connection in its greeting")


async def greet(wire: Wire, greeting: Greeting, name: str | None) -> EhloAnswer:
    """Introduce ourselves and return what the server can do. Raises SessionEnd.

    AUTO falls back to HELO where EHLO is refused as such (RFC 5321, section 3.2): not on 421 or
    another temporary refusal, which concern the server's state, and not on 554, its whole
    service.
    """
    own_name = name or _own_name(wire)
    verb = "EHLO" if greeting is Greeting.AUTO else greeting.value
    with wire.recorder.phase("ehlo") as phase:
        if wire.recorder.tls:
            phase.note = "inside TLS"
        received = await wire.exchange(commands.greet(verb, own_name))
        if greeting is Greeting.AUTO and _speaks_no_ehlo(received):
            wire.recorder.info(
                "The server refused EHLO; trying HELO.", layer=Layer.SMTP, stage=Stage.EHLO
            )
            verb = "HELO"
            received = await wire.exchange(commands.greet(verb, own_name))
        if received.verdict is not Verdict.OK:
            raise Refusal(received, f"The server refused {verb} {own_name}")
    return parse_ehlo(received.reply, tls=wire.recorder.tls)


async def starttls(wire: Wire, offers: Capabilities, *, required: bool, anyway: bool) -> bool:
    """Ask for TLS; return whether the server is ready for the handshake. Raises SessionEnd.

    ``offers``: what to look for STARTTLS in; ``anyway``: ask even where it is not offered.
    """
    if not anyway and "STARTTLS" not in offers:
        return _without_tls(wire, required)
    with wire.recorder.phase("starttls"):
        received = await wire.exchange(commands.STARTTLS)
        if received.verdict is Verdict.OK:
            await wire.check_quiet()
            return True
        refusal = Refusal(received, "The server refused STARTTLS")
        if required or received.closing or received.verdict is Verdict.UNEXPECTED:
            raise refusal
    wire.recorder.info(
        f"{refusal.sentence} Going on without TLS, since it was optional.",
        layer=Layer.SMTP,
        stage=Stage.STARTTLS,
    )
    return False


def _without_tls(wire: Wire, required: bool) -> bool:
    if required:
        raise SmtpFault(
            Stage.STARTTLS,
            "starttls_not_offered",
            "The server does not offer STARTTLS, and the connection must be encrypted; nothing "
            "more was sent. Someone on the way may also have removed the offer.",
            usable=True,
        )
    wire.recorder.info(
        "The server does not offer STARTTLS; going on without TLS, since it was optional.",
        layer=Layer.SMTP,
        stage=Stage.STARTTLS,
    )
    return False


def _speaks_no_ehlo(received: ReplyReceived) -> bool:
    return received.verdict is Verdict.REFUSED and received.reply.code != 554


def _own_name(wire: Wire) -> str:
    """Return this machine's full name or, without one, an address literal (RFC 5321, 4.1.3)."""
    name = socket.gethostname()
    if "." in name.strip(".") and name.isascii():
        return name
    address = wire.stream.local.host
    if ":" in address:
        return f"[IPv6:{address.partition('%')[0]}]"
    return f"[{address}]" if address[:1].isdigit() else "localhost"

"""The start of a dialogue: the server's greeting, ours, STARTTLS, and posing as somebody else."""

import socket

from mailgui.smtp import commands
from mailgui.smtp.arguments import xclient_attribute
from mailgui.smtp.capabilities import Capabilities, parse_ehlo
from mailgui.smtp.faults import Refusal, SmtpFault
from mailgui.smtp.parameters import on_purpose
from mailgui.smtp.protocol import ReplyReceived, Verdict
from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.smtp.steps import Greeting, XClient
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
    announced = name or own_name(wire)
    verb = "EHLO" if greeting is Greeting.AUTO else greeting.value
    with wire.recorder.phase("ehlo") as phase:
        if wire.recorder.tls:
            phase.note = "inside TLS"
        received = await wire.exchange(commands.greet(verb, announced))
        if greeting is Greeting.AUTO and _speaks_no_ehlo(received):
            wire.recorder.info(
                "The server refused EHLO; trying HELO.", layer=Layer.SMTP, stage=Stage.EHLO
            )
            verb = "HELO"
            received = await wire.exchange(commands.greet(verb, announced))
        if received.verdict is not Verdict.OK:
            raise Refusal(received, f"The server refused {verb} {announced}")
    return parse_ehlo(received.reply, tls=wire.recorder.tls)


async def starttls(wire: Wire, offers: Capabilities, *, required: bool, anyway: bool) -> bool:
    """Ask for TLS; return whether the server is ready for the handshake. Raises SessionEnd.

    ``offers``: what to look for STARTTLS in; ``anyway``: ask even where it is not offered.
    """
    if "STARTTLS" not in offers:
        if not anyway:
            return _without_tls(wire, required)
        remark = on_purpose("STARTTLS, although the server does not offer it")
        wire.recorder.info(remark, layer=Layer.SMTP, stage=Stage.STARTTLS)
    with wire.recorder.phase("starttls"):
        received = await wire.exchange(commands.STARTTLS)
        if received.verdict is Verdict.OK:
            # A connection that has ended by now is the handshake's fault, which is told there.
            await wire.check_quiet(but_for_its_end=True)
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


async def announce_proxy(wire: Wire, header: ProxyHeader) -> None:
    """Send the PROXY protocol's header; the server answers by its greeting only."""
    recorder = wire.recorder
    with recorder.phase("proxy"):
        recorder.info(
            f"PROXY protocol, version {header.version}: {header.words}.",
            layer=Layer.TCP,
            stage=Stage.CONNECT,
        )
        recorder.sent(header.octets, layer=Layer.TCP, stage=Stage.CONNECT)
        await wire.write(header.octets)


async def xclient(wire: Wire, offers: Capabilities, step: XClient) -> None:
    """Pose as another client; the server begins afresh, and wants to be greeted. Raises SessionEnd.

    The server must offer XCLIENT, and every attribute: it offers them to clients it trusts only.
    """
    offered = [name.upper() for name in offers.parameters("XCLIENT")]
    with wire.recorder.phase("xclient"):
        if "XCLIENT" not in offers:
            sentence = "The server does not offer XCLIENT; it does so only to addresses it trusts"
            _must(wire, "xclient_not_offered", sentence, anyway=step.although_not_offered)
        else:
            missing = [name for name, _ in step.attributes if name.upper() not in offered]
            if missing and not step.raw:
                sentence = f"The server's XCLIENT does not take {', '.join(missing)}"
                slug = "xclient_attribute_not_offered"
                _must(wire, slug, sentence, anyway=step.although_not_offered)
        words = step.raw or " ".join(xclient_attribute(*pair) for pair in step.attributes)
        received = await wire.exchange(commands.xclient(words))
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused XCLIENT")


def _must(wire: Wire, slug: str, sentence: str, *, anyway: bool) -> None:
    if not anyway:
        raise SmtpFault(Stage.EHLO, slug, f"{sentence}. Nothing was sent.", usable=True)
    wire.recorder.info(on_purpose(sentence), layer=Layer.SMTP, stage=Stage.EHLO)


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


def own_name(wire: Wire) -> str:
    """Return this machine's full name or, without one, an address literal (RFC 5321, 4.1.3)."""
    name = socket.gethostname()
    if "." in name.strip(".") and name.isascii():
        return name
    address = wire.stream.local.host
    if ":" in address:
        return f"[IPv6:{address.partition('%')[0]}]"
    return f"[{address}]" if address[:1].isdigit() else "localhost"

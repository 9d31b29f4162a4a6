"""Knocking at one address of a mail exchanger: greeting, offers, TLS and certificate; no mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import send
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import Banner, Connect, Greet, Handshake, Quit, StartTls
from mailgui.transcript import (
    Kind,
    Layer,
    Observer,
    Outcome,
    Recorder,
    Stage,
    TlsSummary,
    Transcript,
)

Reach = Literal["open", "refused", "timed_out", "unreachable", "blocked", "failed"]
Certificate = Literal["valid", "refused", "none"]
TIMEOUT = 15.0  # seconds for connecting and for each reply: postscreen waits 6 before its greeting
_SMTP_PORT = 25
_REACHES: dict[str, Reach] = {
    "refused": "refused",
    "timed_out": "timed_out",
    "unreachable": "unreachable",
    "source_address": "unreachable",
    "blocked": "blocked",
}
_KNOCK = Plan(
    steps=(
        Connect(),
        Banner(),
        Greet(),
        StartTls(required=False),
        Handshake(agreed=True),
        Greet(again=True),
        Quit(),
    )
)


@dataclass(frozen=True, slots=True)
class MxProbe:
    """What one address of a mail exchanger did.

    Attributes:
        reach: ``open`` (it took the connection), ``refused``, ``timed_out`` (nothing came back:
            down, or a network on the way lets nobody out to that port), ``unreachable`` (no route
            from here), ``blocked`` (this machine's own firewall), ``failed``.
        banner: the text of its greeting, without the code.
        answered: it greeted and answered EHLO.
        offers, offers_in_tls: what it says it can do, before and inside TLS.
        starttls: whether it offers STARTTLS.
        tls: the handshake, also one that failed.
        certificate: ``valid`` for ``host`` by the system's trust, ``refused``, or ``none`` shown.
        problem: what went wrong, in a sentence; empty when nothing did.
    """

    host: str
    address: str
    port: int
    preference: int
    transcript: Transcript
    reach: Reach
    banner: str = ""
    answered: bool = False
    offers: Capabilities = field(default_factory=Capabilities)
    offers_in_tls: Capabilities | None = None
    starttls: bool = False
    tls: TlsSummary | None = None
    certificate: Certificate = "none"
    problem: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether a TLS connection came about, whatever the certificate."""
        return self.offers_in_tls is not None

    @property
    def best_offers(self) -> Capabilities:
        """What it offers inside TLS, or else before."""
        return self.offers_in_tls or self.offers

    @property
    def fault(self) -> str:
        """What is wrong with the certificate, in a sentence; empty when nothing is."""
        return (self.tls.fault or "") if self.tls else ""


async def probe_mx(
    host: str,
    address: str,
    port: int = _SMTP_PORT,
    *,
    preference: int = 0,
    timeout: float = TIMEOUT,
    helo: str | None = None,
    ca_file: str | None = None,
    base: SmtpSettings | None = None,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
) -> MxProbe:
    """Return how ``address``, one of the addresses of ``host``, behaves as a mail exchanger.

    Connects, waits for the greeting, says EHLO, begins TLS where offered, says EHLO again, QUIT. A
    certificate that is refused is shown as such, and a second connection, on which nothing is
    verified and nothing secret travels, tells what the server offers inside TLS. ``timeout``:
    seconds for connecting and for each reply. ``base`` gives source address, proxy and the like.
    Never raises for what network and server do.
    """
    settings = replace(
        base or SmtpSettings(host),
        host=address,  # with a proxy, too, it is this one of the host's addresses
        port=port,
        tls_server_name=host,
        tls=TlsMode.STARTTLS,
        tls_verify=True,
        username="",
        auth=None,
        timeout=timeout,
    )
    settings = replace(settings, helo=helo or settings.helo, tls_ca=ca_file or settings.tls_ca)
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    recorder = Recorder(Kind.SMTP, f"{host} at {place}", peer=place, observer=observer)

    async def knock(with_settings: SmtpSettings, told: Recorder) -> Transcript:
        return await send(
            with_settings,
            None,
            plan=_KNOCK,
            password=None,
            recorder=told,
            cancel=cancel,
        )

    transcript = await knock(settings, recorder)
    refused = transcript.fault or ""
    if refused.startswith("certificate_") and transcript.tls is not None:
        recorder.info(
            "Connecting again without verifying, only to see what is offered inside TLS.",
            layer=Layer.SMTP,
            stage=Stage.TLS,
        )
        recorder.tls = False
        second = await knock(replace(settings, tls_verify=False), recorder)
        tls = transcript.tls
        if second.tls is not None:
            tls = replace(
                second.tls, verified=False, fault=tls.fault, chain=tls.chain or second.tls.chain
            )
        transcript = replace(
            second, tls=tls, fault=refused, summary=transcript.summary, ehlo=second.ehlo
        )
    return _read(transcript, host, address, port, preference)


def port_seems_blocked(probes: Iterable[MxProbe]) -> bool:
    """Return whether the network on this side seems to let nobody out to port 25: several
    addresses were tried there, and from none came any answer, not even a refusal.
    """
    tried = [probe for probe in probes if probe.port == _SMTP_PORT]
    silent = [probe for probe in tried if probe.reach in ("timed_out", "blocked")]
    routed = [probe for probe in tried if probe.reach != "unreachable"]
    return len(silent) >= 2 and len(silent) == len(routed)


def _read(transcript: Transcript, host: str, address: str, port: int, preference: int) -> MxProbe:
    """Return what a finished transcript tells."""
    clear = [answer for answer in transcript.ehlo if not answer.tls]
    inside = [answer for answer in transcript.ehlo if answer.tls]
    offers = Capabilities(clear[0] if clear else None)
    fault = transcript.fault or ""
    certificate: Certificate = "none"
    if transcript.tls is not None and transcript.tls.chain:
        certificate = "valid" if transcript.tls.verified else "refused"
    completed = transcript.outcome is Outcome.COMPLETED and not fault
    return MxProbe(
        host=host,
        address=address,
        port=port,
        preference=preference,
        transcript=transcript,
        reach=_reach(transcript),
        banner=_banner(transcript),
        answered=bool(clear),
        offers=offers,
        offers_in_tls=Capabilities(inside[-1]) if inside else None,
        starttls="STARTTLS" in offers,
        tls=transcript.tls,
        certificate=certificate,
        problem="" if completed else transcript.summary,
    )


def _reach(transcript: Transcript) -> Reach:
    if transcript.stage not in (Stage.CONNECT, Stage.DNS) or not transcript.fault:
        return "open"
    return _REACHES.get(transcript.fault, "failed")


def _banner(transcript: Transcript) -> str:
    for event in transcript.events:
        if event.stage is Stage.BANNER and event.octets:
            return event.text[4:] if event.text[:3].isdigit() else event.text
    return ""

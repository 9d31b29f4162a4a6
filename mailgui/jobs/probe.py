"""Testing the connection to an e-mail API: name, connection and TLS, and no request."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.api.template import fill
from mailgui.jobs.request import provider_of
from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.errors import NetworkFault
from mailgui.net.http_request import parse_target
from mailgui.net.stream import Endpoint, Stream
from mailgui.transcript import Layer, Outcome, Recorder, Stage, Transcript

if TYPE_CHECKING:
    from mailgui.api.definition import Provider
    from mailgui.net.resolver import Resolver


async def probe_api(
    settings: ApiSettings,
    recorder: Recorder,
    cancel: asyncio.Event | None = None,
    secrets: Mapping[str, str] | None = None,
    resolver: "Resolver | None" = None,
) -> Transcript:
    """Connect to the account's base URL, make TLS where it is https, and close.

    ``secrets`` may hold its proxy's password; the key is not used. Never raises for the network's
    faults: they are the transcript's outcome. Raises UnknownProvider.
    """
    provider = provider_of(settings)
    try:
        target = parse_target(settings.base_url or _own_url(provider, settings))
    except NetworkFault as fault:
        return _failed(fault, recorder)
    endpoint = target.endpoint
    recorder.peer = str(endpoint)
    probing = asyncio.ensure_future(
        _connect(endpoint, target.scheme == "https", settings, recorder, secrets, resolver)
    )
    stopping = asyncio.ensure_future(cancel.wait() if cancel else asyncio.Event().wait())
    try:
        await asyncio.wait({probing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not probing.done():
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)
            return recorder.finish(Outcome.CANCELLED, summary="Cancelled before it was connected.")
        return _conclude(probing, endpoint, recorder)
    finally:
        stopping.cancel()


def _own_url(provider: "Provider", settings: ApiSettings) -> str:
    values = provider.option_values(settings.options)
    return str(fill(provider.base_url(values), {k: v for k, v in values.items() if v}))


async def _connect(
    endpoint: Endpoint,
    secure: bool,
    settings: ApiSettings,
    recorder: Recorder,
    secrets: Mapping[str, str] | None,
    resolver: "Resolver | None",
) -> Stream:
    from mailgui.api.connection import http_settings

    http = http_settings(settings, f"{'https' if secure else 'http'}://{endpoint}", secrets)
    stream = await open_stream(
        endpoint,
        recorder=recorder,
        timeout=settings.timeout,
        settings=ConnectSettings(proxy=http.proxy, proxy_ca=http.ca_file),
        resolver=resolver,
    )
    if secure:
        from mailgui.net.tls import TlsSettings, start_tls

        tls = TlsSettings(
            verify=http.verify,
            ca_file=http.ca_file,
            client_cert=http.client_cert,
            client_key=http.client_key,
            alpn=("h2", "http/1.1") if http.http2 else ("http/1.1",),
        )
        stream = await start_tls(
            stream, tls, endpoint.host, recorder=recorder, timeout=settings.timeout
        )
    await stream.close()
    return stream


def _conclude(
    probing: "asyncio.Future[Stream]", endpoint: Endpoint, recorder: Recorder
) -> Transcript:
    try:
        stream = probing.result()
    except NetworkFault as fault:
        return _failed(fault, recorder)
    stage = Stage.TLS if stream.tls else Stage.CONNECT
    sentence = (
        f"{endpoint} can be reached. No request was sent: nothing was mailed, no key was tried."
    )
    recorder.info(sentence, layer=Layer.TCP, stage=stage)
    return recorder.finish(Outcome.COMPLETED, stage=stage, summary=sentence, tls=stream.tls)


def _failed(fault: NetworkFault, recorder: Recorder) -> Transcript:
    recorder.error(fault.sentence, layer=Layer.TCP, stage=fault.stage)
    return recorder.finish(
        Outcome.FAILED,
        stage=fault.stage,
        summary=fault.sentence,
        fault=fault.kind,
        tls=fault.tls,
    )

"""The views of one conversation: Compose shows them as it happens, History as it was."""

from typing import Protocol

from mailgui.transcript import Transcript
from mailgui.ui.compose.http_side import HttpSide, request_of, response_of
from mailgui.ui.compose.server_view import ServerView
from mailgui.ui.compose.timing_view import TimingView
from mailgui.ui.compose.tls_view import TlsView
from mailgui.ui.widgets.transcript_view import TranscriptView

TABS = (
    ("transcript", "Transcript"),
    ("timing", "Timing"),
    ("request", "Request"),
    ("response", "Response"),
    ("tls", "TLS"),
    ("server", "Server"),
    ("findings", "Findings"),
)
"""Each view's key, which is also its attribute, and what its tab says."""


class Views(Protocol):
    """Whoever has the views."""

    transcript: TranscriptView
    timing: TimingView
    request: HttpSide
    response: HttpSide
    tls: TlsView
    server: ServerView


def show_conversation(views: Views, transcript: Transcript) -> None:
    """Show a conversation that has ended in all of them; of requests the last one."""
    views.transcript.set_events(transcript.events)
    views.timing.show_transcript(transcript)
    views.server.show_answers(transcript.ehlo)
    views.tls.show_tls(transcript.tls)
    if transcript.exchanges:
        exchange, events = transcript.exchanges[-1], transcript.events
        views.request.show_side(request_of(exchange, events))
        views.response.show_side(response_of(exchange, events))
    else:
        views.request.clear()
        views.response.clear()

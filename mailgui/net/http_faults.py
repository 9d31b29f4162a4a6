"""What is wrong with an answer that is no proper HTTP, in a person's words."""

import re

from mailgui.net.errors import NetworkFault
from mailgui.net.http_trace import HttpTrace
from mailgui.transcript import Stage, octets_to_text

_LONGEST = 100  # characters of the answer in a sentence
_QUOTED = re.compile(r"""(?:bytearray\()?b(['"])(.*?)(?:\\r\\n)?\1\)?(?: \(expected.*)?$""")
_MEANINGS = (
    ("illegal status line", "its first line is no status"),
    ("illegal header line", "a header line is malformed"),
    ("illegal header", "a header is malformed"),
    ("illegal chunk header", "a piece of its body does not say how long it is"),
    ("malformed chunk footer", "a piece of its body is longer than it says"),
    ("continuation line", "its headers begin in the middle of one"),
    ("receive buffer too long", "a line of it has no end"),
    ("conflicting content-length", "it names two lengths that differ"),
    ("bad content-length", "its Content-Length is no number"),
    ("transfer-encoding", "its Transfer-Encoding is none that HTTP knows"),
    ("_switch_", "it switches to another protocol, which nobody asked for"),
    ("status_code should be", "its status is out of range"),
    ("no response line", "it has no first line"),
)
"""h11's messages, by what they hold in lower case."""


def protocol_fault(error: Exception, trace: HttpTrace, peer: str) -> NetworkFault:
    """Return the NetworkFault that an error of h11's or httpcore's means."""
    trace.received.flush()
    text = str(error)
    opening = trace.received.opening
    if opening and not opening.startswith(b"HTTP/"):
        line = octets_to_text(trace.recorder.masker.octets(opening))[:_LONGEST]
        sentence = f"{peer} answered, but not in HTTP (“{line}”)."
        return NetworkFault(trace.stage, "http_malformed", sentence)
    if "without sending a response" in text:
        sentence = f"{peer} closed the connection without an answer."
        return NetworkFault(trace.stage, "lost", sentence)
    if "without sending complete message body" in text or "incomplete chunked read" in text:
        sentence = f"{peer} closed the connection before the answer was complete."
        return NetworkFault(Stage.RECEIVE, "http_truncated", sentence)
    # What it quotes of the answer may be a secret that was sent.
    said = octets_to_text(trace.recorder.masker.octets(text.encode()))
    sentence = f"{peer} did not answer in proper HTTP: {_meaning(said)}."
    return NetworkFault(trace.stage, "http_malformed", sentence)


def _meaning(text: str) -> str:
    lower = text.lower()
    words = next((words for mark, words in _MEANINGS if mark in lower), "")
    if not words:
        return text[: 2 * _LONGEST]
    quoted = _QUOTED.search(text)
    return f"{words} (“{quoted[2][:_LONGEST]}”)" if quoted else words

"""What the console says about itself."""

from mailgui.smtp.console_state import ConsoleState, Mode
from mailgui.transcript import Stage

DEPTHS = (
    (Stage.BANNER.value, "Connection only"),
    (Stage.EHLO.value, "EHLO"),
    (Stage.TLS.value, "TLS"),
    (Stage.AUTH.value, "Sign-in"),
)

HELPERS = (
    ("ehlo", "EHLO", "Greet the server; it answers with what it can do"),
    ("starttls", "STARTTLS", "Ask for TLS and make the handshake"),
    ("mail", "MAIL", "Name the draft's sender, with the parameters that it needs"),
    ("rcpt", "RCPT", "Name each of the draft's recipients"),
    ("data", "DATA", "Send the draft, with its end"),
    ("bdat", "BDAT", "Send the draft as chunks (needs CHUNKING)"),
    ("quit", "QUIT", "Say goodbye"),
)

PROMPTS = {Mode.COMMAND: ">", Mode.ANSWER: "334", Mode.DATA: "text", Mode.CHUNK: "octets"}

_HINTS = {
    Mode.COMMAND: "A command; Tab completes, Up and Down bring back what was typed",
    Mode.ANSWER: "The answer to the 334, in base64: it is never shown; * breaks off",
    Mode.DATA: "The message's text, as it goes out; a lone dot ends it",
}


def hint(state: ConsoleState) -> str:
    """Return what can be typed now."""
    if not state.open:
        return "Connect first"
    if state.mode is Mode.CHUNK:
        octets = "octet" if state.left == 1 else "octets"
        return f"Text, with CRLF after each line: {state.left:,} {octets} are still due"
    return _HINTS[state.mode]


def standing(state: ConsoleState, *, running: bool) -> str:
    """Return in a few words how the connection stands."""
    if not state.open:
        return "Connecting…" if running else "Not connected"
    words = "Connected, inside TLS" if state.tls else "Connected, no TLS"
    return f"{words} · waiting for {state.waiting}" if state.waiting else words

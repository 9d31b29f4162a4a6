"""The conversation, the record and the documents that the gallery shows."""

import json

from mailgui.transcript import Direction, Event, Layer

_LINES = (
    (0.0, "info", "tcp", False, "connecting to 127.0.0.1:2525"),
    (0.3, "info", "tcp", False, "connected"),
    (0.9, "received", "smtp", False, "220 sandbox ESMTP MailGUI"),
    (1.0, "sent", "smtp", False, "EHLO desk"),
    (1.4, "received", "smtp", False, "250-sandbox"),
    (1.4, "received", "smtp", False, "250-SIZE 33554432"),
    (1.4, "received", "smtp", False, "250 STARTTLS"),
    (1.5, "sent", "smtp", False, "STARTTLS"),
    (1.9, "received", "smtp", False, "220 ready for TLS"),
    (6.2, "info", "tls", True, "TLSv1.3 · TLS_AES_256_GCM_SHA384 · certificate verified"),
    (6.3, "sent", "smtp", True, "EHLO desk"),
    (6.7, "received", "smtp", True, "250 AUTH PLAIN LOGIN SCRAM-SHA-256"),
    (6.8, "sent", "smtp", True, "AUTH PLAIN ••••••••"),
    (7.9, "received", "smtp", True, "235 2.7.0 authenticated as hello@example.com"),
    (8.0, "sent", "smtp", True, "MAIL FROM:<hello@example.com> SIZE=277504"),
    (8.0, "sent", "smtp", True, "RCPT TO:<ada@example.net>"),
    (8.5, "received", "smtp", True, "250 2.1.0 sender ok"),
    (451.0, "unexpected", "smtp", True, "550 5.1.1 <ada@example.net>: user unknown"),
    (451.2, "sent", "smtp", True, "DATA"),
    (30451.9, "error", "tcp", True, "The server closed the connection."),
)


def events() -> list[Event]:
    """Return a conversation with every kind of line in it."""
    made = []
    for at, way, layer, tls, text in _LINES:
        direction = Direction.RECEIVED if way == "unexpected" else Direction(way)
        expected = False if way in ("unexpected", "error") else None
        octets = text.encode() + b"\r\n"
        made.append(Event(at / 1000, direction, Layer(layer), text, octets, tls, expected))
    return made


HTML = """<!doctype html>
<html lang="en">
  <!-- what the receiver sees -->
  <body style="margin:0;font-family:Arial,sans-serif">
    <h1>Welcome, {{ name }}!</h1>
    <p>Thanks for signing up &amp; please confirm your address:</p>
    <a href="https://example.com/confirm">Confirm</a>
    <img src="cid:logo" alt="Example">
  </body>
</html>
"""

HTTP = """POST /v1/mails/send HTTP/1.1
host: api.example.com
authorization: Bearer ••••••••
content-type: application/json

{"from": "hello@example.com", "retry": 3, "track": false}
"""

JSON = json.dumps(
    {
        "id": 12345678901234567890123,
        "from": {"email": "hello@example.com", "name": "Example"},
        "to": ["ada@example.net", "grace@example.org"],
        "subject": "Welcome to Example",
        "ratio": 0.1,
        "sandbox": False,
        "template": None,
        "html": "<h1>Welcome</h1>" * 60,
        "tags": [],
    }
)

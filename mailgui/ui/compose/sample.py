"""The draft that is there at the very first start, so that Send works at once."""

from functools import cache

from mailgui import resources
from mailgui.message.addresses import parse_address
from mailgui.message.draft import Address, Attachment, Draft, DraftProblem

_TO = "recipient@good.example"
_TEXT = """\
Welcome, and thank you for signing up.

Please confirm your address: https://good.example/confirm

If it was not you, there is nothing to do.
"""
_HTML = """\
<!doctype html>
<html lang="en">
  <body style="margin:0;font-family:Arial,sans-serif">
    <img src="cid:logo" alt="Example" width="120">
    <h1>Welcome to Example</h1>
    <p>Thank you for signing up. Please confirm your address:</p>
    <p><a href="https://good.example/confirm">Confirm</a></p>
    <p>If it was not you, there is nothing to do.</p>
  </body>
</html>
"""


def sample_draft(sender: str) -> Draft:
    """Return the sample, from ``sender`` (of the profile in force). Reads the logo's file once."""
    return Draft(
        sender=_mailbox(sender),
        to=(Address(_TO),),
        subject="Welcome to Example",
        text=_TEXT,
        html=_HTML,
        attachments=(Attachment("logo.png", "image/png", data=_logo(), content_id="logo"),),
    )


@cache
def _logo() -> bytes:
    return resources.path("samples", "logo.png").read_bytes()


def _mailbox(text: str) -> Address | None:
    try:
        return parse_address(text, "from")
    except DraftProblem:
        return None

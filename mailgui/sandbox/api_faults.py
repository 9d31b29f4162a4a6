"""The answers that an embedded API gives when an address asks for trouble."""

from collections.abc import Mapping

from mailgui.api.definition import Provider
from mailgui.sandbox.api_answers import HttpAnswer, make_answer
from mailgui.sandbox.api_refusals import vendor_name
from mailgui.sandbox.api_request import ReadMessage
from mailgui.sandbox.faults import ApiFault, Fault

_HTML = b"""<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The server is not reachable at the moment.</p></body></html>
"""


OF_ONE_MESSAGE = (ApiFault.RECIPIENT, ApiFault.CONTENT, ApiFault.SILENT)
"""Faults that are about one message; the others are the whole call's."""


def with_fault(
    provider: Provider,
    fault: Fault | None,
    success: HttpAnswer,
    values: Mapping[str, object],
    lists: Mapping[str, tuple[str, ...]],
    message: ReadMessage,
) -> tuple[HttpAnswer, bool]:
    """Return the answer, and whether the message was taken all the same."""
    kind = fault.api if fault else None
    if kind is None:
        return success, True
    if kind is ApiFault.CUT_SHORT:
        return HttpAnswer(success.status, success.headers, success.body, cut_short=True), True
    if kind is ApiFault.NOT_JSON:
        return HttpAnswer(success.status, success.headers, b'{"id": '), True
    if kind is ApiFault.HTML:
        return HttpAnswer(502, (("Content-Type", "text/html; charset=utf-8"),), _HTML), False
    if kind is ApiFault.SILENT and "partial" in provider.answers and lists["accepted"]:
        return make_answer(provider, "partial", values, lists=lists), True
    if kind is ApiFault.SILENT and "silent" in provider.answers:
        return make_answer(provider, "silent", values, lists=lists), False
    if kind in (ApiFault.RECIPIENT, ApiFault.SILENT):
        field = vendor_name(provider, "to")
        sentence = f"Invalid `{field}` field. The recipient does not exist or is suppressed."
        filled = {**values, "message": sentence, "field": field}
        return make_answer(provider, "validation", filled), False
    if kind is ApiFault.CONTENT:
        field = vendor_name(provider, "html")
        sentence = f"Invalid `{field}` field. The content was refused."
        return make_answer(
            provider, "validation", {**values, "message": sentence, "field": field}
        ), False
    if kind is ApiFault.SENDER:
        domain = message.mailboxes("from")[0].address.rpartition("@")[2]
        return make_answer(provider, "sender", {**values, "domain": domain}), False
    return make_answer(provider, kind.value, values), False

"""``mailgui request --batch``: the requests of the provider's batch call, not sent."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mailgui.cli.usage import UsageProblem, whole_number

if TYPE_CHECKING:
    from mailgui.api.render import RenderedRequest
    from mailgui.api.settings import ApiSettings
    from mailgui.message.draft import Draft


def add_batch_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--batch``, ``--count`` and ``--sandbox-mode``."""
    group = parser.add_argument_group("many messages, and none delivered")
    group.add_argument(
        "--batch",
        action="store_true",
        help="by the provider's batch call: with --count N copies, else one message to each To",
    )
    group.add_argument(
        "--count", type=whole_number, metavar="N", help="with --batch: so many copies"
    )
    group.add_argument("--sandbox-mode", action="store_true", help="checked, but not delivered")


def check_batch_options(options: argparse.Namespace) -> None:
    """Raise UsageProblem for what does not go together."""
    if options.count and not options.batch:
        raise UsageProblem("--count goes with --batch: every other request is the same.")
    if options.batch and options.as_kind:
        raise UsageProblem("--as prints code for one message: leave --batch away.")


def batch_requests(
    draft: "Draft", options: argparse.Namespace, settings: "ApiSettings", secrets: Mapping[str, str]
) -> "list[RenderedRequest]":
    """Return the requests that ``send --batch`` would send, in their order.

    Blocks. Raises DraftProblem where the provider's batch call cannot send them.
    """
    from mailgui.jobs.batch import one_each
    from mailgui.jobs.request import render_requests

    drafts = [draft] * options.count if options.count else one_each(draft)
    return render_requests(drafts, settings, secrets)


def batch_document(requests: "list[RenderedRequest]") -> dict[str, Any]:
    """Return the document of ``request --batch --json``: each request in the shape of a single
    one, and which messages are in it (from 0).
    """
    from mailgui.api.render import to_json_dict
    from mailgui.jobs.batch import batch_findings

    return {
        "count": sum(len(request.members) for request in requests),
        "findings": [finding.to_json_dict() for finding in batch_findings(requests)],
        "requests": [
            {**to_json_dict(each), "messages": [member.number for member in each.members]}
            for each in requests
        ],
    }


def batch_text(document: Mapping[str, Any]) -> str:
    """Return that document as text: every request behind a line that numbers it."""
    from mailgui.cli.request import request_text

    requests = document["requests"]
    parts = []
    for number, each in enumerate(requests, 1):
        held = len(each["messages"])
        what = "1 message" if held == 1 else f"{held:,} messages"
        parts.append(f"=== Request {number} of {len(requests)}: {what}\n{request_text(each)}")
    return "\n".join(parts)

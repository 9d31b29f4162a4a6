"""``mailgui webhook``: check a webhook that came, or send a sample to a receiver of one's own."""

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from mailgui.api.webhook_definition import NormalEvent
from mailgui.cli.output import print_json, print_text
from mailgui.cli.usage import UsageProblem, moment, seconds, secret_from_env, web_address
from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.jobs.webhook_record import WebhookRecord
    from mailgui.jobs.webhook_send import SampleReport

_EVENTS = [event for event in get_args(NormalEvent) if event != "other"]
_VERDICTS = {"genuine": 0, "forged": 1, "unchecked": 2}
_MOST = 1 << 21  # octets; what is more than a webhook has is refused further on
_TAKEN, _NOT_TAKEN, _NOT_REACHED = 0, 1, 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the two actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="verify|send", required=True)
    verify = actions.add_parser(
        "verify",
        help="judge a request by the provider's signature scheme",
        description="Judge a webhook request by its provider's signature scheme, and name its "
        "events. Ends in 0 when it is genuine, 1 when it is not, 2 when it cannot be told.",
    )
    verify.add_argument(
        "file",
        metavar="FILE|-",
        help="the request: its headers, an empty line and the body, or the body alone",
    )
    _add_provider(verify, "the variable with the signing key; without it the one of the window")
    verify.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'N: V'",
        help="a header of the request, where FILE is the body alone; may be given repeatedly",
    )
    verify.add_argument(
        "--url", type=web_address, metavar="URL", help="where it went, for schemes that sign that"
    )
    verify.add_argument("--at", metavar="ISO8601", help="when it came, if not just now")
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    send = actions.add_parser(
        "send",
        help="send a correctly signed sample to a receiver on this machine",
        description="Send a receiver on this machine what the provider would, correctly signed. "
        "Ends in 0 when it answers with 2xx, 1 when with anything else, 2 when not at all.",
    )
    send.add_argument("url", type=web_address, metavar="URL", help="the receiver's address")
    _add_provider(
        send,
        "the variable with the key to sign with: the secret, or a private key as PEM; without it a "
        "new key is made and printed",
    )
    send.add_argument(
        "--event", choices=_EVENTS, default="delivered", metavar="KIND", help=", ".join(_EVENTS)
    )
    for name, value, default in (
        ("message-id", "ID", "mailgui-sample"),
        ("recipient", "A", "recipient@example.org"),
        ("sender", "A", "sender@example.com"),
        ("subject", "S", "A sample"),
    ):
        send.add_argument(f"--{name}", metavar=value, default=default, help=f"({default})")
    send.add_argument("--timeout", type=seconds, default=30.0, metavar="S", help="seconds (30)")
    send.add_argument("--json", action="store_true", help="print one JSON document")


def _add_provider(parser: argparse.ArgumentParser, purpose: str) -> None:
    parser.add_argument("--provider", required=True, metavar="ID", help="such as resend")
    parser.add_argument("--secret-env", metavar="VAR", help=purpose)


def run(options: argparse.Namespace) -> int:
    """Do it, print what came of it, return the exit code."""
    try:
        return _verify(options) if options.action == "verify" else _send(options)
    except WrongInput as problem:  # unknown provider, no request, no such event, no such key
        raise UsageProblem(str(problem)) from None
    except OSError as problem:
        from mailgui.cli.request import file_sentence

        raise UsageProblem(file_sentence(problem)) from None


def _verify(options: argparse.Namespace) -> int:
    text = _request_text(options)
    at = None if options.at is None else moment(options.at, "--at")
    record = asyncio.run(_record(options, text, at))
    if options.json:
        print_json(record.to_json_dict())
    else:
        print_text(record_text(record) + "\n")
    return _VERDICTS[record.verification.verdict.value]


def _request_text(options: argparse.Namespace) -> str:
    """Return the request as it would be pasted, its octets kept (surrogateescape)."""
    if options.file == "-":
        if sys.stdin is None:
            raise UsageProblem("Standard input is closed, so there is no request to read there.")
        octets = sys.stdin.buffer.read(_MOST + 1)
    else:
        with Path(options.file).open("rb") as file:
            octets = file.read(_MOST + 1)
    if not octets.strip():
        raise UsageProblem(f"{options.file} is empty: it should hold the request, or its body.")
    body = octets.decode("utf-8", "surrogateescape")
    if not options.header:
        return body
    for header in options.header:
        name, colon, _ = header.partition(":")
        if not colon or not name.strip() or " " in name.strip():
            raise UsageProblem(f"--header takes 'Name: value'; “{header}” is no header.")
        if not header.isprintable():
            raise UsageProblem("--header takes one line without control characters.")
    return "\n".join(options.header) + "\n\n" + body


async def _record(options: argparse.Namespace, text: str, at: datetime | None) -> "WebhookRecord":
    from mailgui.jobs.request import find_provider
    from mailgui.jobs.services import Services

    provider = find_provider(options.provider)
    if provider.webhooks is None:
        raise UsageProblem(f"It is not known how {provider.name} reports events.")
    services = Services()
    try:
        if options.secret_env:
            services.webhooks.use_key(provider.id, secret_from_env(options.secret_env))
        return await services.webhooks.paste(provider.id, text, options.url or "", at=at)
    finally:
        await services.close()


def record_text(record: "WebhookRecord") -> str:
    """Return a verdict as text: what it is and why, then each event."""
    found = record.verification
    lines = [f"{found.verdict.value.capitalize()}: {visible(found.sentence)}"]
    if record.problem:
        lines.append(visible(record.problem))
    for tied in record.events:
        event = tied.event
        parts = [event.normal, f"({event.name})", event.recipient, event.message_id]
        if event.at:
            parts.append(event.at.isoformat())
        lines.append("  " + "  ".join(part for part in parts if part))
        if event.reason:
            lines.append(f"      {event.reason}")
        if tied.transcript_id:
            lines.append(f"      in the history: {visible(tied.transcript_title)}")
    return "\n".join(lines)


def _send(options: argparse.Namespace) -> int:
    from mailgui.jobs.webhook_send import send_sample
    from mailgui.sandbox.webhook_simulation import Story

    key = secret_from_env(options.secret_env) if options.secret_env else ""
    if options.secret_env and not key.strip():
        raise UsageProblem(f"The environment variable {options.secret_env} is empty.")
    story = Story(options.message_id, options.recipient, options.sender, options.subject)
    report = asyncio.run(
        send_sample(
            options.provider, options.event, story, options.url, key=key, timeout=options.timeout
        )
    )
    if options.json:
        print_json(report.to_json_dict())
    else:
        print_text(sample_text(report) + "\n")
    if report.status is None:
        return _NOT_REACHED
    return _TAKEN if report.taken else _NOT_TAKEN


def sample_text(report: "SampleReport") -> str:
    """Return a sample and what became of it as text."""
    lines = [f"POST {report.url}"]
    lines += [f"{name}: {value}" for name, value in report.headers]
    lines += ["", report.body, "", report.sentence]
    if report.answer.strip():
        lines.append(report.answer.rstrip("\n"))
    if report.key:
        lines.append(f"Signed with a key made for it; the receiver checks it by: {report.key}")
    if report.note:
        lines.append(report.note)
    return "\n".join(lines)

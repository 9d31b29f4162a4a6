"""The options that describe a message, and the draft they make."""

import argparse
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from mailgui.cli.secrets import add_key_option
from mailgui.cli.usage import UsageProblem, moment, web_address
from mailgui.message.draft import Address, ApiExtras, Draft


def add_message_options(parser: argparse.ArgumentParser) -> None:
    """Add FILE.eml and the fields of a message."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE.eml", help="a whole message to send; - is standard input"
    )
    group = parser.add_argument_group("the message")
    group.add_argument("--from", dest="sender", metavar="A", help="author, and envelope sender")
    for name, purpose in {
        "to": "a recipient; may be given repeatedly, as may the next ones",
        "cc": "a recipient of a copy",
        "bcc": "a recipient that the message does not name",
        "reply-to": "where answers go",
    }.items():
        group.add_argument(f"--{name}", action="append", default=[], metavar="A", help=purpose)
    group.add_argument("--subject", metavar="S", help="the subject")
    group.add_argument("--text", metavar="S", help="the plain text; - reads standard input")
    group.add_argument("--html", metavar="FILE", help="a file with the HTML")
    group.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="a file to attach; may be given repeatedly",
    )
    group.add_argument(
        "--inline",
        action="append",
        default=[],
        metavar="FILE",
        help="an image that the HTML names as cid:FILENAME",
    )
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'N: V'",
        help="a header of one's own; may be given repeatedly",
    )


def add_api_options(parser: argparse.ArgumentParser) -> None:
    """Add what only an e-mail API can carry, and the account's fields."""
    group = add_api_account_options(parser)
    add_key_option(group)
    for name, value, purpose in (
        ("tag", "T", "a tag; may be given repeatedly"),
        ("metadata", "K=V", "a value to keep with the message; may be given repeatedly"),
        ("var", "K=V", "a variable of the template; may be given repeatedly"),
        ("attach-url", "URL", "a file that the provider fetches; may be given repeatedly"),
    ):
        group.add_argument(f"--{name}", action="append", default=[], metavar=value, help=purpose)
    group.add_argument("--template-id", metavar="ID", help="a template kept at the provider")
    group.add_argument("--send-at", metavar="ISO8601", help="when it is to be sent")
    group.add_argument("--track-opens", choices=["on", "off"], help="whether opening is tracked")
    group.add_argument("--track-clicks", choices=["on", "off"], help="whether clicks are tracked")
    group.add_argument("--idempotency-key", metavar="K", help="sent again under it, it goes once")


def add_api_account_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what an account with an e-mail API is, but for its key; returns the group."""
    group = parser.add_argument_group("e-mail API")
    group.add_argument(
        "--base-url", type=web_address, metavar="URL", help="in place of the provider's own"
    )
    group.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="K=V",
        help="a field of the account, such as domain or region",
    )
    group.add_argument("--http2", action="store_true", help="offer HTTP/2 beside 1.1")
    group.add_argument("--client-cert", metavar="FILE", help="PEM certificate to show the server")
    group.add_argument("--client-key", metavar="FILE", help="its PEM key")
    return group


def pairs(items: list[str], option: str) -> dict[str, str]:
    """Return ``K=V`` items as a mapping; raises UsageProblem where one has no ``=``."""
    result: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise UsageProblem(f"--{option} takes NAME=VALUE; “{item}” has no “=”.")
        result[key] = value
    return result


def build_draft(options: argparse.Namespace, base: Draft | None = None) -> Draft:
    """Return the draft that the options describe; what they leave out comes from ``base``.

    Raises DraftProblem where an address or header is malformed or a file is missing, and
    UsageProblem where the command line itself is wrong.
    """
    given = _given(options)
    if base is not None:
        given.setdefault("extras", base.extras)
        for field in ("attachments", "headers"):
            given[field] = (*getattr(base, field), *given.get(field, ()))
        return replace(base, **given)
    if "text" not in given and "html" not in given and not options.template_id:
        given.setdefault("subject", "Test message from MailGUI")
        given["text"] = "This is a test message, sent with MailGUI.\n"
    return Draft(**given)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a draft that the command line names."""
    from mailgui.message.attachments import attachment_from_path

    files = [attachment_from_path(Path(name)) for name in options.attach]
    files += [attachment_from_path(Path(name), inline=True) for name in options.inline]
    fields: dict[str, Any] = {
        "sender": _sender(options.sender),
        "to": _many(options.to, "to"),
        "cc": _many(options.cc, "cc"),
        "bcc": _many(options.bcc, "bcc"),
        "reply_to": _many(options.reply_to, "reply_to"),
        "subject": options.subject,
        "text": _text(options.text),
        "html": _html(options.html),
        "attachments": tuple(files),
        "extras": build_extras(options),
        **_headers(options.header),
    }
    return {name: value for name, value in fields.items() if value not in (None, ())}


def _headers(items: list[str]) -> dict[str, Any]:
    """Return a person's own headers; Message-ID and Date have fields of their own in a draft."""
    headers = [_header(item) for item in items]
    fields: dict[str, Any] = {}
    own = []
    for name, value in headers:
        match name.lower():
            case "message-id":
                fields["message_id"] = value
            case "date":
                fields["date"] = _date(value)
            case _:
                own.append((name, value))
    return {**fields, "headers": tuple(own)}


def _date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        raise UsageProblem(f"The Date header “{text}” is not a date as RFC 5322 has it.") from None


def _sender(text: str | None) -> Address | None:
    from mailgui.message.addresses import parse_address

    return parse_address(text, field="from") if text else None


def _many(texts: list[str], field: str) -> tuple[Address, ...]:
    from mailgui.message.addresses import parse_addresses

    return tuple(address for text in texts for address in parse_addresses(text, field=field))


def _text(given: str | None) -> str | None:
    if given != "-":
        return given
    from mailgui.cli.terminal import read_text

    return read_text()


def _html(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageProblem(f"{name} is not UTF-8 text; save it as UTF-8.") from None


def _header(item: str) -> tuple[str, str]:
    name, colon, value = item.partition(":")
    if not colon or not name.strip():
        raise UsageProblem(f"--header takes 'Name: value'; “{item}” has no “:”.")
    return name.strip(), value.strip()


def build_extras(options: argparse.Namespace) -> ApiExtras:
    """Return what only an e-mail API can carry."""
    on_off = {"on": True, "off": False, None: None}
    return ApiExtras(
        template_id=options.template_id,
        variables=dict(pairs(options.var, "var")),
        tags=tuple(options.tag),
        metadata=pairs(options.metadata, "metadata"),
        send_at=moment(options.send_at, "--send-at") if options.send_at is not None else None,
        track_opens=on_off[options.track_opens],
        track_clicks=on_off[options.track_clicks],
        idempotency_key=options.idempotency_key,
        attachment_urls=tuple(options.attach_url),
        sandbox=getattr(options, "sandbox_mode", False),
    )

"""``mailgui request``: the HTTP request that would be sent, not sent."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.cli.code_options import add_code_options, check_code_options, run_code
from mailgui.cli.fail_on import add_fail_on, fail_code
from mailgui.cli.message_options import (
    add_api_options,
    add_message_options,
    build_draft,
    pairs,
)
from mailgui.cli.output import findings_text, json_text, print_json, print_text
from mailgui.cli.request_batch import (
    add_batch_options,
    batch_document,
    batch_requests,
    batch_text,
    check_batch_options,
)
from mailgui.cli.secrets import keys_from_env
from mailgui.cli.standard_input import file_or_input
from mailgui.cli.usage import UsageProblem, say
from mailgui.message.draft import Draft, DraftProblem
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.findings import Finding

_FLAGS = {
    "fill in From.": "give --from.",
    "fill in To, Cc or Bcc.": "give --to, --cc or --bcc.",
    "give the sender.": "give --from.",
    "names no recipient; give one.": "names no recipient; give --to.",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``request``."""
    parser.usage = "mailgui request [FILE.eml] --provider ID --from A --to A [option ...]"
    parser.add_argument("--provider", required=True, metavar="ID", help="such as resend")
    add_fail_on(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_message_options(parser)
    add_api_options(parser)
    add_batch_options(parser)
    add_code_options(parser)


def api_settings(options: argparse.Namespace) -> ApiSettings:
    """Return the account that the options describe."""
    settings = over_settings(ApiSettings(options.provider), options)
    _say_unknown_fields(settings)
    return settings


def _say_unknown_fields(settings: ApiSettings) -> None:
    """Name the ``--option``s that the provider's file does not know: they change nothing."""
    from mailgui.jobs.request import provider_of

    provider = provider_of(settings)
    known = [option.name for option in provider.options]
    for name in settings.options:
        if name not in known and settings.provider != "generic":
            has = f"it has: {', '.join(known)}" if known else "it has none"
            say(f"{provider.name} has no field “{name}” ({has}); it is left aside.")


def over_settings(settings: ApiSettings, options: argparse.Namespace) -> ApiSettings:
    """Return ``settings`` with what the options say laid over them."""
    verify = getattr(options, "tls_verify", None)
    given = {
        "base_url": options.base_url,
        "timeout": getattr(options, "timeout", None),
        "tls_verify": verify == "full" if verify else None,
        "tls_ca": getattr(options, "tls_ca", None),
        "allow_insecure_auth": getattr(options, "allow_insecure_auth", None) or None,
        "http2": options.http2 or None,
        "client_cert": options.client_cert,
        "client_key": options.client_key,
        "proxy": _proxy(options),
        "retries": getattr(options, "retries", None),
    }
    return replace(
        settings,
        options={**settings.options, **pairs(options.option, "option")},
        **{name: value for name, value in given.items() if value is not None},
    )


def _proxy(options: argparse.Namespace) -> str | None:
    if not getattr(options, "proxy", None):
        return None
    from mailgui.cli.smtp_options import proxy_of

    return proxy_of(options)[0]


def run(options: argparse.Namespace) -> int:
    """Print the request; returns the exit code."""
    from mailgui.api.generic import ShapeProblem
    from mailgui.jobs.request import UnknownProvider

    check_batch_options(options)
    if options.as_kind:
        return run_code(options)
    check_code_options(options)
    try:
        document, findings = _rendered(options)
    except (DraftProblem, UnknownProvider, ShapeProblem) as problem:
        raise UsageProblem(in_flags(str(problem))) from None
    except OSError as problem:
        raise UsageProblem(file_sentence(problem)) from None
    if options.json:
        print_json(document)
    else:
        print_text(batch_text(document) if options.batch else request_text(document))
        for line in findings_text(findings).splitlines():
            say(line)
    return fail_code(options.fail_on, (finding.severity for finding in findings))


def _rendered(options: argparse.Namespace) -> "tuple[dict[str, Any], Sequence[Finding]]":
    """Return the document to print, and what was found."""
    from mailgui.api.render import to_json_dict
    from mailgui.jobs.request import render_request

    draft = load_draft(options)
    settings = api_settings(options)
    secrets = keys_from_env(options, settings)
    if options.batch:
        requests = batch_requests(draft, options, settings, secrets)
        from mailgui.jobs.batch import batch_findings

        return batch_document(requests), batch_findings(requests)
    request = render_request(draft, settings, secrets)
    return to_json_dict(request), request.findings


def request_text(document: dict[str, Any]) -> str:
    """Return a ``request`` document as a person reads HTTP: the line, the headers, the body."""
    lines = [f"{document['method']} {document['url']}"]
    lines += [f"{name}: {value}" for name, value in document["headers"].items()]
    body = document["body"]
    shown = body.replace("\r\n", "\n") if isinstance(body, str) else json_text(body)
    return visible("\n".join(lines), keep_newlines=True) + f"\n\n{shown}\n"


def load_draft(options: argparse.Namespace) -> Draft:
    """Return the draft of the options, laid over that of FILE.eml where one is given."""
    if not options.file:
        return build_draft(options)
    from mailgui.message.draft_from_eml import draft_from_eml

    return build_draft(options, draft_from_eml(file_or_input(options.file)))


def in_flags(sentence: str) -> str:
    """Return a sentence about a draft with the flags in place of the window's fields."""
    for field, flags in _FLAGS.items():
        sentence = sentence.replace(field, flags)
    return sentence


def file_sentence(problem: OSError) -> str:
    """Return what is wrong with a file as a sentence."""
    reason = problem.strerror or str(problem)
    name = os.fspath(problem.filename) if problem.filename else "A file"
    return f"{name} cannot be read: {reason.lower()}."

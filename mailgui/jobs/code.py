"""Code that sends what MailGUI sends: of a draft with a profile, and of a recorded conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Transcript
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.api.code_request import CodeRequest
    from mailgui.jobs.code_secrets import Secrets
    from mailgui.smtp.plan import Plan


class CodeKind(StrEnum):
    """What ``--as`` takes."""

    CURL = "curl"
    HTTPX = "httpx"
    REQUESTS = "requests"
    SMTPLIB = "smtplib"
    AIOSMTPLIB = "aiosmtplib"
    SWAKS = "swaks"
    NODEMAILER = "nodemailer"
    PHP = "php"
    GO = "go"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind is called, the suffix of its files, and its language for the highlighter."""

    label: str
    suffix: str
    language: str


KINDS: dict[CodeKind, Words] = {
    CodeKind.CURL: Words("curl", ".sh", "shell"),
    CodeKind.HTTPX: Words("Python · httpx", ".py", "python"),
    CodeKind.REQUESTS: Words("Python · requests", ".py", "python"),
    CodeKind.SMTPLIB: Words("Python · smtplib", ".py", "python"),
    CodeKind.AIOSMTPLIB: Words("Python · aiosmtplib", ".py", "python"),
    CodeKind.SWAKS: Words("swaks", ".sh", "shell"),
    CodeKind.NODEMAILER: Words("Node.js · Nodemailer", ".mjs", "javascript"),
    CodeKind.PHP: Words("PHP", ".php", "php"),
    CodeKind.GO: Words("Go", ".go", "go"),
    CodeKind.RAW: Words("Raw", ".txt", ""),
}
HTTP_ONLY = frozenset({CodeKind.HTTPX, CodeKind.REQUESTS})
SMTP_ONLY = frozenset({CodeKind.SMTPLIB, CodeKind.AIOSMTPLIB, CodeKind.SWAKS, CodeKind.NODEMAILER})


_ONE_DOT_ONE = frozenset({CodeKind.HTTPX, CodeKind.REQUESTS})  # the others choose by themselves


class CodeProblem(WrongInput):
    """There is no such code of this; the text is a sentence that says why, and what there is."""


def fitting(kind: Kind) -> tuple[CodeKind, ...]:
    """Return what code a conversation of that kind can be made into, in the order to offer it."""
    left_out = {Kind.HTTP: SMTP_ONLY, Kind.SMTP: HTTP_ONLY}.get(kind, frozenset(CodeKind))
    return tuple(each for each in CodeKind if each not in left_out)


def export_transcript(kind: CodeKind | str, transcript: Transcript) -> str:
    """Return code that does what a recorded conversation did, as far as the record tells.

    Comments at its top say what the record lacks: its secrets (read from environment variables)
    and, by SMTP, the message itself, which the code reads from ``message.eml``. Blocks for a
    moment. Raises CodeProblem where the kind does not fit or nothing was sent.
    """
    kind = CodeKind(kind)
    if kind not in fitting(transcript.kind):
        raise CodeProblem(_misfit(kind, transcript.kind))
    if transcript.kind is Kind.HTTP:
        return _of_exchange(kind, transcript)
    from mailgui.jobs.code_smtp import of_dialogue

    return of_dialogue(kind, transcript)


def export_code(
    kind: CodeKind | str,
    draft: Draft,
    settings: SmtpSettings | ApiSettings,
    secrets: "Secrets | None" = None,
    *,
    plan: "Plan | None" = None,
    lost: Sequence[str] = (),
) -> str:
    """Return code that sends ``draft`` with these settings.

    ``plan``: what was asked for beyond the usual dialogue, and ``lost``: what else was asked for
    that no code carries; comments at its top say that they are left out.
    ``secrets`` says by which variables they are read, or has them written out; without it they have
    the variables of ``code_secrets.default_name``. Measures the attachments, so it blocks. Raises
    DraftProblem, UnknownProvider, and CodeProblem where the kind does not fit.
    """
    from mailgui.jobs.code_left_out import left_out, plan_left_out
    from mailgui.jobs.code_secrets import Secrets

    kind, secrets = CodeKind(kind), secrets or Secrets()
    remarks = [*plan_left_out(plan), *left_out(lost)]
    if isinstance(settings, ApiSettings) and kind not in SMTP_ONLY:
        return _of_request(kind, draft, settings, secrets, remarks)
    if kind in HTTP_ONLY:
        raise CodeProblem(
            f"{kind} speaks HTTP, and this profile leads to an SMTP server: choose smtplib, "
            "aiosmtplib, swaks, nodemailer, php, go, curl or raw."
        )
    from mailgui.jobs.code_smtp import of_draft

    return of_draft(kind, draft, settings, secrets, remarks)


def _of_request(
    kind: CodeKind, draft: Draft, settings: ApiSettings, secrets: "Secrets", lost: Sequence[str]
) -> str:
    from mailgui.api.code_request import open_request
    from mailgui.jobs.code_secrets import settings_left_out
    from mailgui.jobs.request import find_provider, losses_of, render_request

    provider = find_provider(settings.provider)
    losses = losses_of(draft, settings)
    if kind is CodeKind.RAW:
        from mailgui.api.code_raw import raw_request

        rendered = render_request(draft, settings, secrets.inline)
        return raw_request(rendered, reveal=bool(secrets.inline)).decode("utf-8", "surrogateescape")
    stand_ins, remarks = secrets.of_provider(provider)
    remarks += [f"{finding.title.rstrip('.')}." for finding in losses]
    remarks += settings_left_out(settings)
    if settings.http2 and kind in _ONE_DOT_ONE:
        remarks.append("HTTP/2 was asked for; this code speaks HTTP/1.1.")
    remarks += lost
    return _http(kind, open_request(draft, provider, settings, stand_ins, remarks=remarks))


def _of_exchange(kind: CodeKind, transcript: Transcript) -> str:
    from mailgui.api.code_raw import raw_octets
    from mailgui.api.code_transcript import provider_of, request_of
    from mailgui.jobs.code_secrets import set_sentence
    from mailgui.jobs.request import providers

    if not transcript.exchanges:
        raise CodeProblem("No request was sent in this conversation, so there is none to repeat.")
    exchange = transcript.exchanges[-1]
    if kind is CodeKind.RAW:
        raw = raw_octets(
            exchange.method, exchange.url, exchange.request_headers, exchange.request_body
        )
        return raw.decode("utf-8", "surrogateescape")
    known = tuple(providers().values())
    request = request_of(exchange, known)
    provider = provider_of(exchange.url, known)
    remarks = [
        set_sentence(name, provider.name if provider else "") for name in request.variables()
    ]
    return _http(kind, replace(request, remarks=(*request.remarks, *remarks)))


_MAKERS = {
    CodeKind.CURL: ("code_curl", "curl_code"),
    CodeKind.HTTPX: ("code_python", "httpx_code"),
    CodeKind.REQUESTS: ("code_python", "requests_code"),
    CodeKind.PHP: ("code_php", "php_code"),
    CodeKind.GO: ("code_go", "go_code"),
}


def _http(kind: CodeKind, request: "CodeRequest") -> str:
    module, function = _MAKERS[kind]
    return str(getattr(import_module(f"mailgui.api.{module}"), function)(request))


def _misfit(kind: CodeKind, of: Kind) -> str:
    there = ", ".join(fitting(of))
    if of is Kind.HTTP:
        return f"{kind} speaks SMTP, and this was a request by HTTP; there are: {there}."
    if of is Kind.SMTP:
        return f"{kind} speaks HTTP, and this was a dialogue by SMTP; there are: {there}."
    return "Questions to the DNS are not mail: there is no code of them."

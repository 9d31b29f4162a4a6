"""Code that sends by SMTP: with an SMTP profile, or through the SMTP twin of an e-mail API."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.code import CodeKind, CodeProblem
from mailgui.jobs.code_secrets import PASSWORD, Secrets, set_sentence, settings_left_out
from mailgui.message.draft import Draft
from mailgui.message.literals import Mixed, Text, Variable
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Transcript

if TYPE_CHECKING:
    from mailgui.smtp.code_dialogue import Dialogue

_EXTRAS = {
    "template_id": "the template",
    "variables": "its variables",
    "tags": "tags",
    "metadata": "metadata",
    "send_at": "the time to send at",
    "track_opens": "tracking of opens",
    "track_clicks": "tracking of clicks",
    "idempotency_key": "the idempotency key",
    "attachment_urls": "attachments by URL",
}


def of_draft(
    kind: CodeKind,
    draft: Draft,
    settings: SmtpSettings | ApiSettings,
    secrets: Secrets,
    lost: Sequence[str] = (),
) -> str:
    """Return code that sends ``draft`` by SMTP; see ``code.export_code``. ``lost``: sentences."""
    from mailgui.message.compose import compose
    from mailgui.smtp.code_dialogue import open_dialogue

    if kind is CodeKind.RAW:
        octets = b"".join(compose(draft).chunks())
        return octets.decode("utf-8", "surrogateescape")
    user: Text | None
    if isinstance(settings, ApiSettings):
        smtp, user, default, remarks = _twin(settings)
        password, sentence = secrets.password(*default)
    else:
        smtp, user, remarks = settings, settings.username or None, []
        password, sentence = secrets.password(PASSWORD)
        if smtp.unix_socket or smtp.lmtp:
            raise CodeProblem("Exported code speaks SMTP over TCP: no UNIX sockets and no LMTP.")
    if user:
        remarks.append(sentence)
    remarks += [*_left_out(draft), *settings_left_out(settings), *lost]
    return _made(kind, open_dialogue(draft, smtp, user, password, remarks))


def of_dialogue(kind: CodeKind, transcript: Transcript) -> str:
    """Return code that repeats a recorded dialogue; see ``code.export_transcript``."""
    from dataclasses import replace

    from mailgui.smtp.code_transcript import USER, NothingToRepeat, commands, dialogue_of

    if kind is CodeKind.RAW:
        return commands(transcript)
    try:
        dialogue = dialogue_of(transcript, PASSWORD)
    except NothingToRepeat as problem:
        raise CodeProblem(str(problem)) from None
    if dialogue.user is not None:
        said = tuple(set_sentence(name) for name in (USER, PASSWORD))
        dialogue = replace(dialogue, remarks=(*dialogue.remarks, *said))
    return _made(kind, dialogue)


def _twin(settings: ApiSettings) -> tuple[SmtpSettings, Text, tuple[str, str], list[str]]:
    """Return the provider's SMTP server, its user, the password's usual variable and what it is,
    and the sentences to say.
    """
    from mailgui.api.code_request import variable_name
    from mailgui.api.template import fill
    from mailgui.jobs.request import find_provider

    provider = find_provider(settings.provider)
    twin = provider.smtp
    if twin is None:
        raise CodeProblem(
            f"MailGUI knows no SMTP server of {provider.name}, so only code for its API can be "
            "made: choose curl, httpx, requests, php, go or raw."
        )
    values = provider.option_values(settings.options)
    chosen = values.get(provider.url_option, "")
    host = str(fill(twin.hosts.get(chosen) or next(iter(twin.hosts.values())), _known(values)))
    port = "587" if "587" in twin.ports else next(iter(twin.ports))
    mode = TlsMode(twin.ports[port])
    # A password never goes over a connection that may stay open.
    tls = TlsMode.STARTTLS if mode is TlsMode.OPPORTUNISTIC else mode
    remarks = [f"This goes through {provider.name}'s SMTP server, not its API."]
    user: Text = twin.username
    if not user:
        name = variable_name(provider, "smtp_user")
        user = Mixed((Variable(name),))
        remarks.append(set_sentence(name, _of(provider.name, twin.username_help)))
    password = variable_name(provider, "smtp_password")
    label = _of(provider.name, twin.password_help or "the SMTP password")
    smtp = SmtpSettings(host, int(port), tls, timeout=settings.timeout)
    return smtp, user, (password, label), remarks


def _of(name: str, help_: str) -> str:
    return f"{name}: {help_[:1].lower()}{help_[1:]}" if help_ else name


def _known(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _left_out(draft: Draft) -> list[str]:
    extras = draft.extras
    lost = [words for name, words in _EXTRAS.items() if getattr(extras, name) not in (None, (), {})]
    return [f"Left out, since only the API carries it: {', '.join(lost)}."] if lost else []


_MAKERS = {
    CodeKind.CURL: ("code_shell", "curl_code"),
    CodeKind.SWAKS: ("code_shell", "swaks_code"),
    CodeKind.SMTPLIB: ("code_python", "smtplib_code"),
    CodeKind.AIOSMTPLIB: ("code_python", "aiosmtplib_code"),
    CodeKind.NODEMAILER: ("code_nodemailer", "nodemailer_code"),
    CodeKind.PHP: ("code_php", "php_code"),
    CodeKind.GO: ("code_go", "go_code"),
}


def _made(kind: CodeKind, dialogue: "Dialogue") -> str:
    module, function = _MAKERS[kind]
    make = getattr(import_module(f"mailgui.smtp.{module}"), function)
    return str(make(dialogue))

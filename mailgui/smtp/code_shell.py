"""A dialogue as a shell command, with curl or swaks, which take the message as it is."""

import re

from mailgui.message.code_page import code_page
from mailgui.message.dialects import SHELL
from mailgui.message.encoders import base64_lines
from mailgui.message.heredoc import base64_document, document
from mailgui.message.literals import Source, Text, joined
from mailgui.message.mime import FileSegment
from mailgui.net.stream import Endpoint
from mailgui.smtp.code_dialogue import PASSWORD_MECHANISMS, Dialogue, domain_of
from mailgui.smtp.settings import TlsMode
from mailgui.transcript import visible

_CURL = PASSWORD_MECHANISMS | {"XOAUTH2", "OAUTHBEARER", "EXTERNAL"}
_TOKENS = frozenset({"XOAUTH2", "OAUTHBEARER"})
# What swaks would replace in a message unless it is told to leave it alone.
_SWAKS_HAZARD = re.compile(r"\\n|%[A-Z_]+%|^From ")
_DATE = "LC_ALL=C date '+%a, %d %b %Y %H:%M:%S %z'"


def curl_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a curl command."""
    return _page(dialogue, "curl", _curl_options(dialogue), dialogue.without(_CURL, "curl"))


def swaks_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a swaks command; a plain text goes in its options."""
    remarks = dialogue.without(PASSWORD_MECHANISMS, "swaks")
    options = _swaks_options(dialogue)
    simple = _simple(dialogue)
    if simple is not None:
        options += simple
        return _page(dialogue, "swaks", options, remarks, piped=False)
    options.append(Source("--data -"))
    return _page(dialogue, "swaks", options, remarks)


def _page(
    dialogue: Dialogue,
    program: str,
    options: list[Source],
    remarks: tuple[str, ...],
    *,
    piped: bool = True,
) -> str:
    pieces = _pieces(dialogue) if piped and dialogue.file is None else []
    exact = program == "swaks" and piped and _hazardous(dialogue)
    if exact:
        options = [*options, Source("--no-data-fixup")]
    return code_page(
        "smtp-shell",
        SHELL,
        program=Source(program),
        remarks=[SHELL.remark(sentence) for sentence in remarks],
        options=options,
        pieces=pieces,
        file=Source(SHELL.forced(dialogue.file)) if dialogue.file and piped else None,
        exact=exact,
    )


def _option(name: str, value: Text) -> Source:
    text = SHELL.text(value)
    # A value that begins with a hyphen would be taken for an option.
    hyphen = isinstance(value, str) and value.startswith("-") and name.startswith("--")
    return Source(f"{name}{'=' if hyphen else ' '}{text}")


def _curl_options(dialogue: Dialogue) -> list[Source]:
    scheme = "smtps" if dialogue.tls is TlsMode.IMPLICIT else "smtp"
    helo = f"/{dialogue.helo}" if dialogue.helo else ""
    made = [_option("--url", f"{scheme}://{Endpoint(dialogue.host, dialogue.port)}{helo}")]
    if "[" in dialogue.host or ":" in dialogue.host:
        made.append(Source("--globoff"))
    if dialogue.tls is TlsMode.STARTTLS:
        made.append(Source("--ssl-reqd"))
    elif dialogue.tls is TlsMode.OPPORTUNISTIC:
        made.append(Source("--ssl"))
    if dialogue.needs_tls and not dialogue.tls_verify:
        made.append(Source("--insecure"))
    elif dialogue.tls_ca:
        made.append(_option("--cacert", dialogue.tls_ca))
    if dialogue.user is not None and dialogue.password is not None:
        made += _curl_sign_in(dialogue, dialogue.user, dialogue.password)
    made.append(_option("--connect-timeout", f"{dialogue.timeout:g}"))
    made.append(Source(f"--mail-from {SHELL.forced(dialogue.sender)}"))
    made += [Source(f"--mail-rcpt {SHELL.forced(each)}") for each in dialogue.recipients]
    return [*made, Source("--crlf"), Source("--upload-file -")]


def _curl_sign_in(dialogue: Dialogue, user: Text, password: Text) -> list[Source]:
    mechanism = dialogue.mechanism(_CURL)
    made = []
    if mechanism in _TOKENS:
        made += [_option("--user", joined(user, ":")), _option("--oauth2-bearer", password)]
    else:
        made.append(_option("--user", joined(user, ":", password)))
    if mechanism:
        made.append(_option("--login-options", f"AUTH={mechanism}"))
    return made


def _swaks_options(dialogue: Dialogue) -> list[Source]:
    made = [_option("--server", dialogue.host), _option("--port", str(dialogue.port))]
    if dialogue.helo:
        made.append(_option("--helo", dialogue.helo))
    flags = {
        TlsMode.STARTTLS: "--tls",
        TlsMode.IMPLICIT: "--tls-on-connect",
        TlsMode.OPPORTUNISTIC: "--tls-optional-strict",
    }
    if dialogue.needs_tls:
        made.append(Source(flags[dialogue.tls]))
        if dialogue.tls_verify:
            made.append(Source("--tls-verify"))
    if dialogue.tls_ca:
        made.append(_option("--tls-ca-path", dialogue.tls_ca))
    if dialogue.user is not None and dialogue.password is not None:
        mechanism = dialogue.mechanism(PASSWORD_MECHANISMS)
        made.append(_option("--auth", mechanism) if mechanism else Source("--auth"))
        made.append(_option("--auth-user", dialogue.user))
        made.append(_option("--auth-password", dialogue.password))
    made.append(_option("--timeout", f"{max(1, round(dialogue.timeout))}"))
    made.append(_option("--from", dialogue.sender or "<>"))
    return [*made, _option("--to", ",".join(dialogue.recipients))]


def _simple(dialogue: Dialogue) -> list[Source] | None:
    """Return options for a message that is a plain text, None where it is more than that."""
    draft, composed = dialogue.draft, dialogue.composed
    if draft is None or composed is None or draft.html is not None or draft.attachments:
        return None
    text = (draft.text or "").removesuffix("\n")
    head = _head(dialogue)
    fit = text.isascii() and visible(text, keep_newlines=True) == text
    # swaks takes a word that begins with @ or names a file for a file.
    if not fit or text[:1] in ("@", "-", ".") or " " not in text or _hazardous(dialogue):
        return None
    unfolded = re.sub(r"\n(?=[ \t])", "", head)
    lines = [line for line in unfolded.splitlines() if not re.match(r"(?i)mime-|content-", line)]
    return [*(_option("--header", line) for line in lines), _option("--body", text)]


def _hazardous(dialogue: Dialogue) -> bool:
    composed = dialogue.composed
    if composed is None:
        return False
    octets = [composed.head, *(each for each in composed.segments if isinstance(each, bytes))]
    return any(_SWAKS_HAZARD.search(each.decode("utf-8", "replace")) for each in octets)


def _head(dialogue: Dialogue) -> str:
    """Return the header section, without what is made anew each time."""
    composed, draft = dialogue.composed, dialogue.draft
    assert composed is not None and draft is not None  # noqa: S101, PT018 - narrows the types
    head = composed.head.decode("utf-8", "replace").replace("\r\n", "\n")
    made_anew = [] if draft.date else ["Date"]
    made_anew += [] if draft.message_id else ["Message-ID"]
    for name in made_anew:
        head = re.sub(rf"(?m)^{name}:.*\n(?:[ \t].*\n)*", "", head, count=1)
    return head


def _pieces(dialogue: Dialogue) -> list[Source]:
    """Return the commands that print the message, one after another."""
    composed, draft = dialogue.composed, dialogue.draft
    assert composed is not None and draft is not None  # noqa: S101, PT018 - narrows the types
    made: list[Source] = []
    if not draft.date:
        made.append(Source(f"printf 'Date: %s\\n' \"$({_DATE})\""))
    if not draft.message_id:
        domain = SHELL.text(domain_of(dialogue))
        made.append(Source(f"printf 'Message-ID: <%s@%s>\\n' \"$(date +%s).$$\" {domain}"))
    text = _head(dialogue)
    for segment in composed.segments:
        if isinstance(segment, bytes):
            text += segment.decode("utf-8", "replace").replace("\r\n", "\n")
        elif segment.attachment.data is not None:
            text += base64_lines(segment.attachment.data).decode().replace("\r\n", "\n")
        else:
            made += [_print(text), _print_file(segment)]
            text = ""
    return [*made, _print(text)] if text else made


def _print(text: str) -> Source:
    text = text if text.endswith("\n") else text + "\n"
    if visible(text, keep_newlines=True) == text:
        return Source(f"cat {document(text)}")
    return Source(f"base64 -d {base64_document(text.encode())}")


def _print_file(segment: FileSegment) -> Source:
    path = SHELL.forced(str(segment.attachment.path))
    return Source(f"base64 < {path} | tr -d '\\n' | fold -w 76; echo")

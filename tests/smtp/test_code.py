"""Exported code of SMTP dialogues: run against the sandbox, the same message arrives."""

import email
import email.policy
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailgui.jobs.code import CodeKind, export_code
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.smtp.settings import SmtpSettings, TlsMode
from tests.support import programs
from tests.support.sandbox import running_sandbox

KINDS = ["curl", "smtplib", "aiosmtplib", "swaks", "nodemailer", "php", "go"]
PLAIN = Draft(
    sender=Address("s@good.example"),
    to=(Address("a@good.example"),),
    subject="Hello there",
    text="Just a text.\nTwo lines $HOME 'x'\n",
)
WITH_NAMES = replace(
    PLAIN,
    sender=Address("s@good.example", 'Zoë "Q" $HOME `id`'),
    to=(Address("a@good.example", "A, B"), Address("b@good.example")),
    cc=(Address("c@good.example", "Ç"),),
    reply_to=(Address("r@good.example", "R"),),
    subject="Grüße $(id) `x` \"q\" 'y' \\n ☃ 100% {x}",
    text="Hi ${HOME}\n`uname`\n.\n.dot\nEOF\nFrom x\n\\n %DATE%\n\\ 'x' \"y\"\n",
    headers=(("X-Campaign", "a'b\"c$d"), ("X-Note", "Grüße")),
    message_id="<fixed.1@good.example>",
    date=datetime(2026, 11, 1, 12, 30, tzinfo=UTC),
)
HTML = "<p>Ünï {x} %s <img src='cid:logo'></p>\n"
IMAGE = Attachment("logo.png", "image/png", data=b"\x89PNG\r\n\x1a\n\0\xff" * 90, content_id="logo")
MEMORY = Attachment("grün.txt", "text/plain", data="nöte\n".encode())
EMPTY = Attachment("empty.bin", data=b"")


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as running:
        yield running


@pytest.fixture
def drafts(tmp_path):
    path = tmp_path / "pri ce's $(id).pdf"
    path.write_bytes(bytes(range(256)) * 40)
    file = Attachment(path.name, "application/pdf", path=path)
    hidden = {"bcc": (Address("d@good.example"),), "envelope_from": "bounce@good.example"}
    return {
        "plain": PLAIN,
        "names": WITH_NAMES,
        "one file": replace(WITH_NAMES, attachments=(file,)),
        "html": replace(WITH_NAMES, text=None, html=HTML, **hidden),
        "html, image": replace(PLAIN, text=None, html=HTML, attachments=(IMAGE,)),
        "both": replace(PLAIN, html=HTML, **hidden),
        "all": replace(WITH_NAMES, html=HTML, attachments=(file, MEMORY, IMAGE, EMPTY), **hidden),
        "hidden only": replace(PLAIN, to=(), **hidden),
        "nothing": replace(PLAIN, subject="", text=None),
    }


WHICH = [
    "plain",
    "names",
    "one file",
    "html",
    "html, image",
    "both",
    "all",
    "hidden only",
    "nothing",
]


def read(octets):
    """Return what a person would see of a message, and its files octet for octet."""
    message = email.message_from_bytes(octets, policy=email.policy.default)
    named = ("Subject", "From", "To", "Cc", "Reply-To", "X-Campaign", "X-Note", "Bcc")
    found = {name: str(message[name] or "") for name in named}
    if "undisclosed" in found["To"]:
        found["To"] = ""
    found["parts"] = [part_of(part) for part in message.walk() if not part.is_multipart()]
    return message, found


def part_of(part):
    kind, name = part.get_content_type(), part.get_filename()
    if part.get_content_maintype() == "text" and not name:
        return kind, part.get_content().replace("\r\n", "\n").rstrip("\n")
    return kind, name, part["Content-ID"], part.get_payload(decode=True)


def settings_of(sandbox, kind="", **changes):
    tls = TlsMode.STARTTLS
    if kind == "swaks" and not programs.swaks_knows_tls():
        tls = TlsMode.NONE
    server = SmtpSettings(
        "127.0.0.1",
        sandbox.smtp.port,
        tls,
        tls_ca=str(sandbox.ca_pem_path),
        username=sandbox.username,
        helo="client.example",
    )
    return replace(server, **changes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", WHICH)
def test_the_same_message_arrives(which, kind, drafts, sandbox, tmp_path, monkeypatch):
    programs.need(kind)
    draft, settings = drafts[which], settings_of(sandbox, kind)
    code = export_code(kind, draft, settings)
    before = len(sandbox.mailbox)
    programs.run_any(kind, code, tmp_path, monkeypatch, SMTP_PASSWORD=sandbox.password)
    assert len(sandbox.mailbox) == before + 1
    captured = sandbox.mailbox.list()[0]
    composed = compose(draft)
    message, got = read(sandbox.mailbox.body(captured.id))
    _, expected = read(b"".join(composed.chunks()))
    assert got == expected
    assert captured.envelope_from == composed.envelope.sender
    assert set(captured.recipients) == set(composed.envelope.recipients)
    assert captured.user == sandbox.username
    assert captured.greeting == "client.example"
    assert captured.tls is (settings.tls is not TlsMode.NONE)
    if draft.message_id:
        assert message["Message-ID"] == draft.message_id
        assert message["Date"].datetime == draft.date
    else:
        assert message["Message-ID"]
        assert abs(message["Date"].datetime - datetime.now(UTC)).total_seconds() < 600


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "changes",
    [
        {"tls": TlsMode.NONE, "tls_ca": None},
        {"tls": TlsMode.OPPORTUNISTIC},
        {"tls_verify": False, "tls_ca": None},
        {"auth": "PLAIN"},
        {"auth": "LOGIN"},
        {"username": ""},
        {"tls": TlsMode.NONE, "helo": None, "timeout": 7.5},
    ],
    ids=",".join,
)
def test_ways_to_connect(changes, kind, sandbox, tmp_path, monkeypatch):
    programs.need(kind)
    settings = settings_of(sandbox, kind, **changes)
    if kind == "swaks" and not programs.swaks_knows_tls():
        settings = replace(settings, tls=TlsMode.NONE)
    code = export_code(kind, PLAIN, settings)
    before = len(sandbox.mailbox)
    programs.run_any(kind, code, tmp_path, monkeypatch, SMTP_PASSWORD=sandbox.password)
    captured = sandbox.mailbox.list()[0]
    assert len(sandbox.mailbox) == before + 1
    assert captured.tls is (settings.tls_mode is not TlsMode.NONE)
    assert captured.user == settings.username


@pytest.mark.parametrize("kind", KINDS)
def test_an_untrusted_certificate_ends_the_program(kind, sandbox, tmp_path, monkeypatch):
    programs.need(kind)
    if kind == "swaks" and not programs.swaks_knows_tls():
        pytest.skip("swaks has no TLS here (Debian's package libnet-ssleay-perl)")
    code = export_code(kind, PLAIN, settings_of(sandbox, kind, tls_ca=None))
    before = len(sandbox.mailbox)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - each library has its own
        programs.run_any(kind, code, tmp_path, monkeypatch, SMTP_PASSWORD=sandbox.password)
    assert len(sandbox.mailbox) == before


@pytest.mark.parametrize("kind", KINDS)
def test_implicit_tls_is_asked_for(kind):
    code = export_code(kind, PLAIN, SmtpSettings("mail.example.com", 465))
    words = {
        "curl": "smtps://mail.example.com:465",
        "smtplib": "SMTP_SSL(",
        "aiosmtplib": "use_tls=True",
        "swaks": "--tls-on-connect",
        "nodemailer": "secure: true",
        "php": "ENCRYPTION_SMTPS",
        "go": "tls.DialWithDialer(",
    }
    assert words[kind] in code


@pytest.mark.parametrize("kind", ["curl", "smtplib", "nodemailer", "php", "go"])
def test_a_token_in_place_of_a_password(kind):
    server = SmtpSettings("mail.example.com", username="u@example.com", auth="XOAUTH2")
    code = export_code(kind, PLAIN, server)
    assert "has no XOAUTH2" not in code
    words = {"curl": "--oauth2-bearer", "nodemailer": "OAuth2"}
    assert words.get(kind, "auth=Bearer ") in code
    assert "SMTP_PASSWORD" in code


@pytest.mark.parametrize("kind", KINDS)
def test_a_mechanism_that_a_library_lacks_is_said(kind):
    server = SmtpSettings("mail.example.com", username="u", auth="SCRAM-SHA-256")
    assert "has no SCRAM-SHA-256" in export_code(kind, PLAIN, server)


def test_raw_is_the_message():
    raw = export_code(CodeKind.RAW, WITH_NAMES, SmtpSettings("mail.example.com"))
    _, got = read(raw.encode("utf-8", "surrogateescape"))
    assert got == read(b"".join(compose(WITH_NAMES).chunks()))[1]


def test_go_is_laid_out_as_gofmt_does(drafts, tmp_path):
    if shutil.which("gofmt") is None:
        pytest.skip("Go is not installed; it is large")
    changes = [
        {},
        {"auth": "LOGIN"},
        {"auth": "XOAUTH2"},
        {"tls": TlsMode.IMPLICIT},
        {"tls_ca": "x"},
    ]
    for number, draft in enumerate(drafts.values()):
        settings = SmtpSettings("mail.example.com", username="u")
        settings = replace(settings, **changes[number % len(changes)])
        path = tmp_path / f"{number}.go"
        path.write_text(export_code("go", draft, settings))
        changed = subprocess.run(["gofmt", "-d", path], capture_output=True, text=True, check=True)
        assert changed.stdout == ""

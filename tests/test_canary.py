"""One password and one key through every road and fault: neither is found in anything left behind.

Not in a transcript or its exports, the history, the profiles, the draft, any other file, the log at
its most talkative, an exception or a repr, in whatever form a secret is read out of a record.
"""

import asyncio
import base64
import json
import logging
import ssl
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import trustme

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import SecretMissing, open_account
from mailgui.jobs.reports import SendReport
from mailgui.jobs.request import render_request
from mailgui.jobs.send import send_with_profile, try_connection
from mailgui.jobs.services import Services
from mailgui.message.draft import Address, Draft
from mailgui.net.errors import NetworkFault
from mailgui.smtp.faults import SmtpFault
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.drafts import DraftStore
from mailgui.store.profile import Profile
from mailgui.transcript import Event, Outcome, Phase, codec
from mailgui.transcript.export_har import to_har
from mailgui.transcript.export_json import to_json_dict
from mailgui.transcript.export_text import to_text
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Echo,
    Hear,
    Reset,
    Say,
    Server,
    Step,
    Tls,
    envelope,
    hello,
)

USER = "canary-user"
PASSWORD = "Zq7/canary+pässword=&%"
KEY = 'cnry/9+Q"z&=%41x~K'
DRAFT = Draft(
    sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="S", text="Hi\n"
)


def forms(secret: str) -> set[str]:
    """Return the secret in every form in which it could be read out of a record."""
    raw = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), raw.hex()}
    found |= {raw.hex().upper(), json.dumps(secret)[1:-1]}
    found |= {json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1], repr(raw)[2:-1]}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for lead in range(3):
            text = encode(b"\0" * lead + raw).decode()
            found.add(text[(lead * 8 + 5) // 6 : (lead + len(raw)) * 8 // 6])
    return found


ECHO = " ".join(sorted(forms(PASSWORD)))
KEY_ECHO = " ".join(sorted(forms(KEY)))


class Watcher:
    """An observer, as the window has one."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def event(self, event: Event) -> None:
        self.seen.append(event)

    def phase_started(self, name: str, at: float) -> None:
        self.seen.append(name)

    def phase_ended(self, phase: Phase) -> None:
        self.seen.append(phase)


class Log(logging.Handler):
    """Keeps what is logged, formatted, with tracebacks and the arguments as they were given."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{self.format(record)}\n{record.args!r}\n"


@pytest.fixture
def log() -> Iterator[Log]:
    handler, root = Log(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Every fault of the network and of SMTP that is made, handled or not."""
    made: list[Exception] = []
    for kind in (NetworkFault, SmtpFault):

        def init(self: Any, *args: Any, _real: Any = kind.__init__, **kwargs: Any) -> None:
            _real(self, *args, **kwargs)
            made.append(self)

        monkeypatch.setattr(kind, "__init__", init)
    return made


@pytest.fixture(scope="module")
def untrusted() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def assert_absent(secret: str, texts: dict[str, str]) -> None:
    for where, text in texts.items():
        for form in forms(secret):
            assert form not in text, f"{where} holds the secret as {form}"


def said(report: SendReport) -> dict[str, str]:
    """Return everything that can be made of a report."""
    transcript = report.transcript
    bodies = [(e.request_body, e.response_body) for e in transcript.exchanges]
    return {
        "codec": codec.encode(transcript).decode("utf-8", "backslashreplace"),
        "codec, octets": codec.encode(transcript).decode("latin-1"),
        "text": to_text(transcript, findings=report.findings),
        "json": json.dumps(to_json_dict(transcript), ensure_ascii=False),
        "report": json.dumps(report.to_json_dict()),
        "har": json.dumps(to_har(transcript), ensure_ascii=False),
        "repr": repr(report),
        "bodies": repr(bodies) + "".join(str(body, "utf-8") for pair in bodies for body in pair),
        "events": "".join(event.text for event in transcript.events),
    }


def left_behind(home: Path) -> dict[str, str]:
    """Return every file, the history's journals and the names of files included."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"profiles.toml", "history.sqlite3", "draft.json"} <= {path.name for path in files}
    return {
        f"{path.name} ({how})": path.name + path.read_bytes().decode(how, "backslashreplace")
        for path in files
        for how in ("utf-8", "latin-1")
    }


Work = Callable[..., Awaitable[SendReport]]
WORKS = [send_with_profile, try_connection]


async def carry(profile: Profile, secret: str, work: Work) -> tuple[SendReport, dict[str, str]]:
    """Keep a profile and its secret, do the work, remember everything."""
    services, watcher = Services(), Watcher()
    try:
        profile = services.profiles.add(profile)
        with pytest.raises(SecretMissing) as missing:
            await open_account(services, profile)
        await services.secrets.set(profile, secret)
        DraftStore().save(DRAFT)
        more = (DRAFT,) if work is send_with_profile else ()
        report = await work(watcher, services, profile, *more)
        await services.history.append(report.transcript, report.findings)
        account = await open_account(services, profile)
        shown = [account, profile, services, services.secrets, watcher.seen, missing.value]
        shown.append("".join(traceback.format_exception(missing.value)))
        if isinstance(account.settings, ApiSettings):
            shown.append(render_request(DRAFT, account.settings, account.secrets))
        return report, {"reprs": repr(shown), **said(report)}
    finally:
        await services.close()


@asynccontextmanager
async def serving(handler: Any, context: ssl.SSLContext | None = None) -> Any:
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await handler(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):  # the client may have gone first
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if tasks:
            await asyncio.wait(tasks, timeout=5)


def check(
    main: Callable[[], Awaitable[tuple[SendReport, dict[str, str]]]],
    secret: str,
    log: Log,
    faults: list[Exception],
    home: Path,
) -> SendReport:
    report, texts = asyncio.run(main(), debug=True)
    texts |= left_behind(home)
    texts["log"] = log.text
    texts["faults"] = "".join(f"{fault} {fault!r} {fault.args!r}" for fault in faults)
    assert_absent(secret, texts)
    return report


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    return tmp_path


def sign_in(mechanism: str) -> list[Step]:
    steps: list[Step] = [*hello(f"AUTH {mechanism}"), Hear(f"AUTH {mechanism}")]
    if mechanism == "LOGIN":
        steps += [Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6"), Hear()]
    if mechanism == "CRAM-MD5":
        steps += [Say(f"334 {base64.b64encode(b'<1@good.example>').decode()}"), Hear()]
    return steps


WELCOME = Say(f"235 2.7.0 Welcome {ECHO}")
AFTERWARDS = {
    "success": [WELCOME],
    "echo": [Echo("535-5.7.8 {}"), Say(f"535 5.7.8 {ECHO}"), *GOODBYE],
    "unsolicited": [Say(f"235 Ok\r\n250 {ECHO}")],
    "malformed": [Say(ECHO)],
    "wrong digit": [Say(f"199 {ECHO}"), *GOODBYE],
    "closing": [Say(f"421 4.7.0 {ECHO}")],
    "reset": [Reset()],
    "cut off": [Say(b"535 5.7.8 " + PASSWORD.encode())],
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("ending", AFTERWARDS)
def test_smtp(work, mechanism, ending, log, faults, home):
    script = [*sign_in(mechanism), *AFTERWARDS[ending]]
    if ending == "success":
        script += [*envelope(), *TAKEN] if work is send_with_profile else []
        script += GOODBYE
    server = Server([script])

    async def main():
        async with serving(server.serve) as port:
            settings = SmtpSettings("127.0.0.1", port, TlsMode.NONE, username=USER, timeout=10)
            return await carry(Profile("Canary", settings), PASSWORD, work)

    report = check(main, PASSWORD, log, faults, home)
    good = report.transcript.outcome in (Outcome.ACCEPTED, Outcome.COMPLETED)
    assert good == (ending == "success")
    assert any(mechanism in line for line in server.lines)


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize(
    ("mode", "script", "fault"),
    [
        (
            TlsMode.STARTTLS,
            [*hello("STARTTLS", f"X-{KEY}"), Hear("STARTTLS"), Say(f"220 {ECHO}"), Tls()],
            "certificate_untrusted",
        ),
        (TlsMode.STARTTLS, hello(f"X-{ECHO}"), "starttls_not_offered"),
        (TlsMode.IMPLICIT, [Say(f"220 {ECHO}")], "tls_plaintext_peer"),
        (TlsMode.IMPLICIT, [Tls()], "certificate_untrusted"),
    ],
)
def test_smtp_without_trust(work, mode, script, fault, untrusted, log, faults, home):
    server = Server([script], untrusted)

    async def main():
        async with serving(server.serve) as port:
            settings = SmtpSettings("127.0.0.1", port, mode, username=USER, timeout=10)
            return await carry(Profile("Canary", settings), PASSWORD, work)

    assert check(main, PASSWORD, log, faults, home).transcript.fault == fault
    assert not [line for line in server.lines if "AUTH" in line]


def answering(*octets: bytes) -> Any:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        handler.heard += head + await reader.readexactly(length)  # type: ignore[attr-defined]
        writer.write(b"".join(octets))
        await writer.drain()
        writer.close()

    handler.heard = b""  # type: ignore[attr-defined]
    return handler


def answer(status: str, body: bytes) -> bytes:
    echo = f"HTTP/1.1 {status}\r\nX-Echo: {KEY_ECHO}\r\nSet-Cookie: key={quote(KEY)}\r\n"
    head = f"{echo}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


REFUSAL = json.dumps({"name": "validation_error", "message": f"bad key {KEY}"}).encode()
ANSWERS = {
    "success": answer("200 OK", b'{"id": "1", "key": %s}' % json.dumps(KEY).encode()),
    "echo": answer(f"401 {KEY}", REFUSAL[:-1] + f', "all": {json.dumps(KEY_ECHO)}}}'.encode()),
    "page": answer("403 No", f"<title>{KEY}</title>".encode()),
    "silence": b"",
    "malformed": f"HTTP/1.1 200 OK\r\nbad line {KEY_ECHO}\r\n\r\n".encode(),
    "no HTTP": f"220 {KEY_ECHO}\r\n".encode(),
    "cut off": answer("401 No", REFUSAL)[:-20],
    "redirect": f"HTTP/1.1 307 Go\r\nLocation: https://evil.example/{KEY}\r\n\r\n".encode(),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("provider", ["resend", "postmark", "mailgun", "mandrill"])
def test_api(provider, name, log, faults, home):
    handler = answering(ANSWERS[name])

    async def main():
        async with serving(handler) as port:
            url = f"http://127.0.0.1:{port}"
            settings = ApiSettings(provider, url, {"domain": "mg.example"}, timeout=10)
            return await carry(Profile("Canary", settings), KEY, send_with_profile)

    report = check(main, KEY, log, faults, home)
    assert (report.transcript.outcome is Outcome.ACCEPTED) <= (name == "success")
    basic = base64.b64encode(f"api:{KEY}".encode())
    assert any(
        form in handler.heard for form in (KEY.encode(), basic, KEY.replace('"', '\\"').encode())
    )


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("fault", ["certificate_untrusted", "refused", "tls_plaintext_peer"])
def test_api_without_trust(work, fault, untrusted, log, faults, home):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if fault == "tls_plaintext_peer":
            writer.write(f"HTTP/1.1 400 {KEY_ECHO}\r\n\r\n".encode())
        writer.close()

    async def main():
        context = untrusted if fault == "certificate_untrusted" else None
        async with serving(hang_up, context) as port:
            url = f"https://127.0.0.1:{1 if fault == 'refused' else port}"
            profile = Profile("Canary", ApiSettings("resend", url, timeout=10))
            return await carry(profile, KEY, work)

    assert check(main, KEY, log, faults, home).transcript.fault == fault


def test_the_search_finds_what_it_looks_for():
    """A test that could not fail would be worth nothing."""
    for secret in (PASSWORD, KEY):
        for text in (
            f"x{secret}x",
            base64.b64encode(f"\0{USER}\0{secret}".encode()).decode(),
            base64.urlsafe_b64encode(f"xx{secret}".encode()).decode(),
            json.dumps({"a": secret}),
            f"https://x/?key={quote_plus(secret)}",
            secret.encode().hex(" ").replace(" ", ""),
            repr({"a": secret.encode()}),
        ):
            with pytest.raises(AssertionError, match="holds the secret"):
                assert_absent(secret, {"it": text})


def test_a_second_host_gets_nothing(home):
    """An old secret does not follow a profile whose host was changed in the file."""

    async def main():
        services = Services()
        try:
            old = services.profiles.add(
                Profile("Canary", SmtpSettings("127.0.0.1", 1, username=USER))
            )
            await services.secrets.set(old, PASSWORD)
            new = replace(old, settings=replace(old.settings, host="localhost"))
            with pytest.raises(SecretMissing):
                await try_connection(None, services, new)
        finally:
            await services.close()

    asyncio.run(main())

"""As in ``test_canary``, through what else takes a secret: the console, every sign-in, many
messages, batches, proxies, webhooks, DKIM keys and exported code; also in the temporary folder.
"""

import asyncio
import base64
import json
import os
import stat
import tempfile
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.domain.dkim_key_maker import KeyKind, compare_with_record
from mailgui.jobs.accounts import Account, open_account, open_to_try
from mailgui.jobs.auth_probe import try_every_sign_in
from mailgui.jobs.batch import send_batch
from mailgui.jobs.bulk import send_many_by_api, send_many_by_smtp
from mailgui.jobs.code import CodeKind, CodeProblem, export_code, export_transcript
from mailgui.jobs.console import SignIn, Snapshot, Type, run_console
from mailgui.jobs.dkim_keys import make_dkim_key, match_key_file, save_private_key
from mailgui.jobs.many import send_many
from mailgui.jobs.reports import remembered
from mailgui.jobs.send import send_with_profile
from mailgui.jobs.services import Services
from mailgui.message.compose import compose
from mailgui.message.draft import Attachment, Draft
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.drafts import DraftStore
from mailgui.store.profile import Profile
from mailgui.transcript import Stage
from tests.support.hostile import GOODBYE, Echo, Hear, Say, Server, hello
from tests.test_canary import (
    DRAFT,
    ECHO,
    KEY,
    KEY_ECHO,
    PASSWORD,
    USER,
    Log,
    Watcher,
    answer,
    answering,
    assert_absent,
    faults,
    log,
    said,
    serving,
)

__all__ = ["faults", "log"]  # fixtures
TYPED = "tYp3d+by/hand=only"
TOKEN = "ya29.t0ken/+canary_token=="


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home and a temporary folder of its own, both searched afterwards."""
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    (tmp_path / "tmp").mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path


def search(main, secrets, log: Log, faults: list[Exception], home: Path) -> None:
    """Run ``main``, which returns what it made; look for secrets in that and all that is left."""
    made = asyncio.run(main(), debug=True)
    texts = {"made": repr(made)}
    texts |= {name: value for name, value in made.items() if isinstance(value, str)}
    texts["log"] = log.text
    texts["faults"] = "".join(
        f"{fault} {fault!r} {fault.args!r} {''.join(traceback.format_exception(fault))}"
        for fault in faults
    )
    for path in home.rglob("*"):
        if path.is_file():
            octets = path.read_bytes()
            texts |= {
                f"{path} {how}": octets.decode(how, "replace") for how in ("utf-8", "latin-1")
            }
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        elif path.is_dir():
            assert not stat.S_IMODE(path.stat().st_mode) & 0o022, path
    for secret in secrets:
        assert_absent(secret, texts)


def smtp_profile(port: int, **more: object) -> Profile:
    settings = SmtpSettings("127.0.0.1", port, TlsMode.NONE, username=USER, timeout=10, **more)
    return Profile("Canary", settings)


def api_account(port: int, provider: str = "resend", **more: object) -> Account:
    settings = ApiSettings(provider, f"http://127.0.0.1:{port}", {"domain": "x.example"}, **more)
    return Account("Canary", replace(settings, timeout=10), {"key": KEY, "api_key": KEY})


REFUSED = [Say(f"535 5.7.8 {ECHO}")]


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_console(by_hand, log, faults, home):
    typed = base64.b64encode(TYPED.encode()).decode()
    script = [*hello("AUTH PLAIN LOGIN")]
    if by_hand:
        script += [Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6")]
        script += [Hear(), Echo("535-5.7.8 {}"), Say(f"535 5.7.8 {typed} {TYPED} {ECHO}")]
        script += [Hear("(?i)AUTH  PLAIN"), Say(f"535 {typed} {TYPED}")]
    else:
        script += [Hear("AUTH PLAIN"), *REFUSED, Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6")]
        script += [Hear(), Say("334 UGFzc3dvcmQ6"), Hear(), Echo("535-5.7.8 {}"), *REFUSED]
    script += GOODBYE
    server, watcher, told = Server([script]), Watcher(), []

    async def main():
        services, orders = Services(), asyncio.Queue()
        try:
            async with serving(server.serve) as port:
                profile = services.profiles.add(smtp_profile(port))
                await services.secrets.set(profile, PASSWORD)
                if by_hand:
                    plain = base64.b64encode(f"\0{USER}\0{TYPED}".encode()).decode()
                    for line in ("AUTH LOGIN", "dXNlcg==", typed, f"auth  plain {plain}"):
                        orders.put_nowait(Type(line))
                else:
                    orders.put_nowait(SignIn("PLAIN"))
                    orders.put_nowait(SignIn("LOGIN"))
                for order in (Snapshot(), Type("QUIT")):
                    orders.put_nowait(order)
                report = await run_console(
                    watcher, services, profile, orders, until=Stage.EHLO, tell=told.append
                )
            code = [_code(kind, report.transcript) for kind in CodeKind]
            return {**said(report), "seen": repr((watcher.seen, told, code, orders))}
        finally:
            await services.close()

    search(main, [PASSWORD, TYPED], log, faults, home)
    assert len(server.lines) >= 4


def _code(kind, transcript):
    with suppress(CodeProblem):
        return export_transcript(kind, transcript)
    return ""


def test_every_sign_in(log, faults, home):
    names = "PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"
    refused = f"535 5.7.8 {ECHO} {TOKEN} {base64.b64encode(TOKEN.encode()).decode()}"
    steps = {
        "PLAIN": [Hear("AUTH PLAIN"), Say(refused)],
        "LOGIN": [Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear(), Say("334 UGFzc3dvcmQ6"),
                  Say(refused)],
        "CRAM-MD5": [Hear("AUTH CRAM-MD5"), Say("334 PDFAeD4="), Say(refused)],
        "XOAUTH2": [Hear("AUTH XOAUTH2"), Say(refused)],
        "OAUTHBEARER": [Hear("AUTH OAUTHBEARER"), Say(refused)],
    }  # fmt: skip
    heard: list[str] = []

    async def serve(reader, writer):
        """Answer whichever mechanism is tried, on as many connections as are opened."""
        writer.write(b"220 x\r\n")
        challenges: list[bytes] = []
        while line := await reader.readline():
            word = line.decode().split()
            heard.append(line.decode())
            if challenges:
                writer.write(challenges.pop(0))
            elif word[:1] == ["EHLO"]:
                writer.write(f"250-x\r\n250 AUTH {names}\r\n".encode())
            elif word[:1] == ["AUTH"]:
                says = [step.octets for step in steps[word[1]] if isinstance(step, Say)]
                writer.write(says[0])
                challenges = says[1:]
            elif word[:1] == ["QUIT"]:
                writer.write(b"221 x\r\n")
                break
            else:
                writer.write(b"250 x\r\n")
        writer.close()

    async def main():
        services, watcher, results = Services(), Watcher(), []
        try:
            async with serving(serve) as port:
                account = Account("Canary", smtp_profile(port).settings, {"password": PASSWORD})
                report = await try_every_sign_in(
                    watcher, account, services=services, token=TOKEN, not_offered=True,
                    found=results.append,
                )  # fmt: skip
            document = json.dumps(report.to_json_dict())
            return {
                **said(report.report),
                "seen": repr((watcher.seen, results, report)),
                "d": document,
            }
        finally:
            await services.close()

    search(main, [PASSWORD, TOKEN], log, faults, home)
    assert {line.split()[1] for line in heard if line.startswith("AUTH")} >= set(steps)


def test_many_by_smtp(log, faults, home):
    server = Server([[*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), *REFUSED, *GOODBYE]] * 2)

    async def main():
        services, watcher = Services(), Watcher()
        try:
            async with serving(server.serve) as port:
                account = Account("Canary", smtp_profile(port).settings, {"password": PASSWORD})
                report = await send_many_by_smtp(
                    account, compose(DRAFT), count=2, connections=2, observer=watcher
                )
                report = await remembered(services, report)
            failures = "".join(repr(each) for each in report.failures)
            return {**said(report), "seen": repr(watcher.seen), "failures": failures}
        finally:
            await services.close()

    search(main, [PASSWORD], log, faults, home)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("status", ["401 No", "200 OK"])
def test_many_by_an_api(batch, status, log, faults, home):
    body = json.dumps({"message": f"bad {KEY}", "all": KEY_ECHO, "data": [{"id": KEY}]}).encode()
    handler = answering(answer(status, body))

    async def main():
        services, watcher = Services(), Watcher()
        try:
            async with serving(handler) as port:
                account = api_account(port, retries=2)
                if batch:
                    report = await send_batch(account, [DRAFT, replace(DRAFT, subject="T")])
                else:
                    report = await send_many_by_api(account, DRAFT, count=2, observer=watcher)
                report = await remembered(services, report)
            return {
                **said(report),
                "seen": repr((watcher.seen, report)),
                "f": repr(report.failures),
            }
        finally:
            await services.close()

    search(main, [KEY], log, faults, home)
    assert KEY.encode() in handler.heard


PROXY_PASSWORD = "prx+y/9=Zq:@canary"


@pytest.mark.parametrize("kind", ["socks5", "http"])
@pytest.mark.parametrize("road", ["smtp", "api"])
def test_a_proxy(kind, road, log, faults, home):
    pair = base64.b64encode(f"me:{PROXY_PASSWORD}".encode())
    heard = b""

    async def proxy(reader, writer):
        nonlocal heard
        if kind == "http":
            heard += await reader.readuntil(b"\r\n\r\n")
            told = pair + b" " + PROXY_PASSWORD.encode()
            writer.write(b"HTTP/1.1 503 No " + told + b"\r\nX-Echo: " + told + b"\r\n\r\n")
        else:
            await reader.readexactly(3)
            writer.write(b"\x05\x02")
            heard += await reader.readexactly(5 + len(PROXY_PASSWORD))
            writer.write(b"\x01\x00" + PROXY_PASSWORD.encode())
        writer.close()

    async def main():
        services, watcher = Services(), Watcher()
        try:
            async with serving(proxy) as port:
                address = f"{kind}://me@127.0.0.1:{port}"
                if road == "smtp":
                    profile = smtp_profile(25, proxy=address)
                    profile = replace(profile, settings=replace(profile.settings, username=""))
                else:
                    url = "http://127.0.0.1:1"
                    profile = Profile(
                        "Canary", ApiSettings("resend", url, proxy=address, timeout=10)
                    )
                profile = services.profiles.add(profile)
                await services.secrets.set(profile, PROXY_PASSWORD, "proxy_password")
                if road == "api":
                    await services.secrets.set(profile, KEY)
                    allowed = replace(profile.settings, allow_insecure_auth=True)
                    profile = services.profiles.replace(
                        "Canary", replace(profile, settings=allowed)
                    )
                account = await open_account(services, profile)
                tried = await open_to_try(services, profile)
                report = await send_with_profile(watcher, services, profile, DRAFT)
            return {**said(report), "seen": repr((watcher.seen, account, tried, profile))}
        finally:
            await services.close()

    search(main, [PROXY_PASSWORD, KEY], log, faults, home)
    assert heard


@pytest.mark.parametrize("provider", ["brevo", "mailgun", "postmark", "resend", "mailjet"])
def test_webhooks(provider, log, faults, home):
    secret = "whsec_" + base64.b64encode(b"canary-webhook-key-0123456789").decode()
    pair = base64.b64encode(f"hook:{secret}".encode()).decode()
    body = json.dumps(
        {"event": secret, "signature": {"token": secret}, "email": f"{secret}@x.example"}
    )

    async def main():
        services = Services()
        try:
            desk = services.webhooks
            heard = []
            desk.subscribe(heard.append)
            key = f"hook:{secret}" if provider == "postmark" else secret
            with suppress(ValueError):
                await desk.set_key(provider, key)
            for head in (f"Authorization: Basic {pair}", f"Authorization: Bearer {secret}",
                         f"X-Token: {secret}", f"svix-signature: v1,{secret}"):  # fmt: skip
                await desk.paste(provider, f"POST /hook?key={secret} HTTP/1.1\n{head}\n\n{body}")
            kept = await desk.key(provider)
            return {"seen": repr((desk, desk.records, heard)), "kept": bool(kept)}
        finally:
            await services.close()

    search(main, [secret.removeprefix("whsec_")], log, faults, home)


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ED25519])
def test_dkim_keys(kind, log, faults, home):
    kept: list[str] = []

    async def main():
        services = Services()
        path = home / "private.pem"
        try:
            pair = await make_dkim_key("good.example", "s1", kind)
            await save_private_key(path, pair.private_pem)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            kept.append("".join(pair.private_pem.decode().splitlines()[1:-1]))
            match = None
            with suppress(OSError, ValueError):
                match = await match_key_file(
                    services, path, "good.example", "s1", server="127.0.0.1:1"
                )
            path.write_bytes(pair.private_pem[:60] + b"!!" + pair.private_pem[62:])
            with pytest.raises(ValueError, match=r"\.$") as broken:
                compare_with_record(path.read_bytes(), pair.text)
            path.unlink()
            return {"seen": repr((pair, match)), "fault": "".join(
                traceback.format_exception(broken.value)
            )}  # fmt: skip
        finally:
            await services.close()

    search(main, [], log, faults, home)
    for text in (log.text, *(p.read_text("latin-1") for p in home.rglob("*") if p.is_file())):
        assert kept[0][20:60] not in text


@pytest.mark.parametrize("kind", list(CodeKind))
def test_code_without_the_word_for_it(kind, log, faults, home):
    async def main():
        services = Services()
        try:
            made = []
            for provider in ("resend", "mailgun", "mandrill", "postmark", "amazon_ses"):
                options = {"domain": "x.example", "region": "us-east-1"}
                profile = Profile(provider, ApiSettings(provider, "http://127.0.0.1:1", options))
                profile = services.profiles.add(profile)
                await services.secrets.set(profile, KEY)
                with suppress(CodeProblem):
                    made.append(export_code(kind, DRAFT, profile.settings))
            profile = services.profiles.add(smtp_profile(1))
            await services.secrets.set(profile, PASSWORD)
            with suppress(CodeProblem):
                made.append(export_code(kind, DRAFT, profile.settings))
            assert made
            return {"code": "\n".join(made)}
        finally:
            await services.close()

    search(main, [PASSWORD, KEY], log, faults, home)


def test_the_folders_of_a_home_are_private(home):
    """Whatever the umask says."""
    before = os.umask(0)
    try:

        async def main():
            services = Services()
            server = Server([[Say("554 No"), *GOODBYE]])
            try:
                async with serving(server.serve) as port:
                    profile = services.profiles.add(smtp_profile(port))
                    await services.secrets.set(profile, PASSWORD)
                    pasted = replace(DRAFT, attachments=(Attachment("p.bin", data=b"x"),))
                    DraftStore().save(pasted)
                    await send_with_profile(None, services, profile, pasted)
                await services.start_sandbox()
                assert list((home / "tmp").rglob("*.pem"))
            finally:
                found = [*(home / "home").rglob("*"), *(home / "tmp").rglob("*")]
                modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
                await services.close()
                for path, mode in modes.items():
                    assert not mode & 0o077, (path, oct(mode))

        asyncio.run(main())
    finally:
        os.umask(before)


def test_sending_many_by_profile(log, faults, home):
    server = Server([[*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), *REFUSED, *GOODBYE]] * 4)

    async def main():
        services = Services()
        try:
            async with serving(server.serve) as port:
                profile = services.profiles.add(smtp_profile(port, retries=1, retry_delay=0.01))
                await services.secrets.set(profile, PASSWORD)
                report = await send_with_profile(
                    None, services, profile, Draft(DRAFT.sender, DRAFT.to)
                )
            return {**said(report), "many": repr(send_many)}
        finally:
            await services.close()

    search(main, [PASSWORD], log, faults, home)

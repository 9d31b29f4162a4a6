"""Which code there is of what, code of recorded conversations, and that no secret gets into any."""

import asyncio
import base64
import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.jobs import code_left_out
from mailgui.jobs.accounts import Account
from mailgui.jobs.code import (
    HTTP_ONLY,
    KINDS,
    SMTP_ONLY,
    CodeKind,
    CodeProblem,
    export_code,
    export_transcript,
    fitting,
)
from mailgui.jobs.code_secrets import Secrets
from mailgui.jobs.send import send_with_account
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.wanted import DsnRequest, Wanted
from mailgui.transcript import Kind, Outcome, Stage, Transcript
from tests.support import programs
from tests.support.sandbox import running_sandbox

CANARY = "cnry_7f3e9b1c5d"
OPTIONS = {"domain": "good.example", "region": "us-east-1", "project_id": "p1"}
DRAFT = Draft(
    sender=Address("s@good.example", "Zoë"),
    to=(Address("a@good.example"), Address("b@good.example")),
    subject="Grüße `x`",
    text="Hello\nthere\n",
    html="<p>Hello</p>",
    attachments=(Attachment("a.bin", data=bytes(range(256))),),
)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))


def smtp_account(sandbox, **changes):
    settings = SmtpSettings(
        "127.0.0.1",
        sandbox.smtp.port,
        TlsMode.STARTTLS,
        tls_ca=str(sandbox.ca_pem_path),
        username=sandbox.username,
        auth="PLAIN",
        helo="me.example",
    )
    return Account("A", replace(settings, **changes), {"password": sandbox.password})


def api_account(sandbox, provider):
    settings = ApiSettings(provider, sandbox.base_url(provider), OPTIONS)
    names = [secret.name for secret in load_providers()[provider].auth.secrets]
    return Account("A", settings, dict.fromkeys(names, sandbox.api_key))


def recorded(account, draft=DRAFT, plan=None):
    report = asyncio.run(send_with_account(account, draft, plan=plan))
    return report.transcript


def test_every_kind_has_its_words():
    assert set(KINDS) == set(CodeKind)
    assert fitting(Kind.DNS) == ()
    assert set(fitting(Kind.HTTP)) | set(fitting(Kind.SMTP)) == set(CodeKind)
    assert HTTP_ONLY.isdisjoint(fitting(Kind.SMTP))
    assert SMTP_ONLY.isdisjoint(fitting(Kind.HTTP))


@pytest.mark.parametrize("kind", sorted(HTTP_ONLY))
def test_http_kinds_need_an_api(kind):
    with pytest.raises(CodeProblem, match=f"{kind} speaks HTTP, .* SMTP server: choose smtplib"):
        export_code(kind, DRAFT, SmtpSettings("mail.example.com"))


@pytest.mark.parametrize("kind", sorted(SMTP_ONLY))
def test_smtp_kinds_of_an_api_go_through_its_twin(kind):
    extras = ApiExtras(tags=("a",), idempotency_key="k")
    code = export_code(kind, replace(DRAFT, extras=extras), ApiSettings("resend"))
    assert "smtp.resend.com" in code
    assert "RESEND_SMTP_PASSWORD" in code
    assert "tags, the idempotency key" in code
    assert "not its API" in code
    regional = ApiSettings("amazon_ses", options={"region": "eu-west-1"})
    assert "email-smtp.eu-west-1.amazonaws.com" in export_code(kind, DRAFT, regional)
    mailgun = export_code(kind, DRAFT, ApiSettings("mailgun", options={"region": "eu"}))
    assert "smtp.eu.mailgun.org" in mailgun
    assert "MAILGUN_SMTP_USER" in mailgun


def test_an_api_without_a_twin_says_so():
    with pytest.raises(CodeProblem, match="knows no SMTP server of Postal"):
        export_code("smtplib", DRAFT, ApiSettings("postal"))


def test_what_has_no_code():
    with pytest.raises(CodeProblem, match="no UNIX sockets"):
        export_code("smtplib", DRAFT, SmtpSettings("localhost", unix_socket="/run/lmtp"))
    code = export_code("smtplib", DRAFT, SmtpSettings("h", proxy="socks5://p", retries=2))
    assert "the proxy, trying again" in code


def test_what_a_provider_cannot_carry_is_said_in_the_code():
    inline = Attachment("logo.png", "image/png", data=b"x", content_id="logo")
    draft = replace(DRAFT, html="<img src='cid:logo'>", attachments=(inline,))
    assert "# " in export_code("httpx", draft, ApiSettings("scaleway", options={"project_id": "p"}))


def test_variables_of_ones_own():
    own = Secrets({"password": "MY_PW", "key": "MY_KEY"})
    smtp = SmtpSettings("mail.example.com", username="u")
    assert 'os.environ["MY_PW"]' in export_code("smtplib", DRAFT, smtp, own)
    assert "$MY_KEY" in export_code("curl", DRAFT, ApiSettings("resend"), own)
    bad = Secrets({"key": "A$(id)"})
    assert "$RESEND_API_KEY" in export_code("curl", DRAFT, ApiSettings("resend"), bad)


def forms(secret):
    return (secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex())


@pytest.mark.parametrize("kind", list(CodeKind))
def test_no_secret_but_where_it_was_asked_for(kind, sandbox):
    settings = [ApiSettings(each, options=OPTIONS) for each in load_providers()]
    settings.append(SmtpSettings("mail.example.com", username="u"))
    for each in settings:
        names = ["password"]
        if isinstance(each, ApiSettings):
            names = [secret.name for secret in load_providers()[each.provider].auth.secrets]
        inline = dict.fromkeys(names, CANARY)
        try:
            usual = export_code(kind, DRAFT, each)
            asked = export_code(kind, DRAFT, each, Secrets(inline=inline))
        except CodeProblem:
            continue
        assert not any(form in usual for form in forms(CANARY))
        by_api = isinstance(each, ApiSettings) and kind not in SMTP_ONLY
        if by_api and kind is not CodeKind.RAW:
            assert CANARY in asked
            assert "keep it to yourself" in asked
        if isinstance(each, SmtpSettings) and kind is not CodeKind.RAW:
            assert CANARY in asked
    assert CANARY not in repr(Secrets(inline={"key": CANARY}))


@pytest.mark.parametrize("kind", fitting(Kind.HTTP))
@pytest.mark.parametrize("provider", ["resend", "mailgun", "mandrill", "amazon_ses", "mailjet"])
def test_a_recorded_request_runs_again(provider, kind, sandbox, tmp_path, monkeypatch):
    account = api_account(sandbox, provider)
    transcript = recorded(account)
    assert transcript.outcome is Outcome.ACCEPTED
    code = export_transcript(kind, transcript)
    assert sandbox.api_key not in code
    if kind is CodeKind.RAW:
        assert code.startswith("POST /")
        return
    assert "running it sends the message again" in code.replace("\n# ", " ").replace("\n// ", " ")
    if kind is CodeKind.GO and provider != "mailgun":
        return  # one is compiled
    programs.need(kind, by_api=True)
    original = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
    names = dict.fromkeys(variables(provider), sandbox.api_key)
    before = len(sandbox.mailbox)
    programs.run_any(kind, code, tmp_path, monkeypatch, **names)
    assert len(sandbox.mailbox) == before + 1
    repeated = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
    if transcript.exchanges[0].request_body.startswith(b"{"):
        assert json.loads(repeated) == json.loads(original)
    else:
        assert bytes(range(256)) in repeated
        assert b"Hello\nthere\n" in repeated


def variables(provider):
    from mailgui.api.code_request import variable_name

    definition = load_providers()[provider]
    return [variable_name(definition, secret.name) for secret in definition.auth.secrets]


@pytest.mark.parametrize("kind", fitting(Kind.SMTP))
def test_a_recorded_dialogue_runs_again(kind, sandbox, tmp_path, monkeypatch):
    account = smtp_account(sandbox)
    transcript = recorded(account)
    code = export_transcript(kind, transcript)
    assert sandbox.password not in code
    if kind is CodeKind.RAW:
        assert "MAIL FROM:<s@good.example>" in code
        assert "RCPT TO:<b@good.example>" in code
        assert "[message: " in code
        return
    assert "message.eml" in code
    programs.need(kind)
    if kind is CodeKind.SWAKS and not programs.swaks_knows_tls():
        pytest.skip("swaks has no TLS here (Debian's package libnet-ssleay-perl)")
    message = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
    (tmp_path / "message.eml").write_bytes(message.replace(b"\r\n", b"\n"))
    before = len(sandbox.mailbox)
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.ca_pem_path))
    trusted = {"NODE_EXTRA_CA_CERTS": str(sandbox.ca_pem_path)}
    secrets = {"SMTP_USER": sandbox.username, "SMTP_PASSWORD": sandbox.password, **trusted}
    if kind is CodeKind.CURL:  # it knows its authorities by another name
        secrets["CURL_CA_BUNDLE"] = str(sandbox.ca_pem_path)
    programs.run_any(kind, code, tmp_path, monkeypatch, **secrets)
    assert len(sandbox.mailbox) == before + 1
    captured = sandbox.mailbox.list()[0]
    assert captured.envelope_from == "s@good.example"
    assert captured.recipients == ("a@good.example", "b@good.example")
    assert captured.user == sandbox.username
    assert captured.greeting == "me.example"
    assert captured.tls
    body = sandbox.mailbox.body(captured.id)
    assert body.replace(b"\r\n", b"\n").strip() == message.replace(b"\r\n", b"\n").strip()


def test_a_dialogue_that_named_nobody(sandbox):
    transcript = recorded(smtp_account(sandbox), plan=Plan(stop_after=Stage.EHLO))
    with pytest.raises(CodeProblem, match="ended before it named"):
        export_transcript("smtplib", transcript)
    assert export_transcript("raw", transcript).startswith("EHLO me.example")


def test_what_does_not_fit_a_record(sandbox):
    with pytest.raises(CodeProblem, match="httpx speaks HTTP, and this was a dialogue by SMTP"):
        export_transcript("httpx", recorded(smtp_account(sandbox)))
    with pytest.raises(CodeProblem, match="swaks speaks SMTP, and this was a request by HTTP"):
        export_transcript("swaks", recorded(api_account(sandbox, "resend")))
    empty = Transcript("1", Kind.HTTP, datetime.now(UTC), "t", "p", Outcome.FAILED)
    with pytest.raises(CodeProblem, match="No request was sent"):
        export_transcript("curl", empty)
    with pytest.raises(CodeProblem, match="not mail"):
        export_transcript("curl", replace(empty, kind=Kind.DNS))


@pytest.mark.parametrize("kind", sorted(set(CodeKind) - HTTP_ONLY - {CodeKind.RAW}))
def test_what_a_plan_asks_for_and_no_code_carries_is_said(kind):
    plan = Plan(
        stop_after=Stage.RCPT,
        chunking=True,
        use=frozenset({"SIZE"}),
        dsn=DsnRequest(notify=("NEVER",)),
        wanted=Wanted(require_tls=True, priority=1),
    )
    code = export_code(kind, DRAFT, SmtpSettings("h"), plan=plan, lost=["--count"])
    comments = " ".join(line.strip(" #/*") for line in code.splitlines()[:20])
    assert (
        "Asked for, but not in this code: the stop before the message's end, BDAT in place of "
        "DATA, leaving extensions unused, the request for delivery reports (DSN), REQUIRETLS, the "
        "priority (MT-PRIORITY)."
    ) in comments
    assert "Asked for, but not in this code: --count." in comments


def test_the_usual_plan_leaves_nothing_out():
    assert "Asked for" not in export_code("curl", DRAFT, SmtpSettings("h"), plan=Plan())


def test_every_part_of_a_plan_has_words():
    assert set(code_left_out._PLAN) == {f.name for f in fields(Plan)} - {"wanted"}
    assert set(code_left_out._WANTED) == {f.name for f in fields(Wanted)}


@pytest.mark.parametrize(("kind", "said"), [("httpx", True), ("requests", True), ("curl", False)])
def test_http_2_is_said_where_the_code_has_none(kind, said):
    settings = ApiSettings("resend", http2=True)
    assert ("HTTP/2 was asked for" in export_code(kind, DRAFT, settings)) == said

"""Exported code of requests: run against the sandbox, it sends what MailGUI would send."""

import email.parser
import email.policy
import json
import re
import shutil
import subprocess
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from mailgui.api import sigv4
from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.jobs.code import CodeKind, export_code
from mailgui.jobs.code_secrets import Secrets
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft
from tests.support import programs
from tests.support.sandbox import running_sandbox

PNG = b"\x89PNG\r\n\x1a\n\0\xff"
OPTIONS = {"domain": "good.example", "region": "us-east-1", "project_id": "p1"}
KINDS = ["curl", "httpx", "requests", "php", "go"]
DRAFT = Draft(
    sender=Address("s@good.example", 'Zoë "Q" $HOME `id`'),
    to=(Address("a@good.example", "A, B"), Address("b@good.example")),
    cc=(Address("c@good.example"),),
    bcc=(Address("d@good.example"),),
    reply_to=(Address("r@good.example", "R"),),
    subject="Grüße $(id) `x` \"q\" 'y' \\n ☃ 100% {x}",
    text="Hi ${HOME}\n`uname`\n.\nEOF\nJSON\n\\ 'x' \"y\"\n",
    html="<p>Ünï {x} %s <img src='cid:logo'></p>",
    extras=ApiExtras(tags=("welcome", "spring"), metadata={"order": "17"}),
)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))


@pytest.fixture
def draft(tmp_path):
    """A draft with all that a provider may carry, a file with a path among it."""
    path = tmp_path / "pri ce's $(id).pdf"
    path.write_bytes(bytes(range(256)) * 300)
    return replace(
        DRAFT,
        attachments=(
            Attachment(path.name, "application/pdf", path=path),
            Attachment('grün "1".txt', "text/plain", data="nöte\n".encode()),
            Attachment("logo.png", "image/png", data=PNG, content_id="logo"),
        ),
    )


def parts(content_type, content):
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + content)
    return sorted(
        (
            part.get_param("name", header="content-disposition"),
            (part.get_filename() or "").replace("%22", '"').replace('\\"', '"'),
            part.get_content_type() if part.get_filename() else "",
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    )


def boundary_of(content):
    return re.match(rb"--([^\r\n]+)\r\n", content)[1].decode()


def tree(rendered_kind, content):
    """Return a body in a form in which equal ones are equal."""
    if rendered_kind == "json":
        return json.loads(content)
    if rendered_kind == "form":
        return sorted(parse_qsl(content.decode(), keep_blank_values=True))
    return parts(f"multipart/form-data; boundary={boundary_of(content)}", content)


# Go is compiled for one provider of each scheme and body only.
GO_FOR = {"resend", "mailgun", "amazon_ses", "mandrill", "mailjet"}
EVERY = [(p, k) for p in sorted(load_providers()) for k in KINDS if k != "go" or p in GO_FOR]


@pytest.mark.parametrize(("provider", "kind"), EVERY)
def test_every_provider(provider, kind, sandbox, draft, tmp_path, monkeypatch):
    programs.need(kind, by_api=True)
    settings = ApiSettings(provider, sandbox.base_url(provider), OPTIONS)
    names = {secret.name: "THE_KEY" for secret in load_providers()[provider].auth.secrets}
    names.pop("session_token", None)
    code = export_code(kind, draft, settings, Secrets(names))
    before = len(sandbox.mailbox)
    programs.run_any(kind, code, tmp_path, monkeypatch, THE_KEY=sandbox.api_key)
    assert len(sandbox.mailbox) == before + 1
    captured = sandbox.mailbox.list()[0]
    assert captured.provider == provider
    key = dict.fromkeys(names, sandbox.api_key)
    rendered = render(draft, load_providers()[provider], settings, key)
    got = tree(rendered.body_kind, sandbox.mailbox.body(captured.id))
    assert got == tree(rendered.body_kind, rendered.content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_without_files(kind, sandbox, tmp_path, monkeypatch):
    programs.need(kind, by_api=True)
    settings = ApiSettings("mailgun", sandbox.base_url("mailgun"), OPTIONS)
    code = export_code(kind, DRAFT, settings)
    programs.run_any(kind, code, tmp_path, monkeypatch, MAILGUN_API_KEY=sandbox.api_key)
    rendered = render(DRAFT, load_providers()["mailgun"], settings)
    body = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
    assert tree("form", body) == tree("form", rendered.content)


def test_a_form_with_much_text_by_curl(sandbox, tmp_path, monkeypatch):
    """More than one word of a command line can hold."""
    programs.need("curl")
    long = replace(DRAFT, text="line 'x' $y\n" * 20_000)
    for draft in (long, replace(long, attachments=(Attachment("a", data=PNG * 30_000),))):
        settings = ApiSettings("mailgun", sandbox.base_url("mailgun"), OPTIONS)
        code = export_code("curl", draft, settings)
        programs.run("curl", code, tmp_path, MAILGUN_API_KEY=sandbox.api_key)
        rendered = render(draft, load_providers()["mailgun"], settings)
        body = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
        assert tree(rendered.body_kind, body) == tree(rendered.body_kind, rendered.content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_ends_the_program(kind, sandbox, tmp_path, monkeypatch):
    programs.need(kind, by_api=True)
    code = export_code(kind, DRAFT, ApiSettings("resend", sandbox.base_url("resend")))
    with pytest.raises(BaseException, match="401"):
        programs.run_any(kind, code, tmp_path, monkeypatch, RESEND_API_KEY="wrong")


@pytest.mark.parametrize("kind", ["httpx", "requests", "go"])
def test_awss_signature(kind, tmp_path, monkeypatch):
    """What the code signs, our own signer signs in the same way."""
    programs.need(kind)
    heard = {}
    with listening(heard) as url:
        settings = ApiSettings("amazon_ses", url, {"region": "eu-west-1"})
        names = {"access_key": "ACCESS", "secret_key": "SECRET", "session_token": "TOKEN"}
        code = export_code(kind, DRAFT, settings, Secrets(names))
        variables = {"ACCESS": "AKIA1", "SECRET": "s3cr3t/+", "TOKEN": "tok"}
        programs.run_any(kind, code, tmp_path, monkeypatch, **variables)
    from datetime import UTC, datetime

    moment = datetime.strptime(heard["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expected = sigv4.sign(
        "POST",
        f"http://{heard['host']}/v2/email/outbound-emails",
        [("Content-Type", heard["content-type"])],
        heard["body"],
        access_key="AKIA1",
        secret_key="s3cr3t/+",
        session_token="tok",
        region="eu-west-1",
        service="ses",
        now=moment,
    )
    assert dict(expected)["Authorization"] == heard["authorization"]
    assert heard["x-amz-security-token"] == "tok"


def listening(heard):
    import threading
    from contextlib import contextmanager
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.update({name.lower(): value for name, value in self.headers.items()})
            heard["body"] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    @contextmanager
    def serve():
        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            thread.join(10)
            server.server_close()

    return serve()


def test_files_with_a_path_are_read_when_the_code_runs(draft, tmp_path):
    (tmp_path / "pri ce's $(id).pdf").write_bytes(b"canary" * 50)
    for kind in KINDS:
        code = export_code(kind, draft, ApiSettings("resend"))
        assert "Y2FuYXJ5" not in code
        assert "pdf" in code


def test_tls_settings(tmp_path):
    ca = ApiSettings("resend", tls_ca="/ca's.pem", timeout=2.5)
    open_ = ApiSettings("resend", tls_verify=False)
    expected = {
        "curl": ("--cacert '/ca'\\''s.pem'", "--insecure"),
        "httpx": ('load_verify_locations("/ca\'s.pem")', "verify=False"),
        "requests": ('verify="/ca\'s.pem"', "verify=False"),
        "php": ("CURLOPT_CAINFO => '/ca\\'s.pem'", "CURLOPT_SSL_VERIFYPEER => false"),
        "go": ('os.ReadFile("/ca\'s.pem")', "InsecureSkipVerify: true"),
    }
    for kind, (own, off) in expected.items():
        assert own in export_code(kind, DRAFT, ca)
        assert off in export_code(kind, DRAFT, open_)
        assert off not in export_code(kind, DRAFT, ca)


@pytest.mark.parametrize("provider", ["resend", "mailgun", "amazon_ses", "mandrill"])
def test_go_is_laid_out_as_gofmt_does(provider, draft, tmp_path):
    if shutil.which("gofmt") is None:
        pytest.skip("Go is not installed; it is large")
    for number, each in enumerate((draft, DRAFT)):
        path = tmp_path / f"{number}.go"
        settings = ApiSettings(provider, options=OPTIONS, tls_verify=number == 0)
        path.write_text(export_code("go", each, settings))
        changed = subprocess.run(["gofmt", "-d", path], capture_output=True, text=True, check=True)
        assert changed.stdout == ""


def test_raw_is_the_request_as_it_goes_out():
    raw = export_code(CodeKind.RAW, DRAFT, ApiSettings("postmark"))
    head, _, body = raw.partition("\r\n\r\n")
    assert head.startswith("POST /email HTTP/1.1\r\nHost: api.postmarkapp.com\r\n")
    assert "X-Postmark-Server-Token: YOUR_API_KEY" in head
    assert f"Content-Length: {len(body.encode())}" in head
    assert json.loads(body)["Subject"] == DRAFT.subject

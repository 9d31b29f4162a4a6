"""``mailgui webhook``: what `send` signs `verify` takes for genuine, and nothing else."""

import base64
import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mailgui.api.provider import load_providers
from mailgui.sandbox.webhook_simulation import possible

SECRET = "whsec_" + base64.b64encode(b"canary-canary-canary-1234").decode()
PROVIDERS = {name: p for name, p in load_providers().items() if p.webhooks}
SNS = {"amazon_ses", "scaleway"}


@contextmanager
def receiver(status=200, body=b"taken", location=""):
    """A receiver on loopback; yields its address and the requests as they went over the wire."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
            seen.append(f"{self.requestline}\r\n{head}\r\n".encode() + content)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _home(home, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("SECRET", SECRET)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_sample_of_every_provider_is_genuine_by_the_key_that_is_printed(
    cli_json, tmp_path, monkeypatch, name
):
    with receiver() as (url, seen):
        code, sent = cli_json("webhook", "send", "--provider", name, "--event", "bounced", url)
    assert (code, sent["status"], sent["taken"], sent["answer"]) == (0, 200, True, "taken")
    monkeypatch.setenv("PRINTED", sent["key"] or "")
    file = tmp_path / "request"
    file.write_bytes(seen[0])
    key = ["--secret-env", "PRINTED"] if sent["key"] else []
    scheme = PROVIDERS[name].webhooks.signature.scheme
    if name in SNS:  # whose certificate would have to be fetched from the vendor
        assert "does not exist" in sent["note"]
        return
    code, found = cli_json("webhook", "verify", "--provider", name, *key, "--url", url, file)
    verdict = "unchecked" if scheme == "none" else "genuine"
    assert found["verdict"] == verdict, found["sentence"]
    assert code == (2 if scheme == "none" else 0)
    (event,) = found["events"]
    assert (event["normal"], event["message_id"]) == ("bounced", "mailgui-sample")
    assert event["recipient"] == "recipient@example.org"


def test_it_is_signed_as_svix_documents_it(cli):
    with receiver() as (url, seen):
        code, out, _ = cli("webhook", "send", "--provider", "resend", "--secret-env", "SECRET", url)
    assert code == 0
    assert "The receiver took it (200).\ntaken" in out
    head, _, body = seen[0].partition(b"\r\n\r\n")
    fields = {
        name.decode().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = b".".join((fields["svix-id"], fields["svix-timestamp"], body))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert fields["svix-signature"] == b"v1," + base64.b64encode(digest)
    assert json.loads(body)["type"] == "email.delivered"
    assert SECRET not in out
    assert "canary" not in out


@pytest.fixture
def resend(cli, tmp_path):
    """A genuine request of Resend in a file, and its parts."""
    with receiver() as (url, seen):
        cli("webhook", "send", "--provider", "resend", "--secret-env", "SECRET", url)
    file = tmp_path / "request"
    file.write_bytes(seen[0])
    return file


WORDS = ["webhook", "verify", "--provider", "resend", "--secret-env", "SECRET"]


def test_forged_and_why(cli, resend, monkeypatch):
    code, out, _ = cli(*WORDS, resend)
    assert code == 0
    assert out.startswith("Genuine: The signature is Resend's.\n  delivered  (email.delivered)")
    whole = resend.read_bytes()
    resend.write_bytes(whole.replace(b"recipient@", b"somebody@"))
    code, out, _ = cli(*WORDS, resend)
    assert code == 1
    assert out.startswith("Forged: ")
    resend.write_bytes(whole)
    code, out, _ = cli(*WORDS, "--at", "2036-01-01T00:00:00Z", resend)
    assert code == 1
    assert "too old" in out
    monkeypatch.setenv("SECRET", "whsec_" + base64.b64encode(b"another").decode())
    assert cli(*WORDS, resend)[0] == 1
    monkeypatch.setenv("SECRET", "no whsec")
    code, out, _ = cli(*WORDS, resend)
    assert code == 1
    assert "begins with whsec_" in out
    assert cli(*WORDS[:4], resend)[0] == 2  # nobody ever entered a key


def test_the_body_alone_with_its_headers_as_flags(cli_json, resend):
    head, _, body = resend.read_bytes().partition(b"\r\n\r\n")
    resend.write_bytes(body)
    lines = [line.decode() for line in head.split(b"\r\n") if b"svix" in line]
    headers = [word for line in lines for word in ("--header", line)]
    code, found = cli_json(*WORDS, *headers, resend)
    assert (code, found["verdict"], found["reason"]) == (0, "genuine", "signed")
    code, found = cli_json(*WORDS, *headers[2:], resend)
    assert (code, found["verdict"], found["reason"]) == (1, "forged", "missing_header")


def test_on_standard_input(cli_json, resend, monkeypatch):
    with resend.open("rb") as file:
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": file}))
        assert cli_json(*WORDS, "-")[1]["verdict"] == "genuine"


@pytest.mark.parametrize("provider", ["sendgrid", "postal"])
def test_a_private_key_signs_where_the_scheme_has_a_pair(cli_json, tmp_path, monkeypatch, provider):
    signature = PROVIDERS[provider].webhooks.signature
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if signature.scheme == "ecdsa"
        else rsa.generate_private_key(65537, 2048)
    )
    made = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, made[1], made[0]).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    monkeypatch.setenv("PRIVATE", pem)
    monkeypatch.setenv("PUBLIC", public.decode())
    with receiver() as (url, seen):
        words = ["--provider", provider, "--secret-env", "PRIVATE", url]
        code, sent = cli_json("webhook", "send", *words)
    assert (code, sent["key"]) == (0, None)
    file = tmp_path / "request"
    file.write_bytes(seen[0])
    words = ["--provider", provider, "--secret-env", "PUBLIC", file]
    assert cli_json("webhook", "verify", *words)[1]["verdict"] == "genuine"
    monkeypatch.setenv("PRIVATE", public.decode())
    with receiver() as (url, seen):
        words = ["--provider", provider, "--secret-env", "PRIVATE", url]
        assert cli_json_code(cli_json, *words) == 64
    assert not seen


def cli_json_code(cli_json, *words):
    try:
        return cli_json("webhook", "send", *words)[0]
    except json.JSONDecodeError:
        return 64  # wrong usage prints no document


@pytest.mark.parametrize(
    ("status", "location", "said"),
    [(401, "", "refused it (401)"), (500, "", "would try again"), (302, "http://x/", "redirects")],
)
def test_what_the_receiver_answers(cli, status, location, said):
    with receiver(status, b"\x1b[2J" + SECRET.encode(), location) as (url, seen):
        code, out, _ = cli("webhook", "send", "--provider", "resend", "--secret-env", "SECRET", url)
    assert code == 1
    assert said in out
    assert len(seen) == 1
    assert SECRET not in out
    assert "\x1b" not in out


def test_nobody_there(cli_json):
    with receiver() as (url, _):
        pass
    code, sent = cli_json("webhook", "send", "--provider", "resend", url)
    assert (code, sent["status"], sent["taken"]) == (2, None, False)
    assert sent["sentence"].endswith(".")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["send", "--provider", "resend", "http://example.com/hook"], "on this machine only"),
        (["send", "--provider", "resend", "http://127.0.0.1.example.com/"], "on this machine only"),
        (
            ["send", "--provider", "resend", "--event", "unsubscribed", "http://[::1]/"],
            "it reports",
        ),
        (["send", "--provider", "generic", "http://localhost/"], "nothing that is known"),
        (["send", "--provider", "nobody", "http://localhost/"], "no provider"),
        (["send", "--provider", "resend", "--secret-env", "NOT_SET", "http://[::1]/"], "NOT_SET"),
        (["send", "--provider", "amazon_ses", "--secret-env", "SECRET", "http://[::1]/"], "no key"),
        (["verify", "--provider", "resend", "/nowhere"], "cannot be read"),
        (["verify", "--provider", "nobody", "FILE"], "no provider"),
        (["verify", "--provider", "generic", "FILE"], "not known how Generic JSON reports"),
        (["verify", "--provider", "resend", "EMPTY"], "is empty: it should hold"),
        (["verify", "--provider", "resend", "HUGE"], "too much"),
        (["verify", "--provider", "resend", "--header", "x\r\ny: z", "FILE"], "one line"),
        (["verify", "--provider", "resend", "--header", "no colon", "FILE"], "is no header"),
        (["verify", "--provider", "resend", "--at", "soon", "FILE"], "--at takes a time"),
        (["verify", "--provider", "resend", "--at", "0001-01-01", "FILE"], "--at takes a time"),
    ],
)
def test_wrong_usage(cli, tmp_path, words, said):
    for name, octets in (("FILE", b"{}"), ("EMPTY", b""), ("HUGE", b" {" + b"x" * 3_000_000)):
        (tmp_path / name).write_bytes(octets)
    paths = [str(tmp_path / word) if word.isupper() and word != "NOT_SET" and word != "SECRET"
             else word for word in words]  # fmt: skip
    code, out, err = cli("webhook", *paths)
    assert (code, out) == (64, "")
    assert said in err
    assert err.count("\n") == 1


def test_every_provider_with_samples_has_both_usual_events():
    for provider in PROVIDERS.values():
        assert {"delivered", "bounced"} <= set(possible(provider)), provider.id

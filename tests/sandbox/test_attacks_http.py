"""The embedded HTTP server against a client that means it ill."""

import contextlib
import gzip
import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.sandbox import api_request, http_app, http_server, idempotency, listening
from mailgui.sandbox.sandbox import Sandbox
from tests.support.effort import bounded_effort

Drive = Callable[..., None]
BODY = {"from": "a@b.example", "to": ["c@d.example"], "subject": "s", "text": "t"}
CONTENT = json.dumps(BODY).encode()
PROVIDERS = load_providers()
_GET = b"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: "


def connect(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection((sandbox.http.host, sandbox.http.port), timeout=30)


def say(sandbox: Sandbox, octets: bytes) -> list[int]:
    """Send octets and nothing more; return the statuses of the answers until the server closes."""
    with connect(sandbox) as connection, connection.makefile("rb") as answers:
        with contextlib.suppress(OSError):
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
        try:
            told = answers.read()
        except ConnectionError:
            return []
    return [int(line[9:12]) for line in told.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def head(sandbox: Sandbox, *lines: str, path: str = "/resend/emails") -> bytes:
    fixed = (f"POST {path} HTTP/1.1", f"Host: {sandbox.http}")
    key = (f"Authorization: Bearer {sandbox.api_key}", "Content-Type: application/json")
    return "\r\n".join((*fixed, *key, *lines, "", "")).encode()


def post(sandbox: Sandbox, content: bytes, path: str = "/resend/emails", **headers: str) -> Any:
    own = {"Authorization": f"Bearer {sandbox.api_key}", "Content-Type": "application/json"}
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(
        f"http://{sandbox.http}{path}", content=content, headers=own, timeout=30, verify=False
    )


def test_a_body_that_drips_has_an_end(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_app, "REQUEST_SECONDS", 0)

    def work(sandbox: Sandbox) -> None:
        for path in ("/resend/emails", "/webhooks/resend"):
            with connect(sandbox) as connection, connection.makefile("rb") as answer:
                connection.sendall(head(sandbox, "Content-Length: 100", path=path) + b"{")
                assert answer.readline().split()[1] == b"408"

    drive(work)


def test_heads_that_drip_keep_nobody_out(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(listening, "STALE", 0)

    def work(sandbox: Sandbox) -> None:
        with contextlib.ExitStack() as held:
            dripping = [held.enter_context(connect(sandbox)) for _ in range(3)]
            for connection in dripping:
                connection.sendall(b"POST /resend/emails HTTP/1.1\r\nX: ")
            assert post(sandbox, CONTENT).status_code == 200
            assert dripping[0].recv(1) == b""

    drive(work)


@pytest.mark.parametrize(
    ("lines", "body", "most"),
    [
        # Two lengths, or a length and chunks: what one reader takes for the end, another does not.
        (("Content-Length: 3", "Content-Length: 200"), b"{}\n", 0),
        (("Content-Length: 5, 6",), b"{}\n", 0),
        (("Transfer-Encoding: chunked, identity",), b"0\r\n\r\n", 0),
        (("Transfer-Encoding: xchunked",), b"0\r\n\r\n", 0),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), b"0\r\n\r\n", 0),
        (("Content-Length: -1",), b"", 0),
        (("Content-Length: +5",), b"{}   ", 0),
        (("Content-Length: 0x5",), b"{}   ", 0),
        (("Content-Length: 99999999999999999999999",), b"{}", 0),
        # Chunks that are none.
        (("Transfer-Encoding: chunked",), b"-1\r\n{}\r\n0\r\n\r\n", 0),
        (("Transfer-Encoding: chunked",), b"0x2\r\n{}\r\n0\r\n\r\n", 0),
        (("Transfer-Encoding: chunked",), b"2\r\n{}XX0\r\n\r\n", 0),
        (("Transfer-Encoding: chunked",), b"2\n{}\n0\n\n", 0),
        (("Transfer-Encoding: chunked",), b"F" * 40 + b"\r\n{}", 0),
        (("Transfer-Encoding: chunked",), b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n", 0),
        (("Transfer-Encoding: chunked",), b"0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", 0),
        # Heads that are none.
        (("Content-Length : 2",), b"{}", 0),
        (("Cont\0ent-Length: 2",), b"{}", 0),
        (("X: a\0b", "Content-Length: 2"), b"{}", 0),
        (("X: a\rX-Y: b", "Content-Length: 2"), b"{}", 0),
        ((f"X: {'y' * 100_000}", "Content-Length: 2"), b"{}", 0),
        (("Host: evil.example", "Content-Length: 2"), b"{}", 0),
    ],
)
def test_no_request_hides_in_another(
    drive: Drive, lines: tuple[str, ...], body: bytes, most: int
) -> None:
    """Whatever is malformed is refused, and what follows it is not taken for a request."""

    def work(sandbox: Sandbox) -> None:
        hidden = head(sandbox, f"Content-Length: {len(CONTENT)}") + CONTENT
        told = say(sandbox, head(sandbox, *lines) + body + hidden)
        assert len(told) <= 1
        assert all(400 <= status <= 501 for status in told)
        assert len(sandbox.mailbox) == most
        assert post(sandbox, CONTENT).status_code == 200

    with bounded_effort():
        drive(work)


def test_a_length_beside_chunks_counts_for_nothing(drive: Drive) -> None:
    """RFC 9112, section 6.3: chunks win, and the connection is not used again."""

    def work(sandbox: Sandbox) -> None:
        lines = ("Content-Length: 4", "Transfer-Encoding: chunked")
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)
        told = say(sandbox, head(sandbox, *lines) + chunked)
        assert told in ([], [200], [400])
        assert len(sandbox.mailbox) == told.count(200)

    drive(work)


@pytest.mark.parametrize(
    "opening",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
        _GET + b"Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n",
        _GET + b"Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ],
)  # fmt: skip
def test_other_protocols_lead_nowhere(drive: Drive, opening: bytes) -> None:
    def work(sandbox: Sandbox) -> None:
        told = say(sandbox, opening.replace(b"{host}", str(sandbox.http).encode()))
        assert 101 not in told
        assert post(sandbox, CONTENT).status_code == 200

    drive(work)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Host", "evil.example", 421),
        ("Host", "127.0.0.1.evil.example:{port}", 421),
        ("Host", "127.0.0.1", 421),
        ("Host", "127.0.0.1:{port}@evil.example", 421),
        ("Host", "evil.example#127.0.0.1:{port}", 421),
        ("Host", "localhost:{port}.evil.example", 421),
        ("Host", "0:{port}", 421),
        ("Host", "", 421),
        ("Origin", "null", 403),
        ("Origin", "http://127.0.0.1:1", 403),
        ("Origin", "http://evil.example#@127.0.0.1:{port}", 403),
        ("Origin", "http://127.0.0.1:{port}.evil.example", 403),
        ("Origin", "file://", 403),
        ("Sec-Fetch-Site", "same-site", 403),
    ],
)
def test_pages_of_others_do_not_reach_it(drive: Drive, name: str, value: str, status: int) -> None:
    def work(sandbox: Sandbox) -> None:
        line = f"{name}: {value.replace('{port}', str(sandbox.http.port))}"
        octets = head(sandbox, f"Content-Length: {len(CONTENT)}", "Connection: close")
        if name == "Host":
            octets = octets.replace(f"Host: {sandbox.http}".encode(), line.encode())
        else:
            octets = octets.replace(b"\r\n\r\n", f"\r\n{line}\r\n\r\n".encode())
        assert say(sandbox, octets + CONTENT) == [status]
        assert not sandbox.mailbox.list()

    drive(work)


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/resend/../../etc/passwd",
        "/webhooks/../../etc/passwd",
        "/webhooks/..%2fresend",
        "/resend/emails/../../../x",
        "//evil.example/resend/emails",
        "/resend/emails%00.json",
        "/resend%2femails%2f..",
        "http://evil.example/resend/emails",
        "/" + "a/" * 5_000,
    ],
)
def test_paths_lead_to_calls_only(drive: Drive, path: str) -> None:
    def work(sandbox: Sandbox) -> None:
        lines = (f"Content-Length: {len(CONTENT)}", "Connection: close")
        told = say(sandbox, head(sandbox, *lines, path=path) + CONTENT)
        assert told[0] in {400, 404, 414, 431}
        assert not sandbox.mailbox.list()

    drive(work)


def test_nothing_is_unpacked(drive: Drive) -> None:
    bomb = gzip.compress(bytes(50_000_000))

    def work(sandbox: Sandbox) -> None:
        assert post(sandbox, bomb, Content_Encoding="gzip").status_code == 422
        assert post(sandbox, bomb, "/webhooks/resend", Content_Encoding="gzip").status_code >= 200
        assert not sandbox.mailbox.list()

    drive(work)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b'{"from":"' + b"\\u0000" * 100_000 + b'"}',
        b"9" * 1_000_000,
        b'{"from":1e999999999,"to":NaN}',
        b'{"from":"\\ud800","to":["\\udfff@x.example"],"subject":"\\ud800","text":"\\ud800"}',
        b"\xff\xfe[\x00]\x00",
        b"\xef\xbb\xbf{}",
        b"",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_broken_json(drive: Drive, content: bytes) -> None:
    def work(sandbox: Sandbox) -> None:
        assert post(sandbox, content).status_code == 422

    with bounded_effort():
        drive(work)


def test_values_have_a_bound_and_texts_with_many_commas_have_none(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_request, "MAX_VALUES", 1_000)

    def work(sandbox: Sandbox) -> None:
        text = json.dumps({**BODY, "text": 'a,"[{\\' * 2_000}).encode()
        assert post(sandbox, text).status_code == 200
        many = json.dumps({**BODY, "tags": [[]] * 2_000}).encode()
        assert post(sandbox, many).status_code == 422

    drive(work)


def test_addresses_have_a_bound(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        long = json.dumps({**BODY, "to": ["x" * 1_000 + "@d.example"]}).encode()
        assert post(sandbox, long).status_code == 422

    drive(work)


def test_remembered_answers_have_a_bound_in_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_OCTETS", 1_000)
    keys = idempotency.IdempotencyKeys(clock=lambda: 0.0)
    from mailgui.sandbox.api_answers import HttpAnswer

    answer = HttpAnswer(200, (), b"x" * 400)
    for number in range(5):
        assert keys.begin("resend", str(number), b"", 24) is None
        keys.end("resend", str(number), answer)
    assert keys.begin("resend", "4", b"", 24) is answer
    assert keys.begin("resend", "3", b"", 24) is answer
    assert keys.begin("resend", "2", b"", 24) is None  # it had to go


HOSTILE: list[Any] = [
    None, True, 0, -1, 1e300, "", " ", "\0", "\ud800", "\r\nX: y", "<script>", "a@b",
    "\x1b[2J\u202e@x.example", [], {}, [[]], [None], [{}], {"a": {}}, "{id}", "{{x}}",
    ["a@b.example"] * 60, {"email": ["x"]}, {"name": {}, "email": 1},
]  # fmt: skip


def leaves(tree: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = enumerate(tree) if isinstance(tree, list) else getattr(tree, "items", tuple)()
    found = [way] if way else []
    for key, value in items:
        found += leaves(value, (*way, key))
    return found


def planted(tree: Any, way: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(tree))
    here = copy
    for step in way[:-1]:
        here = here[step]
    here[way[-1]] = value
    return copy


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_no_value_anywhere_trips_an_api_up(drive: Drive, name: str) -> None:
    """Each place of a call holds each of many things that do not belong there."""
    provider = PROVIDERS[name]
    draft = Draft(
        sender=Address("ana@good.example", "Ana"), to=(Address("b@x.example"),),
        cc=(Address("c@x.example", "C"),), reply_to=(Address("r@x.example"),), subject="s",
        text="t", html="<p>t</p>", headers=(("X-Own", "v"),),
        attachments=(Attachment("a.txt", "text/plain", data=b"x"),),
    )  # fmt: skip

    def work(sandbox: Sandbox) -> None:
        options = {each.name: each.default or "x" for each in provider.options}
        settings = ApiSettings(name, base_url=sandbox.base_url(name), options=options)
        keys = {secret.name: sandbox.api_key for secret in provider.auth.secrets}
        made = render(draft, provider, settings, keys)
        if made.body_kind != "json":
            pytest.skip("A form's values are texts.")
        tree = json.loads(made.content)
        headers = [h for h in made.headers if h[0].lower() not in {"content-length", "x-amz-date"}]
        with httpx.Client(timeout=30, verify=False) as client:
            for way in leaves(tree):
                for value in HOSTILE:
                    content = json.dumps(planted(tree, way, value)).encode()
                    answer = client.request(made.method, made.url, headers=headers, content=content)
                    assert answer.status_code != 500 or answer.content, (way, value)
                    assert "\n" not in "".join(answer.headers.values())
        for message in sandbox.mailbox.list():
            assert all(text.isprintable() for text in message.headers.values())
            assert all(text.isprintable() for text in message.recipients)

    drive(work)

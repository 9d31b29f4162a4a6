import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from mailgui.api import auth
from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.session import send
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft
from mailgui.transcript import Kind, Recorder

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def simple_draft():
    """A message of one sender, one recipient, and both bodies."""
    return Draft(
        sender=Address("sender@example.com", "Sender"),
        to=(Address("ada@example.org", "Ada"),),
        subject="A plain greeting",
        text="Hello",
        html="<p>Hello</p>",
    )


@pytest.fixture
def full_draft():
    """A message that uses every field but a template."""
    return Draft(
        sender=Address("sender@example.com", "Sender"),
        to=(Address("ada@example.org", "Ada"), Address("bob@example.org")),
        cc=(Address("cleo@example.org", "Cleo"),),
        bcc=(Address("dan@example.org"),),
        reply_to=(Address("replies@example.com", "Replies"),),
        subject="A full greeting",
        text="Hello",
        html='<p>Hello <img src="cid:logo"></p>',
        attachments=(
            Attachment("note.txt", "text/plain", data=b"a note"),
            Attachment("logo.png", "image/png", data=PNG, content_id="logo"),
        ),
        headers=(("X-Campaign", "spring"),),
        extras=ApiExtras(
            tags=("welcome",),
            metadata={"order": "17"},
            send_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
            track_opens=True,
            track_clicks=False,
            idempotency_key="key-1",
            attachment_urls=("https://files.example.com/price%20list.pdf",),
        ),
    )


class LoopbackApi:
    """An HTTP server on loopback that answers with the octets it was given, whatever they are.

    ``answers`` are sent one after another, one a connection or request; an entry that is callable
    gets the writer and may do as it likes. ``requests`` are what came in, head and body.
    """

    def __init__(self, answers):
        self.answers = list(answers)
        self.requests = []
        self.url = ""

    async def handle(self, reader, writer):
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                self.requests.append((head, body))
                answer = self.answers.pop(0)
                if callable(answer):
                    await answer(writer)
                    break
                writer.write(answer)
                await writer.drain()
                if b"content-length" not in answer.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self, ssl_context=None):
        server = await asyncio.start_server(self.handle, "127.0.0.1", 0, ssl=ssl_context)
        port = server.sockets[0].getsockname()[1]
        self.url = f"{'https' if ssl_context else 'http'}://127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()


def http_answer(status, body=b"", *headers, content_type="application/json"):
    """The octets of an answer with a proper length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


@pytest.fixture
def send_to(simple_draft):
    """Send a draft through a provider to a loopback server that gives certain answers."""

    def run(provider, *answers, draft=simple_draft, key="k-12345", ssl=None, **settings):
        async def go():
            api = LoopbackApi(answers)
            async with api.running(ssl) as running:
                options = settings.pop("options", {})
                cancel = settings.pop("cancel", None)
                account = ApiSettings(
                    provider,
                    base_url=running.url,
                    options=options,
                    **{"timeout": 5, **settings},
                )
                rendered = render(draft, load_providers()[provider], account)
                recorder = Recorder(Kind.HTTP, "")
                secrets = auth.named_secrets(load_providers()[provider], key)
                transcript = await send(
                    rendered, account, secrets=secrets, recorder=recorder, cancel=cancel
                )
            return transcript, api

        return asyncio.run(go())

    run.answer = http_answer
    return run

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.jobs.captured import MessageGone, read_captured, safe_name
from mailgui.message.compose import compose
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now, summarise_headers
from mailgui.transcript import visible
from tests.support.effort import bounded_effort

PROVIDERS = load_providers()
DRAFT = Draft(
    sender=Address("ana@good.example", "Ana"),
    to=(Address("ada@x.example"),),
    subject="Grüße",
    text="Hallo\nWelt",
    html="<p>Hallo <b>Welt</b></p><script>x()</script>",
    attachments=(
        Attachment("ä.txt", "text/plain", data=b"data"),
        Attachment("logo.png", "image/png", data=b"png", content_id="logo"),
    ),
)


def capture(octets, road="smtp", provider=None, **more):
    mailbox = Mailbox()
    headers = summarise_headers(octets) if road == "smtp" else {}
    message = CapturedMessage(
        new_id(), now(), road, "a@x.example", ("b@x.example",), len(octets),
        provider=provider, headers=headers, **more,
    )  # fmt: skip
    mailbox.add(message, octets)
    return read_captured(mailbox, message.id)


@pytest.mark.parametrize("charset", ["undefined", "idna", "=?x", '"'])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "; a*0*=b; a*0*=b",
        "; a*1=x; a*=y",
        "; filename*0*=b; filename*=b",
        "; x*=a'b'c%ff",
        "; a*=x; a*0*=b" * 1_000,
    ],
)
def test_types_that_nobody_can_read(charset, more):
    fields = f"Content-Type: text/plain; charset={charset}{more}; name*0*=x; name*=y\r\n"
    fields += f"Content-Disposition: inline{more}; filename*0=x; filename*=y\r\n"
    view = capture((fields + "\r\nplain text").encode())
    assert not view.problem
    assert view.text == "plain text" or [f.octets for f in view.files] == [b"plain text"]


@pytest.mark.parametrize(
    "name",
    ["../../.bashrc", "..\\..\\x.txt", "C:\\x.txt", "C:x.txt", "a/b", "CON", "nul.txt", "com1.a.b",
     "a:stream", "x\x01y.txt", "x\u202egpj.exe", "..", ".", " ", ".ssh", "a*b?c|d<e>f", 'q"q.txt',
     "lpt9 .txt", "conin$", "n\nl.txt", "end. . ", "~", "\ud800.txt"],
)  # fmt: skip
def test_names_of_files_lead_nowhere(name):
    """What is proposed for saving is a plain name on every system."""
    reserved = {"con", "prn", "aux", "nul", "conin$", "conout$"}
    reserved |= {f"{device}{n}" for device in ("com", "lpt") for n in range(10)}
    shown = safe_name(name, 0)
    assert shown
    assert len(shown) <= 200
    assert shown.isprintable()
    assert not set(shown) & set('/\\:*?"<>|')
    assert not shown.startswith((".", "~", "-", " "))
    assert not shown.endswith((".", " "))
    assert shown.partition(".")[0].strip().lower() not in reserved
    assert safe_name("Angebot für März.pdf", 0) == "Angebot für März.pdf"


def test_more_parts_than_are_read():
    parts = b"--b\r\n\r\n" * 100_000
    with bounded_effort():
        view = capture(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)
    assert "more than 1,000 parts" in view.problem
    assert view.source


def test_a_message_by_smtp():
    octets = b"".join(compose(DRAFT).chunks())
    view = capture(octets, faults=("slow",))
    assert dict(view.headers)["Subject"] == "Grüße"
    assert view.text.strip() == "Hallo\nWelt"
    assert "<script>" in view.html
    assert view.html_text == "Hallo Welt"
    assert [(f.name, f.octets, f.inline) for f in view.files if f.name != "logo.png"] == [
        ("ä.txt", b"data", False)
    ]
    assert next(f for f in view.files if f.name == "logo.png").inline
    assert "Subject: =?utf-8?" in view.source
    assert dict(view.session)["Fault"].startswith("slow: ")


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_message_by_each_api(name):
    provider = PROVIDERS[name]
    options = {o.name: "x" for o in provider.options if o.required}
    request = render(DRAFT, provider, ApiSettings(name, options=options), "key")
    view = capture(request.content, "api", name, remote_id="id-1")
    assert view.problem == ""
    assert (view.text, view.html_text) == ("Hallo\nWelt", "Hallo Welt")
    assert dict(view.session)["Id given out"] == "id-1"
    if request.body_kind == "json" and name != "generic":
        files = [(f.name, f.octets, f.inline) for f in view.files]
        assert ("ä.txt", b"data", False) in files
        assert len(files) == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\evil.exe", "..", "/", "a\x00b\u202e"])
def test_a_file_s_name_holds_no_folder(name):
    body = {"attachments": [{"filename": name, "content": base64.b64encode(b"x").decode()}]}
    view = capture(json.dumps(body).encode(), "api", "resend")
    (file,) = view.files
    assert not set("/\\") & set(file.name) or "\\u" in file.name or "\\x" in file.name
    assert file.name not in ("", ".", "..")
    assert file.name.isprintable()


@given(st.binary(max_size=2_000), st.sampled_from(["smtp", "api"]))
def test_any_octets_are_shown(octets, road):
    view = capture(octets, road, "resend" if road == "api" else None)
    for text in (view.text, view.source, view.html):
        assert visible(text, keep_newlines=True) == text


def test_one_that_was_dropped():
    with pytest.raises(MessageGone):
        read_captured(Mailbox(), "x")

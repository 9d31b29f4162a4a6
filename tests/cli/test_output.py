"""What strangers wrote reaches the terminal as text, and never as an order to it."""

import asyncio
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.cli.output import json_text, print_text
from mailgui.transcript import visible
from tests.support.name_server import NameServer, Zone

# ESC, CSI in one octet, an override of the writing direction, and no character at all.
HOSTILE = "\x1b]0;pwned\x07\x9b31m\u202egnp.exe\ud800\x7f"


@given(
    st.recursive(
        st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
    )
)
def test_json_keeps_its_meaning(value):
    assert json.loads(json_text(value)) == value
    assert visible(json_text(value), keep_newlines=True) == json_text(value)


def test_json_steers_no_terminal():
    text = json_text({HOSTILE: [HOSTILE, "Grüße 🎉"]})
    assert json.loads(text) == {HOSTILE: [HOSTILE, "Grüße 🎉"]}
    assert visible(text, keep_newlines=True) == text
    assert "Grüße 🎉" in text
    text.encode()


def test_text_steers_no_terminal(capsys):
    print_text(f"one {HOSTILE}\r\n\ttwo\n")
    out = capsys.readouterr().out
    assert out == visible(out, keep_newlines=True)
    assert out.endswith("\n\ttwo\n")


@pytest.fixture
def hostile_zone():
    """A name server, on a thread of its own, whose every text is hostile."""
    octets = HOSTILE.encode("utf-8", "surrogatepass")
    zone = Zone("bad.example MX 10 mx.bad.example")
    zone.add_txt("bad.example", b"v=spf1 include:" + octets + b" exp=x -all")
    zone.add_txt("_dmarc.bad.example", b"v=DMARC1; p=none; rua=" + octets)
    zone.add_txt("default._domainkey.bad.example", b"v=DKIM1; p=" + octets)
    zone.add_txt("_mta-sts.bad.example", b"v=STSv1; id=" + octets)
    zone.add_txt("_smtp._tls.bad.example", b"v=TLSRPTv1; rua=" + octets)
    zone.add_txt("default._bimi.bad.example", b"v=BIMI1; l=" + octets)
    ready, end = threading.Event(), None
    address = ""

    async def main():
        nonlocal end, address
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        async with NameServer(zone) as server:
            address = server.address
            end = lambda: loop.call_soon_threadsafe(done.set)  # noqa: E731
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    ready.wait()
    yield address
    end()
    thread.join()


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize(
    "words", [["check", "bad.example", "--dns-only"], ["spf", "bad.example", "--ip", "192.0.2.1"]]
)
def test_a_hostile_domain_steers_no_terminal(cli, home, hostile_zone, words, more):
    _, out, err = cli(*words, "--resolver", hostile_zone, *more)
    assert "pwned" in out
    for text in (out, err):
        assert text == visible(text, keep_newlines=True)


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize("provider", ["resend", "postmark", "mailgun", "amazon_ses"])
def test_a_hostile_file_steers_no_terminal(cli, home, tmp_path, provider, more):
    file = tmp_path / "m.eml"
    file.write_bytes(
        b"From: a@good.example\r\nTo: b@good.example\r\nSubject: \x1b[31m\r\n\r\n"
        + HOSTILE.encode("utf-8", "replace")
    )
    _, out, err = cli("request", file, "--provider", provider, *more)
    assert out
    for text in (out, err):
        assert text == visible(text, keep_newlines=True)

import asyncio

from mailgui.jobs.services import Services
from mailgui.jobs.verify import verify_message
from mailgui.store.selectors import SelectorMemory
from tests.support.name_server import NameServer


def test_the_selector_of_a_good_signature_is_remembered(tmp_path, monkeypatch):
    import dkim

    from mailgui.domain.dkim_key_maker import KeyKind, make_key

    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    pair = make_key("a.example", "guessed-by-nobody", KeyKind.RSA_2048)
    message = b"From: Ann <ann@a.example>\r\nSubject: x\r\nDate: now\r\n\r\nHello\r\n"
    signature = dkim.sign(message, b"guessed-by-nobody", b"a.example", pair.private_pem)
    altered = signature + message.replace(b"Hello", b"Hullo")

    async def run(octets):
        services = Services()
        try:
            async with NameServer(f"{pair.name} TXT {pair.text}") as server:
                return await verify_message(services, octets, server=server.address)
        finally:
            await services.close()

    assert asyncio.run(run(altered)).signatures[0].result == "fail"
    assert SelectorMemory().of("a.example") == ()
    assert asyncio.run(run(signature + message)).signatures[0].result == "pass"
    assert SelectorMemory().of("a.example") == ("guessed-by-nobody",)

import msgspec
import pytest

from mailgui.api.check_definition import Misfit
from mailgui.api.provider import load_providers
from mailgui.api.webhook_check import check_webhooks
from mailgui.api.webhook_definition import Signature, Webhooks

RESEND = load_providers()["resend"]
HMAC = {"scheme": "hmac", "header": "X-Sign"}


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("webhooks.event", {"event": "a..b"}),
        ("webhooks.reason", {"reason": ["a", "b["]}),
        ("webhooks.id_pattern", {"id_pattern": "("}),
        ("webhooks.id_pattern", {"id_pattern": "abc"}),
        ("webhooks.samples.x", {"samples": {"x": {"a": "{nothing}"}}}),
        ("webhooks.signature", {"signature": Signature(scheme="hmac")}),
        ("webhooks.signature", {"signature": Signature(**HMAC, path="a")}),
        ("webhooks.signature.content", {"signature": Signature(**HMAC, content="{what}")}),
        ("webhooks.signature.id", {"signature": Signature(**HMAC, content="{id}{body}")}),
        ("webhooks.signature.path", {"signature": Signature(scheme="md5_in_body")}),
        ("webhooks.signature.header", {"signature": Signature(scheme="token")}),
        ("webhooks.signature.key", {"signature": Signature(scheme="rsa", header="X")}),
        ("webhooks.signature.timestamp", {"signature": Signature(**HMAC, timestamp="a..b")}),
    ],
)
def test_mistakes_are_named_by_their_place(place, changes):
    provider = msgspec.structs.replace(RESEND, webhooks=Webhooks(**changes))
    with pytest.raises(Misfit) as raised:
        check_webhooks(provider)
    assert raised.value.place == place
    assert raised.value.reason.endswith(".")


def test_the_bundled_ones_and_none_at_all_pass():
    for provider in load_providers().values():
        check_webhooks(provider)
    check_webhooks(msgspec.structs.replace(RESEND, webhooks=None))

"""What the sandbox signs itself, the verifying side takes for genuine, event by event."""

from datetime import UTC, datetime

import pytest

from mailgui.api.provider import load_providers
from mailgui.api.webhook_events import read_events
from mailgui.api.webhook_verdict import WebhookVerdict
from mailgui.api.webhook_verify import Case, verify
from mailgui.sandbox.webhook_keys import WebhookKeys, make_webhook_keys
from mailgui.sandbox.webhook_simulation import NotSimulated, Story, possible, simulate

PROVIDERS = load_providers()
URL = "http://127.0.0.1:1/webhooks/x"
STORY = Story("m-1", "ada@example.org", "ana@example.com", "Grüße „x“ & =%")
NAMES = sorted(name for name, p in PROVIDERS.items() if p.webhooks)


@pytest.fixture(scope="module", name="keys")
def keys_fixture() -> dict[str, WebhookKeys]:
    return {name: make_webhook_keys(PROVIDERS[name].webhooks.signature) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_every_provider(keys: dict[str, WebhookKeys], name: str) -> None:
    provider, pair = PROVIDERS[name], keys[name]
    assert {"delivered", "bounced"} <= set(possible(provider))
    for normal in possible(provider):
        request = simulate(provider, normal, STORY, pair, URL)
        case = Case(
            provider,
            request,
            pair.public,
            datetime.now(UTC),
            certificate=pair.certificate,
            authorities=(pair.certificate,) if pair.certificate else (),
        )
        assert verify(case).verdict is WebhookVerdict.GENUINE, verify(case).sentence
        (event,) = read_events(provider, request)
        assert (event.normal, event.message_id) == (normal, "m-1")
        assert event.recipient == "ada@example.org"
        assert event.at is not None
        if normal == "bounced":
            assert event.reason.startswith("550 5.1.1")


def test_keys_are_made_anew_and_do_not_show() -> None:
    signature = PROVIDERS["resend"].webhooks.signature
    one, two = make_webhook_keys(signature), make_webhook_keys(signature)
    assert one.public != two.public
    assert one.public not in repr(one)


def test_what_a_provider_does_not_report() -> None:
    assert possible(PROVIDERS["generic"]) == ()
    pair = make_webhook_keys(PROVIDERS["resend"].webhooks.signature)
    with pytest.raises(NotSimulated):
        simulate(PROVIDERS["generic"], "delivered", STORY, pair, URL)
    with pytest.raises(NotSimulated):
        simulate(PROVIDERS["resend"], "unsubscribed", STORY, pair, URL)

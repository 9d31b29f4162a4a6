"""The window sends through every provider to the sandbox, over real HTTP."""

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome


def test_every_provider_takes_the_sample_message(desk):
    # One page for all: making one takes longer than sending.
    sandbox = desk.page._bridge.worker.submit(desk.services.start_sandbox).result(10)
    providers = load_providers()
    for provider in providers.values():
        options = {o.name: "good.example" for o in provider.options if o.required}
        base = sandbox.base_url(provider.id)
        settings = ApiSettings(provider.id, base_url=base, options=options)
        desk.services.profiles.add(Profile(f"By {provider.id}", settings))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("By resend") is not None)
    secrets = {s.label: sandbox.api_key for p in providers.values() for s in p.auth.secrets}
    ended = {}
    for provider in providers.values():
        desk.use(f"By {provider.id}")
        desk.page.controller.start(testing=False, secrets=secrets, anyway=True)
        desk.wait_idle()
        ended[provider.id] = desk.transcript().outcome
    assert ended == dict.fromkeys(providers, Outcome.ACCEPTED)
    arrived = {message.provider for message in sandbox.mailbox.list()}
    assert arrived == set(providers)

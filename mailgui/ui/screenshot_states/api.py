"""E-mail APIs: the tab API, what would be lost, tries and rate limits, headers, a batch."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mailgui.api.provider import load_providers
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, ApiExtras, Draft
from mailgui.store.profile import Profile
from mailgui.ui.compose.roads import Road, Roads

if TYPE_CHECKING:
    from mailgui.ui.compose.page import ComposePage
    from mailgui.ui.screenshots import Stage


def states(stage: "Stage") -> None:
    """Draw them."""
    compose = stage.window.compose
    stage.window.show_page("compose")
    stage.wait("the sample draft", lambda: compose.draft().subject != "")
    before, known = compose.draft(), Roads(compose.bar.roads)
    draft = replace(before, to=(Address("ada@good.example"),), cc=(), bcc=(), attachments=())
    compose.bar.set_roads(Roads((*known.roads, *map(_road, ("resend", "scaleway", "sendgrid")))))
    try:
        _fields(stage, compose, draft)
        _tries(stage, compose, draft)
        _batch(stage, compose, draft)
    finally:
        compose.bar.set_roads(known, "Sandbox SMTP")
        compose.set_draft(before)
        compose.message.tabs.tabs.set_key("html")


def _road(provider_id: str) -> Road:
    """Return a profile for this run alone, by that provider to the sandbox."""
    provider = load_providers()[provider_id]
    options = {option.name: "example" for option in provider.options if option.required}
    settings = ApiSettings(provider_id, options=options, retries=1)
    profile = Profile(provider.name, settings, sandbox=True, sender="you@good.example")
    return Road(profile, f"API · {provider.name}", provider=provider)


def _fields(stage: "Stage", compose: "ComposePage", draft: Draft) -> None:
    extras = ApiExtras(
        tags=("welcome", "campaign=spring"),
        metadata={"order": "17"},
        send_at=datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1),
        track_opens=True,
        idempotency_key="8f14e45f-ceea-4672-9c1c-7b7a1d2f0f6a",
        attachment_urls=("https://files.good.example/terms.pdf",),
    )
    for name in ("Resend", "Scaleway TEM", "Twilio SendGrid"):
        compose.choose_profile(name)
        compose.set_draft(replace(draft, extras=extras))
        compose.message.tabs.tabs.set_key("api")
        compose.foresight.now()
        stage.wait("what would be lost", lambda: not compose.foresight.busy)
        stage.shoot(f"compose-api-fields-{name.split()[0].lower()}")


def _tries(stage: "Stage", compose: "ComposePage", draft: Draft) -> None:
    stage.send("Resend", replace(draft, to=(Address("busy@good.example"),)))
    compose.show_tab("response")
    stage.shoot("compose-api-tries")
    side = compose.exchange.response
    for view in ("headers", "raw"):
        side.choose(view)
        stage.shoot(f"compose-api-{view}")


def _batch(stage: "Stage", compose: "ComposePage", draft: Draft) -> None:
    people = ("ada@good.example", "refuse@good.example", "bob@good.example")
    compose.choose_profile("Resend")
    compose.set_draft(replace(draft, to=tuple(map(Address, people))))
    compose.routes.open_many()
    many = compose.exchange.many
    many.choose_way("each")
    compose.routes.many.start()
    stage.wait("the batch", lambda: not compose.routes.many.running)
    stage.shoot("compose-api-batch")
    many.choose_way("")

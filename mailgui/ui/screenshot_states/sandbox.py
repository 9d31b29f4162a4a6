"""The Sandbox page: empty, with messages of both roads, webhooks, faults, how to connect."""

from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.message.draft import Address
from mailgui.sandbox.conduct import Orders
from mailgui.sandbox.rate_limit import parse_rate
from mailgui.sandbox.stage_replies import parse_stage_replies
from mailgui.ui.sandbox.page import SandboxPage

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage

_FORGED = """POST /in HTTP/1.1
Host: hooks.example.com
svix-id: msg_2b1c
svix-timestamp: 1764000000
svix-signature: v1,c2lnbmF0dXJlIG9mIHNvbWVib2R5IGVsc2U=

{"type":"email.delivered","data":{"email_id":"0b1c","to":["someone@good.example"]}}
"""


def sandbox_states(stage: "Stage") -> None:
    """Draw them; the window must have its draft."""
    page = stage.window.page("sandbox")
    assert isinstance(page, SandboxPage)  # noqa: S101 - narrows the type
    stage.window.show_page("sandbox")
    messages, webhooks = page.messages, page.webhooks
    _send(stage)  # so that it runs
    stage.window.show_page("sandbox")
    stage.wait("a message", lambda: not page.busy and messages.table.key is not None)
    messages.clear_button.click()
    stage.wait("an empty mailbox", lambda: messages.table.key is None)
    stage.shoot("sandbox-new")
    for key in ("faults", "orders", "webhooks"):
        page.show_tab(key)
        stage.shoot(f"sandbox-{key}")
    _orders(stage, page)
    _send(stage)
    stage.window.show_page("sandbox")
    page.show_tab("connection")
    stage.shoot("sandbox-connection")
    page.show_tab("messages")
    stage.wait("what was captured", lambda: messages.table.rows.rowCount() >= 3)
    messages.show_newest()
    stage.wait("the message", lambda: not page.busy and messages.message.view is not None)
    for key in ("text", "html", "headers", "source", "session"):
        messages.message.show_tab(key)
        stage.shoot(f"sandbox-message-{key}")
    messages.table.choose(messages.table.rows.key(messages.table.rows.rowCount() - 1))
    stage.wait("the first message", lambda: not page.busy)
    messages.message.check.click()
    stage.wait("checking it", lambda: not page.busy)
    stage.shoot("sandbox-message-check")
    _webhooks(stage, page)
    webhooks.bar.key_entered.emit("whsec_c2VjcmV0IG9mIGEgcHJvdmlkZXI=")
    stage.wait("the key", lambda: webhooks.bar.key.stored)
    webhooks.open_paste()
    webhooks.paste.text.setPlainText(_FORGED)
    stage.shoot("sandbox-webhooks-paste")
    webhooks.check_pasted(_FORGED)
    stage.wait("the pasted request", lambda: not webhooks.busy)
    stage.shoot("sandbox-webhooks-forged")


def _orders(stage: "Stage", page: SandboxPage) -> None:
    tab, words = page.orders, [r"rcpt=450 4.2.1 Later,\n4.2.1 please", "message=554 5.6.0 No"]
    page.show_tab("orders")
    tab.fill(Orders(parse_stage_replies(words), parse_rate("10")))
    tab.order()
    stage.wait("the orders", lambda: bool(tab.notice.sentence))
    stage.shoot("sandbox-orders-in-force")
    tab.form.set_text("mail-code", "25")
    tab.form.set_text("rate", "ten")
    tab.order()
    stage.shoot("sandbox-orders-wrong")
    tab.reset.click()
    stage.wait("as usual", lambda: not tab.notice.sentence)


def _send(stage: "Stage") -> None:
    compose = stage.window.compose
    draft = compose.draft()
    stage.send("Sandbox SMTP", replace(draft, to=(Address("first@good.example"),)))
    slow = (Address("first@good.example"), Address("html@good.example"))
    stage.send("Sandbox SMTP", replace(draft, to=slow))
    stage.send("Sandbox API", replace(draft, to=(Address("first@good.example"),)))


def _webhooks(stage: "Stage", page: SandboxPage) -> None:
    webhooks = page.webhooks
    captured = next(m for m in page.messages.mailbox_list() if m.provider is not None)
    page.show_tab("webhooks")
    for event in ("accepted", "delivered", "bounced"):
        webhooks.simulate(event, captured)
        stage.wait(f"the webhook {event}", lambda: not webhooks.busy)
    webhooks.bar.choose("mandrill")
    webhooks.bar.provider_changed.emit()
    webhooks.simulate("clicked")
    stage.wait("the webhook of another", lambda: not webhooks.busy)
    stage.shoot("sandbox-webhooks-mandrill")
    webhooks.bar.choose("resend")
    webhooks.bar.provider_changed.emit()
    webhooks.table.choose(webhooks.table.rows.key(2))
    stage.shoot("sandbox-webhooks-genuine")

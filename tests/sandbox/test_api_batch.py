"""Batch calls: what the API side sends for many drafts is taken apart and answered one by one."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mailgui.api.batch_answer import item_answers, understand_any
from mailgui.api.batch_render import render_batch
from mailgui.api.error_kinds import ErrorKind
from mailgui.api.provider import load_providers
from mailgui.api.render import RenderedRequest, render
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, ApiExtras, Draft
from mailgui.sandbox.sandbox import Sandbox
from mailgui.transcript import HttpExchange, Outcome

Drive = Callable[..., Any]
PROVIDERS = load_providers()
BATCHES = sorted(name for name, p in PROVIDERS.items() if p.batch is not None)
ALONE = ["amazon_ses", "mailjet", "mailtrap", "postmark", "resend"]  # item by item
WHOLE = ["brevo", "mailersend", "sendgrid"]  # each its own content, one answer for all
TAKEN, REFUSED = Outcome.ACCEPTED, Outcome.REFUSED


def drafts(name: str, *people: str) -> list[Draft]:
    template = {"template_id": "7"} if PROVIDERS[name].batch.template_only else {}
    return [
        Draft(
            sender=Address("ana@good.example", "Ana"),
            to=(Address(f"{who}@x.example"),),
            subject=f"for {who}" if name in ALONE + WHOLE else "for all",
            text="Hello",
            extras=ApiExtras(variables={"name": who}, **template),
        )
        for who in people
    ]


def requests(sandbox: Sandbox, name: str, *people: str) -> list[RenderedRequest]:
    provider = PROVIDERS[name]
    settings = ApiSettings(
        name,
        base_url=sandbox.base_url(name),
        options={o.name: "good.example" for o in provider.options if o.required},
    )
    keys = {secret.name: sandbox.api_key for secret in provider.auth.secrets}
    return render_batch(drafts(name, *people), provider, settings, keys)


def call(request: RenderedRequest, **more: str) -> HttpExchange:
    headers = [*request.headers, *more.items()]
    answer = httpx.request(
        request.method,
        request.url,
        headers=headers,
        content=request.content,
        timeout=20,
        verify=False,
    )
    return HttpExchange(
        method=request.method,
        url=request.url,
        request_headers=tuple(request.headers),
        request_body=request.content,
        status=answer.status_code,
        reason=answer.reason_phrase,
        response_headers=tuple(answer.headers.items()),
        response_body=answer.content,
    )


@pytest.mark.parametrize("name", BATCHES)
def test_each_vendor_s_batch_is_taken_message_by_message(drive: Drive, name: str) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, name, "ada", "bob", "cleo")
        exchange = call(request)
        assert exchange.status in PROVIDERS[name].success.statuses, exchange.response_body
        items = item_answers(request, exchange)
        assert [item.outcome for item in items] == [TAKEN] * 3
        assert understand_any(request, exchange).outcome is TAKEN
        messages = sandbox.mailbox.list()
        got = {address for message in messages for address in message.recipients}
        assert got == {"ada@x.example", "bob@x.example", "cleo@x.example"}
        assert {message.envelope_from for message in messages} == {"ana@good.example"}
        if name in ALONE and name != "amazon_ses":
            assert {message.subject for message in messages} == {"for ada", "for bob", "for cleo"}
            assert len({item.answer.remote_id for item in items}) == 3

    drive(work)


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("fault", ["refuse", "suppressed", "spam"])
def test_one_refused_message_does_not_hold_up_the_others(
    drive: Drive, name: str, fault: str
) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, name, "ada", fault, "cleo")
        exchange = call(request)
        assert exchange.status is not None
        assert exchange.status < 300
        items = item_answers(request, exchange)
        assert [item.outcome for item in items] == [TAKEN, REFUSED, TAKEN]
        assert understand_any(request, exchange).outcome is Outcome.PARTIAL
        assert len(sandbox.mailbox) == 2

    drive(work)


@pytest.mark.parametrize("name", ["mandrill", "unisender_go", "sparkpost"])
def test_recipients_in_one_list_are_left_out_one_by_one(drive: Drive, name: str) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, name, "ada", "suppressed", "cleo")
        whole = understand_any(request, call(request))
        # SparkPost counts the refused ones and does not say which.
        assert whole.outcome is (Outcome.UNKNOWN if name == "sparkpost" else Outcome.PARTIAL)
        (message,) = sandbox.mailbox.list()
        assert message.recipients == ("ada@x.example", "cleo@x.example")

    drive(work)


def test_a_count_where_the_vendor_only_counts(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, "autosend", "ada", "refuse")
        data = json.loads(call(request).response_body)["data"]
        assert (data["totalRecipients"], data["successCount"], data["failedCount"]) == (2, 1, 1)

    drive(work)


@pytest.mark.parametrize("name", WHOLE)
def test_one_bad_message_refuses_a_batch_that_is_answered_as_one(drive: Drive, name: str) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, name, "ada", "refuse")
        assert call(request).status == PROVIDERS[name].answers["validation"].status
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_without_asking_for_leniency_the_batch_is_refused_whole(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, "resend", "ada", "refuse")
        headers = tuple(h for h in request.headers if h[0].lower() != "x-batch-validation")
        assert call(replace(request, headers=headers)).status == 422
        assert len(sandbox.mailbox) == 0

    drive(work)


@pytest.mark.parametrize(
    ("fault", "status"), [("busy", 429), ("error", 500), ("html", 502), ("quota", 429)]
)
def test_what_is_no_message_s_fault_is_the_whole_call_s(
    drive: Drive, fault: str, status: int
) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, "resend", "ada", fault)
        exchange = call(request)
        assert exchange.status == status
        assert len(sandbox.mailbox) == 0
        if fault == "busy":
            assert dict(exchange.response_headers)["retry-after"] == "1"

    drive(work)


@pytest.mark.parametrize("name", BATCHES)
def test_a_wrong_key(drive: Drive, name: str) -> None:
    def work(sandbox: Sandbox) -> None:
        provider = PROVIDERS[name]
        keys = {secret.name: "wrong" for secret in provider.auth.secrets}
        settings = ApiSettings(
            name,
            base_url=sandbox.base_url(name),
            options={o.name: "x" for o in provider.options if o.required},
        )
        (request,) = render_batch(drafts(name, "ada", "bob"), provider, settings, keys)
        exchange = call(request)
        assert exchange.status == provider.answers["authentication"].status
        assert understand_any(request, exchange).outcome is REFUSED
        assert len(sandbox.mailbox) == 0

    drive(work)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("busy", {ErrorKind.RATE_LIMIT}),
        ("refuse", {ErrorKind.RECIPIENT, ErrorKind.VALIDATION}),
        ("error", {ErrorKind.SERVER}),
    ],
)
def test_each_vendor_s_troubles_are_understood_as_what_they_are(
    drive: Drive, name: str, fault: str, kinds: set[ErrorKind]
) -> None:
    provider = PROVIDERS[name]

    def work(sandbox: Sandbox) -> None:
        settings = ApiSettings(
            name,
            base_url=sandbox.base_url(name),
            options={o.name: "good.example" for o in provider.options if o.required},
        )
        keys = {secret.name: sandbox.api_key for secret in provider.auth.secrets}
        (draft,) = drafts("resend", fault)
        request = render(draft, provider, settings, keys)
        exchange = call(request)
        answer = understand_any(request, exchange)
        assert answer.kind in kinds, answer.summary
        assert len(sandbox.mailbox) == 0
        if fault == "busy":
            assert exchange.status == 429
            headers = {header.lower() for header, _ in exchange.response_headers}
            limits = provider.rate_limits
            for place in (limits.limit, limits.remaining, limits.reset):
                if place.startswith("header:"):
                    assert place.removeprefix("header:").lower() in headers

    drive(work)


@pytest.mark.parametrize(
    "body", [{}, [], None, 5, [[]], [5], {"requests": {}}, {"requests": []}, [{"to": 5}] * 101]
)
@pytest.mark.parametrize("path", ["/resend/emails/batch", "/mailtrap/api/batch"])
def test_batches_that_are_none(drive: Drive, path: str, body: Any) -> None:
    def work(sandbox: Sandbox) -> None:
        headers = {"Authorization": f"Bearer {sandbox.api_key}", "Api-Token": sandbox.api_key}
        url = f"{sandbox.base_url()}{path}"
        answer = httpx.post(url, json=body, headers=headers, timeout=20, verify=False)
        assert answer.status_code in (400, 401, 422), answer.text
        assert len(sandbox.mailbox) == 0

    drive(work)


def test_the_id_that_was_given_out_is_kept(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        (request,) = requests(sandbox, "postmark", "ada", "bob")
        given = [item["MessageID"] for item in json.loads(call(request).response_body)]
        assert [m.remote_id for m in reversed(sandbox.mailbox.list())] == given

    drive(work)

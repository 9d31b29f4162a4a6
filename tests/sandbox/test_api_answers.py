import json

import pytest

from mailgui.api.provider import load_providers
from mailgui.sandbox.api_answers import expand, make_answer

PROVIDERS = load_providers()


def test_each_repeats_a_template() -> None:
    lists = {"to": ("a@x", "b@x")}
    template = {"all": {"$each": "to", "$item": {"email": "{address}", "id": "{id}"}}}
    filled = expand(template, {"id": "outer"}, lists)["all"]
    assert [item["email"] for item in filled] == ["a@x", "b@x"]
    assert len({item["id"] for item in filled} | {"outer"}) == 3
    keyed = {"$each": "to", "$key": "{address}", "$item": 1}
    assert expand(keyed, {}, lists) == {"a@x": 1, "b@x": 1}
    assert expand({"$each": "cc", "$item": 1}, {}, lists) == []


def test_numbers_stay_numbers() -> None:
    assert expand({"n": "{count}", "t": "{count} of them"}, {"count": 3}, {}) == {
        "n": 3,
        "t": "3 of them",
    }


@pytest.mark.parametrize("provider_id", sorted(PROVIDERS))
@pytest.mark.parametrize(
    ("name", "lowest"),
    [
        ("success", 200),
        ("validation", 400),
        ("authentication", 400),
        ("rate_limit", 400),
        ("sender", 400),
        ("quota", 400),
        ("server", 500),
        ("too_big", 400),
        ("conflict", 400),
    ],
)
def test_every_provider_has_every_answer(provider_id: str, name: str, lowest: int) -> None:
    provider = PROVIDERS[provider_id]
    answer = make_answer(provider, name, {"message": "Why", "field": "to", "domain": "x.example"})
    if name == "success":
        assert answer.status in provider.success.statuses
    else:
        assert answer.status >= lowest or provider.answers[name].status == answer.status
    kind = dict(answer.headers).get("Content-Type")
    if kind == "application/json":
        text = json.dumps(json.loads(answer.body))
        for left in ("{id}", "{message}", "{field}", "{limit}", "{reset_", "$each"):
            assert left not in text
    for name_, value in answer.headers:
        assert "{" not in value, name_


def test_errors_without_a_table_of_their_own_look_like_the_vendor_s() -> None:
    resend = make_answer(PROVIDERS["resend"], "sender", {"domain": "x.example"})
    assert resend.status == 403
    assert json.loads(resend.body) == {
        "statusCode": 403,
        "name": "invalid_from_address",
        "message": "The x.example domain is not verified.",
    }
    autosend = make_answer(PROVIDERS["autosend"], "quota")
    assert autosend.status == 402
    assert json.loads(autosend.body)["error"]["message"]


def test_rate_limits_are_told_on_every_answer() -> None:
    for name in ("success", "validation", "server"):
        headers = dict(make_answer(PROVIDERS["resend"], name).headers)
        assert headers["ratelimit-limit"] == "2"
        assert headers["ratelimit-remaining"] == "1"
    limited = dict(make_answer(PROVIDERS["resend"], "rate_limit").headers)
    assert limited["ratelimit-remaining"] == "0"
    assert limited["retry-after"] == "1"

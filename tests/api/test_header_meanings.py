"""Every header that MailGUI sends or reads has a meaning to show."""

import pytest

from mailgui.api.header_meanings import _meanings, meaning_of
from mailgui.api.provider import load_providers


@pytest.mark.parametrize("name", ["Content-Type", "X-RateLimit-Remaining", "x-sib-ratelimit-reset"])
def test_names_are_known_in_any_case_and_by_their_beginning(name):
    assert meaning_of(name)


def test_an_unknown_header_has_none():
    assert meaning_of("X-Something-Else") == ""


def test_what_providers_read_and_sign_with_is_explained():
    names = set()
    for provider in load_providers().values():
        limits = provider.rate_limits
        paths = [limits.limit, limits.remaining, limits.reset, limits.retry_after]
        paths += [p for q in limits.quotas for p in (q.limit, q.remaining, q.used, q.reset)]
        paths += [*provider.success.id, *provider.errors.request_id, *provider.errors.code]
        names |= {path.removeprefix("header:") for path in paths if path.startswith("header:")}
        names |= {provider.auth.header, *provider.request.headers}
    assert {name for name in names if not meaning_of(name)} == set()


def test_meanings_are_short_phrases():
    whole, beginnings = _meanings()
    for name, said in {**whole, **beginnings}.items():
        assert name == name.lower()
        assert len(said) <= 75, name
        assert not said.endswith(".")

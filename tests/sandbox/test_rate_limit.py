"""The rate limiter: it counts, on both roads, and says so as servers and vendors do."""

import smtplib
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings
from mailgui.message.draft import Address, Draft
from mailgui.sandbox.conduct import Conduct, Orders
from mailgui.sandbox.rate_limit import RateLimit, RateWindow, parse_rate
from mailgui.sandbox.sandbox import Sandbox
from mailgui.wrong_input import WrongInput

Drive = Callable[..., None]
MESSAGE = b"Subject: x\r\n\r\nText.\r\n"
PROVIDERS = load_providers()
DRAFT = Draft(
    sender=Address("ana@good.example"), to=(Address("b@x.example"),), subject="s", text="t"
)


def test_what_is_written_is_read() -> None:
    assert parse_rate("10") == RateLimit(10, 60, "451")
    assert parse_rate(" 2/1 ", "421") == RateLimit(2, 1, "421")
    assert RateLimit(1).sentence == "1 message a minute"
    assert RateLimit(1_000, 5).sentence == "1,000 messages in 5 seconds"
    assert parse_rate(str(RateLimit(7, 9))) == RateLimit(7, 9)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "x", "1/", "/1", "1/0", "1.5", "٣", "100001", "1/86401", "9" * 5_000]
)
def test_what_is_no_rate_is_a_sentence(text: str) -> None:
    with pytest.raises(WrongInput, match=r"is not a rate.*\.$"):
        parse_rate(text)
    with pytest.raises(WrongInput, match="451 or 421"):
        parse_rate("1", "250")


@given(
    st.integers(1, 5),
    st.integers(1, 10),
    st.lists(st.integers(0, 32), min_size=1, max_size=60),
)
def test_in_no_stretch_of_time_is_more_let_through(
    most: int, seconds: int, pauses: list[int]
) -> None:
    clock = [0.0]
    window = RateWindow(RateLimit(most, seconds), lambda: clock[0])
    passed: list[float] = []
    for pause in pauses:
        clock[0] += pause / 4
        told = window.admit()
        within = [at for at in passed if at > clock[0] - seconds]
        assert told.admitted == (len(within) < most)
        assert 1 <= told.wait <= seconds + 1
        if told.admitted:
            passed.append(clock[0])
        else:
            assert told.remaining == 0
            clock[0] += told.wait
            assert window.admit().admitted
            passed.append(clock[0])


def test_another_rate_counts_anew_and_each_road_alone() -> None:
    conduct = Conduct()
    assert conduct.admit("smtp") is None
    conduct.orders = Orders(rate=RateLimit(1))
    assert [conduct.admit(road).admitted for road in ("smtp", "smtp", "resend")] == [  # type: ignore[union-attr]
        True, False, True,
    ]  # fmt: skip
    conduct.orders = Orders(rate=RateLimit(1))  # the same: the count goes on
    assert conduct.admit("smtp").admitted is False  # type: ignore[union-attr]
    conduct.orders = Orders(rate=RateLimit(2))
    assert conduct.admit("smtp").admitted is True  # type: ignore[union-attr]
    assert conduct.orders.sentence == "In force: at most 2 messages a minute."


@pytest.mark.parametrize("code", [451, 421])
def test_smtp_beyond_the_rate(drive: Drive, code: int) -> None:
    def work(sandbox: Sandbox) -> None:
        sandbox.orders = Orders(rate=RateLimit(2, 3_600, str(code)))
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            for _ in range(2):
                smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
            with pytest.raises(smtplib.SMTPSenderRefused) as caught:
                smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
            assert caught.value.smtp_code == code
            said = caught.value.smtp_error
            assert said.startswith(
                b"4.7.1 Too many messages: at most 2 messages an hour, try again"
            )
            if code == 451:
                assert smtp.noop()[0] == 250
        assert len(sandbox.mailbox) == 2
        sandbox.orders = Orders()
        with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as smtp:
            smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)

    drive(work)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_api_beyond_the_rate(drive: Drive, name: str) -> None:
    provider = PROVIDERS[name]

    def work(sandbox: Sandbox) -> None:
        sandbox.orders = Orders(rate=RateLimit(2, 3_600))
        options = {each.name: each.default or "x" for each in provider.options}
        settings = ApiSettings(name, base_url=sandbox.base_url(name), options=options)
        keys = {secret.name: sandbox.api_key for secret in provider.auth.secrets}
        answers = []
        for _ in range(3):
            made = render(DRAFT, provider, settings, keys)
            answers.append(
                httpx.request(
                    made.method, made.url, headers=list(made.headers), content=made.content,
                    timeout=20, verify=False,
                )
            )  # fmt: skip
        first, second, third = answers
        assert first.status_code < 300, first.text
        assert second.status_code < 300
        assert third.status_code in {429, provider.answers["rate_limit"].status}
        assert 0 < int(third.headers["retry-after"]) <= 3_600
        limits = provider.rate_limits
        for place, told in ((limits.limit, "222"), (limits.remaining, "100")):
            if place.startswith("header:"):
                header = place.removeprefix("header:")
                assert "".join(answer.headers[header] for answer in answers) == told
        assert len(sandbox.mailbox) == 2

    drive(work)

import pytest

from mailgui.sandbox import idempotency
from mailgui.sandbox.api_answers import HttpAnswer
from mailgui.sandbox.idempotency import IdempotencyKeys, KeyInUse

ANSWER = HttpAnswer(200, (), b"{}")


def test_the_same_call_has_the_same_answer() -> None:
    keys = IdempotencyKeys()
    assert keys.begin("resend", "k", b"body", 24) is None
    keys.end("resend", "k", ANSWER)
    assert keys.begin("resend", "k", b"body", 24) is ANSWER
    assert keys.begin("other", "k", b"body", 24) is None


def test_another_call_may_not_use_the_key() -> None:
    keys = IdempotencyKeys()
    keys.begin("resend", "k", b"body", 24)
    with pytest.raises(KeyInUse) as running:
        keys.begin("resend", "k", b"body", 24)
    assert running.value.running
    keys.end("resend", "k", ANSWER)
    with pytest.raises(KeyInUse) as other:
        keys.begin("resend", "k", b"other", 24)
    assert not other.value.running


def test_a_refusal_gives_the_key_back() -> None:
    keys = IdempotencyKeys()
    keys.begin("resend", "k", b"body", 24)
    keys.end("resend", "k", None)
    assert keys.begin("resend", "k", b"other", 24) is None


def test_keys_expire_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    keys = IdempotencyKeys(clock=lambda: now[0])
    keys.begin("resend", "k", b"body", 1)
    keys.end("resend", "k", ANSWER)
    now[0] = 3601.0
    assert keys.begin("resend", "k", b"other", 1) is None
    monkeypatch.setattr(idempotency, "MAX_KEYS", 2)
    for name in ("a", "b"):
        keys.begin("resend", name, b"x", 1)
    assert keys.begin("resend", "k", b"new", 1) is None  # the oldest was dropped

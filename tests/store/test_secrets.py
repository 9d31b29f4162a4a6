import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.store.secrets import SERVICE, SecretStore, reference

WORK = Profile("Work", SmtpSettings("Mail.Example.", 587, username="ana"))
API = Profile("Api", ApiSettings("resend"))
SECRET = "correct horse"


class Ring(KeyringBackend):
    """A keyring in memory, which can be told to fail or to hang."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.fault: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.threads: set[str] = set()

    def _enter(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.gate.wait(30)
        if self.fault:
            raise self.fault

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("none")


@pytest.fixture
def ring() -> Ring:
    return Ring()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_kept_in_the_keyring_and_found_again(ring: Ring) -> None:
    async def main() -> None:
        store = SecretStore(ring)
        keeping = await store.set(WORK, SECRET)
        assert keeping.kind == store.kind == "keyring"
        assert store.sentence.startswith("Passwords and keys are kept in the system's keyring (")
        await store.close()
        other = SecretStore(ring)
        assert await other.get(WORK) == SECRET
        assert await other.get(API) is None
        await other.delete(WORK)
        await other.delete(WORK)
        assert await other.get(WORK) is None
        await other.close()

    run(main())
    assert ring.kept == {}
    assert ring.threads == {"mailgui-keyring"}


def test_a_secret_goes_nowhere_but_where_it_was_given_for(ring: Ring) -> None:
    async def main() -> None:
        store = SecretStore(ring)
        await store.set(WORK, SECRET)
        for settings in (SmtpSettings("evil.example", 587), SmtpSettings("mail.example", 588)):
            assert await store.get(replace(WORK, settings=settings)) is None
        same = replace(WORK, settings=SmtpSettings("mail.example", 587, username="other"))
        assert await store.get(same) == SECRET
        await store.set(API, "key")
        moved = replace(API, settings=ApiSettings("resend", base_url="https://evil.example"))
        assert await store.get(moved) is None
        assert await store.get(replace(API, settings=ApiSettings("autosend"))) is None
        await store.close()

    run(main())


def test_several_secrets_of_one_profile(ring: Ring) -> None:
    async def main() -> None:
        store = SecretStore(ring)
        await store.set(API, "public", "key")
        await store.set(API, "private", "secret")
        assert (await store.get(API, "key"), await store.get(API, "secret")) == (
            "public",
            "private",
        )
        assert await store.get(API) == "public"
        await store.close()

    run(main())


def test_accounts_in_the_keyring_are_unambiguous() -> None:
    one = Profile("b:1 c", SmtpSettings("a", 1))
    other = Profile("c", SmtpSettings("a:1 b", 1))
    assert reference(one).account != reference(other).account
    assert reference(WORK).account == "password mail.example:587 Work"
    assert reference(API).account == "key provider:resend Api"


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring()])
def test_without_a_keyring_memory_serves(backend: KeyringBackend) -> None:
    async def main() -> None:
        store = SecretStore(backend)
        assert (await store.open()).kind == "memory"
        await store.set(WORK, SECRET)
        assert store.kind == "memory"
        assert store.sentence == (
            "Passwords and keys are kept until MailGUI is closed, and then forgotten: "
            "this system has no keyring that MailGUI can use."
        )
        assert await store.get(WORK) == SECRET
        await store.delete(WORK)
        assert await store.get(WORK) is None
        await store.close()

    run(main())


def test_a_keyring_in_a_plain_file_is_none(ring: Ring) -> None:
    ring.priority = 0.5  # type: ignore[assignment]

    async def main() -> None:
        store = SecretStore(ring)
        await store.set(WORK, SECRET)
        assert store.kind == "memory"
        await store.close()

    run(main())
    assert ring.kept == {}


def test_a_keyring_that_raises_is_done_without(ring: Ring) -> None:
    ring.fault = KeyringLocked("dismissed, " + SECRET)

    async def main() -> None:
        store = SecretStore(ring)
        assert await store.get(WORK) is None
        await store.set(WORK, SECRET)
        assert store.kind == "memory"
        assert "failed (KeyringLocked)" in store.sentence
        assert SECRET not in store.sentence
        assert await store.get(WORK) == SECRET
        ring.fault = None
        assert (await store.set(WORK, "new")).kind == "keyring"
        assert await store.get(WORK) == "new"
        await store.close()

    run(main())
    assert list(ring.kept) == [(SERVICE, "password mail.example:587 Work")]


def test_a_keyring_that_cannot_even_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> KeyringBackend:
        raise RuntimeError("no D-Bus")

    monkeypatch.setattr(keyring, "get_keyring", broken)

    async def main() -> None:
        store = SecretStore()
        assert (await store.open()).kind == "memory"
        await store.set(WORK, SECRET)
        assert await store.get(WORK) == SECRET
        await store.close()

    run(main())


def test_a_keyring_that_waits_for_ever_is_not_waited_for(ring: Ring) -> None:
    async def main() -> None:
        store = SecretStore(ring, patience=0.01)
        await store.open()
        ring.gate.clear()
        await store.set(WORK, SECRET)
        assert store.kind == "memory"
        assert "does not answer" in store.sentence
        assert await store.get(WORK) == SECRET
        ring.gate.set()
        await store.close()

    run(main())


def test_a_secret_follows_a_new_name_but_not_a_new_address(ring: Ring) -> None:
    async def main() -> None:
        store = SecretStore(ring)
        await store.set(WORK, SECRET)
        office = replace(WORK, name="Office")
        await store.move(WORK, office)
        assert (await store.get(WORK), await store.get(office)) == (None, SECRET)
        elsewhere = replace(office, settings=SmtpSettings("evil.example"))
        await store.move(office, elsewhere)
        assert (await store.get(office), await store.get(elsewhere)) == (None, None)
        await store.move(office, office)
        await store.close()

    run(main())
    assert ring.kept == {}


def test_no_repr_shows_a_secret() -> None:
    async def main() -> None:
        store = SecretStore(null.Keyring())
        await store.set(WORK, SECRET)
        assert SECRET not in repr(store)
        assert SECRET not in repr(await store.open())
        await store.close()

    run(main())


@pytest.mark.parametrize(
    ("provider", "options", "place"),
    [
        ("postal", {"host": "Mail.example."}, "provider:postal@mail.example"),
        ("postal", {}, "provider:postal"),
        ("amazon_ses", {"region": "eu-west-1"}, "provider:amazon_ses"),
        ("mailgun", {"region": "eu", "domain": "mg.example"}, "provider:mailgun"),
        ("unheard_of", {"host": "a.example"}, "provider:unheard_of"),
    ],
)
def test_a_host_that_an_option_names_belongs_to_the_place(
    provider: str, options: dict[str, str], place: str
) -> None:
    assert reference(Profile("P", ApiSettings(provider, options=options))).place == place


def test_a_key_does_not_follow_to_another_host(ring: Ring) -> None:
    before = Profile("P", ApiSettings("postal", options={"host": "mail.example"}))
    after = replace(before, settings=ApiSettings("postal", options={"host": "evil.example"}))

    async def main() -> None:
        store = SecretStore(ring)
        await store.set(before, SECRET)
        assert await store.get(after) is None
        assert await store.get(before) == SECRET
        await store.close()

    run(main())

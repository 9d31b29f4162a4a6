"""Passwords and keys: in the system's keyring, or in memory where there is none to use.

A secret belongs to a profile *and* to where it is sent: when a profile's host and port (or base
URL) change, the old secret is not found, and is asked for again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings
from mailgui.store import paths
from mailgui.store.profile import Profile
from mailgui.store.serial_thread import SerialThread

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Kind = Literal["keyring", "memory"]

SERVICE = "MailGUI"
_PATIENCE = 60.0  # seconds: a person may be typing the keyring's own password


@dataclass(frozen=True, slots=True)
class SecretReference:
    """What a secret is found by.

    Attributes:
        profile: the profile's name.
        place: where it goes: ``host:port``, a base URL, or ``provider:ID`` for its own URL, with
            ``@HOST`` where an option of the account names the host.
        name: which of the profile's secrets: ``password``, ``key``, or as a provider file says.
    """

    profile: str
    place: str
    name: str

    @property
    def account(self) -> str:
        """The user name in the keyring: unambiguous, since only the last part may hold blanks."""
        return f"{quote(self.name, safe='')} {quote(self.place, safe=':/[]@')} {self.profile}"


def reference(profile: Profile, name: str | None = None) -> SecretReference:
    """Return what the secret ``name`` of ``profile`` is found by (default: its only one)."""
    settings = profile.settings
    if isinstance(settings, SmtpSettings):
        host = settings.host.strip().rstrip(".").lower()
        return SecretReference(profile.name, f"{host}:{settings.port}", name or "password")
    place = (settings.base_url or "").strip().rstrip("/").lower() or _own_place(settings)
    return SecretReference(profile.name, place, name or "key")


def _own_place(settings: ApiSettings) -> str:
    """Return the place of a provider's own URL.

    A region in it leads to the same provider; what ends the host (a server that a person runs)
    leads anywhere.
    """
    place = f"provider:{settings.provider}"
    if not settings.options:
        return place
    from mailgui.api.provider import load_providers
    from mailgui.api.template import fill

    provider = load_providers(paths.config_folder() / "providers").get(settings.provider)
    if provider is None:
        return place
    values = provider.option_values(settings.options)
    host = urlsplit(provider.base_url(values)).netloc
    _, option, end = host.rpartition("}")
    if not option or "." in end:
        return place
    return f"{place}@{str(fill(host, values)).strip().rstrip('.').lower()}"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where secrets are kept at present, with a sentence for the window to show."""

    kind: Kind
    sentence: str


_IN_MEMORY = "Passwords and keys are kept until MailGUI is closed, and then forgotten"


class SecretStore:
    """Keeps secrets. Its methods belong to one event loop; the keyring has a thread of its own.

    No method raises because of the keyring: what it cannot keep is kept in memory, and
    ``keeping`` says so.
    """

    def __init__(
        self, backend: "KeyringBackend | None" = None, *, patience: float = _PATIENCE
    ) -> None:
        """``backend`` stands in for the system's keyring; ``patience`` is how many seconds a
        call may take before MailGUI goes on without it.
        """
        self._given = backend
        self._backend: KeyringBackend | None = None
        self._opened = False
        self._patience = patience
        self._thread = SerialThread("mailgui-keyring")
        self._memory: dict[SecretReference, str] = {}
        self._keeping = Keeping("memory", "The system's keyring has not been asked yet.")

    @property
    def kind(self) -> Kind:
        """Where the last secret was kept or looked for."""
        return self._keeping.kind

    @property
    def sentence(self) -> str:
        """What to tell a person about that."""
        return self._keeping.sentence

    async def open(self) -> Keeping:
        """Find out where secrets will be kept. The other methods do this by themselves."""
        if not self._opened:
            await self._call(lambda: None)
        return self._keeping

    async def get(self, profile: Profile, name: str | None = None) -> str | None:
        """Return a secret of ``profile``, or None where none is kept for its present address."""
        ref = reference(profile, name)
        if ref in self._memory:
            return self._memory[ref]
        found: list[str | None] = []
        await self._call(lambda: found.append(self._ring().get_password(SERVICE, ref.account)))
        return found[0] if found else None

    async def set(self, profile: Profile, secret: str, name: str | None = None) -> Keeping:
        """Keep a secret of ``profile`` and return where it is kept now."""
        ref = reference(profile, name)
        if await self._call(lambda: self._ring().set_password(SERVICE, ref.account, secret)):
            self._memory.pop(ref, None)
        else:
            self._memory[ref] = secret
        return self._keeping

    async def delete(self, profile: Profile, name: str | None = None) -> None:
        """Forget a secret of ``profile``, wherever it is kept."""
        ref = reference(profile, name)
        self._memory.pop(ref, None)
        await self._call(lambda: self._delete(ref))

    async def move(self, old: Profile, new: Profile, name: str | None = None) -> None:
        """Let a secret follow a renamed profile; where its address changed, forget it."""
        before, after = reference(old, name), reference(new, name)
        if before == after:
            return
        secret = await self.get(old, name) if before.place == after.place else None
        if secret is not None:
            await self.set(new, secret, name)
        await self.delete(old, name)

    async def close(self) -> None:
        """Let the keyring's thread end; one that is stuck is left behind."""
        await self._thread.close(timeout=1.0)

    async def _call(self, function: Callable[[], object]) -> bool:
        """Run ``function`` in the thread; return whether the keyring did it."""
        if self._opened and self._backend is None and not self._thread.unfinished:
            return False
        try:
            await self._thread.run(lambda: self._opening(function), timeout=self._wait())
        except TimeoutError:
            self._fall_back("the system's keyring does not answer; perhaps it waits to be unlocked")
        except _NoKeyring as why:
            self._fall_back(str(why))
        except Exception as fault:  # noqa: BLE001 - backends raise whatever their libraries do
            self._fall_back(f"the system's keyring failed ({type(fault).__name__})")
        else:
            self._keeping = Keeping(
                "keyring", f"Passwords and keys are kept in the system's keyring ({self._title()})."
            )
            return True
        return False

    def _wait(self) -> float:
        """Return how long to wait: hardly, when an earlier call still is stuck."""
        return self._patience if not self._thread.unfinished else min(self._patience, 1.0)

    def _fall_back(self, why: str) -> None:
        self._keeping = Keeping("memory", f"{_IN_MEMORY}: {why}.")

    # What follows runs in the keyring's thread.

    def _opening(self, function: Callable[[], object]) -> None:
        if not self._opened:
            self._backend = _usable(self._given)
            self._opened = True
        self._ring()
        function()

    def _ring(self) -> "KeyringBackend":
        if self._backend is None:
            raise _NoKeyring("this system has no keyring that MailGUI can use")
        return self._backend

    def _delete(self, ref: SecretReference) -> None:
        if self._ring().get_password(SERVICE, ref.account) is not None:
            self._ring().delete_password(SERVICE, ref.account)

    def _title(self) -> str:
        return str(getattr(self._backend, "name", type(self._backend).__name__))


class _NoKeyring(Exception):
    """There is no keyring to use."""


def _usable(given: "KeyringBackend | None") -> "KeyringBackend | None":
    """Return the keyring to use, or None: the fail backend raises, the null backend loses what it
    is given, and those of a priority below 1 are not recommended (plain files among them).
    """
    import keyring
    from keyring.backends import fail, null

    backend = given or keyring.get_keyring()
    if isinstance(backend, (fail.Keyring, null.Keyring)) or backend.priority < 1:
        return None
    return backend

"""From a profile to an account that can be used: its settings and its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mailgui.api.settings import ApiSettings
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile

_SIGN_INS_WITHOUT_SECRET = ("EXTERNAL", "ANONYMOUS")


class SecretMissing(Exception):
    """A profile's password or key is not known here.

    Attributes:
        profile: whose it is.
        label: what it is called, such as ``password``.
        sentence: what to do about it.
    """

    def __init__(self, profile: str, label: str) -> None:
        self.profile = profile
        self.label = label
        self.sentence = f"The {label} of {profile} is not known on this machine; enter it."
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Account:
    """Where to send, and with which secrets; never stored, never shown.

    ``secrets`` maps the names that the road asks for (``password`` for SMTP; for an API those
    of its provider file) to their values.
    """

    name: str
    settings: SmtpSettings | ApiSettings
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def secret_labels(settings: SmtpSettings | ApiSettings) -> dict[str, str]:
    """Return the secrets that an account needs: their names, and what to call each to a person.

    Raises ValueError with a sentence when the provider is not known.
    """
    if isinstance(settings, SmtpSettings):
        return _smtp_labels(settings)
    from mailgui.jobs.request import provider_of

    auth = provider_of(settings).auth
    secrets = auth.secrets if auth.scheme != "none" else []
    labels = {secret.name: secret.label for secret in secrets if not secret.optional}
    return {**labels, **_proxy_label(settings.proxy)}


def _smtp_labels(settings: SmtpSettings) -> dict[str, str]:
    signs_in = settings.username and settings.auth not in _SIGN_INS_WITHOUT_SECRET
    labels = {"password": "password"} if signs_in else {}
    return {**labels, **_proxy_label(settings.proxy)}


def _proxy_label(proxy: str | None) -> dict[str, str]:
    from mailgui.net.proxy_address import PROXY_PASSWORD, names_proxy_user

    return {PROXY_PASSWORD: "proxy's password"} if names_proxy_user(proxy or "") else {}


async def open_account(
    services: Services, profile: Profile, *, given: Mapping[str, str] | None = None
) -> Account:
    """Return the account of ``profile``, secrets fetched, sandbox started where it leads there.

    ``given`` are secrets by name that stand in for the stored ones. Raises SecretMissing when one
    is needed and not known.
    """
    if profile.sandbox:
        return await _sandbox_account(services, profile, given or {})
    secrets: dict[str, str] = {}
    for name, label in secret_labels(profile.settings).items():
        value = (given or {}).get(name) or await services.secrets.get(profile, name)
        if not value:
            raise SecretMissing(profile.name, label)
        secrets[name] = value
    return Account(profile.name, profile.settings, secrets)


async def open_to_try(
    services: Services, profile: Profile, *, given: Mapping[str, str] | None = None
) -> Account:
    """Return an account that needs no secret but its proxy's; as ``open_account`` otherwise.

    Those that are known are there all the same: what is known is kept out of every record.
    """
    needed = _proxy_label(profile.settings.proxy)
    secrets: dict[str, str] = {}
    for name, label in secret_labels(profile.settings).items():
        value = (given or {}).get(name) or await services.secrets.get(profile, name)
        if value:
            secrets[name] = value
        elif name in needed:
            raise SecretMissing(profile.name, label)
    return Account(profile.name, profile.settings, secrets)


async def _sandbox_account(
    services: Services, profile: Profile, given: Mapping[str, str]
) -> Account:
    sandbox = await services.start_sandbox()
    if isinstance(profile.settings, SmtpSettings):
        settings = replace(
            profile.settings,
            host=sandbox.smtp.host,
            port=sandbox.smtp.port,
            tls=profile.settings.tls or TlsMode.STARTTLS,
            tls_ca=profile.settings.tls_ca or str(sandbox.ca_pem_path),
            username=profile.settings.username or sandbox.username,
        )
        return Account(profile.name, settings, {"password": sandbox.password, **given})
    # A base URL of its own comes from a flag: a sandbox profile has none.
    base_url = profile.settings.base_url or sandbox.base_url(profile.settings.provider)
    api = replace(profile.settings, base_url=base_url)
    secrets = dict.fromkeys(secret_labels(api), sandbox.api_key)
    return Account(profile.name, api, {**secrets, **given})

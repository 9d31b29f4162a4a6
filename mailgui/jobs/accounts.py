"""From a profile to an account that can be used: its settings and its secret."""

from dataclasses import dataclass, field, replace

from mailgui.api.settings import ApiSettings
from mailgui.jobs.services import Services
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile


@dataclass(frozen=True, slots=True)
class Account:
    """Where to send, and with which secrets; never stored, never shown.

    ``secrets`` maps the names that the road asks for (``password`` for SMTP; for an API the
    names of its provider file, ``key`` first) to their values.
    """

    name: str
    settings: SmtpSettings | ApiSettings
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


async def open_account(services: Services, profile: Profile) -> Account:
    """Return the account of ``profile``: secret fetched, sandbox started where it leads there."""
    if profile.sandbox:
        return await _sandbox_account(services, profile)
    secret = await services.secrets.get(profile)
    name = "password" if profile.road == "smtp" else "key"
    return Account(profile.name, profile.settings, {name: secret} if secret else {})


async def _sandbox_account(services: Services, profile: Profile) -> Account:
    sandbox = services.sandbox
    await sandbox.start()
    if isinstance(profile.settings, SmtpSettings):
        settings = replace(
            profile.settings,
            host=sandbox.smtp.host,
            port=sandbox.smtp.port,
            tls=TlsMode.STARTTLS,
            tls_ca=str(sandbox.ca_pem_path),
            username=sandbox.username,
        )
        return Account(profile.name, settings, {"password": sandbox.password})
    base_url = f"http://{sandbox.http.host}:{sandbox.http.port}"
    api = replace(profile.settings, base_url=base_url)
    return Account(profile.name, api, {"key": sandbox.api_key})

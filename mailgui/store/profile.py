"""A profile: one account under a name that a person gave it."""

from dataclasses import dataclass

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings


@dataclass(frozen=True, slots=True)
class Profile:
    """One SMTP or API account. ``sandbox`` marks the two that lead to the embedded servers,
    whose address and secret are filled in when the sandbox runs.
    """

    name: str
    settings: SmtpSettings | ApiSettings
    sandbox: bool = False
    sender: str = ""

    @property
    def road(self) -> str:
        """``smtp`` or ``api``."""
        return "smtp" if isinstance(self.settings, SmtpSettings) else "api"

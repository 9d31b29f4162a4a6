"""Which mechanism to use: the one asked for, or the strongest both sides know, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailgui.smtp.sasl.base import Credentials, Mechanism, SaslFault
from mailgui.smtp.sasl.cram import CramMd5
from mailgui.smtp.sasl.oauth import OAuthBearer, XOAuth2
from mailgui.smtp.sasl.plain import Login, Plain
from mailgui.smtp.sasl.scram import Scram, ScramSha1, ScramSha1Plus, ScramSha256, ScramSha256Plus
from mailgui.smtp.sasl.simple import Anonymous, External

# The strongest first. A mechanism is added here and nowhere else.
MECHANISMS: dict[str, type[Mechanism]] = {
    mechanism.name: mechanism
    for mechanism in (
        ScramSha256Plus,
        ScramSha1Plus,
        ScramSha256,
        ScramSha1,
        CramMd5,
        Plain,
        Login,
        OAuthBearer,
        XOAuth2,
        External,
        Anonymous,
    )
}

_REASONS = {
    "SCRAM-SHA-256-PLUS": "the password does not travel, and the proof is bound to this connection",
    "SCRAM-SHA-1-PLUS": "the password does not travel, and the proof is bound to this connection",
    "SCRAM-SHA-256": "the password does not travel, and the server must prove that it knows it",
    "SCRAM-SHA-1": "the password does not travel, and the server must prove that it knows it",
    "CRAM-MD5": "the password itself does not travel",
    "PLAIN": "it is the simplest way to send the password",
    "LOGIN": "it is the only way to send the password",
    "OAUTHBEARER": "it takes an access token, which stands in place of the password",
    "XOAUTH2": "it takes an access token, which stands in place of the password",
}
_AUTOMATIC = tuple(_REASONS)  # EXTERNAL and ANONYMOUS prove no password: only when asked for


@dataclass(frozen=True, slots=True)
class Choice:
    """A mechanism's name and, in one sentence, why it was taken."""

    name: str
    reason: str


def choose(offered: Iterable[str], *, can_bind: bool, without: Iterable[str] = ()) -> Choice | None:
    """Return the strongest of the mechanisms ``offered``; None where none will do.

    ``can_bind``: whether channel binding is to be had; ``without``: those that failed to work.
    """
    on_offer = tuple(offered)
    left_out = set(without)
    candidates = [
        name
        for name in _AUTOMATIC
        if name in on_offer and name not in left_out and (can_bind or not name.endswith("-PLUS"))
    ]
    if not candidates:
        return None
    name = candidates[0]
    of = f", of {', '.join(on_offer)}" if len(on_offer) > 1 else ""
    return Choice(name, f"Signing in with {name}{of}: {_REASONS[name]}.")


def make(name: str, credentials: Credentials, offered: Iterable[str] = ()) -> Mechanism:
    """Return a new exchange of the mechanism ``name``. Raises SaslFault."""
    mechanism = MECHANISMS.get(name)
    if mechanism is None:
        known = ", ".join(MECHANISMS)
        raise SaslFault(
            "auth_mechanism_unknown", f"MailGUI does not know {name}; it knows {known}."
        )
    if issubclass(mechanism, Scram):
        return mechanism(credentials, binding_offered=f"{name}-PLUS" in tuple(offered))
    return mechanism(credentials)

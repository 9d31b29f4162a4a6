"""How exported code comes by secrets: from environment variables, unless written out on request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailgui.message.literals import Piece, Variable, is_identifier

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

PASSWORD = "SMTP_PASSWORD"
INLINE = "The secret stands in this code: keep it to yourself."


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person asked for.

    Attributes:
        names: the variables to read, by the secrets' names (``password`` for SMTP), where others
            than usual are wanted.
        inline: secrets to write out, by their names; empty unless that was expressly asked for.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    inline: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of_provider(self, provider: "Provider") -> tuple[dict[str, Piece], list[str]]:
        """Return what stands for each secret of a provider, and the sentences to say about it."""
        from mailgui.api.code_request import variable_name  # not needed for a start

        stand_ins: dict[str, Piece] = {}
        sentences: list[str] = []
        if provider.auth.scheme == "none":
            return stand_ins, sentences
        for secret in provider.auth.secrets:
            written = self.inline.get(secret.name)
            if written:
                stand_ins[secret.name] = written
                continue
            if secret.optional and secret.name not in self.names:
                continue
            name = self._name(secret.name, variable_name(provider, secret.name))
            stand_ins[secret.name] = Variable(name)
            sentences.append(set_sentence(name, f"{provider.name}: {secret.label}"))
        return stand_ins, [*([INLINE] if self.inline else []), *sentences]

    def password(self, default: str, what: str = "the password") -> tuple[Piece, str]:
        """Return what stands for an SMTP password, and the sentence to say about it."""
        written = self.inline.get("password")
        if written:
            return written, INLINE
        name = self._name("password", default)
        return Variable(name), set_sentence(name, what)

    def _name(self, secret: str, usual: str) -> str:
        wanted = self.names.get(secret, "")
        return wanted if is_identifier(wanted) else usual


def set_sentence(name: str, what: str = "") -> str:
    """Return how to set a variable to ``what`` it is for."""
    said = what.strip().rstrip(".")
    return f"Set {name} first{f' ({said})' if said else ''}: export {name}='…'"


_SETTINGS = {
    "proxy": "the proxy",
    "client_cert": "the client certificate",
    "tls_client_cert": "the client certificate",
    "tls_server_name": "the other server name",
    "tls_minimum": "the lowest TLS version",
    "tls_maximum": "the highest TLS version",
    "tls_ciphers": "the ciphers",
    "source": "the local address",
    "family": "the kind of address",
    "channel_binding": "the choice of channel binding",
    "retries": "trying again",
}


def settings_left_out(settings: object) -> list[str]:
    """Return a sentence about the settings of a profile that exported code does without."""
    lost = [words for name, words in _SETTINGS.items() if getattr(settings, name, None)]
    return [f"Left out of what the profile says: {', '.join(lost)}."] if lost else []

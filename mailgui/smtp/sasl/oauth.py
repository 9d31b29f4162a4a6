"""XOAUTH2 (Google's and Microsoft's pages on it) and OAUTHBEARER (RFC 7628): an access token."""

import json

from mailgui.smtp.sasl.base import Mechanism, without_nul
from mailgui.transcript import octets_to_text


class _Bearer(Mechanism):
    """What both have in common: after a failure the server explains itself in a challenge."""

    acknowledgement: bytes  # answers the explanation, so that the server can say no

    def respond(self, challenge: bytes) -> bytes:
        self.diagnosis = _explain(challenge)
        return self.acknowledgement


class XOAuth2(_Bearer):
    """XOAUTH2: an empty line answers the server's explanation."""

    name = "XOAUTH2"
    acknowledgement = b""

    def initial(self) -> bytes:
        username = without_nul(self.credentials.username, "user name")
        token = without_nul(self.credentials.secret, "access token")
        message = b"user=%s\1auth=Bearer %s\1\1" % (username, token)
        self.secrets += [token, message]
        return message


class OAuthBearer(_Bearer):
    """OAUTHBEARER: a single ^A answers the server's explanation (RFC 7628, section 3.2.3)."""

    name = "OAUTHBEARER"
    acknowledgement = b"\1"

    def initial(self) -> bytes:
        c = self.credentials
        username = without_nul(c.username, "user name")
        token = without_nul(c.secret, "access token")
        escaped = username.replace(b"=", b"=3D").replace(b",", b"=2C")
        where = b"host=%s\1port=%d\1" % (c.host.encode(), c.port)
        message = b"n,a=%s,\1%sauth=Bearer %s\1\1" % (escaped, where, token)
        self.secrets += [token, message]
        return message


def _explain(challenge: bytes) -> str:
    """Return what the server's JSON says; its text as it is where it is no JSON object."""
    try:
        fields = json.loads(challenge)
    except (ValueError, RecursionError):
        return octets_to_text(challenge)
    if not isinstance(fields, dict):
        return octets_to_text(challenge)
    return ", ".join(f"{key} {value}" for key, value in fields.items())

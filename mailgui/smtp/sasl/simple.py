"""EXTERNAL (RFC 4422, appendix A) and ANONYMOUS (RFC 4505): a name and no secret."""

from mailgui.smtp.sasl.base import Mechanism, SaslFault, without_nul


class _Nameonly(Mechanism):
    carries_secret = False

    def respond(self, challenge: bytes) -> bytes:
        raise SaslFault("auth_endless", f"The server kept asking after {self.name} was complete.")


class External(_Nameonly):
    """EXTERNAL: the TLS client certificate (or the like) is the proof."""

    name = "EXTERNAL"

    def initial(self) -> bytes:
        return without_nul(self.credentials.username, "user name")


class Anonymous(_Nameonly):
    """ANONYMOUS: the name is a mere trace."""

    name = "ANONYMOUS"

    def initial(self) -> bytes:
        return without_nul(self.credentials.username or "anonymous", "user name")

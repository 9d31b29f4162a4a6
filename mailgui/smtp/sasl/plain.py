"""PLAIN (RFC 4616) and LOGIN: user name and password as they are."""

from mailgui.smtp.sasl.base import Credentials, Mechanism, SaslFault, without_nul
from mailgui.smtp.sasl.saslprep import prepared


class Plain(Mechanism):
    """PLAIN: one message of three fields."""

    name = "PLAIN"

    def initial(self) -> bytes:
        username = without_nul(self.credentials.username, "user name")
        password = without_nul(prepared(self.credentials.secret), "password")
        message = b"\0%s\0%s" % (username, password)
        self.secrets += [password, message]
        return message

    def respond(self, challenge: bytes) -> bytes:
        raise SaslFault(
            "auth_endless", "The server kept asking after PLAIN had said all that it has to say."
        )


class Login(Mechanism):
    """LOGIN: no standard, only a draft; the prompts' words are not to be relied on.

    The first prompt gets the user name and the second the password, whatever they say.
    """

    name = "LOGIN"
    client_first = False

    def __init__(self, credentials: Credentials) -> None:
        super().__init__(credentials)
        self._answers = [
            without_nul(credentials.username, "user name"),
            without_nul(credentials.secret, "password"),
        ]
        self.secrets.append(self._answers[1])

    def respond(self, challenge: bytes) -> bytes:
        if not self._answers:
            raise SaslFault(
                "auth_endless", "The server kept asking after user name and password were given."
            )
        return self._answers.pop(0)

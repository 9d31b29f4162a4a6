"""CRAM-MD5 (RFC 2195): a keyed digest of the server's challenge."""

import hmac

from mailgui.smtp.sasl.base import Mechanism, without_nul


class CramMd5(Mechanism):
    """CRAM-MD5: the password itself does not travel, but MD5 guards it poorly."""

    name = "CRAM-MD5"
    client_first = False

    def respond(self, challenge: bytes) -> bytes:
        username = without_nul(self.credentials.username, "user name")
        password = without_nul(self.credentials.secret, "password")
        digest = hmac.new(password, challenge, "md5").hexdigest().encode()
        answer = b"%s %s" % (username, digest)
        self.secrets += [digest, answer]
        return answer

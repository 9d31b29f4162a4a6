"""What can go wrong between two machines, as one exception that speaks to a person."""

import errno
from typing import Self

from mailgui.transcript import Stage, TlsSummary


class NetworkFault(Exception):
    """A connection could not be made, secured or kept.

    Attributes:
        stage: where it happened (``dns``, ``connect``, ``tls``, or wherever it was lost).
        kind: a stable slug, one of: ``name_not_found name_timeout name_failed refused timed_out
            unreachable lost reset blocked proxy tls_plaintext_peer tls_version tls_handshake
            tls_alert certificate_expired certificate_not_yet_valid certificate_self_signed
            certificate_untrusted certificate_wrong_host certificate_weak certificate_invalid
            certificate_dane
            tls_client_certificate ca_unreadable insecure_credentials source_address
            http_malformed http_truncated http_too_large http_encoding http_redirect``.
        sentence: what happened, in one plain sentence with host and port.
        tls: the handshake as far as it came, with the chain that was refused.
    """

    def __init__(
        self, stage: Stage, kind: str, sentence: str, *, tls: TlsSummary | None = None
    ) -> None:
        super().__init__(sentence)
        self.stage = stage
        self.kind = kind
        self.sentence = sentence
        self.tls = tls

    def at(self, stage: Stage) -> Self:
        """Return the same fault as seen from ``stage``: an open stream does not know its own."""
        return type(self)(stage, self.kind, self.sentence, tls=self.tls)


_CONNECT_KINDS = {
    errno.ECONNREFUSED: "refused",
    errno.ENOENT: "refused",  # a UNIX socket's path
    errno.ETIMEDOUT: "timed_out",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.EAFNOSUPPORT: "unreachable",
    errno.EPERM: "blocked",
    errno.EACCES: "blocked",
    errno.EADDRNOTAVAIL: "source_address",
    errno.EADDRINUSE: "source_address",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.ENOTCONN: "reset",  # reset so soon that the socket forgot its peer
    errno.EINVAL: "reset",  # the same on macOS
}
_WINDOWS_KINDS = {  # winerror, where it differs from errno
    1225: "refused",
    1231: "unreachable",
    1232: "unreachable",
    121: "timed_out",
}
_SENTENCES = {
    "refused": "{} refused the connection: nothing listens there, or a firewall rejects it.",
    "timed_out": "{} did not answer.",
    "unreachable": "There is no route from this machine to {}.",
    "blocked": "This machine's own firewall or policy forbids connecting to {}.",
    "source_address": "This machine cannot reach {} from the chosen source address.",
    "reset": "{} broke the connection off.",
}


def connect_fault(error: OSError, peer: str) -> NetworkFault:
    """Return what the failed attempt to connect to ``peer`` ("192.0.2.1 port 25") means."""
    winerror = getattr(error, "winerror", None)
    kind = _WINDOWS_KINDS.get(winerror or 0) or _CONNECT_KINDS.get(error.errno or 0, "unreachable")
    sentence = _SENTENCES[kind].format(peer)
    return NetworkFault(Stage.CONNECT, kind, sentence)


def lost_fault(error: OSError, peer: str) -> NetworkFault:
    """Return what an error on an open connection means. Its stage is for the caller to say."""
    if isinstance(error, TimeoutError):
        return NetworkFault(Stage.CONNECT, "timed_out", f"{peer} stopped answering.")
    if isinstance(error, BrokenPipeError):
        return NetworkFault(Stage.CONNECT, "lost", f"{peer} has closed the connection.")
    if isinstance(error, ConnectionError):
        return NetworkFault(Stage.CONNECT, "reset", f"{peer} broke the connection off.")
    return NetworkFault(Stage.CONNECT, "lost", f"The connection to {peer} was lost.")

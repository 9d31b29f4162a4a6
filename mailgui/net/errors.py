"""What can go wrong between two machines, as one exception that speaks to a person."""

from mailgui.transcript import Stage, TlsSummary


class NetworkFault(Exception):
    """A connection could not be made, secured or kept.

    Attributes:
        stage: where it happened (``dns``, ``connect``, ``tls``, or wherever it was lost).
        kind: a stable slug, one of: ``name_not_found name_timeout name_failed refused timed_out
            unreachable lost reset blocked proxy tls_plaintext_peer tls_version tls_handshake
            tls_alert certificate_expired certificate_not_yet_valid certificate_self_signed
            certificate_untrusted certificate_wrong_host certificate_weak certificate_invalid
            tls_client_certificate ca_unreadable insecure_credentials``.
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

"""The tab TLS: what the handshake settled, whether the certificate is good, and the chain."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from mailgui.transcript import CertificateSummary, TlsSummary, visible
from mailgui.ui.compose.chain_tree import ChainTree, aware, common_name, role_of
from mailgui.ui.compose.facts import FactsGrid, heading
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn

_NOT_YET = "Version, cipher and the server's certificates appear here after the handshake."
_WITHOUT = "This conversation went without TLS: everything on the way could read it."


class CertificateCard(Panel):
    """One certificate in full.

    Attributes:
        certificate: what it shows; None for nothing yet.
        facts: its values.

    Signals:
        save_asked(object): this CertificateSummary is wanted as a file.
    """

    save_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(card=True)
        identify(self, "certificate", "The chosen certificate")
        self.certificate: CertificateSummary | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, MEDIUM, spacing=SMALL)
        head = QHBoxLayout()
        pad(head, 0, spacing=SMALL)
        self._title = Label("", kind=Type.STRONG, wrap=True, selectable=True)
        self._role = Label("", kind=Type.SMALL, tone="secondary")
        self._copy = CopyButton(self._pem, name="certificate-copy", what="the certificate as PEM")
        self._save = LinkButton("Save…", name="certificate-save")
        self._save.clicked.connect(lambda: self.save_asked.emit(self.certificate))
        head.addWidget(self._title, 1)
        for widget in (self._role, self._copy, self._save):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._fault = Label("", tone="broken", wrap=True)
        self.facts = FactsGrid(name="certificate-facts", accessible="The chosen certificate")
        layout.addLayout(head)
        layout.addWidget(self._fault)
        layout.addWidget(self.facts)

    @property
    def fault(self) -> str:
        """What is said to be wrong with it; empty where nothing is."""
        return self._fault.text()

    def show_certificate(self, certificate: CertificateSummary, role: str, fault: str) -> None:
        """Show a certificate, what it is in its chain, and what is wrong with it."""
        self.certificate = certificate
        title = visible(common_name(certificate.subject))
        self._title.setText(title)
        self._role.setText(role[:1].upper() + role[1:])
        self._save.setEnabled(bool(certificate.der))
        self._copy.setEnabled(bool(certificate.der))
        self._save.setAccessibleName(f"Save the certificate of {title}")
        self._fault.setText(f"✕ {visible(fault)}" if fault else "")
        self._fault.setVisible(bool(fault))
        self.set_tone(Tone.BROKEN if fault else None)
        self.facts.set_facts(certificate_facts(certificate))

    def _pem(self) -> str:
        import ssl

        return ssl.DER_cert_to_PEM_cert(self.certificate.der) if self.certificate else ""


class TlsView(QStackedWidget):
    """Shows a TlsSummary, or says why there is none.

    Attributes:
        verdict, facts: what the handshake settled; ``tree``: the chain; ``card``: the chosen one.

    Signals:
        save_asked(object): a CertificateSummary is wanted as a file.
        save_chain_asked(object): a tuple of them is wanted as one file.
    """

    save_asked = Signal(object)
    save_chain_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "tls")
        self._tls: TlsSummary | None = None
        self._empty = EmptyState("lock", "No TLS yet", _NOT_YET, name="tls-empty")
        self._column = ScrollColumn(name="tls-column", accessible="TLS", spacing=MEDIUM)
        self.verdict = InlineNotice(name="tls-verdict")
        self.facts = FactsGrid(name="tls-facts", accessible="What the handshake settled")
        self.save_chain = LinkButton("Save chain…", name="chain-save")
        self.tree = ChainTree()
        self.card = CertificateCard()
        self._chain = QWidget()
        chain = QVBoxLayout(self._chain)
        pad(chain, 0, spacing=SMALL)
        head = QHBoxLayout()
        pad(head, 0, spacing=SMALL)
        head.addWidget(heading("Certificate chain"), 1)
        head.addWidget(self.save_chain)
        chain.addLayout(head)
        chain.addWidget(self.tree)
        chain.addWidget(self.card)
        for widget in (self.verdict, self.facts, self._chain):
            self._column.add(widget)
        self.addWidget(self._empty)
        self.addWidget(self._column)
        self.tree.chosen.connect(self._chosen)
        self.tree.save_asked.connect(self.save_asked)
        self.card.save_asked.connect(self.save_asked)
        self.save_chain.clicked.connect(lambda: self.save_chain_asked.emit(self.tree.chain))

    def clear(self) -> None:
        """Wait for a handshake."""
        self._say("No TLS yet", _NOT_YET)

    def show_tls(self, tls: TlsSummary | None) -> None:
        """Show what a handshake settled; None where there was none."""
        if tls is None:
            self._say("Not encrypted", _WITHOUT)
            return
        self._tls = tls
        self.verdict.say(*_verdict(tls))
        self.facts.set_facts(tls_facts(tls))
        self._chain.setVisible(bool(tls.chain))
        self.tree.show_chain(tls)
        self.setCurrentWidget(self._column)

    @Slot(object)
    def _chosen(self, certificate: CertificateSummary) -> None:
        tls = self._tls
        if tls is None:
            return
        place = next(n for n, each in enumerate(self.tree.chain) if each is certificate)
        fault = tls.fault or "" if place == tls.fault_at else ""
        self.card.show_certificate(certificate, role_of(certificate, place), fault)

    def _say(self, title: str, sentence: str) -> None:
        self._empty.set_words(title, sentence)
        self.setCurrentWidget(self._empty)


def _verdict(tls: TlsSummary) -> tuple[str, Tone]:
    if tls.fault:
        return visible(tls.fault), Tone.BROKEN
    name = f" for {visible(tls.server_name)}" if tls.server_name else ""
    if tls.verified:
        return f"The certificate is valid{name}, and its chain is trusted.", Tone.PASS
    return f"The certificate was not verified{name}: the profile says so.", Tone.ATTENTION


def tls_facts(tls: TlsSummary) -> list[tuple[str, str]]:
    """Return what a handshake settled as pairs."""
    settled = tls.version is not None and tls.cipher is not None
    session = "resumed from an earlier one" if tls.resumed else "new"
    return [
        ("Version", (tls.version or "").replace("TLSv", "TLS ")),
        ("Cipher", tls.cipher or ""),
        ("Key exchange", tls.key_exchange or ""),
        ("Server name", tls.server_name or ""),
        ("ALPN", tls.alpn or ("none agreed" if settled else "")),
        ("Session", session if settled else ""),
    ]


def certificate_facts(certificate: CertificateSummary) -> list[tuple[str, str]]:
    """Return a certificate as pairs."""
    import hashlib

    sha1 = hashlib.sha1(certificate.der, usedforsecurity=False).hexdigest()
    return [
        ("Subject", certificate.subject),
        ("Names", ", ".join(certificate.names)),
        ("Valid", validity(certificate)),
        ("Key", certificate.key),
        ("Signature", certificate.signature),
        ("Issuer", certificate.issuer),
        ("Serial", certificate.serial),
        ("SHA-256", certificate.sha256),
        ("SHA-1", sha1 if certificate.der else ""),
    ]


def validity(certificate: CertificateSummary, now: datetime | None = None) -> str:
    """Return from when to when a certificate holds, and how that lies to today."""
    now = now or datetime.now(UTC)
    begins, ends = aware(certificate.not_before), aware(certificate.not_after)
    span = f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
    if now < begins:
        return f"{span} (not yet)"
    if now > ends:
        return f"{span} (expired {number((now - ends).days, 'day')} ago)"
    return f"{span} ({number((ends - now).days, 'day')} left)"

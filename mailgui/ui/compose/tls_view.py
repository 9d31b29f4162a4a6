"""The tab TLS: what the handshake settled, whether the certificate is good, and the chain."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from mailgui.transcript import CertificateSummary, TlsSummary, visible
from mailgui.ui.compose.facts import FactsGrid, heading
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn

_MOST = 10  # certificates of a chain


class CertificateCard(Panel):
    """One certificate of a chain.

    Signals:
        save_asked(object): this CertificateSummary is wanted as a file.
    """

    save_asked = Signal(object)

    def __init__(self, certificate: CertificateSummary, role: str, *, number: int) -> None:
        super().__init__(card=True)
        self.certificate = certificate
        title = visible(_common_name(certificate.subject))
        identify(self, f"certificate-{number}", f"{role}: {title}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, MEDIUM, spacing=SMALL)
        head = QHBoxLayout()
        pad(head, 0, spacing=SMALL)
        head.addWidget(Label(title, kind=Type.STRONG, wrap=True, selectable=True), 1)
        head.addWidget(Label(role, kind=Type.SMALL, tone="secondary"))
        save = LinkButton("Save…", name=f"certificate-{number}-save")
        save.setAccessibleName(f"Save the certificate of {title}")
        save.setEnabled(bool(certificate.der))
        save.clicked.connect(lambda: self.save_asked.emit(self.certificate))
        head.addWidget(save, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(head)
        grid = FactsGrid(name=f"certificate-{number}-facts", accessible=f"Certificate of {title}")
        grid.set_facts(certificate_facts(certificate))
        layout.addWidget(grid)


class TlsView(QStackedWidget):
    """Shows a TlsSummary, or says why there is none.

    Signals:
        save_asked(object): a CertificateSummary is wanted as a file.
    """

    save_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "tls")
        self._empty = EmptyState("lock", "No TLS yet", _NOT_YET, name="tls-empty")
        self._column = ScrollColumn(name="tls-column", accessible="TLS", spacing=MEDIUM)
        self.verdict = InlineNotice(name="tls-verdict")
        self.facts = FactsGrid(name="tls-facts", accessible="What the handshake settled")
        self._chain_title = heading("Certificate chain")
        self._chain = QVBoxLayout()
        pad(self._chain, 0, spacing=MEDIUM)
        self.cards: list[CertificateCard] = []
        for widget in (self.verdict, self.facts, self._chain_title):
            self._column.add(widget)
        self._column.column.addLayout(self._chain)
        self.addWidget(self._empty)
        self.addWidget(self._column)

    def clear(self) -> None:
        """Wait for a handshake."""
        self._say("No TLS yet", _NOT_YET)

    def show_tls(self, tls: TlsSummary | None) -> None:
        """Show what a handshake settled; None where there was none."""
        if tls is None:
            self._say("Not encrypted", _WITHOUT)
            return
        self.verdict.say(*_verdict(tls))
        self.facts.set_facts(tls_facts(tls))
        for card in self.cards:
            self._chain.removeWidget(card)
            forget(card)
        roles = _roles(tls.chain)
        self.cards = [
            CertificateCard(certificate, role, number=place)
            for place, (certificate, role) in enumerate(zip(tls.chain, roles, strict=True))
        ][:_MOST]
        for card in self.cards:
            card.save_asked.connect(self.save_asked)
            self._chain.addWidget(card)
        self._chain_title.setVisible(bool(self.cards))
        self.setCurrentWidget(self._column)

    def _say(self, title: str, sentence: str) -> None:
        self._empty.set_words(title, sentence)
        self.setCurrentWidget(self._empty)


_NOT_YET = "Version, cipher and the server's certificates appear here after the handshake."
_WITHOUT = "This conversation went without TLS: everything on the way could read it."


def _verdict(tls: TlsSummary) -> tuple[str, Tone]:
    if tls.fault:
        return visible(tls.fault), Tone.BROKEN
    name = f" for {visible(tls.server_name)}" if tls.server_name else ""
    if tls.verified:
        return f"The certificate is valid{name}, and its chain is trusted.", Tone.PASS
    return f"The certificate was not verified{name}: the profile says so.", Tone.ATTENTION


def tls_facts(tls: TlsSummary) -> list[tuple[str, str]]:
    """Return what a handshake settled as pairs."""
    return [
        ("Version", (tls.version or "").replace("TLSv", "TLS ")),
        ("Cipher", tls.cipher or ""),
        ("Server name", tls.server_name or ""),
        ("ALPN", tls.alpn or ""),
        ("Session", "resumed from an earlier one" if tls.resumed else "new"),
    ]


def certificate_facts(certificate: CertificateSummary) -> list[tuple[str, str]]:
    """Return a certificate as pairs."""
    return [
        ("Subject", certificate.subject),
        ("Issuer", certificate.issuer),
        ("Names", ", ".join(certificate.names)),
        ("Valid", validity(certificate)),
        ("Key", certificate.key),
        ("Signature", certificate.signature),
        ("Serial", certificate.serial),
        ("SHA-256", certificate.sha256),
    ]


def validity(certificate: CertificateSummary, now: datetime | None = None) -> str:
    """Return from when to when a certificate holds, and how that lies to today."""
    now = now or datetime.now(UTC)
    begins, ends = (_aware(each) for each in (certificate.not_before, certificate.not_after))
    span = f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
    if now < begins:
        return f"{span} (not yet)"
    if now > ends:
        return f"{span} (expired {number((now - ends).days, 'day')} ago)"
    return f"{span} ({number((ends - now).days, 'day')} left)"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _roles(chain: Sequence[CertificateSummary]) -> list[str]:
    roles = []
    for place, certificate in enumerate(chain):
        own = certificate.subject == certificate.issuer
        if place == 0:
            roles.append("Server, self-signed" if own else "Server")
        else:
            roles.append("Root" if own else "Intermediate")
    return roles


def _common_name(subject: str) -> str:
    for part in subject.split(","):
        key, _, value = part.strip().partition("=")
        if key.upper() == "CN" and value:
            return value
    return subject or "No subject"

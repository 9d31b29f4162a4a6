"""A certificate chain as a tree: the authority above, the server's own certificate at its foot."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from mailgui.transcript import CertificateSummary, TlsSummary
from mailgui.ui.icons import icon
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.term_tree import TermNode, TermTree

MOST = 10  # certificates of a chain
_SOON = 21  # days: whoever renews too late should see it by then


class ChainTree(TermTree):
    """Shows a chain; the current row is the certificate that is shown in full.

    Signals:
        chosen(object): another CertificateSummary is the current one.
        save_asked(object): this CertificateSummary is wanted as a file.
    """

    chosen = Signal(object)
    save_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="chain", accessible="Certificate chain", whole=True, parent=parent)
        self.chain: tuple[CertificateSummary, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("ring", "true")
        self.selectionModel().currentRowChanged.connect(self._moved)

    def show_chain(self, tls: TlsSummary) -> None:
        """Show a handshake's chain; the certificate at fault, or else the server's, is current."""
        self.chain = tls.chain[:MOST]
        node: TermNode | None = None
        for place, certificate in enumerate(self.chain):
            node = _node(certificate, place, tls, below=node)
        self.set_terms([node] if node else [])
        if self.chain:
            self.choose(tls.fault_at if tls.fault_at is not None else 0)

    def choose(self, place: int) -> None:
        """Make the certificate at ``place`` of the chain, the server's own being 0, current."""
        index = self.model().index(0, 0)
        for _ in range(len(self.chain) - 1 - place):
            index = self.model().index(0, 0, index)
        self.setCurrentIndex(index)

    @property
    def current(self) -> CertificateSummary | None:
        """The certificate that is current."""
        depth, index = -1, self.currentIndex()
        while index.isValid():
            depth, index = depth + 1, index.parent()
        place = len(self.chain) - 1 - depth
        return self.chain[place] if depth >= 0 and 0 <= place < len(self.chain) else None

    @Slot()
    def _moved(self) -> None:
        if self.current is not None:
            self.chosen.emit(self.current)

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        certificate = self.current
        if certificate is None:
            return
        menu = QMenu(self)
        save = menu.addAction(
            icon("save"), "Save certificate…", lambda: self.save_asked.emit(certificate)
        )
        save.setEnabled(bool(certificate.der))
        menu.addAction(icon("copy"), "Copy SHA-256", lambda: _copy(certificate.sha256))
        menu.addAction(icon("copy"), "Copy subject", lambda: _copy(certificate.subject))
        menu.exec(self.viewport().mapToGlobal(where))
        menu.deleteLater()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _node(
    certificate: CertificateSummary, place: int, tls: TlsSummary, *, below: TermNode | None
) -> TermNode:
    role = role_of(certificate, place)
    word, tone = standing(certificate, at_fault=place == tls.fault_at)
    return TermNode(
        term=f"{common_name(certificate.subject)} · {role}",
        result=word,
        tone=tone,
        cost=certificate.key,
        note=tls.fault or "" if place == tls.fault_at else "",
        children=(below,) if below else (),
    )


def standing(
    certificate: CertificateSummary, *, at_fault: bool, now: datetime | None = None
) -> tuple[str, Tone]:
    """Return in a word how a certificate stands: at fault, expired, not yet valid or days left."""
    now = now or datetime.now(UTC)
    begins, ends = aware(certificate.not_before), aware(certificate.not_after)
    if now > ends:
        return "expired", Tone.BROKEN
    if now < begins:
        return "not yet valid", Tone.BROKEN
    if at_fault:
        return "at fault", Tone.BROKEN
    left = (ends - now).days
    return f"{number(left, 'day')} left", Tone.ATTENTION if left < _SOON else Tone.PASS


def role_of(certificate: CertificateSummary, place: int) -> str:
    """Return what a certificate is in its chain."""
    own = certificate.subject == certificate.issuer
    if place == 0:
        return "server, self-signed" if own else "server"
    return "root" if own else "intermediate"


def common_name(subject: str) -> str:
    """Return the CN of a subject, or all of it without one."""
    for part in subject.split(","):
        key, _, value = part.strip().partition("=")
        if key.upper() == "CN" and value:
            return value
    return subject or "No subject"


def aware(moment: datetime) -> datetime:
    """Return a moment with its time zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def chain_pem(chain: Sequence[CertificateSummary]) -> str:
    """Return a chain as PEM, the server's own certificate first (RFC 8446, section 4.4.2)."""
    import ssl

    return "".join(ssl.DER_cert_to_PEM_cert(each.der) for each in chain if each.der)

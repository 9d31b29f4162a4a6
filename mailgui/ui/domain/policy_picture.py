"""The policy in force as a picture: a row a kind of sender, a step each for none to reject."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.domain.dmarc_record import Policy
from mailgui.ui.metrics import LARGE, RADIUS, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import elide_middle, paint_ground

_TONES = {
    Policy.NONE: Tone.ATTENTION,
    Policy.QUARANTINE: Tone.INFO,
    Policy.REJECT: Tone.PASS,
}
_WORDS = {
    Policy.NONE: "none: delivered",
    Policy.QUARANTINE: "quarantine: suspicious",
    Policy.REJECT: "reject: refused",
}


class PolicyPicture(QWidget):
    """Paints, for forged mail of each kind, how far receivers go; without DMARC nothing is lit.

    Attributes:
        rows: (who, the policy in force or None).
    """

    def __init__(self, *, name: str = "policy-picture", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "What happens to forged mail")
        size = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        size.setHeightForWidth(True)
        self.setSizePolicy(size)
        self.rows: tuple[tuple[str, Policy | None], ...] = ()

    def set_policies(
        self, policies: Mapping[str, object], aspects: Sequence[tuple[str, str]]
    ) -> None:
        """Show the policies of a view; ``aspects`` are its keys, each with its words."""
        self.rows = tuple((words, _policy(policies.get(key))) for key, words in aspects)
        spoken = [f"{words}: {policy or 'no DMARC'}" for words, policy in self.rows]
        self.setAccessibleDescription("; ".join(spoken))
        self.setVisible(any(policy for _, policy in self.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = metrics().scaled(460)
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(240), len(self.rows) * self._row())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the rows; where they are narrow the words stand above the steps."""
        return len(self.rows) * (self._row() + self._above(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        sizes, table = metrics(), tokens()
        above = self._above(self.width())
        left = 0 if above else self._longest() + LARGE
        for number, (words, policy) in enumerate(self.rows):
            top = number * (self._row() + above)
            painter.setFont(sizes.font())
            painter.setPen(QColor(table.secondary))
            wide = self.width() if above else left - SMALL
            where = QRect(0, top, wide, above or self._row())
            shown = elide_middle(words, sizes.measure(), where.width())
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, shown)
            self._paint_steps(painter, policy, left, top + above)
        painter.end()

    def _longest(self) -> int:
        measure = metrics().measure()
        return max((measure.horizontalAdvance(words) for words, _ in self.rows), default=0)

    def _above(self, width: int) -> int:
        """Return how high the words stand above their steps; 0 where they have room beside."""
        strong = metrics().measure(Type.STRONG)
        step = max(strong.horizontalAdvance(each.value) for each in Policy) + SMALL + TIGHT
        beside = self._longest() + LARGE + len(Policy) * step <= width
        return 0 if beside else metrics().line() + TIGHT

    def _paint_steps(self, painter: QPainter, policy: Policy | None, left: int, top: int) -> None:
        sizes, table = metrics(), tokens()
        wide = (self.width() - left) // len(Policy)
        for step, each in enumerate(Policy):
            lit = each is policy
            tone = _TONES[each]
            rect = QRect(left + step * wide, top + TIGHT // 2, wide - TIGHT, self._row() - TIGHT)
            ground = table.ground(tone) if lit else table.base
            border = table.foreground(tone) if lit else table.border
            paint_ground(painter, rect, ground, border=border, radius=RADIUS)
            kind = Type.STRONG if lit else Type.BODY
            painter.setFont(sizes.font(kind))
            painter.setPen(QColor(table.foreground(tone) if lit else table.secondary))
            words = _WORDS[each] if lit else each.value
            room = rect.width() - SMALL
            if sizes.measure(kind).horizontalAdvance(words) > room:
                words = elide_middle(each.value, sizes.measure(kind), room)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)

    @staticmethod
    def _row() -> int:
        return metrics().line() + 2 * SMALL


def _policy(value: object) -> Policy | None:
    try:
        return Policy(str(value))
    except ValueError:
        return None

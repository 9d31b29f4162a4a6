"""Where the time went: one bar a phase, one below the other, in the order of time."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mailgui.transcript import Phase, visible
from mailgui.ui.metrics import MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.painting import elide_middle, paint_ground

_NAMES = {"dns": "DNS", "tls": "TLS", "ehlo": "EHLO", "starttls": "STARTTLS"}
_LEAST = 3


class Waterfall(QWidget):
    """Bars for phases. A failed one is in the broken colour and says so."""

    def __init__(self, *, name: str = "waterfall", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Where the time went")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._phases: tuple[Phase, ...] = ()
        self._total = 0.0
        self._open: tuple[str, float] | None = None

    @property
    def phases(self) -> tuple[Phase, ...]:
        """What is shown."""
        return self._phases

    def set_phases(self, phases: Sequence[Phase], total: float | None = None) -> None:
        """Show ``phases``; ``total`` is the whole conversation's length in seconds."""
        self._phases = tuple(sorted(phases, key=lambda phase: phase.start))
        last = max((phase.start + phase.duration for phase in self._phases), default=0.0)
        self._total = max(last, total or 0.0)
        self._open = None
        self._changed()

    def phase_started(self, name: str, at: float) -> None:
        """Show that a phase runs, ``at`` seconds from the start."""
        self._open = (name, at)
        self._total = max(self._total, at)
        self._changed()

    def phase_ended(self, phase: Phase) -> None:
        """Add a phase that has ended."""
        phases = [*self._phases, phase]
        self.set_phases(phases, self._total)

    def clear(self) -> None:
        """Show nothing."""
        self.set_phases(())

    def sizeHint(self) -> QSize:
        rows = len(self._phases) + bool(self._open) + bool(self._phases)
        return QSize(metrics().scaled(400), rows * self._row() + 2 * TIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(240), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = event.pos().y() // self._row()
            if 0 <= index < len(self._phases):
                words = tip(describe(self._phases[index], with_start=True))
                QToolTip.showText(event.globalPos(), words, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row, top = self._row(), 0
        names, times = self._columns()
        lane = QRect(names + MEDIUM, 0, self.width() - names - times - 2 * MEDIUM, row)
        for phase in self._phases:
            self._paint_phase(painter, phase, QRect(0, top, self.width(), row), lane)
            top += row
        if self._open is not None:
            name = phase_name(self._open[0])
            self._write(painter, QRect(0, top, names, row), name, secondary=True)
            words = QRect(self.width() - times, top, times, row)
            self._write(painter, words, "running…", secondary=True, right=True)
            top += row
        if self._phases:
            whole = QRect(0, top + 2 * TIGHT, self.width(), row)
            painter.setPen(QColor(tokens().border))
            painter.drawLine(0, top + TIGHT, self.width(), top + TIGHT)
            self._write(painter, whole, "total", secondary=True)
            self._write(painter, whole, duration(self._total), strong=True, right=True)
        painter.end()

    def _paint_phase(self, painter: QPainter, phase: Phase, rect: QRect, lane: QRect) -> None:
        table, sizes = tokens(), metrics()
        names, times = self._columns()
        label = elide_middle(phase_name(phase.name), sizes.measure(), names)
        self._write(painter, QRect(0, rect.top(), names, rect.height()), label, secondary=True)
        total = self._total or 1.0
        left = lane.left() + round(lane.width() * phase.start / total)
        width = max(_LEAST, round(lane.width() * phase.duration / total))
        left = min(left, lane.right() - width + 1)
        height = sizes.scaled(9)
        bar = QRect(left, rect.top() + (rect.height() - height) // 2, width, height)
        reused = bool(phase.note) and not phase.duration
        if not reused:
            value = table.broken if phase.failed else table.accent
            paint_ground(painter, bar, value, radius=min(3, width // 2))
        note = " · ".join(filter(None, (visible(phase.note), "failed" if phase.failed else "")))
        if note:
            self._paint_note(painter, note, bar, lane, rect, failed=phase.failed)
        if not reused:
            words = QRect(self.width() - times, rect.top(), times, rect.height())
            self._write(painter, words, duration(phase.duration), right=True)

    def _paint_note(
        self, painter: QPainter, note: str, bar: QRect, lane: QRect, rect: QRect, *, failed: bool
    ) -> None:
        sizes, table = metrics(), tokens()
        measure = sizes.measure(Type.SMALL)
        room_right = lane.right() - bar.right() - SMALL
        painter.setFont(sizes.font(Type.SMALL))
        painter.setPen(QColor(table.broken if failed else table.secondary))
        width = measure.horizontalAdvance(note)
        align = Qt.AlignmentFlag.AlignVCenter
        if width <= room_right:
            where = QRect(bar.right() + SMALL, rect.top(), room_right, rect.height())
            painter.drawText(where, align | Qt.AlignmentFlag.AlignLeft, note)
        else:
            where = QRect(lane.left(), rect.top(), bar.left() - lane.left() - SMALL, rect.height())
            shown = elide_middle(note, measure, where.width())
            painter.drawText(where, align | Qt.AlignmentFlag.AlignRight, shown)

    @staticmethod
    def _write(
        painter: QPainter,
        rect: QRect,
        text: str,
        *,
        secondary: bool = False,
        strong: bool = False,
        right: bool = False,
    ) -> None:
        table = tokens()
        painter.setFont(metrics().font(Type.STRONG if strong else Type.BODY))
        painter.setPen(QColor(table.secondary if secondary else table.text))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | side, text)

    def _columns(self) -> tuple[int, int]:
        """Return the widths of the names and of the durations."""
        measure, strong = metrics().measure(), metrics().measure(Type.STRONG)
        names = [measure.horizontalAdvance(phase_name(phase.name)) for phase in self._phases]
        if self._open is not None:
            names.append(measure.horizontalAdvance(phase_name(self._open[0])))
        times = [measure.horizontalAdvance(duration(phase.duration)) for phase in self._phases]
        times += [strong.horizontalAdvance(duration(self._total)), metrics().scaled(56)]
        widest = min(max(names, default=0), metrics().scaled(140))
        return max(widest, metrics().scaled(72)), max(times)

    @staticmethod
    def _row() -> int:
        return metrics().line() + TIGHT + 1

    def _changed(self) -> None:
        spoken = "; ".join(describe(phase) for phase in self._phases)
        self.setAccessibleDescription(spoken or "Nothing was timed yet")
        self.updateGeometry()
        self.update()


def describe(phase: Phase, *, with_start: bool = False) -> str:
    """Return a phase as words: "TLS 97 ms, failed"."""
    parts = [f"{phase_name(phase.name)} {duration(phase.duration)}"]
    if with_start:
        parts.append(f"began at {duration(phase.start)}")
    if phase.note:
        parts.append(visible(phase.note))
    if phase.failed:
        parts.append("failed")
    return ", ".join(parts)


def phase_name(name: str) -> str:
    """Return what a phase is called to a person."""
    return _NAMES.get(name, visible(name))

"""A field that takes addresses: each becomes a chip as it is written or pasted."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QSizePolicy, QWidget

from mailgui.ui.metrics import SMALL, TIGHT
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import forget, identify
from mailgui.ui.widgets.chip import Chip
from mailgui.ui.widgets.flow_layout import FlowLayout

_MOST_LINES = 4
_QUOTES = '"'


def split_addresses(text: str) -> list[str]:
    """Cut at commas, semicolons and line ends, except inside quotation marks and brackets."""
    parts, current, quoted, bracketed = [], "", False, False
    for char in text:
        if char == _QUOTES:
            quoted = not quoted
        elif not quoted and char in "<>":
            bracketed = char == "<"
        if char in ",;\n\r" and not quoted and not bracketed:
            parts.append(current)
            current = ""
        else:
            current += char
    parts.append(current)
    return [part.strip() for part in parts if part.strip()]


def check_address(text: str) -> str:
    """Return what is wrong with an address, as a sentence, or an empty string."""
    from mailgui.message.addresses import parse_address
    from mailgui.message.draft import DraftProblem

    try:
        parse_address(text)
    except DraftProblem as problem:
        return problem.sentence
    return ""


class _Entry(QLineEdit):
    """The open end of the field.

    Signals:
        finished: what is written so far is an address.
        back: Backspace or Left where nothing is to the left.
        pasted(str): several addresses came at once.
    """

    finished = Signal()
    back = Signal()
    pasted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.alone = True
        self.setProperty("kind", "bare")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        measure = metrics().measure()
        # Beside chips it takes a line of its own only while somebody writes in it.
        least = metrics().scaled(90 if self.hasFocus() or self.alone else 0)
        words = self.text() or (self.placeholderText() if self.alone else "")
        width = max(least, measure.horizontalAdvance(words) + SMALL if words else 0)
        return QSize(width, metrics().line() + SMALL)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif self._ends(event):
            self.finished.emit()
        elif event.key() in (keys.Key_Backspace, keys.Key_Left) and self._at_start():
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def _ends(self, event: QKeyEvent) -> bool:
        if event.text() in (",", ";"):
            return not self._inside_quotes()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return enter and plain and bool(self.text().strip())

    def _at_start(self) -> bool:
        return self.cursorPosition() == 0 and not self.hasSelectedText()

    def _inside_quotes(self) -> bool:
        return self.text()[: self.cursorPosition()].count(_QUOTES) % 2 == 1

    def _paste(self) -> None:
        text = QGuiApplication.clipboard().text()
        before, after = self.text()[: self.cursorPosition()], self.text()[self.cursorPosition() :]
        if self.hasSelectedText():
            before, after = self.text()[: self.selectionStart()], self.text()[self.selectionEnd() :]
        whole = before + text + after
        if len(split_addresses(whole)) > 1:
            self.clear()
            self.pasted.emit(whole)
        else:
            self.insert(" ".join(text.split()))


class AddressField(QScrollArea):
    """Addresses as chips, with an entry after them; it grows to four lines, then scrolls.

    Signals:
        changed: the addresses, or what is being written, are others.
    """

    changed = Signal()

    def __init__(
        self,
        *,
        name: str,
        accessible: str,
        single: bool = False,
        check: Callable[[str], str] = check_address,
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self._name = name
        self._accessible = accessible
        self._single = single
        self._check = check
        self.chips: list[Chip] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget()
        self._body.setProperty("kind", "plain")
        self._flow = FlowLayout(self._body, gap=SMALL)
        self._flow.setContentsMargins(0, 3, 0, 3)
        self.entry = _Entry()
        self.entry.setPlaceholderText(placeholder)
        identify(self.entry, f"{name}-entry", accessible)
        self._flow.addWidget(self.entry)
        self.setWidget(self._body)
        self.setFocusProxy(self.entry)
        self._fit_soon = QTimer(self, singleShot=True, interval=0)
        self._fit_soon.timeout.connect(self._fit)
        self.entry.finished.connect(self._take_entry)
        self.entry.pasted.connect(self._take)
        self.entry.back.connect(self._step_back)
        self.entry.textChanged.connect(self._written)
        self.entry.installEventFilter(self)
        self._fit()

    def addresses(self) -> tuple[str, ...]:
        """Return every address as it was written, also the one still being written."""
        pending = self.entry.text().strip()
        return (*(chip.text for chip in self.chips), *([pending] if pending else []))

    def set_addresses(self, addresses: Iterable[str]) -> None:
        """Show these addresses in place of what was there."""
        for chip in self.chips:
            forget(chip)
        self.chips = []
        self.entry.clear()
        self._add(list(addresses))
        self.changed.emit()

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the addresses, one sentence each."""
        pending = self.entry.text().strip()
        found = [chip.problem for chip in self.chips if chip.problem]
        if pending and (problem := self._check(pending)):
            found.append(problem)
        return tuple(found)

    def mark(self, address: str, tone: Tone, words: str) -> None:
        """Show on the chips with ``address`` in them what became of this recipient."""
        for chip in self.chips:
            if chip.text == address or f"<{address}>" in chip.text:
                chip.set_mark(tone, words)

    def clear_marks(self) -> None:
        """Take all marks away."""
        for chip in self.chips:
            chip.set_mark(None)

    def sizeHint(self) -> QSize:
        return QSize(metrics().scaled(240), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_fit_soon"):
            self._fit_soon.start()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.entry and isinstance(event, QFocusEvent):
            self._fit_soon.start()
        if watched is self.entry and isinstance(event, QFocusEvent) and event.lostFocus():
            popup = event.reason() == Qt.FocusReason.PopupFocusReason
            window = event.reason() == Qt.FocusReason.ActiveWindowFocusReason
            if not popup and not window:
                self._take_entry()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.entry.setFocus(Qt.FocusReason.MouseFocusReason)

    @Slot()
    def _take_entry(self) -> None:
        text = self.entry.text()
        if text.strip():
            self._take(text)

    @Slot(str)
    def _take(self, text: str) -> None:
        self.entry.clear()
        self._add(split_addresses(text))
        self.changed.emit()

    def _add(self, addresses: list[str]) -> None:
        if self._single and addresses:
            for chip in self.chips:
                forget(chip)
            self.chips = []
        for address in addresses[:1] if self._single else addresses:
            chip = Chip(address, self._check(address))
            chip.remove_asked.connect(lambda chip=chip: self._remove(chip))
            chip.edit_asked.connect(lambda chip=chip: self._edit(chip))
            chip.step_asked.connect(lambda step, chip=chip: self._step(chip, step))
            self._flow.insert_widget(len(self.chips), chip)
            self.chips.append(chip)
        self._describe()
        self._fit_soon.start()

    def _remove(self, chip: Chip) -> None:
        index = self.chips.index(chip)
        had_focus = chip.hasFocus()
        self.chips.remove(chip)
        self._flow.removeWidget(chip)
        forget(chip)
        after = self.chips[index - 1] if index and had_focus else self.entry
        after.setFocus()
        self._describe()
        self._fit_soon.start()
        self.changed.emit()

    def _edit(self, chip: Chip) -> None:
        self._take_entry()
        text = chip.text
        self._remove(chip)
        self.entry.setText(text)
        self.entry.setFocus()

    def _step(self, chip: Chip, step: int) -> None:
        index = self.chips.index(chip) + step
        if index >= len(self.chips):
            self.entry.setFocus()
        elif index >= 0:
            self.chips[index].setFocus()
            self.ensureWidgetVisible(self.chips[index])

    @Slot()
    def _step_back(self) -> None:
        if self.chips:
            self.chips[-1].setFocus()

    @Slot()
    def _written(self) -> None:
        if len(split_addresses(self.entry.text())) > 1:  # dropped, or pasted from a menu
            self._take(self.entry.text())
            return
        self._fit_soon.start()
        self.changed.emit()

    @Slot()
    def _fit(self) -> None:
        """Take the height that the lines need; an address being written keeps its line in view."""
        self.entry.alone = not self.chips
        self.entry.updateGeometry()
        self._flow.invalidate()
        line = metrics().line() + SMALL
        needed = self._flow.heightForWidth(max(40, self.viewport().width()))
        most = _MOST_LINES * line + (_MOST_LINES - 1) * SMALL + 6
        height = min(max(needed, line + 6), most)
        if height != self.height():
            self.setFixedHeight(height)
        self._body.updateGeometry()
        if self.entry.hasFocus():
            self.ensureWidgetVisible(self.entry, 0, TIGHT)

    def _describe(self) -> None:
        wrong = sum(bool(chip.problem) for chip in self.chips)
        said = f"{len(self.chips)} taken" + (f", {wrong} not valid" if wrong else "")
        self.entry.setAccessibleDescription(said if self.chips else "")

"""Text in the fixed font, coloured, read-only or to be written in, also when it is very long."""

import re

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from mailgui.ui.metrics import MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.lexers import LEXERS, Kind

MOST_SHOWN = 1_000_000  # characters of a read-only text
_LONGEST_COLOURED = 5_000  # characters of a line
_MOST_COLOURED = 120_000  # characters of a text
_LONGEST_LINE = 10_000
_INDENT = "  "


class Highlighter(QSyntaxHighlighter):
    """Colours a document by one of the lexers; follows the scheme in force."""

    def __init__(self, document: QTextDocument, language: str) -> None:
        super().__init__(document)
        self._lex = LEXERS[language]
        self._table: Tokens | None = None
        self._formats: dict[Kind, QTextCharFormat] = {}

    def refresh(self) -> None:
        """Colour everything again when another scheme is in force."""
        if self._table is not None and self._table is not tokens():
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self._table is not tokens():
            self._table = tokens()
            self._formats = _formats(self._table)
        if len(text) > _LONGEST_COLOURED:
            self.setCurrentBlockState(0)
            return
        pieces, state = self._lex(text, max(0, self.previousBlockState()))
        for start, length, kind in pieces:
            # Qt counts UTF-16 units.
            begin = _units(text, start)
            self.setFormat(begin, _units(text, start + length) - begin, self._formats[kind])
        self.setCurrentBlockState(state)


def _units(text: str, place: int) -> int:
    return place if text.isascii() else len(text[:place].encode("utf-16-le")) // 2


def _formats(table: Tokens) -> dict[Kind, QTextCharFormat]:
    colours = {
        Kind.NAME: table.sent,
        Kind.ATTRIBUTE: table.attention,
        Kind.STRING: table.received,
        Kind.COMMENT: table.secondary,
        Kind.TEMPLATE: table.accent,
        Kind.WRONG: table.broken,
    }
    formats = {}
    for kind, value in colours.items():
        made = QTextCharFormat()
        made.setForeground(QColor(value))
        made.setFontItalic(kind is Kind.COMMENT)
        if kind is Kind.TEMPLATE:
            made.setFontWeight(QFont.Weight.DemiBold)
        formats[kind] = made
    return formats


class _Numbers(QWidget):
    """The strip of line numbers."""

    def __init__(self, view: "CodeView") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(self, event)


class CodeView(QPlainTextEdit):
    """Shows or takes text.

    Read-only texts are cut after 1,000,000 characters, and their lines broken every 10,000, for
    the eye only: ``whole_text`` has it all.

    Args:
        name: the object name.
        accessible: what it is.
        language: html, json, http, smtp, python, javascript, php, go, shell, or empty for none.
        editable: whether to write in it. Tab indents then; Ctrl+Tab leaves the field.
        numbers: whether lines are numbered.
    """

    def __init__(
        self,
        *,
        name: str,
        accessible: str,
        language: str = "",
        editable: bool = False,
        numbers: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setProperty("kind", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(not editable)
        self.setTabChangesFocus(not editable)
        self.setUndoRedoEnabled(editable)
        if not editable:
            flags = Qt.TextInteractionFlag
            self.setTextInteractionFlags(
                flags.TextSelectableByMouse | flags.TextSelectableByKeyboard
            )
        self.document().setDocumentMargin(MEDIUM)
        self.truncated = False
        self._editable = editable
        self._whole = ""
        self._language = language
        self._highlighter: Highlighter | None = None
        self._strip = _Numbers(self) if numbers else None
        if self._strip is not None:
            self.blockCountChanged.connect(self._fit_numbers)
            self.updateRequest.connect(self._scroll_numbers)
        self.set_wrap(editable)
        self._dress()
        self.set_language(language)

    def set_language(self, language: str) -> None:
        """Colour as another language; an empty string for none."""
        self._language = language
        if self._highlighter is not None:
            self._highlighter.setDocument(None)
            self._highlighter.deleteLater()
            self._highlighter = None
        if language and len(self._whole) <= _MOST_COLOURED:
            self._highlighter = Highlighter(self.document(), language)
            if not self.document().isEmpty():
                self._highlighter.rehighlight()

    def set_wrap(self, wrap: bool) -> None:
        """Break long lines at the edge, or scroll sideways."""
        modes = QTextOption.WrapMode
        self.setWordWrapMode(modes.WrapAtWordBoundaryOrAnywhere if wrap else modes.NoWrap)

    def set_text(self, text: str) -> None:
        """Show ``text``, from its beginning."""
        self._whole = text
        shown = text
        if not self._editable:
            self.truncated = len(text) > MOST_SHOWN
            shown = _broken(text[:MOST_SHOWN])
            if self.truncated:
                left = len(text) - MOST_SHOWN
                shown += f"\n\n… {left:,} more characters: copy or save to see them all."
        coloured = self._highlighter is not None
        if self._language and coloured is (len(text) > _MOST_COLOURED):
            self.set_language(self._language)
        self.setPlainText(shown)

    def whole_text(self) -> str:
        """Return the text: as it was set when read-only, as it stands when editable."""
        if not self._editable:
            return self._whole
        # toPlainText() would make plain blanks of no-break spaces.
        return self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (keys.Key_Tab, keys.Key_Backtab) and control:
            self._leave(forward=event.key() == keys.Key_Tab)
        elif not self._editable:
            super().keyPressEvent(event)
        elif event.key() == keys.Key_Tab:
            self._indent()
        elif event.key() == keys.Key_Backtab:
            self._outdent()
        elif event.key() in (keys.Key_Return, keys.Key_Enter) and not event.modifiers():
            before = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
            self.textCursor().insertText("\n" + before[: len(before) - len(before.lstrip(" "))])
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.PaletteChange)
        if event.type() in changes and hasattr(self, "_strip"):
            self._dress()
            if self._highlighter is not None:
                self._highlighter.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._strip is not None:
            inside = self.contentsRect()
            width = self.numbers_width()
            self._strip.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))

    def numbers_width(self) -> int:
        """Return the width of the strip of line numbers."""
        digits = max(2, len(str(self.blockCount())))
        return metrics().measure(Type.MONO).horizontalAdvance("0" * digits) + SMALL + MEDIUM

    def paint_numbers(self, strip: QWidget, event: QPaintEvent) -> None:
        """Paint the numbers of the lines in view."""
        painter = QPainter(strip)
        table = tokens()
        painter.fillRect(event.rect(), QColor(table.base))
        painter.setFont(self.font())
        painter.setPen(QColor(table.secondary))
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        align = Qt.AlignmentFlag.AlignRight
        while block.isValid():
            rect = self.blockBoundingGeometry(block).translated(offset)
            if rect.top() > event.rect().bottom():
                break
            if block.isVisible() and rect.bottom() >= event.rect().top():
                line = QRect(0, round(rect.top()), strip.width() - 4, self.fontMetrics().height())
                painter.drawText(line, align, str(block.blockNumber() + 1))
            block = block.next()
        painter.end()

    def _leave(self, *, forward: bool) -> None:
        # Qt refuses to leave an editable text where Tab is a character.
        before = self.tabChangesFocus()
        self.setTabChangesFocus(True)
        self.focusNextPrevChild(forward)
        self.setTabChangesFocus(before)

    def _dress(self) -> None:
        font = metrics().font(Type.MONO)
        if self.font() != font:
            self.setFont(font)
            self.document().setDefaultFont(font)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)
        self._fit_numbers()

    @Slot()
    def _fit_numbers(self) -> None:
        self.setViewportMargins(self.numbers_width() if self._strip is not None else 0, 0, 0, 0)

    @Slot(QRect, int)
    def _scroll_numbers(self, rect: QRect, dy: int) -> None:
        if self._strip is None:
            return
        if dy:
            self._strip.scroll(0, dy)
        else:
            self._strip.update(0, rect.y(), self._strip.width(), rect.height())

    def _selected_blocks(self) -> list[int]:
        cursor, document = self.textCursor(), self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
        return list(range(first, last.blockNumber() + 1))

    def _indent(self) -> None:
        if not self.textCursor().hasSelection():
            self.textCursor().insertText(_INDENT)
            return
        self._edit_lines(self._selected_blocks(), indent=True)

    def _outdent(self) -> None:
        self._edit_lines(self._selected_blocks(), indent=False)

    def _edit_lines(self, numbers: list[int], *, indent: bool) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for number in numbers:
            block = self.document().findBlockByNumber(number)
            cursor.setPosition(block.position())
            if indent:
                cursor.insertText(_INDENT)
                continue
            spaces = len(block.text()[:2]) - len(block.text()[:2].lstrip(" "))
            for _ in range(spaces):
                cursor.deleteChar()
        cursor.endEditBlock()


def _broken(text: str) -> str:
    """Break lines that are too long to be laid out in reasonable time."""
    if not re.search(rf"[^\n]{{{_LONGEST_LINE + 1}}}", text):
        return text
    return re.sub(rf"([^\n]{{{_LONGEST_LINE}}})(?=[^\n])", "\\1\n", text)

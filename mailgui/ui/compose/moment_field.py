"""When a message is to be sent: a moment as people write it, shown as the provider gets it."""

from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.basics import identify, pad, set_flag
from mailgui.ui.widgets.buttons import MenuButton

_FORM = "%Y-%m-%d %H:%M"


class NotAMoment(ValueError):
    """The text is no moment; a sentence says what would be."""


def read_moment(text: str) -> datetime | None:
    """Return the moment that ``text`` names, in this machine's zone unless it names one itself.

    None for an empty text. Raises NotAMoment.
    """
    written = text.strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise NotAMoment(
            f"“{visible(written)}” is not a time such as 2026-12-01 09:30 or 2026-12-01T09:30:00Z."
        ) from None
    return moment if moment.tzinfo else moment.astimezone()


def write_moment(moment: datetime | None) -> str:
    """Return a moment as ``read_moment`` reads it again, in this machine's zone, to the minute
    where that is exact.
    """
    if moment is None:
        return ""
    local = moment.astimezone()
    exact = not (local.second or local.microsecond)
    return local.strftime(_FORM) if exact else local.replace(tzinfo=None).isoformat(" ")


class MomentField(QWidget):
    """A line for the moment and a menu of the usual ones.

    Signals:
        changed: something else is written.
    """

    changed = Signal()

    def __init__(self, *, name: str, accessible: str) -> None:
        super().__init__()
        identify(self, name)
        self.entry = QLineEdit()
        self.entry.setProperty("type", "mono")
        self.entry.setPlaceholderText("at once, or 2026-12-01 09:30")
        identify(self.entry, f"{name}-entry", accessible)
        self.setFocusProxy(self.entry)
        self.choose = MenuButton("Choose", name=f"{name}-choose")
        self.choose.setAccessibleName(f"{accessible}: choose")
        menu = QMenu(self.choose)
        menu.aboutToShow.connect(self._fill)
        self.choose.setMenu(menu)
        layout = QHBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        layout.addWidget(self.entry, 1)
        layout.addWidget(self.choose)
        self.entry.textChanged.connect(self._written)

    @property
    def problem(self) -> str:
        """What is wrong with what is written, or an empty string."""
        try:
            read_moment(self.entry.text())
        except NotAMoment as problem:
            return str(problem)
        return ""

    @property
    def moment(self) -> datetime | None:
        """The moment that is written; None where there is none that can be read."""
        return None if self.problem else read_moment(self.entry.text())

    def set_moment(self, moment: datetime | None) -> None:
        """Show a moment; None means at once."""
        self.entry.setText(write_moment(moment))

    @property
    def hint(self) -> str:
        """What is written, as a moment that cannot be mistaken."""
        moment = self.moment
        if moment is None:
            return ""
        words = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{words}; that is in the past" if moment < datetime.now(UTC) else words

    @Slot()
    def _written(self) -> None:
        set_flag(self.entry, "problem", "true" if self.problem else "false")
        self.changed.emit()

    @Slot()
    def _fill(self) -> None:
        menu = self.choose.menu()
        menu.clear()
        now = datetime.now().astimezone().replace(second=0, microsecond=0)
        morning = (now + timedelta(days=1)).replace(hour=9, minute=0)
        monday = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0)
        for words, moment in (
            ("At once", None),
            ("In ten minutes", now + timedelta(minutes=10)),
            ("In an hour", now + timedelta(hours=1)),
            ("Tomorrow at 9:00", morning),
            ("Monday at 9:00", monday),
        ):
            menu.addAction(words, partial(self.set_moment, moment))

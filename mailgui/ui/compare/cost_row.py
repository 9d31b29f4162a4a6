"""What 1,000 messages cost by each of the two: typed by the person, since prices change."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, identify, pad, set_flag
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.growing import grow


class CostRow(QWidget):
    """Two fields for prices.

    Signals:
        changed: a price was typed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "compare-cost")
        self.fields = tuple(QLineEdit() for _ in range(2))
        self._names = tuple(ElidedLabel("") for _ in range(2))
        layout = QGridLayout(self)
        pad(layout, 0, spacing=SMALL)
        layout.addWidget(Label("Price of 1,000 messages", kind=Type.STRONG), 0, 0, 1, 2)
        for number, (name, field) in enumerate(zip(self._names, self.fields, strict=True)):
            identify(field, f"compare-price-{number + 1}", "Price of 1,000 messages")
            field.setPlaceholderText("optional")
            grow(field, partial(_widen, field))
            field.textEdited.connect(self._edited)
            layout.addWidget(name, number + 1, 0)
            layout.addWidget(field, number + 1, 1)
        layout.setColumnStretch(0, 1)

    @property
    def prices(self) -> tuple[float | None, float | None]:
        """The two prices; None where there is none or it is no number."""
        first, second = (_price(field.text()) for field in self.fields)
        return first, second

    def set_names(self, names: tuple[str, str]) -> None:
        """Say whose prices they are."""
        for label, field, name in zip(self._names, self.fields, names, strict=True):
            label.set_text(visible(name))
            field.setAccessibleName(f"Price of 1,000 messages by {visible(name)}")

    def _edited(self) -> None:
        for field in self.fields:
            text = field.text().strip()
            wrong = bool(text) and _price(text) is None
            set_flag(field, "problem", "true" if wrong else "false")
        self.changed.emit()


def _widen(field: QLineEdit) -> None:
    field.setFixedWidth(metrics().scaled(84))


def _price(text: str) -> float | None:
    try:
        price = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return price if 0 <= price < 1e9 else None

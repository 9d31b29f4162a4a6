"""Renders every shared widget in each state: ``python -m mailgui.ui.gallery OUTDIR [SHEET…]``.

Light and dark, at the usual size of type and at twice that, one PNG for each sheet.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from mailgui.ui.gallery_samples import SHEETS
from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import Choice, Theme


def render(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Write the pictures into ``folder`` and return their paths."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("The gallery needs a QApplication.")
    theme = Theme(app, Choice.LIGHT, base_px=BASE_PX)
    theme.dress(app)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for scale in (1, 2):
        theme.set_base_px(BASE_PX * scale)
        for choice in (Choice.LIGHT, Choice.DARK):
            theme.set_choice(choice)
            files = [f"{name}-{choice.value}-{scale}x.png" for name in names or SHEETS]
            paths += [_render_sheet(app, folder / file) for file in files]
    theme.deleteLater()
    return paths


def _render_sheet(app: QApplication, path: Path) -> Path:
    name, _, scale = path.stem.split("-")
    build, width = SHEETS[name]
    sheet = build()
    sheet.setObjectName(f"sheet-{name}")
    sheet.resize(width * int(scale[0]), 10)
    sheet.show()
    app.processEvents()
    height = max(sheet.sizeHint().height(), sheet.minimumSizeHint().height(), 420)
    if sheet.hasHeightForWidth():
        height = max(height, sheet.heightForWidth(sheet.width()))
    sheet.resize(sheet.width(), height)
    app.processEvents()
    sheet.grab().save(str(path))
    sheet.close()
    sheet.deleteLater()
    app.processEvents()
    return path


def main(arguments: Sequence[str]) -> int:
    """Render into the folder named first; further words name sheets."""
    if not arguments:
        sys.stderr.write("Usage: python -m mailgui.ui.gallery OUTDIR [SHEET…]\n")
        return 64
    for path in render(Path(arguments[0]), arguments[1:]):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

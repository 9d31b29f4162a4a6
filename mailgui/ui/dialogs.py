"""The file dialogs of all pages, in one place so that tests can stand in for a person."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def open_files(parent: QWidget) -> list[Path]:
    """Ask for files to attach; none when the person changed their mind."""
    names, _filter = QFileDialog.getOpenFileNames(parent, "Add files")
    return [Path(name) for name in names]


def save_file(
    parent: QWidget, title: str, suggested: str, filters: Sequence[str]
) -> tuple[Path, str] | None:
    """Ask where to save; return the path and the chosen filter, or None."""
    name, chosen = QFileDialog.getSaveFileName(parent, title, suggested, ";;".join(filters))
    return (Path(name), chosen) if name else None

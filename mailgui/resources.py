"""Finds the data files that ship with MailGUI, in a checkout and in an installed wheel alike.

In a checkout (and an editable install) they lie in ``resources/`` beside the package; a wheel
carries them inside it, as ``mailgui/_resources``.
"""

from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """Return the folder that holds ``providers``, ``knowledge``, ``icons`` and ``samples``.

    Raises FileNotFoundError when the installation lacks it.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("This installation of MailGUI lacks its resources; install it again.")


def path(*parts: str) -> Path:
    """Return the path of a resource, such as ``path("icons", "send.svg")``."""
    return root().joinpath(*parts)

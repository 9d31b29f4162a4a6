"""Where things lie in the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
BUILD = ROOT / "build"
DIST = ROOT / "dist"


def environment_program(name: str) -> str:
    """Return the path of a program in the project's environment."""
    return str(ENVIRONMENT / "bin" / name)


def child_environment() -> "dict[str, str]":
    """Return the variables for the programs that are started here.

    Another active environment must not leak in; without a home folder to write to, caches go into
    the checkout.
    """
    variables = dict(os.environ)
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT"):
        variables.pop(name, None)
    home = variables.get("HOME", "")
    if not (home and os.access(home, os.W_OK)):
        variables.setdefault("UV_CACHE_DIR", str(BUILD / "uv-cache"))
        variables.setdefault("UV_PYTHON_INSTALL_DIR", str(BUILD / "python"))
    return variables

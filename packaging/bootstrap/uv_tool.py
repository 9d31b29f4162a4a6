"""Finds uv, which makes the project's environment, or gets a private one into ``build/``."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, Optional

from announce import SetupFault, say
from checkout import BUILD, child_environment

OLDEST = (0, 8)  # older ones do not know all that uv.lock and pyproject.toml say
REQUIREMENT = "uv>=0.8"
TOOLS = BUILD / "tools"


def find() -> str:
    """Return the path of a uv that is new enough; makes a private one where there is none.

    Raises SetupFault when that is not possible.
    """
    return _found() or _make()


def missing_packages() -> List[str]:
    """Return the Debian packages without which no private uv can be made; none when uv is there."""
    can_make = _has("pip") or (_has("ensurepip") and _has("venv"))
    return [] if can_make or _found() else ["python3-venv"]


def _found() -> Optional[str]:
    for candidate in (shutil.which("uv"), *map(str, _private_places())):
        if candidate and new_enough(_version_text(candidate)):
            return candidate
    return None


def new_enough(text: str) -> bool:
    """Tell whether the answer of ``uv --version`` names a version that can read this project."""
    found = re.match(r"uv (\d+)\.(\d+)", text)
    return bool(found) and (int(found.group(1)), int(found.group(2))) >= OLDEST


def _private_places() -> List[Path]:
    return [TOOLS / "venv" / "bin" / "uv", TOOLS / "target" / "bin" / "uv"]


def _version_text(program: str) -> str:
    try:
        answer = subprocess.run(
            [program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return ""
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else ""


def _make() -> str:
    say("Getting uv, the tool that makes the environment …")
    shutil.rmtree(TOOLS, ignore_errors=True)
    uv = _by_venv() if _has("ensurepip") or not _has("pip") else _by_pip()
    if uv is None or not new_enough(_version_text(str(uv))):
        raise SetupFault(
            "uv could not be installed from PyPI; see above, or install uv by hand and start again."
        )
    return str(uv)


def _has(module: str) -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec(module) is not None


def _by_venv() -> Optional[Path]:
    place = TOOLS / "venv"
    if _run(sys.executable, "-m", "venv", str(place)):
        return None
    if _run(str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", REQUIREMENT):
        return None
    return place / "bin" / "uv"


def _by_pip() -> Optional[Path]:
    place = TOOLS / "target"
    if _run(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place), REQUIREMENT):
        return None
    return place / "bin" / "uv"


def _run(*command: str) -> int:
    return subprocess.run(
        command, env=child_environment(), stdout=sys.stderr, check=False
    ).returncode

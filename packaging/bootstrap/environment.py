"""Makes the project's environment from ``uv.lock``, and remembers that it is made."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import debian
import requirements
import uv_tool
from announce import SetupFault, say
from checkout import ENVIRONMENT, ROOT, child_environment, environment_program

STAMP = ENVIRONMENT / ".mailgui-ready"


def make(development: bool) -> None:
    """Bring the environment up to date, and the system libraries that Qt needs.

    ``development`` adds the tools for the tests. Costs next to nothing when nothing has changed.
    Raises SetupFault.
    """
    wanted = fingerprint()
    if _is_ready(wanted, development):
        return
    debian.need([*requirements.missing_qt_packages(), *uv_tool.missing_packages()])
    uv = uv_tool.find()
    say("Making the environment in .venv …")
    # What a person added survives a mere start; the tests want exactly what is locked.
    scope = [] if development else ["--no-dev", "--inexact"]
    command = [uv, "sync", "--frozen", "--quiet", "--project", str(ROOT), *scope]
    if subprocess.run(command, cwd=str(ROOT), env=sync_variables(), check=False).returncode:
        raise SetupFault("The environment could not be made; uv says why above.")
    STAMP.write_text(
        json.dumps({"fingerprint": wanted, "development": development}), encoding="utf-8"
    )


def fingerprint() -> str:
    """Return a digest of what the environment depends on.

    That is: the locked versions, this folder, and the Python asked for.
    """
    digest = hashlib.sha256()
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    digest.update(f"\0{ROOT}\0{os.environ.get('UV_PYTHON', '')}".encode())
    return digest.hexdigest()


def sync_variables() -> "dict[str, str]":
    """Return the variables for uv, which trusts the system's certificates unless told otherwise."""
    variables = child_environment()
    if "SSL_CERT_FILE" not in variables and requirements.CERTIFICATES.exists():
        variables.setdefault("SSL_CERT_FILE", str(requirements.CERTIFICATES))
    return variables


def _is_ready(wanted: str, development: bool) -> bool:
    try:
        made = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    enough = made.get("development") or not development
    return (
        made.get("fingerprint") == wanted
        and enough
        and Path(environment_program("python")).exists()
    )


def mailgui_command(*arguments: str) -> "list[str]":
    """Return the command that runs MailGUI from the environment."""
    return [environment_program("python"), "-m", "mailgui", *arguments]


def replace_by(command: "list[str]") -> None:
    """Become the command: its exit code and signals are the caller's, with nothing in between."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, child_environment())

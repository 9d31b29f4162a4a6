"""Runs exported code in the interpreter it is for; tests skip where that is missing."""

import os
import runpy
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.servers.availability import program, unavailable

PHPMAILER = Path("/usr/share/php/libphp-phpmailer/autoload.php")
NODEMAILER = Path("/usr/share/nodejs/nodemailer")
_SUFFIX = {
    "curl": ".sh", "swaks": ".sh", "httpx": ".py", "requests": ".py", "smtplib": ".py",
    "aiosmtplib": ".py", "nodemailer": ".mjs", "php": ".php", "go": ".go",
}  # fmt: skip


def need(kind: str, *, by_api: bool = False) -> None:
    """Skip, or fail where all are required, unless code of that kind can be run."""
    match kind:
        case "curl":
            program("curl", "curl")
        case "swaks":
            program("swaks", "swaks")
        case "nodemailer":
            program("node", "nodejs")
            if not NODEMAILER.exists():
                unavailable("Nodemailer is not installed (Debian's package node-nodemailer)")
        case "php":
            program("php", "php-cli")
            if by_api and "curl" not in _php_modules():
                unavailable("PHP has no curl (Debian's package php-curl)")
            if not by_api and not PHPMAILER.exists():
                unavailable("PHPMailer is not installed (Debian's package libphp-phpmailer)")
        case "go" if shutil.which("go") is None:
            pytest.skip("Go is not installed (Debian's package golang-go); it is large")


@cache
def _php_modules() -> str:
    return subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout


@cache
def swaks_knows_tls() -> bool:
    """Whether swaks has Net::SSLeay."""
    done = subprocess.run(["swaks", "--support"], capture_output=True, text=True, check=False)
    return "TLS" in done.stdout.partition("not")[0]


def run(kind: str, code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in ``folder`` with these environment variables; it must end well."""
    path = folder / f"send-by-{kind}{_SUFFIX[kind]}"  # never the name of a library
    path.write_text(code, "utf-8")
    _libraries(kind, folder)
    command = {
        ".py": [sys.executable, str(path)],
        ".sh": ["bash", str(path)],
        ".mjs": ["node", str(path)],
        ".php": ["php", str(path)],
        ".go": ["go", "run", str(path)],
    }[path.suffix]
    cache_folder = os.environ.get("GOCACHE") or str(Path(os.environ["MAILGUI_HOME"]) / "go")
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "GOCACHE": cache_folder, "GO111MODULE": "auto", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{code}"
    return done


def run_python(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Run Python code in this process, which is much faster than in one of its own."""
    path = folder / "code.py"
    path.write_text(code, "utf-8")
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        for name, value in variables.items():
            patch.setenv(name, value)
        runpy.run_path(str(path), run_name="__main__")


def run_any(
    kind: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **variables: str
) -> None:
    """Run code of any kind."""
    # aiosmtplib leaves its transport to be closed by the end of the program.
    if _SUFFIX[kind] == ".py" and kind != "aiosmtplib":
        run_python(code, folder, monkeypatch, **variables)
    else:
        run(kind, code, folder, **variables)


def _libraries(kind: str, folder: Path) -> None:
    if kind == "php":
        (folder / "vendor").mkdir(exist_ok=True)
        (folder / "vendor" / "autoload.php").write_text(f"<?php require '{PHPMAILER}';")
    if kind == "nodemailer" and not (folder / "node_modules").exists():
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "nodemailer").symlink_to(NODEMAILER)

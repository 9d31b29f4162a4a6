"""``packaging/test``: lint, format, types, import contracts and the tests."""

import os
import subprocess
import time
from typing import Dict, List

import debian
import environment
import requirements
import unpacked
from announce import say
from checkout import ROOT, child_environment, environment_program

CHECKS = (
    ("lint", ["ruff", "check", "--quiet"]),
    ("format", ["ruff", "format", "--check", "--quiet"]),
    ("types", ["mypy"]),
    ("import contracts", ["lint-imports"]),
)
# With one of these the tests stay in one process, or in as many as the person says.
_ONE_PROCESS = (
    "-n",
    "--numprocesses",
    "--pdb",
    "-s",
    "--capture=no",
    "--dist",
    "--collect-only",
    "--co",
)


def main(arguments: List[str]) -> int:
    """Set up, run everything, return 0 only when everything passed. ``arguments`` go to pytest."""
    environment.make(development=True)
    _provide_servers()
    unpacked.provide()
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    if failed:
        say(f"Not in order: {', '.join(failed)}. The tests run all the same.")
    # A person reads the same output in a terminal and in a log: nothing is captured here.
    command = [environment_program("python"), "-m", "pytest", *spread(arguments), *arguments]
    code = subprocess.run(command, cwd=str(ROOT), env=test_variables(), check=False).returncode
    if failed:
        say(f"Failed before the tests: {', '.join(failed)}.")
    return code or (1 if failed else 0)


def spread(arguments: List[str]) -> List[str]:
    """Return the options that spread the tests over the processors, if the arguments allow it."""
    if (os.cpu_count() or 1) < 2 or any(
        argument.startswith(_ONE_PROCESS) for argument in arguments
    ):
        return []
    return ["-n", "auto", "--dist", "loadgroup"]


def test_variables() -> Dict[str, str]:
    """Return the variables for the tests.

    In CI a missing server is a failure, elsewhere a skip with its reason.
    """
    variables = child_environment()
    variables["PATH"] = f"{variables.get('PATH', '')}:{requirements.SYSTEM_FOLDERS}".lstrip(":")
    if in_ci(variables):
        variables.setdefault("MAILGUI_REQUIRE_SERVERS", "1")
    return variables


def in_ci(variables: Dict[str, str]) -> bool:
    """Tell whether this runs unattended, as CI services say it."""
    return variables.get("CI", "").lower() not in {"", "0", "false"}


def _provide_servers() -> None:
    """Install the servers that the tests start; only root does so unasked, others are told how."""
    packages = [server.package for server in requirements.missing_servers()]
    if not packages:
        return
    if not debian.has_apt():
        say(f"Tests that need a real server are skipped; they need: {' '.join(packages)}")
    elif not debian.is_root():
        line = debian.install_line(packages)
        say(f"Tests that need a real server are skipped; to run them too: {line}")
    else:
        say(f"Installing the servers for the tests (they are not started): {' '.join(packages)}")
        if not debian.install(packages):
            say("Not all servers could be installed.")


def _passes(name: str, command: List[str]) -> bool:
    start = time.monotonic()
    result = subprocess.run(
        [environment_program(command[0]), *command[1:]],
        cwd=str(ROOT),
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    passed = result.returncode == 0
    say(f"{name}: {'in order' if passed else 'FAILED'} ({time.monotonic() - start:.1f} s)")
    if not passed:
        say(result.stdout.decode("utf-8", "replace").rstrip())
    return passed

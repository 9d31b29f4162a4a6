"""Decides what a test does that needs a program which is not there."""

import os
import shutil
from typing import NoReturn

import pytest

# Servers live in folders that a person's PATH may lack.
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def program(name: str, package: str) -> str:
    """Return the path of a program; without it the test skips, or fails where all are required."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        unavailable(f"{name} is not installed (Debian's package {package})")
    return found


def root(name: str) -> None:
    """Skip, or fail where all servers are required, unless this process is root's."""
    if os.geteuid() != 0:
        unavailable(f"{name} must be started by root")


def unavailable(reason: str) -> NoReturn:
    """Skip with the reason; in CI (MAILGUI_REQUIRE_SERVERS, or CI alone) fail with it."""
    required = os.environ.get("MAILGUI_REQUIRE_SERVERS", os.environ.get("CI", ""))
    if required in {"", "0", "false"}:
        pytest.skip(reason)
    pytest.fail(f"A server that CI must have is missing: {reason}", pytrace=False)

"""Installs Debian packages: as root by itself, with sudo after a yes; else says what to type."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Iterator, Sequence

from announce import SetupFault, ask, say

POLICY = Path("/usr/sbin/policy-rc.d")
_SERVICES = {
    "postfix": "postfix",
    "dovecot-core": "dovecot",
    "bind9": "named",
}  # package: its service


def is_root() -> bool:
    """Return whether this process may install packages by itself."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_apt() -> bool:
    """Return whether packages are installed with apt here."""
    return shutil.which("apt-get") is not None


def install_line(packages: Sequence[str]) -> str:
    """Return the line that a person types to install the packages."""
    prefix = "" if is_root() else "sudo "
    return f"{prefix}apt-get install --no-install-recommends {' '.join(packages)}"


def need(packages: Sequence[str]) -> None:
    """Install the packages, or raise SetupFault with the line to type."""
    if not packages:
        return
    names = " ".join(packages)
    if not has_apt():
        raise SetupFault(
            "This system lacks what MailGUI needs. On Debian it is in the packages named here; "
            f"install their counterparts and start again: {names}"
        )
    if is_root():
        say(f"Installing what MailGUI needs: {names}")
        if install(packages):
            return
    elif _agreed_to_sudo(names) and install(packages, sudo=True):
        return
    raise SetupFault(
        f"MailGUI needs some packages; install them and start again: {install_line(packages)}"
    )


def _agreed_to_sudo(names: str) -> bool:
    has_sudo = shutil.which("sudo") is not None
    return has_sudo and ask(f"MailGUI needs {names}. Install them now with sudo?")


def install(packages: Sequence[str], sudo: bool = False) -> bool:
    """Install without questions and without starting a service; return whether that worked."""
    prefix = ["sudo", "env"] if sudo else ["env"]
    quiet = ["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "NEEDRESTART_SUSPEND=1"]
    apt = [*prefix, *quiet, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    options = [
        "-y",
        "--no-install-recommends",
        "-o",
        "Dpkg::Options::=--force-confold",
        "-o",
        "Dpkg::Use-Pty=0",
    ]
    with contextlib.ExitStack() as stack:
        if not sudo:
            stack.enter_context(services_stay_off())
            _answer_postfix()
        if _run([*apt, "update"]) != 0:
            say("The package lists could not all be refreshed; going on with those at hand.")
        done = _run([*apt, "install", *options, *packages]) == 0
    if done and not sudo:
        _disable_services(packages)
    return done


@contextlib.contextmanager
def services_stay_off() -> Iterator[None]:
    """While packages are installed, deny the start of services, as Debian's policy layer allows.

    See invoke-rc.d(8). A policy that is already there is left as it is.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            POLICY.unlink()


def _answer_postfix() -> None:
    """Tell debconf that Postfix gets no configuration of its own: the tests bring theirs."""
    if shutil.which("debconf-set-selections"):
        answer = "postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run(["debconf-set-selections"], input=answer, text=True, check=False)


def _disable_services(packages: Sequence[str]) -> None:
    """Keep what was installed for the tests from starting with the machine."""
    if not shutil.which("systemctl"):
        return
    for service in (_SERVICES[package] for package in packages if package in _SERVICES):
        subprocess.run(
            ["systemctl", "--quiet", "disable", service], stderr=subprocess.DEVNULL, check=False
        )


def _run(command: Sequence[str]) -> int:
    """Run a command and keep what it says to itself unless it fails; sudo asks on the terminal."""
    done = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        say(done.stdout.decode("utf-8", "replace").rstrip())
    return done.returncode

"""Servers that cannot be installed beside each other (each is *the* mail server), unpacked.

Their packages are fetched with apt and laid out below ``.servers/`` in the checkout; only the
libraries that they need are installed. The tests start them in a root folder of their own.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import List

import debian
from announce import say
from checkout import ROOT
from requirements import UNPACKED_SERVERS, UnpackedServer

FOLDER = ROOT / ".servers"


def missing() -> List[UnpackedServer]:
    """Return the servers that are not laid out yet."""
    return [server for server in UNPACKED_SERVERS if not (FOLDER / server.program).is_dir()]


def provide() -> None:
    """Fetch and lay out what is missing, as root on Debian; elsewhere the tests skip."""
    wanted = missing()
    if not wanted or not debian.has_apt() or not debian.is_root():
        return
    say(f"Fetching servers for the tests: {' '.join(server.program for server in wanted)}")
    for server in wanted:
        if not _lay_out(server):
            say(f"{server.program} could not be fetched; its tests are skipped.")


def _lay_out(server: UnpackedServer) -> bool:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=str(FOLDER)) as folder:
        if not _fetch(server, folder):
            return False
        place = Path(folder) / "root"
        place.mkdir()
        libraries = set()
        for package in sorted(Path(folder).glob("*.deb")):
            if subprocess.run(["dpkg-deb", "-x", str(package), str(place)], check=False).returncode:
                return False
            libraries |= _libraries(package)
        if libraries and not debian.install(sorted(libraries)):
            return False
        shutil.move(str(place), str(FOLDER / server.program))
    return True


def _fetch(server: UnpackedServer, folder: str) -> bool:
    """Fetch with apt; where its lists are missing, refresh them and try again."""
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *server.packages]
    for refresh in (False, True):
        if refresh:
            subprocess.run(["apt-get", "-qq", "update"], stdin=subprocess.DEVNULL, check=False)
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode == 0:
            return True
    say(done.stderr.decode("utf-8", "replace").rstrip())
    return False


def _libraries(package: Path) -> "set[str]":
    """Return the libraries that a package depends on; a test's root does without the rest."""
    shown = subprocess.run(
        ["dpkg-deb", "-f", str(package), "Depends"], stdout=subprocess.PIPE, check=True
    )
    names = [part.split("(")[0].split("|")[0].strip() for part in shown.stdout.decode().split(",")]
    return {name for name in names if name.startswith("lib")}

"""A root folder of a server's own, made from an unpacked Debian package, to start it with chroot.

Debian installs one mail server at a time; in a root of its own a second one needs no installing:
its files, the libraries that it links, a user list, and the devices that programs open.
"""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers import availability
from tests.servers.process import new_folder

_UNPACKED = Path(__file__).resolve().parents[2] / ".servers"
_DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}
_PATH = re.compile(r"(/\S+) \(0x")


class RootFolder:
    """The folder; ``users`` are made with numbers from 901 on.

    Attributes:
        path: where it is, seen from outside.
    """

    def __init__(self, program: str, users: Sequence[str]) -> None:
        availability.root(program)
        source = _UNPACKED / program
        if not source.is_dir():
            availability.unavailable(
                f"{program} is not unpacked; packaging/test fetches it on Debian, as root"
            )
        self.path = new_folder(program)
        shutil.copytree(source, self.path, symlinks=True, dirs_exist_ok=True)
        self._merge_lib()
        for binary in self._binaries():
            self._copy_libraries(binary)
        self._copy_libraries(Path("/bin/sh"), itself=True)
        self._devices()
        self._users(users)
        for name, mode in (("tmp", 0o1777), ("run", 0o755), ("var/tmp", 0o1777)):
            folder = self.path / name
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
        if not (self.path / "var/run").exists():
            (self.path / "var/run").symlink_to("../run")

    def inside(self, path: str) -> Path:
        """Return a path of the inside as seen from outside."""
        return self.path / path.lstrip("/")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the inside."""
        target = self.inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def command(self, *words: str) -> list[str]:
        """Return the command that runs a program inside."""
        return [availability.program("chroot", "coreutils"), str(self.path), *words]

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _merge_lib(self) -> None:
        """Let /lib, /bin and /sbin lead below /usr, as on every Debian of today."""
        for name in ("lib", "bin", "sbin", "lib64"):
            own, merged = self.path / name, self.path / "usr" / name
            merged.mkdir(parents=True, exist_ok=True)
            if own.is_dir() and not own.is_symlink():
                shutil.copytree(own, merged, symlinks=True, dirs_exist_ok=True)
                shutil.rmtree(own)
            own.symlink_to(f"usr/{name}")

    def _binaries(self) -> list[Path]:
        files = [path for path in self.path.rglob("*") if path.is_file() and not path.is_symlink()]
        return [path for path in files if _is_program(path)]

    def _copy_libraries(self, binary: Path, *, itself: bool = False) -> None:
        shown = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
        wanted = [Path(found) for found in _PATH.findall(shown.stdout)]
        wanted += [binary] if itself else []
        # The C library loads this one by itself, to read the list of users.
        beside = [path.with_name("libnss_files.so.2") for path in wanted]
        wanted += [path for path in beside if path.exists()]
        for library in wanted:
            target = self.inside(str(library))
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy2(library.resolve(), target)

    def _devices(self) -> None:
        (self.path / "dev").mkdir(exist_ok=True)
        for name, (major, minor) in _DEVICES.items():
            device = self.path / "dev" / name
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
            device.chmod(0o666)

    def _users(self, users: Sequence[str]) -> None:
        people = {"root": 0, **{name: 901 + number for number, name in enumerate(users)}}
        passwd = "".join(f"{n}:x:{i}:{i}::/var/mail/{n}:/bin/sh\n" for n, i in people.items())
        self.write("/etc/passwd", passwd)
        self.write("/etc/group", "".join(f"{name}:x:{i}:\n" for name, i in people.items()))
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        self.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"

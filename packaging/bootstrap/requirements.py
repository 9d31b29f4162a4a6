"""What MailGUI and its tests need from the system, beside Python: libraries and servers."""

import ctypes
import shutil
import sys
from pathlib import Path
from typing import List, NamedTuple, Tuple

# Libraries that PySide6's wheels load but do not bring, by their names for the loader, each with
# the Debian package that holds it: what ldd shows for Qt's Gui and Network libraries and for the
# plug-ins offscreen, xcb and wayland.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}

CERTIFICATES = Path(
    "/etc/ssl/certs/ca-certificates.crt"
)  # where Debian's ca-certificates puts the store

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Server(NamedTuple):
    """A program that the tests start, or a file they need (its path), and its Debian package."""

    program: str
    package: str


TEST_SERVERS = (
    Server("postfix", "postfix"),
    Server("dovecot", "dovecot-core"),
    Server("/usr/lib/dovecot/lmtp", "dovecot-lmtpd"),
    Server("named", "bind9"),
    Server("nsd", "nsd"),
    Server("unbound", "unbound"),
    Server("swaks", "swaks"),
    Server("Xvfb", "xvfb"),
    Server("xdotool", "xdotool"),
    # Interpreters and libraries that exported code is run with.
    Server("/usr/share/doc/libnet-ssleay-perl/copyright", "libnet-ssleay-perl"),
    Server("php", "php-cli"),
    Server("/usr/share/doc/php-curl/copyright", "php-curl"),
    Server("/usr/share/php/libphp-phpmailer/autoload.php", "libphp-phpmailer"),
    Server("/usr/share/nodejs/nodemailer/package.json", "node-nodemailer"),
)


class UnpackedServer(NamedTuple):
    """A mail server that Debian does not install beside another: its program and its packages."""

    program: str
    packages: Tuple[str, ...]


UNPACKED_SERVERS = (
    UnpackedServer("exim4", ("exim4-daemon-light", "exim4-base")),
    UnpackedServer("smtpd", ("opensmtpd",)),
)


def missing_qt_packages() -> List[str]:
    """Return the Debian packages of the libraries that the loader does not find, sorted.

    Elsewhere than on Linux, Qt's wheels bring everything.
    """
    if not sys.platform.startswith("linux"):
        return []
    missing = {package for library, package in QT_LIBRARIES.items() if not _loads(library)}
    if shutil.which("apt-get") and not CERTIFICATES.exists():
        missing.add("ca-certificates")
    return sorted(missing)


def missing_servers() -> List[Server]:
    """Return the servers for the tests that are not installed."""
    return [server for server in TEST_SERVERS if not _is_there(server.program)]


def _is_there(program: str) -> bool:
    if program.startswith("/"):
        return Path(program).is_file()
    return shutil.which(program, path=SYSTEM_FOLDERS) is not None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True

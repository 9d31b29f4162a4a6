"""Tells whether there is a display to open a window on."""

import os
import socket
import sys
from pathlib import Path
from typing import Mapping

PATIENCE = 2.0  # seconds for a display on another machine to answer


def available(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether a window can be opened: a display is named and answers.

    A name alone does not do: a terminal that outlived its session still carries one.
    """
    if sys.platform == "darwin" or variables.get("QT_QPA_PLATFORM"):
        return True
    return _wayland_answers(variables) or _x_answers(variables.get("DISPLAY", ""))


def _wayland_answers(variables: Mapping[str, str]) -> bool:
    name = variables.get("WAYLAND_DISPLAY", "")
    return bool(name) and _connects(str(Path(variables.get("XDG_RUNTIME_DIR", "/"), name)))


def _x_answers(name: str) -> bool:
    """Connect as Xlib would: ``:1.0`` is a local socket, ``host:1.0`` TCP port 6001. See X(7)."""
    host, separator, rest = name.rpartition(":")
    number = rest.split(".")[0]
    if not separator or not number.isdigit():
        return False
    if host in {"", "unix"}:
        place = f"/tmp/.X11-unix/X{number}"
        return _connects(place) or _connects("\0" + place)
    try:
        socket.create_connection((host.strip("[]"), 6000 + int(number)), PATIENCE).close()
    except OSError:
        return False
    return True


def _connects(place: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PATIENCE)
        try:
            probe.connect(place)
        except OSError:
            return False
    return True

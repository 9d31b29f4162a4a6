"""Small things the window remembers, such as its size: a JSON object, written atomically.

Losing it costs nobody anything, so a file that cannot be read is simply an empty state.
"""

import json
from pathlib import Path

from mailgui.store import paths


class StateStore:
    """Reads and writes the state. Its methods block for a moment."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or paths.state_file()

    def load(self) -> dict[str, object]:
        """Return the state; empty where there is none that can be read."""
        try:
            state = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return state if isinstance(state, dict) else {}

    def save(self, state: dict[str, object]) -> None:
        """Replace the state. Raises OSError, and TypeError for what JSON cannot hold."""
        from mailgui.store.files import atomic_write  # not needed for a start

        atomic_write(self._path, json.dumps(state, indent=2, sort_keys=True).encode() + b"\n")

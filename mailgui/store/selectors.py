"""The DKIM selectors seen per domain, so that the next check finds keys that cannot be guessed.

A JSON object of lists. Losing it costs nobody anything: a file that cannot be read is empty.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from mailgui.store import paths

_MAX_DOMAINS, _MAX_SELECTORS = 2000, 20
_SELECTOR = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63}){0,3}")


class SelectorMemory:
    """Reads and writes the file. Its methods block for a moment."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or paths.data_folder() / "selectors.json"

    def of(self, domain: str) -> tuple[str, ...]:
        """Return the selectors seen for ``domain``, the last one first."""
        return tuple(self._load().get(domain.lower(), ()))

    def add(self, domain: str, selectors: Iterable[str]) -> None:
        """Remember selectors that have a key; what is none is passed over. Raises OSError."""
        good = [name.lower() for name in selectors if _SELECTOR.fullmatch(name)]
        known = self._load()
        before = known.pop(domain.lower(), [])
        after = list(dict.fromkeys([*good, *before]))[:_MAX_SELECTORS]
        if not after or after == before:
            return
        known[domain.lower()] = after
        from mailgui.store.files import atomic_write

        kept = dict(list(known.items())[-_MAX_DOMAINS:])
        atomic_write(self._path, json.dumps(kept, indent=1).encode() + b"\n")

    def _load(self) -> dict[str, list[str]]:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {
            str(domain): [s for s in names if isinstance(s, str) and _SELECTOR.fullmatch(s)]
            for domain, names in data.items()
            if isinstance(names, list)
        }

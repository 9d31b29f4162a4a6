import stat
from pathlib import Path

import pytest

from mailgui.store.state import StateStore


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "state.json"
    store = StateStore(path)
    assert store.load() == {}
    store.save({"geometry": "AdnQ", "scheme": "dark", "splitter": [400, 600]})
    assert StateStore(path).load() == {
        "geometry": "AdnQ",
        "scheme": "dark",
        "splitter": [400, 600],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_state_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert StateStore(path).load() == {}

from pathlib import Path

import pytest

from mailgui.store.selectors import SelectorMemory


def test_the_last_one_comes_first(tmp_path: Path) -> None:
    memory = SelectorMemory(tmp_path / "s.json")
    memory.add("Example.com", ["a", "b"])
    memory.add("example.com", ["C", "a"])
    assert SelectorMemory(tmp_path / "s.json").of("example.COM") == ("c", "a", "b")
    assert memory.of("example.org") == ()


def test_what_is_no_selector_is_not_kept(tmp_path: Path) -> None:
    memory = SelectorMemory(tmp_path / "s.json")
    memory.add("example.com", ["", "a b", "x" * 64, "ü", "a..b"])
    assert memory.of("example.com") == ()
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize("octets", [b"", b"[]", b"{", b'{"example.com": 3}', b'{"a": [null, 1]}'])
def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "s.json").write_bytes(octets)
    assert SelectorMemory(tmp_path / "s.json").of("example.com") == ()


def test_it_is_bounded(tmp_path: Path) -> None:
    memory = SelectorMemory(tmp_path / "s.json")
    memory.add("example.com", [f"s{number}" for number in range(40)])
    assert len(memory.of("example.com")) == 20

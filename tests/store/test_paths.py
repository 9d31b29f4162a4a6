from pathlib import Path

import pytest

from mailgui.store import paths


def test_one_variable_moves_every_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    assert paths.config_folder() == tmp_path / "home" / "config"
    assert paths.data_folder() == tmp_path / "home" / "data"
    assert paths.cache_folder() == tmp_path / "home" / "cache"
    for path in (
        paths.profiles_file(),
        paths.history_file(),
        paths.draft_folder(),
        paths.state_file(),
    ):
        assert path.is_relative_to(tmp_path)


def test_the_platform_decides_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILGUI_HOME", " ")
    folders = {paths.config_folder(), paths.data_folder(), paths.cache_folder()}
    assert len(folders) >= 2
    assert all(folder.is_absolute() and "mailgui" in str(folder) for folder in folders)


def test_nothing_is_created_by_asking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    paths.profiles_file()
    assert not (tmp_path / "home").exists()

"""Where MailGUI keeps its files: the platform's own folders, or all below ``MAILGUI_HOME``.

Nothing is created here; whoever writes makes the folder (``files.private_folder``).
"""

import os
from pathlib import Path

HOME_VARIABLE = "MAILGUI_HOME"
_APPLICATION = "mailgui"


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(value).expanduser().absolute() if value else None


def config_folder() -> Path:
    """Return the folder of what a person may edit by hand: the profiles."""
    if home := _home():
        return home / "config"
    from platformdirs import user_config_path

    return user_config_path(_APPLICATION, appauthor=False)


def data_folder() -> Path:
    """Return the folder of what MailGUI remembers: history, draft, the window's state."""
    if home := _home():
        return home / "data"
    from platformdirs import user_data_path

    return user_data_path(_APPLICATION, appauthor=False)


def cache_folder() -> Path:
    """Return the folder of what may be deleted at any time."""
    if home := _home():
        return home / "cache"
    from platformdirs import user_cache_path

    return user_cache_path(_APPLICATION, appauthor=False)


def profiles_file() -> Path:
    """Return the path of the profiles."""
    return config_folder() / "profiles.toml"


def history_file() -> Path:
    """Return the path of the transcripts' database."""
    return data_folder() / "history.sqlite3"


def draft_folder() -> Path:
    """Return the folder of the last draft and its pasted attachments."""
    return data_folder() / "draft"


def state_file() -> Path:
    """Return the path of the window's state."""
    return data_folder() / "state.json"
